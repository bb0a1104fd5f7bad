//! Key sets as configuration has them. An input is a hexadecimal digit, a bit for each of four
//! algorithms, and the set, or a single key.
//!
//! A set that is accepted has a key that jsonwebtoken can use too, and no part of a private one.
#![no_main]

use authz_core::token::{Algorithm, KeySet};
use authz_fuzz::view;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::Jwk;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const ALGORITHMS: [Algorithm; 4] =
    [Algorithm::Hs256, Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa];

/// Whether a key is one that the set may have taken, and could have been taken by others.
fn is_usable(key: &Value) -> bool {
    let is = |name: &str, values: &[&str]| {
        key.get(name).is_none_or(|value| values.iter().any(|expected| value == expected))
    };
    // A secret is one whatever else it has.
    let public = key["kty"] == "oct"
        || ["d", "p", "q", "dp", "dq", "qi", "oth"].iter().all(|part| key.get(part).is_none());
    // What is read for nothing has a type of its own over there.
    let parts = ["kty", "crv", "x", "y", "n", "e", "k"];
    let parts = parts.iter().filter_map(|part| Some((part.to_string(), key.get(part)?.clone())));
    let material = Value::Object(parts.collect());
    public
        && is("use", &["sig"])
        && is("alg", &["HS256", "RS256", "ES256", "EdDSA"])
        && serde_json::from_value::<Jwk>(material)
            .is_ok_and(|key| DecodingKey::from_jwk(&key).is_ok())
}

fuzz_target!(|text: &str| {
    let Some((digit, text)) = text.split_at_checked(1) else {
        return;
    };
    let Ok(bits) = u8::from_str_radix(digit, 16) else {
        return;
    };
    let chosen = ALGORITHMS.iter().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1);
    let algorithms: Vec<Algorithm> = chosen.map(|(_, algorithm)| *algorithm).collect();
    let keys = match KeySet::from_jwks(text, &algorithms) {
        Ok(keys) => keys,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    assert!(!algorithms.is_empty());
    let set = view(text);
    let published = match set.get("keys") {
        Some(keys) => keys.as_array().expect("accepted, and no array").as_slice(),
        None => std::slice::from_ref(&set),
    };
    assert!(published.iter().any(is_usable), "accepted, and useless to others");
    let secret = published.iter().any(|key| key["kty"] == "oct");
    let public = published.iter().any(|key| ["RSA", "EC", "OKP"].iter().any(|t| key["kty"] == *t));
    assert!(!secret || !public, "a secret beside public keys");
    assert!(keys.and(&keys_of(&algorithms)).is_ok_and(|both| !format!("{both:?}").is_empty()));
});

/// Another set, without a key id.
fn keys_of(algorithms: &[Algorithm]) -> KeySet {
    let algorithm = algorithms[0];
    if algorithm == Algorithm::Hs256 {
        return KeySet::from_secret(&[9; 64], algorithm).unwrap();
    }
    let key = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    KeySet::from_jwks(key, &[Algorithm::EdDsa]).unwrap()
}
