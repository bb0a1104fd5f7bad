//! Remembered tokens: what changes after a token was verified is seen with the next request.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Value, json};

use super::support::*;
use crate::clock::Clock;
use crate::token::revocation::Shared;
use crate::token::{ClaimMapping, Issuer, Revocation, Revocations, TokenError, Verifier};

fn signed(claims: &Value) -> String {
    token(HEADER, claims.to_string())
}

struct Fixture {
    now: Arc<AtomicU64>,
    revocations: Revocations,
    verifier: Verifier<Policy>,
}

impl Fixture {
    fn new() -> Self {
        let now = Arc::new(AtomicU64::new(NOW));
        let clock = Clock::Set(Arc::clone(&now));
        let revocations = Revocations::of(Shared::new(Duration::from_hours(24), clock));
        let verifier = Verifier::<Policy>::builder()
            .audience(AUDIENCE)
            .seconds(Arc::clone(&now))
            .issuer(issuer())
            .revocations(&revocations)
            .build()
            .unwrap();
        Self { now, revocations, verifier }
    }

    fn at(&self, time: u64) {
        self.now.store(time, Ordering::SeqCst);
    }

    fn judge(&self, claims: &Value) -> Result<(), TokenError> {
        self.verifier.verify_now(&signed(claims)).map(drop)
    }

    async fn revoke(&self, revocation: Revocation) {
        self.revocations.revoke(revocation).await.unwrap();
    }
}

#[test]
fn a_remembered_token_gives_the_same_identity() {
    let fixture = Fixture::new();
    let token = signed(&claims());
    let first = fixture.verifier.verify_now(&token).unwrap();
    let second = fixture.verifier.verify_now(&token).unwrap();
    assert_eq!(format!("{first:?}"), format!("{second:?}"));
    assert_eq!(first.claims::<Value>().unwrap(), second.claims::<Value>().unwrap());
    assert_eq!(second.token_id(), Some("t-1"));
}

#[test]
fn a_remembered_token_expires_in_its_second() {
    let fixture = Fixture::new();
    assert_eq!(fixture.judge(&claims()), Ok(()));
    fixture.at(NOW + 300 + 29);
    assert_eq!(fixture.judge(&claims()), Ok(()), "within the leeway");
    fixture.at(NOW + 300 + 30);
    assert_eq!(fixture.judge(&claims()), Err(TokenError::Expired));
}

#[test]
fn a_remembered_token_grows_too_old_in_its_second() {
    let now = Arc::new(AtomicU64::new(NOW));
    let verifier = Verifier::<Policy>::builder()
        .audience(AUDIENCE)
        .seconds(Arc::clone(&now))
        .max_token_age(Duration::from_secs(100))
        .issuer(issuer())
        .build()
        .unwrap();
    let token = signed(&claims());
    // Issued ten seconds ago, with a leeway of thirty.
    for (later, expected) in [(0, None), (120, None), (121, Some(TokenError::TooOld))] {
        now.store(NOW + later, Ordering::SeqCst);
        assert_eq!(verifier.verify_now(&token).err(), expected, "{later}");
    }
}

#[test]
fn a_clock_that_is_set_back_does_not_let_in_who_was_let_in_later() {
    let fixture = Fixture::new();
    let claims = claims_with(&json!({"nbf": NOW - 5}));
    assert_eq!(fixture.judge(&claims), Ok(()));
    fixture.at(NOW - 40);
    assert_eq!(fixture.judge(&claims), Err(TokenError::NotYetValid));
}

#[test]
fn tokens_that_are_refused_are_not_remembered() {
    let fixture = Fixture::new();
    let early = claims_with(&json!({"nbf": NOW + 100}));
    assert_eq!(fixture.judge(&early), Err(TokenError::NotYetValid));
    fixture.at(NOW + 100);
    assert_eq!(fixture.judge(&early), Ok(()));
}

