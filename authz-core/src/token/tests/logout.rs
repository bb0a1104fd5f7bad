//! Logout tokens: every check of OpenID Connect Back-Channel Logout 1.0 section 2.6, and what a
//! logout ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::support::*;
use crate::clock::Clock;
use crate::token::revocation::Shared;
use crate::token::{
    BackChannelLogout, ConfigError, Issuer, LogoutError, Revocations, TokenError, Verifier,
};

const CLIENT: &str = "orders-web";
const LOGOUT_HEADER: &str = r#"{"alg":"HS256","typ":"logout+jwt"}"#;
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

struct Fixture {
    now: Arc<AtomicU64>,
    verifier: Verifier<Policy>,
    logout: BackChannelLogout<Policy>,
}

impl Fixture {
    fn new(issuer: Issuer) -> Self {
        let now = Arc::new(AtomicU64::new(NOW));
        let clock = Clock::Set(Arc::clone(&now));
        let revocations = Revocations::of(Shared::new(Duration::from_hours(24), clock));
        let builder = Verifier::<Policy>::builder().audience(AUDIENCE).issuer(issuer);
        let builder = builder.seconds(Arc::clone(&now)).revocations(&revocations);
        let verifier = builder.build().unwrap();
        let logout = BackChannelLogout::new(&verifier, CLIENT).unwrap();
        Self { now, verifier, logout }
    }

    fn judge(&self, changes: &Value) -> Result<(), TokenError> {
        let claims = claims_with(changes).to_string();
        self.verifier.verify_now(&token(HEADER, claims)).map(drop)
    }

    async fn log_out(&self, changes: &Value) -> Result<(), LogoutError> {
        self.logout.receive(&logout_token(changes)).await
    }
}

