//! Addresses of requests, in a form in which equal ones are equal texts (RFC 9449 section 4.3).
//!
//! Syntax-based and scheme-based normalization (RFC 3986 sections 6.2.2 and 6.2.3). Absent on
//! purpose: the removal of dot segments. Routers take them as they stand, so that an address with
//! them is another one here; and the `Host` of a request, which its sender chooses.

/// An address without query and fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address(String);

impl Address {
    /// The normal form of an absolute `http` or `https` address; `None` for anything else.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let url = url.split(['?', '#']).next()?;
        let (scheme, rest) = url.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let default_port = match &*scheme {
            "https" => 443,
            "http" => 80,
            _ => return None,
        };
        let path_start = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(path_start)?;
        let authority = normal_authority(authority, default_port)?;
        let path = normal_path(if path.is_empty() { "/" } else { path })?;
        Some(Self(format!("{scheme}://{authority}{path}")))
    }

    /// The address of a path below this one, which is that of the service.
    pub(crate) fn of_path(&self, path: &str) -> Option<Self> {
        let path = normal_path(path)?;
        Some(Self(format!("{}{path}", self.0.trim_end_matches('/'))))
    }
}

/// Host in lower case, and the port unless it is the scheme's own.
fn normal_authority(authority: &str, default_port: u16) -> Option<String> {
    // The colons of an IPv6 address stand before its bracket.
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (authority, ""),
    };
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:[]".contains(&byte);
    if host.is_empty() || !host.bytes().all(fits) {
        return None;
    }
    let host = host.to_ascii_lowercase();
    match port {
        "" => Some(host),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            let port: u16 = digits.parse().ok()?;
            Some(if port == default_port { host } else { format!("{host}:{port}") })
        }
        _ => None,
    }
}

/// What need not be percent-encoded isn't, and what is, in capitals.
fn normal_path(path: &str) -> Option<String> {
    if !path.starts_with('/') {
        return None;
    }
    let mut normal = String::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                let digits = std::str::from_utf8(&digits).ok()?;
                // `from_str_radix` would take a sign.
                if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                    return None;
                }
                let decoded = u8::from_str_radix(digits, 16).ok()?;
                if is_unreserved(decoded) {
                    normal.push(char::from(decoded));
                } else {
                    normal.push('%');
                    normal.push_str(&digits.to_ascii_uppercase());
                }
            }
            b'!'..=b'~' => normal.push(char::from(byte)),
            _ => return None,
        }
    }
    Some(normal)
}

/// RFC 3986 section 2.3.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::Address;

    fn same(left: &str, right: &str) -> bool {
        let (left, right) = (Address::parse(left), Address::parse(right));
        left.is_some() && left == right
    }

    #[test]
    fn equal_addresses_are_equal_texts() {
        for (left, right) in [
            ("https://a.example", "https://a.example/"),
            ("https://a.example:443/x", "https://a.example/x"),
            ("https://a.example:/x", "https://a.example/x"),
            ("http://a.example:80/x", "http://a.example/x"),
            ("HTTPS://A.Example/x", "https://a.example/x"),
            ("https://a.example/x?a=b", "https://a.example/x"),
            ("https://a.example/x#a", "https://a.example/x"),
            ("https://a.example?a", "https://a.example/"),
            ("https://a.example/%7ex%2f", "https://a.example/~x%2F"),
            ("https://[::1]:443/x", "https://[::1]/x"),
            ("https://a.example:08443/x", "https://a.example:8443/x"),
        ] {
            assert!(same(left, right), "{left} {right}");
        }
    }

    #[test]
    fn different_addresses_stay_different() {
        for (left, right) in [
            ("https://a.example/x", "http://a.example/x"),
            ("https://a.example/x", "https://b.example/x"),
            ("https://a.example/x", "https://a.example:8443/x"),
            ("https://a.example:80/x", "https://a.example/x"),
            ("https://a.example/x", "https://a.example/X"),
            ("https://a.example/x", "https://a.example/x/"),
            ("https://a.example/x", "https://a.example/y/../x"),
            ("https://a.example/x", "https://a.example//x"),
            ("https://a.example/a/b", "https://a.example/a%2Fb"),
        ] {
            assert!(!same(left, right), "{left} {right}");
        }
    }

    #[test]
    fn what_is_no_address_equals_nothing() {
        for url in [
            "",
            "/x",
            "a.example/x",
            "ftp://a.example/x",
            "https://",
            "https:///x",
            "https://ann@a.example/x",
            "https://a.example:x/",
            "https://a.example:-1/",
            "https://a.example:+443/",
            "https://a.example:65536/",
            "https://a.example/%",
            "https://a.example/%2",
            "https://a.example/%zz",
            "https://a.example/%+1",
            "https://a.example/a b",
            "https://a.example/\u{e4}",
            "https://\u{e4}.example/",
            "https://a.example\\b/",
        ] {
            assert_eq!(Address::parse(url), None, "{url}");
        }
    }

    #[test]
    fn a_path_is_below_the_service() {
        for (base, path, whole) in [
            ("https://a.example", "/", "https://a.example/"),
            ("https://a.example", "/x", "https://a.example/x"),
            ("https://a.example/", "/x", "https://a.example/x"),
            ("https://a.example/shop", "/x", "https://a.example/shop/x"),
            ("https://a.example/shop/", "/x", "https://a.example/shop/x"),
        ] {
            let found = Address::parse(base).unwrap().of_path(path);
            assert_eq!(found, Address::parse(whole), "{base} {path}");
        }
        assert_eq!(Address::parse("https://a.example").unwrap().of_path("*"), None);
    }
}
