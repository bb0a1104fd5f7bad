//! The session cookie, and who may make a browser send it.
//!
//! `__Host-session`: for this host alone and all of its paths, over TLS alone, out of reach of
//! scripts, and not sent along with what other sites embed or post (RFC 6265bis section 4.1; ASVS
//! V3.3.1 to V3.3.4).
//!
//! A request that may change something has to come from this site's own pages: by its
//! `Sec-Fetch-Site`, or, of a browser that sends none, by its `Origin` (OWASP Cross-Site Request
//! Forgery Prevention Cheat Sheet, "Fetch Metadata headers"). Requests of programs say neither: they
//! use keys, which no browser sends by itself.

use authz_core::Refusal;
use authz_core::http::RequestHead;
use cookie::{Cookie, SameSite};
use http::header::{COOKIE, HOST, HeaderName, ORIGIN, UPGRADE};
use http::{HeaderMap, HeaderValue, Method};

use crate::error::Error;

/// The name of the cookie. A browser takes a cookie of this prefix only over TLS, for the whole
/// host and no other.
pub(crate) const NAME: &str = "__Host-session";

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The value of `Set-Cookie` for a session. The cookie lives as long as the browser; the server ends
/// the session earlier.
pub(crate) fn set(secret: &str) -> Result<HeaderValue, Error> {
    let cookie = Cookie::build((NAME, secret)).path("/").secure(true).http_only(true);
    let cookie = cookie.same_site(SameSite::Lax).build().to_string();
    let mut header = HeaderValue::try_from(cookie).map_err(Error::unavailable)?;
    header.set_sensitive(true);
    Ok(header)
}

/// The value of `Set-Cookie` that takes the cookie away, for the answer to a log-out.
#[must_use]
pub fn cleared() -> HeaderValue {
    HeaderValue::from_static("__Host-session=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0")
}

/// The secret in the session cookie of a request.
///
/// # Errors
///
/// If there are several: one of them was planted.
pub(crate) fn read(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let mut found = None;
    for header in headers.get_all(COOKIE) {
        // A cookie that is no text is none of ours.
        let Ok(header) = header.to_str() else { continue };
        for pair in header.split(';') {
            let Some((NAME, secret)) = pair.trim().split_once('=') else { continue };
            if found.replace(secret).is_some() {
                return Err(Refusal::malformed("more than one session cookie"));
            }
        }
    }
    Ok(found)
}

/// Whether a request with a session cookie may be what the owner of the session wanted.
///
/// # Errors
///
/// [`Refusal::cross_site`] where another site may have made the browser send it.
pub(crate) fn require_same_site(head: &RequestHead<'_>) -> Result<(), Refusal> {
    // A handshake for a socket is a GET that opens a way to change things.
    let safe = matches!(*head.method(), Method::GET | Method::HEAD | Method::OPTIONS)
        && !head.headers().contains_key(UPGRADE);
    if safe {
        return Ok(());
    }
    match one(head.headers(), &SEC_FETCH_SITE)? {
        // `none` is typed, or from a bookmark; a form can't be sent so.
        Some("same-origin" | "none") => Ok(()),
        Some(other) => Err(Refusal::cross_site(format!("Sec-Fetch-Site is `{other}`"))),
        None => require_own_origin(head),
    }
}

/// As [`require_same_site`], for a request without a session: one that says nothing about its site
/// is not a browser's.
#[cfg(feature = "axum")]
pub(crate) fn require_no_other_site(head: &RequestHead<'_>) -> Result<(), Refusal> {
    let headers = head.headers();
    if headers.contains_key(&SEC_FETCH_SITE) || headers.contains_key(ORIGIN) {
        require_same_site(head)
    } else {
        Ok(())
    }
}

/// The origin has the host that the request was sent to.
fn require_own_origin(head: &RequestHead<'_>) -> Result<(), Refusal> {
    let Some(origin) = one(head.headers(), &ORIGIN)? else {
        return Err(Refusal::cross_site("neither Sec-Fetch-Site nor Origin says where it is from"));
    };
    let host = match one(head.headers(), &HOST)? {
        Some(host) => host,
        None => head.uri().authority().map_or("", |authority| authority.as_str()),
    };
    let of_origin = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    if !host.is_empty() && of_origin.is_some_and(|origin| origin.eq_ignore_ascii_case(host)) {
        return Ok(());
    }
    Err(Refusal::cross_site(format!("the origin is `{origin}`")))
}

