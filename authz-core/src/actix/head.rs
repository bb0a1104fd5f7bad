//! The head of a request of actix as authenticators see it: in the types of the crate `http` 1.
//!
//! actix-web 4 is built on `http` 0.2, so the head is written anew, once for each guarded request.
//! INVARIANT: what can't be carried over is refused, and never left out: an authenticator that does
//! not see a header field would take the request for another one.

use actix_web::{HttpMessage as _, HttpRequest};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};

use crate::denied::Denied;
use crate::http::{OriginalTarget, RequestHead};
use crate::token::ClientCertificate;

/// The head of a request, in types that outlive it.
pub(super) struct Head(Request<()>);

impl Head {
    /// Reads the head: method, target, header fields, the certificate of the client, the target before a
    /// middleware changed it, and the address of the peer, where a limit may ask for it.
    pub(super) fn of(request: &HttpRequest) -> Result<Self, Denied> {
        let mut head = Request::new(());
        *head.method_mut() = method(request)?;
        *head.uri_mut() = target(request)?;
        *head.headers_mut() = fields(request)?;
        if let Some(certificate) = certificate(request) {
            head.extensions_mut().insert(certificate);
        }
        if let Some(sent) = request.extensions().get::<OriginalTarget>() {
            head.extensions_mut().insert(sent.clone());
        }
        #[cfg(feature = "limit")]
        if let Some(address) = request.peer_addr() {
            head.extensions_mut().insert(address);
        }
        Ok(Self(head))
    }

    pub(super) fn borrowed(&self) -> RequestHead<'_> {
        RequestHead::of(&self.0)
    }
}

fn method(request: &HttpRequest) -> Result<Method, Denied> {
    let name = request.method().as_str();
    Method::from_bytes(name.as_bytes()).map_err(|_| unreadable("the method"))
}

/// The target as actix has it: a scope takes nothing off it.
fn target(request: &HttpRequest) -> Result<Uri, Denied> {
    Uri::try_from(request.uri().to_string()).map_err(|_| unreadable("the target"))
}

fn fields(request: &HttpRequest) -> Result<HeaderMap, Denied> {
    let theirs = request.headers();
    let mut ours = HeaderMap::with_capacity(theirs.len());
    for (name, value) in theirs {
        let name = HeaderName::from_bytes(name.as_str().as_bytes());
        let value = HeaderValue::from_bytes(value.as_bytes());
        let (Ok(name), Ok(value)) = (name, value) else {
            return Err(unreadable("a header field"));
        };
        ours.try_append(name, value).map_err(|_| unreadable("so many header fields"))?;
    }
    Ok(ours)
}

/// From `HttpServer::on_connect`, which sees the connection, or from a middleware.
fn certificate(request: &HttpRequest) -> Option<ClientCertificate> {
    let of_request = request.extensions().get::<ClientCertificate>().copied();
    of_request.or_else(|| request.conn_data::<ClientCertificate>().copied())
}

#[cold]
fn unreadable(what: &str) -> Denied {
    Denied::malformed(format!("{what} can't be carried over to `http` 1"))
}

#[cfg(test)]
mod tests {
    use actix_web::HttpMessage as _;
    use actix_web::test::TestRequest;

    use super::{ClientCertificate, Head, OriginalTarget, Uri};

    #[test]
    fn everything_but_the_body_is_carried_over() {
        let request = TestRequest::delete()
            .uri("/orders/7?by=ann")
            .peer_addr("192.0.2.7:40000".parse().unwrap())
            .append_header(("x-tried", "once"))
            .append_header(("x-tried", "twice"))
            .append_header(("cookie", &b"name=J\xfcrgen"[..]))
            .to_http_request();
        let certificate = ClientCertificate::from_der(b"certificate");
        request.extensions_mut().insert(certificate);
        let head = Head::of(&request).unwrap();
        let head = head.borrowed();
        assert_eq!(head.method(), "DELETE");
        assert_eq!(head.uri(), "/orders/7?by=ann");
        let tried: Vec<_> = head.headers().get_all("x-tried").iter().collect();
        assert_eq!(tried, ["once", "twice"]);
        assert_eq!(head.headers()["cookie"].as_bytes(), b"name=J\xfcrgen");
        assert_eq!(head.extensions().get(), Some(&certificate));
        #[cfg(feature = "limit")]
        assert_eq!(head.extensions().get::<std::net::SocketAddr>(), request.peer_addr().as_ref());
    }

    #[test]
    fn a_middleware_can_say_what_the_client_sent() {
        let request = TestRequest::get().uri("/orders").to_http_request();
        request.extensions_mut().insert(OriginalTarget(Uri::from_static("//orders/")));
        assert_eq!(Head::of(&request).unwrap().borrowed().uri(), "//orders/");
    }
}
