//! The token reader. An input is a token as it is sent, or, where it has a line break, the header and
//! the payload of one that the issuer signs.
//!
//! What is accepted, jsonwebtoken accepts with every claim required.
#![no_main]

use std::sync::LazyLock;

use authz_core::token::Verifier;
use authz_fuzz::{
    AUDIENCE, ISSUER, Policy, SECRET, at_once, builder, issuer, require_audience, require_time,
    sign, view,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

static VERIFIER: LazyLock<Verifier<Policy>> =
    LazyLock::new(|| builder().issuer(issuer()).without_cache().build().unwrap());

static THEIRS: LazyLock<(DecodingKey, Validation)> = LazyLock::new(|| {
    let mut validation = Validation::new(Algorithm::HS256);
    // By the clock of the system, which is not that of the verifier.
    validation.validate_exp = false;
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    (DecodingKey::from_secret(&SECRET).unwrap(), validation)
});

/// Members of a header that mean nothing to an access token: they are not looked at here, and have a
/// type there.
const PASSED_OVER: [&str; 9] =
    ["cty", "jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "url", "nonce"];

fuzz_target!(|text: &str| {
    let signed = text.split_once('\n').map(|(header, payload)| sign(header, payload));
    let token = signed.as_deref().unwrap_or(text);
    let Ok(identity) = at_once(VERIFIER.verify(token)) else {
        return;
    };
    let claims: Value = identity.claims().expect("accepted, and no JSON to others");
    assert_eq!(identity.issuer(), ISSUER);
    assert_eq!(claims.get("iss").and_then(Value::as_str), Some(ISSUER));
    require_audience(&claims["aud"]);
    require_time(&claims);
    let header = token.split('.').next().map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    let header = view(std::str::from_utf8(&header.unwrap()).unwrap());
    assert_eq!(header["alg"], "HS256");
    assert!(header.get("crit").is_none());
    if !PASSED_OVER.iter().any(|member| header.get(member).is_some()) {
        let (key, validation) = &*THEIRS;
        let theirs = decode::<Value>(token, key, validation);
        assert_eq!(theirs.expect("accepted, and not by jsonwebtoken").claims, claims);
    }
});
