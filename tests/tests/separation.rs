//! Static separation of duty: nobody acts with two roles that exclude each other, whatever a token
//! says.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects has failed"
)]

use authz_core::axum::Router;
use authz_core::axum::routing::get;
use authz_core::requires;
use authz_core::testing::{Clock, TestIssuer, identity};
use authz_core::token::{ClaimMapping, TokenError};
use authz_tests::ledger::{self, Identity, Verifier};
use http::{Request, StatusCode};
use tower::ServiceExt as _;

#[requires(any(role = "clerk", role = "auditor"), policy = ledger)]
async fn look() -> &'static str {
    "looked"
}

struct World {
    clock: Clock,
    issuer: TestIssuer,
    verifier: Verifier,
}

impl World {
    fn new(mapping: ClaimMapping) -> Self {
        let clock = Clock::at(1_800_000_000);
        let issuer = TestIssuer::new("https://issuer.test");
        let verifier = Verifier::builder()
            .issuer(issuer.trusted().claims(mapping))
            .audience("ledger")
            .clock(&clock)
            .build()
            .unwrap();
        Self { clock, issuer, verifier }
    }

    fn token(&self, roles: &[&str]) -> String {
        let token = self.issuer.token(&self.clock, "ledger");
        roles.iter().fold(token, |token, role| token.role(role)).sign()
    }

    async fn verify(&self, roles: &[&str]) -> Result<Identity, TokenError> {
        self.verifier.verify(&self.token(roles)).await
    }

    async fn call(&self, roles: &[&str]) -> (StatusCode, Vec<u8>) {
        let app = Router::new().route("/", get(look)).secured_by(self.verifier.clone());
        let request = Request::get("/")
            .header("authorization", format!("Bearer {}", self.token(roles)))
            .body(axum::body::Body::empty())
            .unwrap();
        let answer = app.oneshot(request).await.unwrap();
        let status = answer.status();
        (status, axum::body::to_bytes(answer.into_body(), 1 << 16).await.unwrap().to_vec())
    }
}

#[tokio::test]
async fn two_roles_that_exclude_each_other_are_refused_with_their_own_reason() {
    let world = World::new(ClaimMapping::rfc9068());
    let both = TokenError::ExclusiveRoles { left: "clerk", right: "auditor" };
    for roles in [
        ["clerk", "auditor"],
        ["auditor", "clerk"],
        ["manager", "auditor"],
        ["inspector", "clerk"],
        ["manager", "inspector"],
    ] {
        assert_eq!(world.verify(&roles).await.unwrap_err(), both, "{roles:?}");
    }
    for roles in [["manager", "clerk"], ["inspector", "auditor"], ["clerk", "unheard-of"]] {
        assert!(world.verify(&roles).await.is_ok(), "{roles:?}");
    }
    assert_eq!(
        both.to_string(),
        "the subject holds the roles `clerk` and `auditor`, which exclude each other"
    );
}

#[tokio::test]
async fn the_caller_learns_only_that_the_token_is_not_valid() {
    let world = World::new(ClaimMapping::rfc9068());
    assert_eq!(world.call(&["manager"]).await.0, StatusCode::OK);
    let (status, body) = world.call(&["clerk", "auditor"]).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let text = String::from_utf8(body).unwrap();
    assert!(!text.contains("clerk") && !text.contains("exclude"), "{text}");
}

#[tokio::test]
async fn a_role_that_the_issuer_can_not_grant_excludes_nothing() {
    let world = World::new(ClaimMapping::rfc9068().only_roles(["clerk"]));
    assert!(world.verify(&["clerk", "auditor"]).await.is_ok());
}

#[test]
#[should_panic(expected = "the roles `clerk` and `auditor` exclude each other")]
fn a_test_can_not_make_what_a_verifier_would_refuse() {
    let _: Identity = identity().role("manager").role("inspector").build();
}
