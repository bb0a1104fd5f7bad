//! A token that is bound to the certificate of a client (RFC 8705), over real connections: a TLS server
//! that asks for certificates, an app behind it, and clients that have one or don't.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects has failed"
)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use authz_core::axum::Router;
use authz_core::axum::routing::get;
use authz_core::requires;
use authz_core::testing::{Clock, TestIssuer};
use authz_core::token::{ClientCertificate, VerifierBuilder};
use authz_tests::policy::{self, Policy, Verifier};
use axum::Extension;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

#[requires(scope = "read:orders")]
async fn list_orders() -> &'static str {
    "orders"
}

#[requires(scope = "read:orders", bound)]
async fn show_secrets() -> &'static str {
    "secrets"
}

/// Who signs certificates.
struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key.
struct Certified {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn certify(&self, name: &str) -> Certified {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        Certified { certificate: params.signed_by(&key, &self.0).unwrap(), key }
    }

    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        Arc::new(roots)
    }
}

impl Certified {
    fn client_certificate(&self) -> ClientCertificate {
        ClientCertificate::from_der(self.certificate.der())
    }
}

/// What ends TLS: asks for a certificate, and takes connections without one.
fn acceptor(authority: &Authority) -> TlsAcceptor {
    let provider = Arc::new(default_provider());
    let clients =
        WebPkiClientVerifier::builder_with_provider(authority.roots(), Arc::clone(&provider))
            .allow_unauthenticated()
            .build()
            .unwrap();
    let server = authority.certify("localhost");
    let key = PrivateKeyDer::try_from(server.key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(clients)
        .with_single_cert(vec![server.certificate.der().clone()], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// Serves the app, and tells it for each request who is at the other end of its connection.
async fn serve(authority: &Authority, app: axum::Router) -> SocketAddr {
    let acceptor = acceptor(authority);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(serve_connection(acceptor.clone(), connection, app.clone()));
        }
    });
    address
}

async fn serve_connection(acceptor: TlsAcceptor, connection: TcpStream, mut app: axum::Router) {
    // A handshake that fails is told to the client.
    let Ok(stream) = acceptor.accept(connection).await else { return };
    let (_, handshake) = stream.get_ref();
    if let Some([certificate, ..]) = handshake.peer_certificates() {
        app = app.layer(Extension(ClientCertificate::from_der(certificate)));
    }
    let service = TowerToHyperService::new(app);
    let server = auto::Builder::new(TokioExecutor::new());
    // A client that leaves ends this one way or another.
    let _ = server.serve_connection(TokioIo::new(stream), service).await;
}

/// A client that trusts the authority, and shows this certificate.
fn client(authority: &Authority, shows: Option<&Certified>) -> reqwest::Client {
    let root = reqwest::Certificate::from_pem(authority.0.pem().as_bytes()).unwrap();
    let mut builder = reqwest::Client::builder().tls_certs_only([root]);
    if let Some(Certified { certificate, key }) = shows {
        let pem = format!("{}{}", certificate.pem(), key.serialize_pem());
        builder = builder.identity(reqwest::Identity::from_pem(pem.as_bytes()).unwrap());
    }
    builder.build().unwrap()
}

/// An authority, an issuer, and a service that takes bound tokens unless `settle` says otherwise.
struct World {
    authority: Authority,
    issuer: TestIssuer,
    address: SocketAddr,
}

impl World {
    async fn new(settle: impl Fn(VerifierBuilder<Policy>) -> VerifierBuilder<Policy>) -> Self {
        let (authority, issuer) = (Authority::new(), TestIssuer::new("https://issuer.test"));
        let builder = Verifier::builder().issuer(issuer.trusted()).audience("orders");
        let verifier = settle(builder).build().unwrap();
        let app = Router::new()
            .route("/orders", get(list_orders))
            .route("/secrets", get(show_secrets))
            .secured_by(verifier);
        let address = serve(&authority, app).await;
        Self { authority, issuer, address }
    }

