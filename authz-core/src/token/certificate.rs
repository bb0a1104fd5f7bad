//! The certificate with which a client opened the connection (RFC 8705), from who has seen it.
//!
//! Absent on purpose: a look at names, chains and times of a certificate. A token is bound to its
//! bytes; that the client has the key of it is what the handshake proved, and whom to trust is the
//! business of the TLS layer.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderName;

use super::confirmation::Thumbprint;
use super::error::TokenError;
use crate::http::RequestHead;

/// Where a proxy says which certificate it has seen (RFC 9440 section 2).
const CLIENT_CERT: HeaderName = HeaderName::from_static("client-cert");

/// The certificate of the client at the other end of the connection.
///
/// The layer that ends TLS puts it into the extensions of each request of the connection, once the
/// handshake is done. A verifier with [`mutual_tls`](super::VerifierBuilder::mutual_tls) compares it
/// with what the token is bound to.
///
/// # Examples
///
/// ```
/// use authz_core::token::ClientCertificate;
/// use http::Request;
///
/// /// What the TLS layer does with the requests of one connection.
/// fn attach<B>(request: &mut Request<B>, peer_certificates: &[Vec<u8>]) {
///     if let Some(der) = peer_certificates.first() {
///         request.extensions_mut().insert(ClientCertificate::from_der(der));
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    thumbprint: Thumbprint,
}

impl ClientCertificate {
    /// The certificate in DER, as the handshake had it.
    #[must_use]
    pub fn from_der(der: &[u8]) -> Self {
        let mut thumbprint = Thumbprint::default();
        thumbprint.copy_from_slice(digest(&SHA256, der).as_ref());
        Self { thumbprint }
    }

    /// What a token names that is bound to it.
    #[cfg(feature = "testing")]
    pub(crate) fn thumbprint(&self) -> &Thumbprint {
        &self.thumbprint
    }

    /// The text of a header field: the base64 of DER between two colons (RFC 9440 section 2.1, a
    /// byte sequence of RFC 8941).
    fn from_field(text: &[u8]) -> Option<Self> {
        let base64 = text.strip_prefix(b":")?.strip_suffix(b":")?;
        let der = STANDARD.decode(base64).ok()?;
        (!der.is_empty()).then(|| Self::from_der(&der))
    }
}

/// Who is believed about the certificate of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CertificateSource {
    /// The layer that ends TLS, through the extensions of the request.
    Connection,
    /// The proxy that ends TLS, through a header field that it sets or removes.
    Proxy,
}

impl CertificateSource {
    /// Requires that the client came with the certificate of this thumbprint.
    pub(crate) fn require(
        self,
        head: RequestHead<'_>,
        expected: &Thumbprint,
    ) -> Result<(), TokenError> {
        let certificate = match self {
            Self::Connection => head.extensions().get::<ClientCertificate>().copied(),
            Self::Proxy => {
                let mut fields = head.headers().get_all(CLIENT_CERT).iter();
                match (fields.next(), fields.next()) {
                    (Some(field), None) => ClientCertificate::from_field(field.as_bytes()),
                    _ => None,
                }
            }
        };
        match certificate {
            Some(ClientCertificate { thumbprint }) if thumbprint == *expected => Ok(()),
            _ => Err(TokenError::ClientCertificate),
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use http::Request;

    use super::{CertificateSource, ClientCertificate, STANDARD, TokenError};
    use crate::http::RequestHead;
    use crate::token::compact::BASE64URL;

    /// RFC 8705 appendix A: the certificate, and the `x5t#S256` of a token that is bound to it.
    const CERTIFICATE: &str = "MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAx\
        ODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IAB\
        NcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCg\
        YIKoZIzj0EAwIDSQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOVbUlJSGQgjwD\
        5vaUaKlLR50Q2DmFfQj1L+SY=";
    const THUMBPRINT: &str = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0";

    fn der() -> Vec<u8> {
        STANDARD.decode(CERTIFICATE).unwrap()
    }

    fn expected() -> [u8; 32] {
        BASE64URL.decode(THUMBPRINT).unwrap().try_into().unwrap()
    }

    fn judge(source: CertificateSource, request: http::request::Builder) -> Result<(), TokenError> {
        source.require(RequestHead::of(&request.body(()).unwrap()), &expected())
    }

    #[test]
    fn the_example_of_the_rfc() {
        assert_eq!(ClientCertificate::from_der(&der()).thumbprint, expected());
    }

    #[test]
    fn the_connection_is_believed_and_a_header_is_not() {
        let ours = || Request::get("/").extension(ClientCertificate::from_der(&der()));
        assert_eq!(judge(CertificateSource::Connection, ours()), Ok(()));
        let field = format!(":{CERTIFICATE}:");
        let other = ClientCertificate::from_der(b"another");
        for request in [
            Request::get("/"),
            Request::get("/").header("client-cert", &field),
            Request::get("/").header("client-cert", &field).extension(other),
        ] {
            let found = judge(CertificateSource::Connection, request);
            assert_eq!(found, Err(TokenError::ClientCertificate));
        }
    }

    #[test]
    fn the_proxy_is_believed_where_that_was_chosen_and_says_it_once() {
        let field = format!(":{CERTIFICATE}:");
        let with = |fields: &[&str]| {
            fields
                .iter()
                .fold(Request::get("/"), |request, field| request.header("client-cert", *field))
        };
        assert_eq!(judge(CertificateSource::Proxy, with(&[&field])), Ok(()));
        for fields in [
            &[][..],
            &[""],
            &[":"],
            &["::"],
            &[CERTIFICATE],
            &[&format!(":{CERTIFICATE}")],
            &[&format!("{CERTIFICATE}:")],
            &[&format!(":{}:", CERTIFICATE.trim_end_matches('='))],
            &[&format!(":{}:", BASE64URL.encode(der()))],
            &[&format!(":{}:", STANDARD.encode(b"another"))],
            &[&format!("{field}, {field}")],
            &[&field, &field],
            &[&field, ""],
        ] {
            let found = judge(CertificateSource::Proxy, with(fields));
            assert_eq!(found, Err(TokenError::ClientCertificate), "{fields:?}");
        }
        let request = Request::get("/").extension(ClientCertificate::from_der(&der()));
        assert!(judge(CertificateSource::Proxy, request).is_err());
    }
}
