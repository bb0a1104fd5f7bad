//! Our verifier beside jsonwebtoken with every claim required, for random tokens of the issuer, right and
//! wrong ones, and random changes of what was signed: whatever is accepted here is accepted there, and what
//! is accepted there alone is refused here on purpose.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use authz_core::testing::Clock;
use authz_core::token::{Issuer, KeyError, KeySet};
use authz_tests::policy::Verifier;
use aws_lc_rs::signature::KeyPair as _;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};

mod support;

use support::{Keys, base64url};

const ISSUER: &str = "https://issuer.test";
const AUDIENCE: &str = "orders";
/// Seconds; as much as both sides let clocks differ.
const LEEWAY: u64 = 30;

/// Why tokens are refused here that jsonwebtoken 12 accepts, in the order of the texts.
const REFUSED_HERE_ALONE: [&str; 14] = [
    // There a `kid` is for whoever chooses the key.
    "no key fits the header's `kid` and `alg`",
    // RFC 9068 section 2.2 requires these claims, RFC 7519 section 4.1 says their types. There it is not
    // asked what is neither compared nor a time, and an issuer may be a list of names.
    "the claim `client_id` is missing",
    "the claim `client_id` is not a string that is not empty",
    "the claim `iat` is missing",
    "the claim `iat` is not a number of seconds between 1970 and 9999",
    "the claim `iss` is not a string",
    "the claim `jti` is missing",
    "the claim `jti` is not a string that is not empty",
    "the claim `sub` is not a string that is not empty",
    // What would change the meaning of the rest (RFC 7797, RFC 7516). There `b64` may say `true`, also as
    // critical; every other critical extension is refused by both.
    "the header has `b64`, which is not supported",
    "the header has `enc`, which is not supported",
    "the header has `zip`, which is not supported",
    // RFC 9068 section 4.
    "the header's `typ` is not that of an access token",
    "the token was issued in the future",
];

/// A member of the header or a claim, the right value before the others.
type Member = (&'static str, Vec<Option<Value>>);

/// What a token says, and what happens to it after it was signed.
#[derive(Clone, Debug)]
struct Case {
    header: Map<String, Value>,
    claims: Map<String, Value>,
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

fn header() -> Vec<Member> {
    vec![
        ("alg", vec![Some(json!("EdDSA")), Some(json!("HS256")), Some(json!("none")), None]),
        ("typ", vec![Some(json!("at+jwt")), Some(json!("JWT")), Some(json!(5)), None]),
        ("kid", vec![Some(json!("ed")), Some(json!("other")), Some(json!(5)), None]),
        (
            "crit",
            vec![
                None,
                Some(json!(["exp"])),
                Some(json!(["b64"])),
                Some(json!([])),
                Some(json!("exp")),
            ],
        ),
        ("b64", vec![None, Some(json!(true)), Some(json!(false)), Some(json!(1))]),
        ("zip", vec![None, Some(json!("DEF"))]),
        ("enc", vec![None, Some(json!("A128GCM"))]),
    ]
}

/// Values that a claim may have or should not; none of a time that is a few seconds from its limit.
fn claims(now: u64) -> Vec<Member> {
    let ago = |seconds: u64| Some(json!(now - seconds));
    let ahead = |seconds: u64| Some(json!(now + seconds));
    vec![
        (
            "iss",
            vec![
                Some(json!(ISSUER)),
                Some(json!("https://other.test")),
                Some(json!([ISSUER])),
                Some(json!(5)),
                None,
            ],
        ),
        (
            "aud",
            vec![
                Some(json!(AUDIENCE)),
                Some(json!(["other", AUDIENCE])),
                Some(json!([AUDIENCE, 5])),
                Some(json!("other")),
                Some(json!([])),
                Some(json!(5)),
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
        ("client_id", vec![Some(json!("shop")), Some(json!(5)), None]),
        ("jti", vec![Some(json!("1")), Some(json!(5)), None]),
    ]
}

/// Mostly the right values, so that what is accepted is not a rarity.
fn object(members: Vec<Member>) -> impl Strategy<Value = Map<String, Value>> {
    let one = |(name, values): Member| {
        let right = Just(values.first().cloned().flatten());
        let value = prop_oneof![9 => right, 1 => prop::sample::select(values)];
        value.prop_map(move |value| (name.to_owned(), value))
    };
    let members: Vec<_> = members.into_iter().map(one).collect();
    members.prop_map(|members| {
        members.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    })
}

fn case(now: u64) -> impl Strategy<Value = Case> {
    let character = || prop_oneof![prop::char::range('!', '~'), Just('.'), Just('='), Just('A')];
    let index = || any::<prop::sample::Index>();
    let damage = prop_oneof![
        (index(), character()).prop_map(|(at, character)| Damage::Replace(at, character)),
        (index(), character()).prop_map(|(at, character)| Damage::Insert(at, character)),
        index().prop_map(Damage::Remove),
        index().prop_map(Damage::Cut),
    ];
    let damage = prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(damage, 1..3)];
    (object(header()), object(claims(now)), damage).prop_map(|(header, claims, damage)| Case {
        header,
        claims,
        damage,
    })
}

#[test]
fn jsonwebtoken_accepts_what_is_accepted_here_and_more_where_that_is_meant() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let keys = Keys::new(&[7; 32]);
    let issuer = Issuer::new(ISSUER, keys.public());
    let builder = Verifier::builder().issuer(issuer).audience(AUDIENCE);
    let ours = builder.clock(&Clock::at(now)).build().unwrap();
    let key = base64url(keys.ed25519.public_key());
    let key = DecodingKey::from_ed_components(&key).unwrap();
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.leeway = LEEWAY;
    validation.validate_nbf = true;
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();

    let (accepted, refused) = (Cell::new(0), Cell::new(0));
    let refused_here_alone = RefCell::new(BTreeSet::new());
    let mut runner =
        TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(20_000) });
    let run = runner.run(&case(now), |case| {
        let (header, claims) = (Value::from(case.header), Value::from(case.claims));
        let mut token = keys.ed25519(header.to_string(), claims.to_string());
        case.damage.iter().for_each(|damage| damage.apply(&mut token));
        let theirs = decode::<Value>(&token, &key, &validation);
        match runtime.block_on(ours.verify(&token)) {
            Ok(_) => {
                accepted.set(accepted.get() + 1);
                prop_assert!(theirs.is_ok(), "accepted here, there {:?}: {token}", theirs.err());
            }
            Err(error) if theirs.is_ok() => {
                refused_here_alone.borrow_mut().insert(error.to_string());
            }
            Err(_) => refused.set(refused.get() + 1),
        }
        Ok(())
    });
    run.unwrap();
    assert!(accepted.get() > 1_000 && refused.get() > 1_000, "{accepted:?} {refused:?}");
    let expected = REFUSED_HERE_ALONE.map(str::to_owned);
    assert_eq!(refused_here_alone.into_inner(), expected.into());
}

#[test]
fn a_secret_without_a_byte_is_refused_by_both_and_a_short_one_here_alone() {
    let here = |secret| KeySet::from_secret(secret, authz_core::token::Algorithm::Hs256);
    assert!(matches!(here(b""), Err(KeyError::SecretTooShort { .. })));
    assert!(DecodingKey::from_secret(b"").is_err());
    assert!(matches!(here(b"secret"), Err(KeyError::SecretTooShort { .. })));
    assert!(DecodingKey::from_secret(b"secret").is_ok());
}
