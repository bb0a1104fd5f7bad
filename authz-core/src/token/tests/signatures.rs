//! Format, header, choice of the key, signature (P1 to P4, P6, P7, P10, P11).

use serde_json::json;

use super::support::{
    Edwards, Elliptic, Rsa, SECRET, encode, hs256, jwks, secret_keys, sign_with, token, with,
};
use crate::token::{Algorithm, JsonFault, KeySet, Part, TokenError};

fn refusal(keys: &KeySet, token: &str) -> TokenError {
    keys.verify(token).expect_err(token)
}

type Sign<'a> = &'a dyn Fn(&[u8]) -> Vec<u8>;

#[test]
fn each_family_verifies_its_own_signature_and_any_payload() {
    let rsa = Rsa::new();
    let elliptic = Elliptic::new();
    let edwards = Edwards::new();
    let payload = [0xFF, 0x00, b'{'];
    let cases: [(KeySet, &str, Sign<'_>); 6] = [
        (secret_keys(), "HS256", &|data| hs256(&SECRET, data)),
        (jwks(&rsa.jwk(), &[Algorithm::Rs256]), "RS256", &|data| rsa.rs256(data)),
        (jwks(&rsa.jwk(), &[Algorithm::Ps256]), "PS256", &|data| rsa.ps256(data)),
        (jwks(&elliptic.jwk(), &[Algorithm::Es256]), "ES256", &|data| elliptic.es256(data)),
        (jwks(&edwards.jwk(), &[Algorithm::EdDsa]), "EdDSA", &|data| edwards.sign(data)),
        (jwks(&edwards.jwk(), &[Algorithm::EdDsa]), "Ed25519", &|data| edwards.sign(data)),
    ];
    for (keys, name, sign) in cases {
        let token = sign_with(format!(r#"{{"alg":"{name}"}}"#), payload, sign);
        assert_eq!(keys.verify(&token).unwrap(), payload, "{name}");
        let other = sign_with(format!(r#"{{"alg":"{name}"}}"#), payload, |data| {
            let mut signature = sign(data);
            *signature.last_mut().unwrap() ^= 1;
            signature
        });
        assert_eq!(refusal(&keys, &other), TokenError::Signature, "{name}");
    }
}

#[test]
fn empty_short_long_and_zero_signatures_are_refused() {
    let elliptic = Elliptic::new();
    let edwards = Edwards::new();
    let rsa = Rsa::new();
    for (keys, name, length) in [
        (secret_keys(), "HS256", 32),
        (jwks(&elliptic.jwk(), &[Algorithm::Es256]), "ES256", 64),
        (jwks(&edwards.jwk(), &[Algorithm::EdDsa]), "EdDSA", 64),
        (jwks(&rsa.jwk(), &[Algorithm::Rs256]), "RS256", 256),
    ] {
        let header = format!(r#"{{"alg":"{name}"}}"#);
        for length in [1, length - 1, length, length + 1, 1024, 1025, 2000] {
            for byte in [0, 0xFF] {
                let token = sign_with(&header, "{}", |_| vec![byte; length]);
                assert_eq!(refusal(&keys, &token), TokenError::Signature, "{name}");
            }
        }
        let unsigned = format!("{}.{}.", encode(&header), encode("{}"));
        assert_eq!(refusal(&keys, &unsigned), TokenError::Format);
    }
    let truncated = sign_with(r#"{"alg":"HS256"}"#, "{}", |data| {
        let mut tag = hs256(&SECRET, data);
        tag.truncate(16);
        tag
    });
    assert_eq!(refusal(&secret_keys(), &truncated), TokenError::Signature);
}

#[test]
fn the_algorithm_of_the_header_is_that_of_the_key() {
    let rsa = Rsa::new();
    for kid in [None, Some("k")] {
        let jwk = match kid {
            Some(kid) => with(rsa.jwk(), "kid", json!(kid)),
            None => rsa.jwk(),
        };
        let keys = jwks(&jwk, &[Algorithm::Ps256]);
        for name in ["RS256", "RS512", "PS384", "HS256", "ES256"] {
            let header = match kid {
                Some(kid) => json!({"alg": name, "kid": kid}),
                None => json!({"alg": name}),
            };
            let token = sign_with(header.to_string(), "{}", |data| rsa.rs256(data));
            let expected = match kid {
                Some(_) => TokenError::AlgorithmMismatch,
                None => TokenError::UnknownKey,
            };
            assert_eq!(refusal(&keys, &token), expected, "{name}");
        }
    }
}

#[test]
fn a_public_key_is_no_secret() {
    let rsa = Rsa::new();
    let keys = jwks(&rsa.jwk(), &[Algorithm::Rs256, Algorithm::Hs256]);
    for secret in [rsa.pkcs1(), rsa.spki()] {
        let token = sign_with(r#"{"alg":"HS256"}"#, "{}", |data| hs256(&secret, data));
        assert_eq!(refusal(&keys, &token), TokenError::UnknownKey);
    }
}

#[test]
fn none_is_refused_with_and_without_a_signature() {
    for name in ["none", "None", "NONE", "nOnE"] {
        let header = format!(r#"{{"alg":"{name}"}}"#);
        assert_eq!(
            refusal(&secret_keys(), &token(&header, "{}")),
            TokenError::AlgorithmUnsupported
        );
        let bare = format!("{}.{}.", encode(&header), encode("{}"));
        assert_eq!(refusal(&secret_keys(), &bare), TokenError::Format);
    }
}

#[test]
fn a_header_is_utf8_and_one_object_to_its_end() {
    let cases: [(&[u8], TokenError); 5] = [
        (b"{\"alg\":\"HS256\",\"x\":\"\xFF\"}", TokenError::Utf8 { part: Part::Header }),
        (b"\xEF\xBB\xBF{\"alg\":\"HS256\"}", json_fault(JsonFault::NotAnObject)),
        (b"[\"HS256\"]", json_fault(JsonFault::NotAnObject)),
        (b"{\"alg\":\"HS256\"} x", json_fault(JsonFault::Trailing)),
        (b"{\"alg\":\"HS256\",\"alg\":\"HS256\"}", json_fault(JsonFault::Duplicate)),
    ];
    for (header, expected) in cases {
        assert_eq!(refusal(&secret_keys(), &token(header, "{}")), expected);
    }
}

fn json_fault(fault: JsonFault) -> TokenError {
    TokenError::Json { part: Part::Header, fault }
}

#[test]
fn a_long_header_is_read_as_well() {
    let chain = "A".repeat(3000);
    let header = format!(r#"{{"alg":"HS256","x5c":["{chain}"]}}"#);
    assert!(secret_keys().verify(&token(header, "{}")).is_ok());
}

#[test]
fn bits_that_stand_for_nothing_are_refused() {
    let good = token(r#"{"alg":"HS256"}"#, "{}x");
    assert!(secret_keys().verify(&good).is_ok());
    // The last character of 32 bytes of signature has two bits to spare.
    let (head, last) = good.split_at(good.len() - 1);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let index = alphabet.find(last).unwrap();
    for flipped in [index ^ 1, index ^ 2, index ^ 3] {
        let other = format!("{head}{}", &alphabet[flipped..=flipped]);
        assert_eq!(refusal(&secret_keys(), &other), TokenError::Base64 { part: Part::Signature });
    }
}

#[test]
fn a_kid_chooses_the_key_and_nothing_else_does() {
    let key = |byte, kid: Option<&str>| {
        let keys = KeySet::from_secret(&[byte; 32], Algorithm::Hs256).unwrap();
        match kid {
            Some(kid) => keys.with_kid(kid).unwrap(),
            None => keys,
        }
    };
    let sign = |byte: u8, kid: Option<&str>| {
        let header = match kid {
            Some(kid) => json!({"alg": "HS256", "kid": kid}),
            None => json!({"alg": "HS256"}),
        };
        sign_with(header.to_string(), "{}", |data| hs256(&[byte; 32], data))
    };
    let named = key(1, Some("a")).and(&key(2, Some("b"))).unwrap();
    assert!(named.verify(&sign(1, Some("a"))).is_ok());
    assert!(named.verify(&sign(2, Some("b"))).is_ok());
    assert_eq!(refusal(&named, &sign(2, Some("a"))), TokenError::Signature);
    for unknown in ["c", "A", "", "../a", "a' OR '1'='1", "a\0"] {
        assert_eq!(refusal(&named, &sign(1, Some(unknown))), TokenError::UnknownKey);
    }
    assert_eq!(refusal(&named, &sign(1, None)), TokenError::AmbiguousKey);

    let mixed = key(1, Some("a")).and(&key(2, None)).unwrap();
    assert!(mixed.verify(&sign(2, Some("c"))).is_ok());
    assert_eq!(refusal(&mixed, &sign(1, Some("c"))), TokenError::Signature);
    assert_eq!(refusal(&mixed, &sign(2, None)), TokenError::AmbiguousKey);

    let single = key(1, Some("a"));
    assert!(single.verify(&sign(1, None)).is_ok());
}

#[test]
fn a_set_is_shared_between_threads() {
    fn require<T: Send + Sync + Clone>() {}
    require::<KeySet>();
    require::<crate::token::Verifier<super::support::Policy>>();
}

#[test]
fn tokens_of_another_maker_verify() {
    let payload = json!({"sub": "ada"});
    let token = jsonwebtoken::encode(
        &jsonwebtoken::Header::default(),
        &payload,
        &jsonwebtoken::EncodingKey::from_secret(&SECRET).unwrap(),
    )
    .unwrap();
    let read = secret_keys().verify(&token).unwrap();
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&read).unwrap(), payload);
}