/// The claims of a logout token, with some replaced, and those that are null left out.
fn logout_claims(changes: &Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "aud": CLIENT, "iat": NOW, "exp": NOW + 120, "jti": "l-1",
        "events": {EVENT: {}},
    });
    for (name, value) in changes.as_object().unwrap() {
        claims.as_object_mut().unwrap().insert(name.clone(), value.clone());
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

fn logout_token(changes: &Value) -> String {
    token(LOGOUT_HEADER, logout_claims(changes).to_string())
}

#[tokio::test]
async fn a_session_ends_with_its_tokens_and_those_that_name_none() {
    let fixture = Fixture::new(issuer());
    let ours = json!({"sid": "s-1"});
    for claims in [&ours, &json!({"sid": "s-2"}), &json!({})] {
        fixture.judge(claims).unwrap();
    }
    fixture.log_out(&json!({"sid": "s-1", "sub": "ada"})).await.unwrap();
    assert_eq!(fixture.judge(&ours), Err(TokenError::Revoked));
    assert_eq!(fixture.judge(&json!({"sid": "s-2"})), Ok(()));
    assert_eq!(fixture.judge(&json!({})), Err(TokenError::Revoked));
    assert_eq!(fixture.judge(&json!({"iat": NOW + 1})), Ok(()), "logged in again");
    assert_eq!(fixture.judge(&json!({"sub": "bob"})), Ok(()));
}

#[tokio::test]
async fn a_session_alone_ends_alone() {
    let fixture = Fixture::new(issuer());
    fixture.log_out(&json!({"sid": "s-1"})).await.unwrap();
    assert_eq!(fixture.judge(&json!({"sid": "s-1"})), Err(TokenError::Revoked));
    assert_eq!(fixture.judge(&json!({})), Ok(()));
}

#[tokio::test]
async fn a_subject_alone_is_logged_out_everywhere() {
    let fixture = Fixture::new(issuer());
    fixture.log_out(&json!({"sub": "ada"})).await.unwrap();
    for claims in [json!({}), json!({"sid": "s-1"}), json!({"iat": NOW})] {
        assert_eq!(fixture.judge(&claims), Err(TokenError::Revoked));
    }
    assert_eq!(fixture.judge(&json!({"iat": NOW + 1})), Ok(()));
}

#[tokio::test]
async fn what_is_no_logout_token_is_refused() {
    const FILLED: &str = "a string that is not empty";
    let missing = |claim: &str| LogoutError::Token(TokenError::missing(claim));
    let mistyped =
        |claim: &str, expected| LogoutError::Token(TokenError::mistyped(claim, expected));
    for (changes, expected) in [
        (json!({"iss": null}), missing("iss")),
        (json!({"iss": "https://other.example.com"}), TokenError::UnknownIssuer.into()),
        (json!({"iss": [ISSUER]}), mistyped("iss", "a string")),
        (json!({"aud": null}), missing("aud")),
        (json!({"aud": AUDIENCE}), TokenError::Audience.into()),
        (json!({"aud": ["a", "b"]}), TokenError::Audience.into()),
        (json!({"aud": [CLIENT, 7]}), mistyped("aud", "a string or an array of strings")),
        (json!({"iat": null}), missing("iat")),
        (json!({"iat": NOW + 31}), TokenError::IssuedInFuture.into()),
        (json!({"exp": null}), missing("exp")),
        (json!({"exp": NOW - 30}), TokenError::Expired.into()),
        (json!({"jti": null}), missing("jti")),
        (json!({"jti": ""}), mistyped("jti", FILLED)),
        (json!({"sub": null}), LogoutError::Nobody),
        (json!({"sub": 7}), mistyped("sub", FILLED)),
        (json!({"sid": ""}), mistyped("sid", FILLED)),
        (json!({"nonce": "n"}), LogoutError::Nonce),
        (json!({"nonce": 0}), LogoutError::Nonce),
        (json!({"events": null}), LogoutError::NoLogoutEvent),
        (json!({"events": {}}), LogoutError::NoLogoutEvent),
        (json!({"events": [EVENT]}), LogoutError::NoLogoutEvent),
        (json!({"events": EVENT}), LogoutError::NoLogoutEvent),
        (json!({"events": {EVENT: null}}), LogoutError::NoLogoutEvent),
        (json!({"events": {"http://other": {}}}), LogoutError::NoLogoutEvent),
    ] {
        let fixture = Fixture::new(issuer());
        let mut changes = changes;
        changes.as_object_mut().unwrap().entry("sub").or_insert("ada".into());
        assert_eq!(fixture.log_out(&changes).await.unwrap_err(), expected, "{changes}");
        assert!(!expected.is_unavailable());
        assert_eq!(fixture.judge(&json!({})), Ok(()), "{changes}");
    }
}

#[tokio::test]
async fn only_the_issuer_can_log_out() {
    let fixture = Fixture::new(issuer());
    let claims = logout_claims(&json!({"sub": "ada"})).to_string();
    let forged = sign_with(LOGOUT_HEADER, &claims, |data| hs256(&[8; 64], data));
    assert_eq!(fixture.logout.receive(&forged).await.unwrap_err(), TokenError::Signature.into());
    let unsigned =
        format!("{}.{}.", encode(r#"{"alg":"none","typ":"logout+jwt"}"#), encode(&claims));
    for (forged, expected) in [
        (unsigned.clone(), TokenError::Format),
        (unsigned + "AA", TokenError::AlgorithmUnsupported),
    ] {
        assert_eq!(fixture.logout.receive(&forged).await.unwrap_err(), expected.into());
    }
    assert_eq!(fixture.judge(&json!({})), Ok(()));
}

#[tokio::test]
async fn a_logout_token_is_no_access_token_and_the_other_way_round() {
    let fixture = Fixture::new(issuer());
    for typ in ["at+jwt", "JWT", "dpop+jwt", "logout"] {
        let header = json!({"alg": "HS256", "typ": typ}).to_string();
        let wrong = token(header, logout_claims(&json!({"sub": "ada"})).to_string());
        let refused = fixture.logout.receive(&wrong).await.unwrap_err();
        assert_eq!(refused, TokenError::TokenType.into(), "{typ}");
    }
    // Also where every type is accepted: the event gives it away.
    let any = verifier(issuer().danger_accept_any_type());
    let everything = claims_with(&json!({"events": {EVENT: {}}}));
    assert_eq!(
        any.verify_now(&token(LOGOUT_HEADER, everything.to_string())).unwrap_err(),
        TokenError::NotAnAccessToken { claim: "events".into() }
    );
    let strict = verifier(issuer());
    let access = token(LOGOUT_HEADER, claims().to_string());
    assert_eq!(strict.verify_now(&access).unwrap_err(), TokenError::TokenType);

    // An issuer that types nothing: the event tells.
    let fixture = Fixture::new(issuer().accept_plain_jwt());
    let plain =
        token(r#"{"alg":"HS256","typ":"JWT"}"#, logout_claims(&json!({"sub": "ada"})).to_string());
    assert_eq!(fixture.logout.receive(&plain).await, Ok(()));
    assert_eq!(fixture.judge(&json!({})), Err(TokenError::Revoked));
}

#[tokio::test]
async fn a_logout_token_counts_once() {
    let fixture = Fixture::new(issuer());
    fixture.log_out(&json!({"sub": "ada"})).await.unwrap();
    assert_eq!(fixture.log_out(&json!({"sub": "ada"})).await, Err(LogoutError::Replayed));
    fixture.log_out(&json!({"sub": "ada", "jti": "l-2"})).await.unwrap();
    fixture.now.store(NOW + 150, Ordering::SeqCst);
    assert_eq!(
        fixture.log_out(&json!({"sub": "ada"})).await,
        Err(TokenError::Expired.into()),
        "by the time it is forgotten it has expired"
    );
}

#[test]
fn a_logout_needs_a_place_to_be_remembered_and_somebody_to_be_meant() {
    let without = verifier(issuer());
    let error = BackChannelLogout::new(&without, CLIENT).map(drop).unwrap_err();
    assert_eq!(error, ConfigError::NoRevocations);
    let with = Fixture::new(issuer()).verifier;
    let error = BackChannelLogout::new(&with, "").map(drop).unwrap_err();
    assert_eq!(error, ConfigError::EmptyAudience);
}

#[tokio::test]
async fn several_clients_can_be_meant() {
    let Fixture { verifier, logout, .. } = Fixture::new(issuer());
    let logout = logout.client_id("orders-app");
    let token_for =
        |client: &str| logout_token(&json!({"aud": client, "sub": "ada", "jti": client}));
    for client in [CLIENT, "orders-app"] {
        assert_eq!(logout.receive(&token_for(client)).await, Ok(()));
    }
    assert!(logout.receive(&token_for("else")).await.is_err());
    assert!(verifier.verify_now(&token(HEADER, claims().to_string())).is_err());
}
