//! What a check, a verification and a guarded request cost, beside what they can't do without.
//!
//! `cargo bench -p authz-core --features axum,testing`
#![expect(clippy::unwrap_used, reason = "a benchmark that can't be set up has nothing to tell")]

use authz_core::testing::identity;
use authz_core::token::{Algorithm, Issuer, KeySet};
use authz_core::{Guard, requires};
use aws_lc_rs::hmac;
use divan::{AllocProfiler, Bencher, black_box};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};

mod policy {
    use authz_core::{Roles, Scopes};

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
    pub(crate) enum Role {
        #[role(includes(Clerk))]
        Admin,
        Clerk,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
    pub(crate) enum Scope {
        #[scope("read:orders")]
        ReadOrders,
        #[scope("write:orders", includes(ReadOrders))]
        WriteOrders,
    }

    authz_core::policy!(pub(crate) Policy { roles: Role, scopes: Scope });
}

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

const SECRET: &[u8] = b"a secret for measurements, as long as the hash";
const ISSUER: &str = "https://id.example.com/realms/shop";

#[requires(role = "clerk", scope = "write:orders")]
async fn guarded(_guard: Guard<guarded>) -> &'static str {
    "done"
}

async fn bare() -> &'static str {
    "done"
}

fn main() {
    // jsonwebtoken asks for its backend to be chosen before the first use; a second choice fails.
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    divan::main();
}

fn clerk() -> policy::Identity {
    identity().role("clerk").scope("write:orders").build()
}

#[divan::bench]
fn check_role_and_scope(bencher: Bencher<'_, '_>) {
    let clerk = clerk();
    bencher.bench_local(|| black_box(&clerk).permits::<guarded>());
}

#[divan::bench]
fn authorize_role_and_scope(bencher: Bencher<'_, '_>) {
    let clerk = clerk();
    bencher.bench_local(|| black_box(&clerk).authorize::<guarded>().is_ok());
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": "orders-api", "sub": "248289761001", "client_id": "orders-web",
        "iat": 1_700_000_000, "exp": 4_102_444_800_u64, "auth_time": 1_700_000_000,
        "jti": "5f6f8a1e-6c1a-4a53-8d0a-0f6f5c8a1b2c", "roles": ["clerk"],
        "scope": "read:orders write:orders", "acr": "gold", "amr": ["pwd", "otp", "mfa"],
        "org_id": "3f2a",
    })
}

fn token() -> String {
    let mut header = Header::new(jsonwebtoken::Algorithm::HS256);
    header.typ = Some("at+jwt".to_owned());
    jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(SECRET)).unwrap()
}

fn verifier() -> policy::Verifier {
    let keys = KeySet::from_secret(SECRET, Algorithm::Hs256).unwrap();
    policy::Verifier::builder()
        .issuer(Issuer::new(ISSUER, keys))
        .audience("orders-api")
        .build()
        .unwrap()
}

#[divan::bench]
fn hs256_bare_signature(bencher: Bencher<'_, '_>) {
    let token = token();
    let (signed, _) = token.rsplit_once('.').unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET);
    let tag = hmac::sign(&key, signed.as_bytes());
    bencher.bench_local(|| hmac::verify(&key, black_box(signed.as_bytes()), tag.as_ref()).is_ok());
}

#[divan::bench]
fn hs256_token_to_identity(bencher: Bencher<'_, '_>) {
    let (token, verifier) = (token(), verifier());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert!(runtime.block_on(verifier.verify(&token)).is_ok());
    bencher.bench_local(|| poll_once(verifier.verify(black_box(&token))).is_ok());
}

#[divan::bench]
fn hs256_jsonwebtoken_decode(bencher: Bencher<'_, '_>) {
    let token = token();
    let key = DecodingKey::from_secret(SECRET);
    let mut validation = Validation::new(jsonwebtoken::Algorithm::HS256);
    validation.set_audience(&["orders-api"]);
    validation.set_issuer(&[ISSUER]);
    let decode = || jsonwebtoken::decode::<Claims>(black_box(&token), &key, &validation);
    assert!(decode().is_ok());
    bencher.bench_local(|| decode().is_ok());
}

/// What a service would read with jsonwebtoken.
#[derive(serde::Deserialize)]
#[expect(dead_code, reason = "read, and not used")]
struct Claims {
    sub: String,
    client_id: String,
    exp: u64,
    jti: String,
    roles: Vec<String>,
    scope: String,
    acr: String,
    amr: Vec<String>,
}

/// A verification with configured keys has nothing to wait for.
fn poll_once<F: Future>(future: F) -> F::Output {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => std::process::abort(),
    }
}

mod request {
    use super::{bare, black_box, clerk, guarded, poll_once, token, verifier};
    use divan::Bencher;
    use tower::ServiceExt as _;

    type Request = axum::extract::Request;

    fn measure(bencher: Bencher<'_, '_>, router: &axum::Router, request: fn() -> Request) {
        let status = poll_once(router.clone().oneshot(request())).unwrap().status();
        assert_eq!(status, 200);
        bencher
            .with_inputs(|| (router.clone(), request()))
            .bench_local_values(|(router, request)| poll_once(router.oneshot(black_box(request))));
    }

    fn with_identity() -> Request {
        let mut request = Request::default();
        request.extensions_mut().insert(clerk());
        request
    }

    fn with_token() -> Request {
        let mut request = Request::default();
        let value = format!("Bearer {}", token()).try_into().unwrap();
        request.headers_mut().insert(http::header::AUTHORIZATION, value);
        request
    }

    fn guarded_router() -> axum::Router {
        authz_core::axum::Router::new()
            .route("/", authz_core::axum::routing::get(guarded))
            .with_state(())
            .secured_by(verifier())
    }

    #[divan::bench]
    fn bare_handler(bencher: Bencher<'_, '_>) {
        let router = axum::Router::new().route("/", axum::routing::get(bare));
        measure(bencher, &router, with_identity);
    }

    #[divan::bench]
    fn guarded_identity_ready(bencher: Bencher<'_, '_>) {
        measure(bencher, &guarded_router(), with_identity);
    }

    #[divan::bench]
    fn guarded_cold_token(bencher: Bencher<'_, '_>) {
        measure(bencher, &guarded_router(), with_token);
    }
}