    fn token(&self, bound_to: Option<&Certified>) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let token = self.issuer.token(&Clock::at(now), "orders").scope("read:orders");
        match bound_to {
            Some(certified) => token.bound_to(&certified.client_certificate()).sign(),
            None => token.sign(),
        }
    }

    fn get(&self, client: &reqwest::Client, path: &str, token: &str) -> reqwest::RequestBuilder {
        client.get(format!("https://localhost:{}{path}", self.address.port())).bearer_auth(token)
    }
}

async fn status(request: reqwest::RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_bound_token_opens_the_connection_of_its_client_and_no_other() {
    let world = World::new(VerifierBuilder::mutual_tls).await;
    let (shop, till) = (world.authority.certify("shop"), world.authority.certify("till"));
    let token = world.token(Some(&shop));
    let [ours, other, nobody] =
        [Some(&shop), Some(&till), None].map(|shows| client(&world.authority, shows));
    for path in ["/orders", "/secrets"] {
        // More than once, also with a token that is remembered.
        for _ in 0..2 {
            assert_eq!(status(world.get(&ours, path, &token)).await, 200, "{path}");
            for stranger in [&other, &nobody] {
                let answer = world.get(stranger, path, &token).send().await.unwrap();
                assert_eq!(answer.status().as_u16(), 401, "{path}");
                let challenge = answer.headers()["www-authenticate"].to_str().unwrap();
                assert!(challenge.contains(r#"error="invalid_token""#), "{challenge}");
            }
        }
    }
    let response = world.get(&ours, "/secrets", &token).send().await.unwrap();
    assert_eq!(response.text().await.unwrap(), "secrets");
}

#[tokio::test]
async fn a_certificate_that_is_new_under_the_same_name_is_another_one() {
    let world = World::new(VerifierBuilder::mutual_tls).await;
    let (old, new) = (world.authority.certify("shop"), world.authority.certify("shop"));
    let client = client(&world.authority, Some(&new));
    assert_eq!(status(world.get(&client, "/orders", &world.token(Some(&old)))).await, 401);
    assert_eq!(status(world.get(&client, "/orders", &world.token(Some(&new)))).await, 200);
}

#[tokio::test]
async fn what_a_client_says_of_a_certificate_counts_for_nothing() {
    let world = World::new(VerifierBuilder::mutual_tls).await;
    let shop = world.authority.certify("shop");
    let token = world.token(Some(&shop));
    let client = client(&world.authority, None);
    let field = format!(":{}:", BASE64_STANDARD.encode(shop.certificate.der()));
    let request = world.get(&client, "/orders", &token).header("client-cert", field);
    assert_eq!(status(request).await, 401);
}

#[tokio::test]
async fn a_plain_token_is_no_bound_one_whoever_sends_it() {
    let world = World::new(VerifierBuilder::mutual_tls).await;
    let shop = world.authority.certify("shop");
    let token = world.token(None);
    for shows in [Some(&shop), None] {
        let client = client(&world.authority, shows);
        assert_eq!(status(world.get(&client, "/orders", &token)).await, 200);
        assert_eq!(status(world.get(&client, "/secrets", &token)).await, 401);
    }
}

#[tokio::test]
async fn a_service_that_compares_no_certificates_takes_no_bound_token() {
    let world = World::new(|builder| builder).await;
    let shop = world.authority.certify("shop");
    let client = client(&world.authority, Some(&shop));
    assert_eq!(status(world.get(&client, "/orders", &world.token(Some(&shop)))).await, 401);
    assert_eq!(status(world.get(&client, "/orders", &world.token(None))).await, 200);
}

#[tokio::test]
async fn a_certificate_of_another_authority_ends_with_the_handshake() {
    let world = World::new(VerifierBuilder::mutual_tls).await;
    let stranger = Authority::new().certify("shop");
    let client = client(&world.authority, Some(&stranger));
    let refused = world.get(&client, "/orders", &world.token(Some(&stranger))).send().await;
    assert!(refused.unwrap_err().is_request());
}
