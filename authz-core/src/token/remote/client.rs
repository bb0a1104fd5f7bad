//! The HTTP client of the feature `reqwest`: rustls, no redirects, no proxy, and no address that is
//! not public unless that is asked for.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use http::{Request, Response};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, Url, redirect};

use super::http::{Answer, FetchError, HttpClient, Limits, shown};

/// An [`HttpClient`] over reqwest and rustls, with the certificates of the platform.
///
/// It follows no redirect, uses no proxy (the environment's neither), and connects to public
/// addresses only: a name is resolved first, and one private address among the results is enough to
/// refuse it.
///
/// # Examples
///
/// ```
/// use authz_core::token::ReqwestClient;
///
/// let client = ReqwestClient::new()?;
/// # Ok::<(), authz_core::token::FetchError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ReqwestClient {
    public: reqwest::Client,
    any: reqwest::Client,
}

impl ReqwestClient {
    /// A client that trusts the certificate authorities of the platform.
    ///
    /// # Errors
    ///
    /// [`FetchError::Transport`] where TLS can't be set up.
    pub fn new() -> Result<Self, FetchError> {
        Self::build(&[])
    }

    /// As [`new`](Self::new), trusting one more certificate authority, given in PEM.
    ///
    /// # Errors
    ///
    /// [`FetchError::Transport`] where the PEM can't be read or TLS can't be set up.
    pub fn with_root_certificate(pem: &[u8]) -> Result<Self, FetchError> {
        let certificates = Certificate::from_pem_bundle(pem).map_err(|error| transport(&error))?;
        Self::build(&certificates)
    }

    fn build(certificates: &[Certificate]) -> Result<Self, FetchError> {
        let builder = || {
            reqwest::Client::builder()
                .redirect(redirect::Policy::none())
                .referer(false)
                .no_proxy()
                .user_agent(concat!("authz-core/", env!("CARGO_PKG_VERSION")))
                .tls_certs_merge(certificates.iter().cloned())
        };
        let build = |builder: reqwest::ClientBuilder| builder.build().map_err(|e| transport(&e));
        Ok(Self {
            public: build(builder().https_only(true).dns_resolver(Arc::new(PublicOnly)))?,
            any: build(builder())?,
        })
    }
}

impl HttpClient for ReqwestClient {
    fn send(&self, request: Request<Vec<u8>>, limits: Limits) -> Answer<'_> {
        Box::pin(self.exchange(request, limits))
    }
}

impl ReqwestClient {
    async fn exchange(
        &self,
        request: Request<Vec<u8>>,
        limits: Limits,
    ) -> Result<Response<Vec<u8>>, FetchError> {
        let text = request.uri().to_string();
        let url = Url::parse(&text).map_err(|_| FetchError::Address { url: shown(&text) })?;
        if limits.public_https_only {
            require_public_literal(&url)?;
        }
        let client = if limits.public_https_only { &self.public } else { &self.any };
        let (parts, body) = request.into_parts();
        let answer = client
            .request(parts.method, url)
            .headers(parts.headers)
            .body(body)
            .timeout(limits.timeout)
            .send()
            .await;
        let mut answer = answer.map_err(|error| failed(&error, limits))?;
        let mut whole = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| failed(&error, limits))? {
            if whole.len() + chunk.len() > limits.body {
                return Err(FetchError::BodyTooLong { limit: limits.body });
            }
            whole.extend_from_slice(&chunk);
        }
        let mut response = Response::new(whole);
        *response.status_mut() = answer.status();
        Ok(response)
    }
}

/// A host written as an address is not resolved, so it is looked at here. `Url` has brought every
/// way to write it (`0x7f.1`, `2130706433`) into one form.
fn require_public_literal(url: &Url) -> Result<(), FetchError> {
    let host = url.host_str().unwrap_or_default();
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    match literal {
        Ok(address) if !is_public(address) => Err(FetchError::PrivateAddress { host: host.into() }),
        _ => Ok(()),
    }
}

fn failed(error: &reqwest::Error, limits: Limits) -> FetchError {
    if error.is_timeout() {
        return FetchError::Timeout { seconds: limits.timeout.as_secs() };
    }
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if let Some(NotPublic(host)) = cause.downcast_ref() {
            return FetchError::PrivateAddress { host: host.as_str().into() };
        }
        source = cause.source();
    }
    transport(error)
}

/// The message with its causes, and without the address, which may have a secret in it.
fn transport(error: &reqwest::Error) -> FetchError {
    let mut reason = String::from("the client failed");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        reason = cause.to_string();
        source = cause.source();
    }
    FetchError::Transport { reason: reason.into() }
}

/// Resolves names as the system does, and refuses those that lead to an address that is not public.
#[derive(Debug)]
struct PublicOnly;

#[derive(Debug, thiserror::Error)]
#[error("`{0}` resolves to an address that is not public")]
struct NotPublic(String);

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let addresses: Vec<SocketAddr> =
                tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            // INVARIANT: the connection is made to these addresses and no others, so a name that
            // changes its mind in between gains nothing.
            if addresses.iter().all(|address| is_public(address.ip())) {
                Ok(Box::new(addresses.into_iter()) as Addrs)
            } else {
                Err(NotPublic(host).into())
            }
        })
    }
}

/// Whether an address is one of the public internet (the special-purpose registries of RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = matches!(a, 0 | 10 | 127 | 224..=255)
        || matches!((a, b), (100, 64..=127) | (169, 254) | (172, 16..=31) | (192, 168))
        || matches!((a, b), (198, 18..=19))
        || matches!((a, b, c), (192, 0, 0 | 2) | (192, 88, 99) | (198, 51, 100) | (203, 0, 113));
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        // Addresses that carry one of IPv4: mapped, translated (RFC 6052), 6to4 (RFC 3056).
        [0, 0, 0, 0, 0, 0xFFFF, high, low] | [0x64, 0xFF9B, 0, 0, 0, 0, high, low] => {
            embedded(high, low)
        }
        [0x2002, high, low, ..] => embedded(high, low),
        // 2001::/23 is for protocols, 2001:db8::/32 and 3fff::/20 are for documentation.
        [0x2001, 0..=0x1FF | 0xDB8, ..] | [0x3FFF, 0..=0xFFF, ..] => false,
        // Of all the rest only 2000::/3 is given out.
        [first, ..] => first & 0xE000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::{FetchError, Url, is_public, require_public_literal};

    #[test]
    fn only_addresses_of_the_public_internet_pass() {
        for public in
            ["1.1.1.1", "93.184.215.14", "100.128.0.1", "2606:4700::1111", "2002:101:101::1"]
        {
            assert!(is_public(public.parse::<IpAddr>().unwrap()), "{public}");
        }
        for special in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "2002:7f00:1::1",
        ] {
            assert!(!is_public(special.parse::<IpAddr>().unwrap()), "{special}");
        }
    }

    #[test]
    fn a_private_address_is_found_however_it_is_written() {
        for url in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://0177.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/latest/meta-data",
        ] {
            let refused = require_public_literal(&Url::parse(url).unwrap());
            assert!(matches!(refused, Err(FetchError::PrivateAddress { .. })), "{url}");
        }
        assert_eq!(require_public_literal(&Url::parse("https://1.1.1.1/").unwrap()), Ok(()));
    }
}
