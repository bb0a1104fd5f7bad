//! Whatever our verifier accepts, jsonwebtoken accepts with every claim required: random tokens of the
//! issuer, right and wrong ones, and random changes of what was signed.

use std::cell::Cell;
use std::time::{SystemTime, UNIX_EPOCH};

use authz_core::testing::{Clock, TestIssuer};
use authz_tests::policy::Verifier;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

const ISSUER: &str = "https://issuer.test";
const AUDIENCE: &str = "orders";
/// Seconds; as much as both sides let clocks differ.
const LEEWAY: u64 = 30;

/// What a token says, and what happens to it after it was signed.
#[derive(Clone, Debug)]
struct Case {
    claims: Vec<(&'static str, Option<Value>)>,
    damage: Vec<Damage>,
}

/// One change of the text of a token.
#[derive(Clone, Debug)]
enum Damage {
    Replace(prop::sample::Index, char),
    Insert(prop::sample::Index, char),
    Remove(prop::sample::Index),
    Cut(prop::sample::Index),
}

impl Damage {
    fn apply(&self, token: &mut String) {
        if token.is_empty() {
            return;
        }
        let at = |index: &prop::sample::Index, token: &str| index.index(token.len());
        match self {
            Self::Replace(index, character) => {
                let at = at(index, token);
                token.replace_range(at..=at, &character.to_string());
            }
            Self::Insert(index, character) => token.insert(at(index, token), *character),
            Self::Remove(index) => {
                token.remove(at(index, token));
            }
            Self::Cut(index) => token.truncate(at(index, token)),
        }
    }
}

/// Values that a claim may have or should not; none of a time that is a few seconds from its limit.
fn claims(now: u64) -> Vec<(&'static str, Vec<Option<Value>>)> {
    let ago = |seconds: u64| Some(json!(now - seconds));
    let ahead = |seconds: u64| Some(json!(now + seconds));
    vec![
        (
            "iss",
            vec![Some(json!(ISSUER)), Some(json!("https://other.test")), Some(json!([ISSUER]))],
        ),
        (
            "aud",
            vec![
                Some(json!(AUDIENCE)),
                Some(json!(["other", AUDIENCE])),
                Some(json!("other")),
                Some(json!([])),
                Some(json!({ "orders": true })),
                None,
            ],
        ),
        (
            "exp",
            vec![
                ahead(600),
                ago(600),
                ahead(3_000_000_000),
                Some(json!(600)),
                Some(json!("soon")),
                Some(json!(-1)),
                Some(json!(1e300)),
                None,
            ],
        ),
        ("nbf", vec![ago(600), ahead(600), Some(json!("now")), Some(json!(null)), None]),
        ("iat", vec![ago(5), ahead(600), Some(json!("now")), None]),
        ("sub", vec![Some(json!("ann")), Some(json!("")), Some(json!(5)), None]),
    ]
}

fn case(now: u64) -> impl Strategy<Value = Case> {
    let one = |(name, values): (&'static str, Vec<Option<Value>>)| {
        // Mostly the right one, so that what is accepted is not a rarity.
        let right = Just(values.first().cloned().flatten());
        let value = prop_oneof![8 => right, 2 => prop::sample::select(values)];
        value.prop_map(move |value| (name, value))
    };
    let claims: Vec<_> = claims(now).into_iter().map(one).collect();
    let character = || prop_oneof![prop::char::range('!', '~'), Just('.'), Just('='), Just('A')];
    let index = || any::<prop::sample::Index>();
    let damage = prop_oneof![
        (index(), character()).prop_map(|(at, character)| Damage::Replace(at, character)),
        (index(), character()).prop_map(|(at, character)| Damage::Insert(at, character)),
        index().prop_map(Damage::Remove),
        index().prop_map(Damage::Cut),
    ];
    let damage = prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(damage, 1..3)];
    (claims, damage).prop_map(|(claims, damage)| Case { claims, damage })
}

#[test]
fn whatever_is_accepted_here_jsonwebtoken_accepts_too() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let clock = Clock::at(now);
    let issuer = TestIssuer::new(ISSUER);
    let builder = Verifier::builder().issuer(issuer.trusted()).audience(AUDIENCE);
    let ours = builder.clock(&clock).build().unwrap();
    let keys: JwkSet = serde_json::from_str(issuer.jwks()).unwrap();
    let key = DecodingKey::from_jwk(&keys.keys[0]).unwrap();
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.leeway = LEEWAY;
    validation.validate_nbf = true;
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();

    let (accepted, refused) = (Cell::new(0), Cell::new(0));
    let mut runner =
        TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(20_000) });
    let run = runner.run(&case(now), |case| {
        let mut token = issuer.token(&clock, AUDIENCE).scope("read:orders");
        for (name, value) in case.claims {
            token = match value {
                Some(value) => token.claim(name, value),
                None => token.without(name),
            };
        }
        let mut token = token.sign();
        case.damage.iter().for_each(|damage| damage.apply(&mut token));
        if runtime.block_on(ours.verify(&token)).is_ok() {
            accepted.set(accepted.get() + 1);
            let theirs = decode::<Value>(&token, &key, &validation);
            prop_assert!(theirs.is_ok(), "accepted here, there {:?}: {token}", theirs.err());
        } else {
            refused.set(refused.get() + 1);
        }
        Ok(())
    });
    run.unwrap();
    assert!(accepted.get() > 1_000 && refused.get() > 1_000, "{accepted:?} {refused:?}");
}