/// The value of a header field that may be there once.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => match value.to_str() {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(Refusal::cross_site(format!("`{name}` is no text"))),
        },
        (Some(_), Some(_)) => Err(Refusal::cross_site(format!("`{name}` is there twice"))),
    }
}

#[cfg(test)]
mod tests {
    use authz_core::http::RequestHead;
    use http::{HeaderMap, HeaderValue, Request};

    use super::{NAME, cleared, read, require_same_site, set};

    #[test]
    fn the_cookie_is_for_this_host_over_tls_and_not_for_scripts() {
        assert_eq!(
            set("abc").unwrap(),
            "__Host-session=abc; HttpOnly; SameSite=Lax; Secure; Path=/"
        );
        let cleared = cleared();
        let cleared = cleared.to_str().unwrap();
        assert!(cleared.starts_with(&format!("{NAME}=;")) && cleared.contains("Max-Age=0"));
    }

    #[test]
    fn one_cookie_of_the_name_is_read() {
        let headers = |values: &[&str]| -> HeaderMap {
            let value = |text: &&str| (http::header::COOKIE, HeaderValue::from_str(text).unwrap());
            values.iter().map(value).collect()
        };
        assert_eq!(read(&headers(&[])).unwrap(), None);
        assert_eq!(read(&headers(&["a=b; __Host-session=abc; c=d"])).unwrap(), Some("abc"));
        assert_eq!(read(&headers(&["a=b", "__Host-session=abc"])).unwrap(), Some("abc"));
        // Another host of the domain can set one of another name.
        assert_eq!(read(&headers(&["session=abc; __host-session=abc"])).unwrap(), None);
        assert!(read(&headers(&["__Host-session=a; __Host-session=b"])).is_err());
        assert!(read(&headers(&["__Host-session=a", "__Host-session=b"])).is_err());
    }

    fn allowed(method: &str, fields: &[(&str, &str)]) -> bool {
        let mut request = Request::builder().method(method).uri("/orders");
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        require_same_site(&RequestHead::of(&request.body(()).unwrap())).is_ok()
    }

    #[test]
    fn what_another_site_makes_a_browser_send_is_refused() {
        for method in ["POST", "PUT", "PATCH", "DELETE", "BREW"] {
            assert!(allowed(method, &[("sec-fetch-site", "same-origin")]));
            assert!(allowed(method, &[("sec-fetch-site", "none")]));
            for site in ["cross-site", "same-site", "", "SAME-ORIGIN"] {
                assert!(!allowed(method, &[("sec-fetch-site", site)]), "{method} {site}");
            }
            assert!(!allowed(method, &[]), "{method} says nothing");
        }
        assert!(allowed("GET", &[("sec-fetch-site", "cross-site")]));
        assert!(!allowed("GET", &[("sec-fetch-site", "cross-site"), ("upgrade", "websocket")]));
        let twice = [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")];
        assert!(!allowed("POST", &twice));
    }

    #[test]
    fn an_old_browser_tells_by_its_origin() {
        let post = |origin, host| allowed("POST", &[("origin", origin), ("host", host)]);
        assert!(post("https://shop.example", "shop.example"));
        assert!(post("https://shop.example:8443", "shop.example:8443"));
        for origin in [
            "https://evil.example",
            "https://shop.example.evil.example",
            "https://shop.example:8443",
            "https://a.shop.example",
            "null",
            "shop.example",
            "",
        ] {
            assert!(!post(origin, "shop.example"), "{origin}");
        }
        assert!(!allowed("POST", &[("origin", "https://")]));
        // What a page of another site can't set has the last word.
        assert!(!allowed(
            "POST",
            &[
                ("origin", "https://shop.example"),
                ("host", "shop.example"),
                ("sec-fetch-site", "cross-site")
            ]
        ));
    }
}