#[test]
fn a_changed_byte_is_another_token() {
    let fixture = Fixture::new();
    let token = signed(&claims());
    fixture.verifier.verify_now(&token).unwrap();
    for position in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(fixture.verifier.verify_now(&changed).is_err(), "{position}");
    }
    for changed in [token.clone() + "=", token.clone() + " ", token[..token.len() - 1].to_owned()] {
        assert!(fixture.verifier.verify_now(&changed).is_err());
    }
}

#[tokio::test]
async fn revoking_a_token_refuses_it_and_no_other() {
    for remembered in [true, false] {
        let fixture = Fixture::new();
        let other = claims_with(&json!({"jti": "t-2"}));
        if remembered {
            fixture.judge(&claims()).unwrap();
            fixture.judge(&other).unwrap();
        }
        fixture.revoke(Revocation::token(ISSUER, "t-1")).await;
        for _ in 0..2 {
            assert_eq!(fixture.judge(&claims()), Err(TokenError::Revoked));
            assert_eq!(fixture.judge(&other), Ok(()));
        }
    }
}

#[tokio::test]
async fn an_id_is_that_of_its_issuer_and_its_kind() {
    let fixture = Fixture::new();
    let claims = claims_with(&json!({"sid": "s-1"}));
    fixture.judge(&claims).unwrap();
    let time = UNIX_EPOCH + Duration::from_secs(NOW);
    for other in [
        Revocation::token("https://other.example.com", "t-1"),
        Revocation::session("https://other.example.com", "s-1"),
        Revocation::subject("https://other.example.com", "ada", time),
        Revocation::token(ISSUER, "s-1"),
        Revocation::token(ISSUER, "ada"),
        Revocation::session(ISSUER, "t-1"),
        Revocation::session(ISSUER, "ada"),
        Revocation::subject(ISSUER, "t-1", time),
        Revocation::subject(ISSUER, "s-1", time),
        Revocation::subject(ISSUER, "shop", time),
    ] {
        fixture.revoke(other.clone()).await;
        assert_eq!(fixture.judge(&claims), Ok(()), "{other:?}");
    }
    fixture.revoke(Revocation::session(ISSUER, "s-1")).await;
    assert_eq!(fixture.judge(&claims), Err(TokenError::Revoked));
}

#[tokio::test]
async fn a_subject_is_logged_out_up_to_a_second_and_may_come_back_after_it() {
    let fixture = Fixture::new();
    let issued = |seconds: u64| claims_with(&json!({"iat": seconds, "jti": seconds.to_string()}));
    for seconds in [NOW - 1, NOW, NOW + 1] {
        fixture.judge(&issued(seconds)).unwrap();
    }
    let time = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
    fixture.revoke(Revocation::subject(ISSUER, "ada", time(NOW))).await;
    // An older one does not take back a later one.
    fixture.revoke(Revocation::subject(ISSUER, "ada", time(NOW - 100))).await;
    assert_eq!(fixture.judge(&issued(NOW - 1)), Err(TokenError::Revoked));
    assert_eq!(fixture.judge(&issued(NOW)), Err(TokenError::Revoked));
    assert_eq!(fixture.judge(&issued(NOW + 1)), Ok(()));
}

#[tokio::test]
async fn tokens_without_a_session_go_where_a_session_of_the_subject_ends() {
    let fixture = Fixture::new();
    let with_session = claims_with(&json!({"sid": "s-2"}));
    let time = UNIX_EPOCH + Duration::from_secs(NOW);
    fixture.revoke(Revocation::subject_without_session(ISSUER, "ada", time)).await;
    assert_eq!(fixture.judge(&claims()), Err(TokenError::Revoked));
    assert_eq!(fixture.judge(&with_session), Ok(()));
    assert_eq!(fixture.judge(&claims_with(&json!({"iat": NOW + 1}))), Ok(()));
}

#[tokio::test]
async fn an_identity_names_its_token() {
    let fixture = Fixture::new();
    let identity = fixture.verifier.verify_now(&signed(&claims())).unwrap();
    fixture.revoke(Revocation::of_identity(&identity).unwrap()).await;
    assert_eq!(fixture.judge(&claims()), Err(TokenError::Revoked));
}

