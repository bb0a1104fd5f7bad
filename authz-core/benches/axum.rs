//! What a guard adds to a request, from the call of the service to its response.
//!
//! Each measurement of a guarded handler has a bare one beside it that gets the same request, and
//! one with an extractor by hand. The routers share a state, as a service does.
//!
//! `cargo bench -p authz-core --features axum,testing --bench axum`
#![expect(clippy::unwrap_used, reason = "a benchmark that can't be set up has nothing to tell")]

use std::sync::Arc;

use authz_core::testing::identity;
use authz_core::token::{Algorithm, Issuer, KeySet, VerifierBuilder};
use authz_core::{Guard, requires};
use axum::extract::Request;
use divan::{AllocProfiler, Bencher, black_box};
use jsonwebtoken::{EncodingKey, Header};
use serde_json::json;
use tower::Service as _;

#[path = "support/policy.rs"]
mod policy;
#[path = "support/poll_once.rs"]
mod poll_once;

use poll_once::poll_once;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

const SECRET: &[u8] = b"a secret for measurements, as long as the hash";
const ISSUER: &str = "https://id.example.com/realms/shop";
const AUDIENCE: &str = "orders-api";

#[requires(role = "clerk", scope = "write:orders")]
async fn guarded(_guard: Guard<guarded>) -> &'static str {
    "done"
}

async fn bare() -> &'static str {
    "done"
}

/// An identity that an extractor by hand has checked.
struct ByHand(#[expect(dead_code, reason = "held, as a guard holds it")] policy::Identity);

impl<S: Sync> axum::extract::FromRequestParts<S> for ByHand {
    type Rejection = http::StatusCode;

    async fn from_request_parts(
        parts: &mut http::request::Parts,
        _: &S,
    ) -> Result<Self, Self::Rejection> {
        let identity =
            parts.extensions.get::<policy::Identity>().ok_or(http::StatusCode::UNAUTHORIZED)?;
        let allowed = identity.has_role(policy::Role::Clerk)
            && identity.has_scope(policy::Scope::WriteOrders);
        if allowed { Ok(Self(identity.clone())) } else { Err(http::StatusCode::FORBIDDEN) }
    }
}

async fn by_hand(_identity: ByHand) -> &'static str {
    "done"
}

fn main() {
    divan::main();
}

#[divan::bench(sample_size = 64, sample_count = 200)]
fn bare_with_identity(bencher: Bencher<'_, '_>) {
    measure(bencher, bare_router(), with_identity);
}

#[divan::bench(sample_size = 64, sample_count = 200)]
fn guarded_with_identity(bencher: Bencher<'_, '_>) {
    measure(bencher, guarded_router(), with_identity);
}

/// What any extractor costs: one that takes the identity from the request and checks two bits.
#[divan::bench(sample_size = 64, sample_count = 200)]
fn by_hand_with_identity(bencher: Bencher<'_, '_>) {
    measure(bencher, by_hand_router(), with_identity);
}

#[divan::bench(sample_size = 64, sample_count = 200)]
fn bare_with_token(bencher: Bencher<'_, '_>) {
    measure(bencher, bare_router(), with_token());
}

#[divan::bench(sample_size = 64, sample_count = 200)]
fn guarded_with_token(bencher: Bencher<'_, '_>) {
    let router = guarded_router_by(verifier().without_cache().build().unwrap());
    measure(bencher, router, with_token());
}

#[divan::bench(sample_size = 64, sample_count = 200)]
fn guarded_with_remembered_token(bencher: Bencher<'_, '_>) {
    measure(bencher, guarded_router(), with_token());
}

fn measure(bencher: Bencher<'_, '_>, mut router: axum::Router, request: impl Fn() -> Request) {
    let status = poll_once(router.call(request())).unwrap().status();
    assert_eq!(status, 200);
    bencher
        .with_inputs(request)
        .bench_local_values(|request| poll_once(router.call(black_box(request))).unwrap());
}

/// What a service shares between its requests.
type Shop = Arc<u32>;

fn bare_router() -> axum::Router {
    axum::Router::<Shop>::new().route("/", axum::routing::get(bare)).with_state(Shop::default())
}

fn by_hand_router() -> axum::Router {
    axum::Router::<Shop>::new().route("/", axum::routing::get(by_hand)).with_state(Shop::default())
}

fn verifier() -> VerifierBuilder<policy::Policy> {
    let keys = KeySet::from_secret(SECRET, Algorithm::Hs256).unwrap();
    policy::Verifier::builder().issuer(Issuer::new(ISSUER, keys)).audience(AUDIENCE)
}

fn guarded_router() -> axum::Router {
    guarded_router_by(verifier().build().unwrap())
}

fn guarded_router_by(verifier: policy::Verifier) -> axum::Router {
    authz_core::axum::Router::<_, Shop>::new()
        .route("/", authz_core::axum::routing::get(guarded))
        .with_state(Shop::default())
        .secured_by(verifier)
}

fn with_identity() -> Request {
    let clerk: policy::Identity = identity().role("clerk").scope("write:orders").build();
    let mut request = Request::default();
    request.extensions_mut().insert(clerk);
    request
}

fn with_token() -> impl Fn() -> Request {
    let mut header = Header::new(jsonwebtoken::Algorithm::HS256);
    header.typ = Some("at+jwt".to_owned());
    let claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "248289761001", "client_id": "orders-web",
        "iat": 1_700_000_000, "exp": 4_102_444_800_u64, "auth_time": 1_700_000_000,
        "jti": "5f6f8a1e-6c1a-4a53-8d0a-0f6f5c8a1b2c", "roles": ["clerk"],
        "scope": "read:orders write:orders", "acr": "gold", "amr": ["pwd", "otp", "mfa"],
        "org_id": "3f2a8c1e5d7b4096a2c4e6f8b1d6",
    });
    let key = EncodingKey::from_secret(SECRET).unwrap();
    let token = jsonwebtoken::encode(&header, &claims, &key).unwrap();
    let value: http::HeaderValue = format!("Bearer {token}").try_into().unwrap();
    move || {
        let mut request = Request::default();
        request.headers_mut().insert(http::header::AUTHORIZATION, value.clone());
        request
    }
}