#[tokio::test]
async fn a_revocation_is_remembered_for_as_long_as_a_token_can_live() {
    let fixture = Fixture::new();
    let day = 24 * 3600;
    // Twice the leeway of thirty seconds: clocks may differ.
    let longest = claims_with(&json!({"iat": NOW, "exp": NOW + day - 60, "jti": "long"}));
    let longer = claims_with(&json!({"iat": NOW, "exp": NOW + day - 59}));
    assert_eq!(fixture.judge(&longest), Ok(()));
    assert_eq!(fixture.judge(&longer), Err(TokenError::LivesTooLong { limit: day }));
    fixture.revoke(Revocation::token(ISSUER, "long")).await;
    // Many more come later, and old ones are looked for.
    fixture.at(NOW + day - 31);
    for number in 0..3_000 {
        fixture.revoke(Revocation::token(ISSUER, &number.to_string())).await;
    }
    assert_eq!(fixture.judge(&longest), Err(TokenError::Revoked));
    fixture.at(NOW + 2 * day);
    for number in 0..5_000 {
        fixture.revoke(Revocation::token(ISSUER, &format!("later {number}"))).await;
    }
    assert!(fixture.revocations.len() <= 5_000, "{}", fixture.revocations.len());
}

#[tokio::test]
async fn a_store_that_does_not_know_everything_makes_every_token_wait() {
    let fixture = Fixture::new();
    fixture.judge(&claims()).unwrap();
    fixture.revocations.set_available(false);
    let unavailable = Err(TokenError::Unavailable { backend: "the revocation store" });
    assert_eq!(fixture.judge(&claims()), unavailable);
    assert_eq!(fixture.judge(&claims_with(&json!({"jti": "t-2"}))), unavailable);
    // Of a token that is not valid anyway, enough is known.
    assert_eq!(fixture.judge(&claims_with(&json!({"aud": "else"}))), Err(TokenError::Audience));
    fixture.revoke(Revocation::token(ISSUER, "t-1")).await;
    fixture.revocations.set_available(true);
    assert_eq!(fixture.judge(&claims()), Err(TokenError::Revoked));
    assert_eq!(fixture.judge(&claims_with(&json!({"jti": "t-2"}))), Ok(()));
}

#[test]
fn sessions_are_named_by_text() {
    for wrong in [json!(7), json!(""), json!(null), json!(["s"])] {
        let refused = refusal(&claims_with(&json!({"sid": wrong})));
        let expected = "a string that is not empty";
        assert_eq!(refused, TokenError::ClaimType { claim: "sid".into(), expected });
    }
    let identity = verify(&claims_with(&json!({"sid": "s-1"}))).unwrap();
    assert_eq!(identity.session_id(), Some("s-1"));
    assert_eq!(identity.issued_at(), Some(UNIX_EPOCH + Duration::from_secs(NOW - 10)));
}

#[test]
fn verifiers_don_t_share_what_they_remember() {
    let token = signed(&claims());
    let narrow = issuer().claims(ClaimMapping::rfc9068().no_roles());
    let (wide, narrow) = (verifier(issuer()), verifier(narrow));
    for _ in 0..2 {
        assert!(wide.verify_now(&token).unwrap().has_role(Role::Clerk));
        assert!(!narrow.verify_now(&token).unwrap().has_role(Role::Clerk));
    }
    let other = verifier(Issuer::new("https://other.example.com", secret_keys()));
    assert_eq!(other.verify_now(&token).unwrap_err(), TokenError::UnknownIssuer);
}

#[test]
fn without_a_cache_the_answers_are_the_same() {
    let verifier = builder().issuer(issuer()).without_cache().build().unwrap();
    let token = signed(&claims());
    for _ in 0..2 {
        assert!(verifier.verify_now(&token).unwrap().has_role(Role::Clerk));
    }
    let tiny = builder().issuer(issuer()).remember_tokens(0, 0).build().unwrap();
    for _ in 0..2 {
        assert!(tiny.verify_now(&token).unwrap().has_role(Role::Clerk));
    }
}
