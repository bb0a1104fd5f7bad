//! Vectors of the RFCs and of other projects: each is accepted or refused as its source says.
//! Where they come from, and under which licence, stands in `vectors/README.md`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that finds something else than it expects has failed"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use authz_core::token::{Algorithm, JsonFault, KeyError, KeySet, TokenError};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde_json::{Value, json};

/// What has to become of a file.
#[derive(Clone, Copy, Debug)]
enum Expect {
    /// A compact token whose signature is good under the key beside it.
    Signed(Algorithm),
    /// A compact token that is refused before any key is looked at.
    Refused(fn() -> TokenError),
    /// A token in a JSON serialization: no form of a bearer token.
    Json,
    /// A key or a set that can be used.
    Key,
    /// Parts of a private key: refused as it is, and usable without those.
    PrivateKey,
    /// Parts of a private key: refused as it is, and nothing that is usable without those.
    PrivateUnusable,
    /// A key for something else only.
    Unusable,
    /// Private keys, and a secret beside them.
    MixedSet,
    /// No JSON at all.
    Empty,
    /// An RSA key, in PEM or as its modulus, that is sound.
    Sound,
    /// An RSA key of the generator of CVE-2017-15361.
    Roca,
    /// An RSA key with this tiny factor.
    Factor(u64),
    /// An RSA key of so few bits.
    Short(usize),
    /// Part of another vector, or text for people.
    Companion,
}

use Expect::{
    Companion, Empty, Factor, Json, Key, MixedSet, PrivateKey, PrivateUnusable, Refused, Roca,
    Short, Signed, Sound, Unusable,
};

const FORMAT: Expect = Refused(|| TokenError::Format);
const UNSUPPORTED: Expect = Refused(|| TokenError::AlgorithmUnsupported);
const CHARACTER: Expect = Refused(|| TokenError::Character);

const RFC: &[(&str, Expect)] = &[
    ("LICENSE", Companion),
    ("rfc7515_A.1.jwk", Key),
    ("rfc7515_A.1.jwsc", Signed(Algorithm::Hs256)),
    ("rfc7515_A.2.jwk", PrivateKey),
    ("rfc7515_A.2.jwsc", Signed(Algorithm::Rs256)),
    ("rfc7515_A.3.jwk", PrivateKey),
    ("rfc7515_A.3.jwsc", Signed(Algorithm::Es256)),
    ("rfc7515_A.4.jwk", PrivateUnusable),
    ("rfc7515_A.4.jwsc", UNSUPPORTED),
    ("rfc7515_A.5.jwsc", FORMAT),
    ("rfc7515_A.6.1.jwk", PrivateKey),
    ("rfc7515_A.6.2.jwk", PrivateKey),
    ("rfc7515_A.6.jwkset", PrivateKey),
    ("rfc7515_A.6.jwsg", Json),
    ("rfc7515_A.7.jwk", PrivateKey),
    ("rfc7515_A.7.jwsf", Json),
    ("rfc7517_A.1.jwkset", Key),
    ("rfc7517_A.2.jwkset", PrivateKey),
    ("rfc7517_A.3.jwkset", Key),
    ("rfc7520_3.1.jwk", Unusable),
    ("rfc7520_3.2.jwk", PrivateUnusable),
    ("rfc7520_3.3.jwk", Key),
    ("rfc7520_3.4.jwk", PrivateKey),
    ("rfc7520_3.5.jwk", Key),
    ("rfc7520_3.6.jwk", Unusable),
    ("rfc7520_4.1.jwk", PrivateKey),
    ("rfc7520_4.1.jwsc", Signed(Algorithm::Rs256)),
    ("rfc7520_4.1.jwsf", Json),
    ("rfc7520_4.1.jwsg", Json),
    ("rfc7520_4.2.jwk", PrivateKey),
    ("rfc7520_4.2.jwsc", Signed(Algorithm::Ps384)),
    ("rfc7520_4.2.jwsf", Json),
    ("rfc7520_4.2.jwsg", Json),
    ("rfc7520_4.3.jwk", PrivateUnusable),
    ("rfc7520_4.3.jwsc", UNSUPPORTED),
    ("rfc7520_4.3.jwsf", Json),
    ("rfc7520_4.3.jwsg", Json),
    ("rfc7520_4.4.jwk", Key),
    ("rfc7520_4.4.jwsc", Signed(Algorithm::Hs256)),
    ("rfc7520_4.4.jwsf", Json),
    ("rfc7520_4.4.jwsg", Json),
    ("rfc7520_4.5.jwk", Key),
    ("rfc7520_4.5.jwsc", FORMAT),
    ("rfc7520_4.5.jwsf", Json),
    ("rfc7520_4.5.jwsg", Json),
    ("rfc7520_4.5.payl", Companion),
    ("rfc7520_4.6.jwk", Key),
    ("rfc7520_4.6.jwsf", Json),
    ("rfc7520_4.6.jwsg", Json),
    ("rfc7520_4.7.jwk", Key),
    ("rfc7520_4.7.jwsf", Json),
    ("rfc7520_4.7.jwsg", Json),
    ("rfc7520_4.8.1.jwk", PrivateKey),
    ("rfc7520_4.8.2.jwk", PrivateUnusable),
    ("rfc7520_4.8.3.jwk", Key),
    ("rfc7520_4.8.jwkset", MixedSet),
    ("rfc7520_4.8.jwsg", Json),
    ("rfc7638_3.1.jwk", Key),
    ("rfc7638_3.1.thp", Companion),
];

const COOKBOOK: &[(&str, Expect)] = &[
    ("6.nesting_signatures_and_encryption.json", FORMAT),
    ("LICENSE", Companion),
    ("curve25519_ecdh-es.json", FORMAT),
    ("curve25519_jws.json", Signed(Algorithm::EdDsa)),
    ("jwe_5_2.json", FORMAT),
    ("jwe_5_9_compressed.json", FORMAT),
    ("jwk_3_1.ec_public_key.json", Unusable),
    ("jwk_3_2.ec_private_key.json", PrivateUnusable),
    ("jwk_3_3.rsa_public_key.json", Key),
    ("jwk_3_4.rsa_private_key.json", PrivateKey),
    ("jwk_3_5.symmetric_key_mac_computation.json", Key),
    ("jwk_3_6.symmetric_key_encryption.json", Unusable),
    ("jws_4_1.rsa_v15_signature.json", Signed(Algorithm::Rs256)),
    ("jws_4_2.rsa-pss_signature.json", Signed(Algorithm::Ps384)),
    ("jws_4_3.ecdsa_signature.json", UNSUPPORTED),
    ("jws_4_4.hmac-sha2_integrity_protection.json", Signed(Algorithm::Hs256)),
    ("jws_4_5.signature_with_detached_content.json", FORMAT),
    ("jws_4_6.protecting_specific_header_fields.json", Json),
    ("jws_4_7.protecting_content_only.json", Json),
    ("jws_4_8.multiple_signatures.json", Json),
    ("rfc7797_4.2.hmac-sha2_b64_false.json", Json),
    ("rfc7797_hmac-sha2_b64_false.json", CHARACTER),
];

const PYJWT: &[(&str, Expect)] = &[
    ("LICENSE", Companion),
    ("jwk_ec_key_P-256.json", PrivateKey),
    ("jwk_ec_key_P-384.json", PrivateKey),
    ("jwk_ec_key_P-521.json", PrivateUnusable),
    ("jwk_ec_key_secp256k1.json", PrivateUnusable),
    ("jwk_ec_pub_P-256.json", Key),
    ("jwk_ec_pub_P-384.json", Key),
    ("jwk_ec_pub_P-521.json", Unusable),
    ("jwk_ec_pub_secp256k1.json", Unusable),
    ("jwk_empty.json", Empty),
    ("jwk_hmac.json", Key),
    ("jwk_keyset_only_unknown_alg.json", Unusable),
    ("jwk_keyset_with_unknown_alg.json", Key),
    ("jwk_okp_key_Ed25519.json", PrivateKey),
    ("jwk_okp_key_Ed448.json", PrivateUnusable),
    ("jwk_okp_pub_Ed25519.json", Key),
    ("jwk_okp_pub_Ed448.json", Unusable),
    ("jwk_rsa_key.json", PrivateKey),
    ("jwk_rsa_pub.json", Key),
];

const ROCA: &[(&str, Expect)] = &[
    ("LICENSE", Companion),
    ("mod01.txt", Short(512)),
    ("mod02.txt", Short(512)),
    ("mod03.txt", Roca),
    ("mod04.txt", Sound),
    ("mod05.txt", Sound),
    // The third one with another first and another last digit: without the fingerprint, and no key.
    ("mod06.txt", Factor(19)),
    ("mod07.txt", Factor(3)),
    ("mod08.txt", Short(1025)),
    ("mod09.txt", Roca),
    ("pubkey01.pem", Sound),
    ("pubkey02.pem", Sound),
    ("pubkey03.pem", Roca),
];

/// One for each kind of key.
const ALGORITHMS: [Algorithm; 5] =
    [Algorithm::Hs256, Algorithm::Rs256, Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa];

#[test]
fn every_file_has_an_expectation_and_every_expectation_a_file() {
    for (folder, expectations) in
        [("rfc-latchset", RFC), ("cookbook", COOKBOOK), ("pyjwt-jwk", PYJWT), ("roca", ROCA)]
    {
        let expected: BTreeSet<_> =
            expectations.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(expected.len(), expectations.len(), "a file twice in {folder}");
        assert_eq!(names_in(folder), expected, "in {folder}");
    }
    let folders = ["README.md", "cookbook", "pyjwt-jwk", "rfc-latchset", "roca"];
    assert_eq!(names_in(""), folders.map(str::to_owned).into());
}

#[test]
fn the_examples_of_the_rfcs_are_accepted_or_refused_as_they_say() {
    for (name, expect) in RFC {
        let text = || read("rfc-latchset", name);
        match expect {
            Signed(algorithm) => {
                let key = read("rfc-latchset", &name.replace(".jwsc", ".jwk"));
                check_signed(name, text().trim(), &key, *algorithm);
            }
            Refused(error) => check_refused(name, text().trim(), &error()),
            Json => check_refused(name, text().trim(), &TokenError::Character),
            other => check_key(name, text, *other),
        }
    }
}

#[test]
fn the_cookbook_is_accepted_or_refused_as_it_says() {
    for (name, expect) in COOKBOOK {
        let vector = || serde_json::from_str::<Value>(&read("cookbook", name)).unwrap();
        match expect {
            Signed(algorithm) => {
                let vector = vector();
                let key = vector["input"]["key"].to_string();
                check_signed(name, compact(&vector), &key, *algorithm);
            }
            Refused(error) => {
                let vector = vector();
                // A nested token is in the encryption around the signature.
                let outer = if vector["encrypt"].is_null() { &vector } else { &vector["encrypt"] };
                check_refused(name, compact(outer), &error());
            }
            Json => {
                let vector = vector();
                assert!(vector["output"]["compact"].is_null(), "{name} has a compact form");
                let forms = vector["output"].as_object().unwrap();
                assert!(!forms.is_empty(), "{name} has no form");
                for form in forms.values() {
                    check_refused(name, &form.to_string(), &TokenError::Character);
                }
            }
            other => check_key(name, || read("cookbook", name), *other),
        }
    }
}

#[test]
fn the_keys_of_pyjwt_are_accepted_or_refused_as_it_says() {
    for (name, expect) in PYJWT {
        check_key(name, || read("pyjwt-jwk", name), *expect);
    }
}

#[test]
fn the_keys_of_the_roca_detector_are_accepted_or_refused_as_it_says() {
    for (name, expect) in ROCA {
        let text = read("roca", name);
        let mut parsed = Vec::new();
        if text.starts_with("-----BEGIN ") {
            parsed.push((KeySet::from_pem(&text, Algorithm::Rs256), "the key"));
        } else if let Some(modulus) = text.trim().strip_prefix("0x") {
            let key = json!({ "kty": "RSA", "n": base64url(modulus), "e": "AQAB" });
            parsed.push((KeySet::from_jwks(&key.to_string(), &ALGORITHMS), "the key"));
            let set = json!({ "keys": [key] }).to_string();
            parsed.push((KeySet::from_jwks(&set, &ALGORITHMS), "key 1"));
        }
        assert_eq!(parsed.is_empty(), matches!(expect, Companion), "{name}");
        for (parsed, key) in parsed {
            let key = key.into();
            let expected = match *expect {
                Sound => Ok(()),
                Roca => Err(KeyError::RsaFingerprint { key }),
                Factor(factor) => Err(KeyError::RsaFactor { key, factor }),
                Short(bits) => Err(KeyError::RsaSize { key, bits }),
                _ => panic!("{name} is no RSA key"),
            };
            assert_eq!(parsed.map(|_| ()), expected, "{name}");
        }
    }
}

/// A hexadecimal number, as a JWK has it.
fn base64url(number: &str) -> String {
    let whole = number.len().next_multiple_of(2);
    let number = format!("{number:0>whole$}");
    let digits = number.as_bytes().chunks(2).map(|two| std::str::from_utf8(two).unwrap());
    let bytes = digits.map(|two| u8::from_str_radix(two, 16).unwrap());
    BASE64_URL_SAFE_NO_PAD.encode(bytes.collect::<Vec<_>>())
}

fn check_signed(name: &str, token: &str, key: &str, algorithm: Algorithm) {
    if is_public(key) {
        assert!(KeySet::from_jwks(key, &[algorithm]).is_ok(), "the key of {name}");
    } else {
        assert_private(name, key, &[algorithm]);
    }
    let keys = KeySet::from_jwks(&public(key), &[algorithm]).expect(name);
    assert!(!keys.verify(token).expect(name).is_empty(), "{name} has a payload");
    assert_eq!(theirs(token, key).ok(), Some(true), "{name} by jsonwebtoken");

    // The same token with one other byte in the payload is not the same token.
    let dot = token.find('.').unwrap();
    let (header, rest) = token.split_at(dot + 1);
    let first = if rest.starts_with('A') { "B" } else { "A" };
    let forged = format!("{header}{first}{}", rest.split_at(1).1);
    assert_eq!(keys.verify(&forged), Err(TokenError::Signature), "{name}, forged");
}

/// Whether jsonwebtoken verifies the signature.
fn theirs(token: &str, key: &str) -> jsonwebtoken::errors::Result<bool> {
    let header = jsonwebtoken::decode_header(token)?;
    let key = DecodingKey::from_jwk(&serde_json::from_str(key)?)?;
    let (signed, signature) = token.rsplit_once('.').unwrap();
    jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &key, header.alg)
}

fn check_refused(name: &str, token: &str, error: &TokenError) {
    for (keys, kind) in any_keys() {
        assert_eq!(keys.verify(token).as_ref(), Err(error), "{name} with {kind}");
    }
}

fn check_key(name: &str, text: impl FnOnce() -> String, expect: Expect) {
    let parsed = |text: &str| KeySet::from_jwks(text, &ALGORITHMS).map(|_| ());
    match expect {
        Companion => assert!(!text().is_empty(), "{name} is empty"),
        Empty => {
            let fault = JsonFault::NotAnObject;
            assert_eq!(parsed(&text()), Err(KeyError::Json { fault }), "{name}");
        }
        Key => assert_eq!(parsed(&text()), Ok(()), "{name}"),
        Unusable => assert_eq!(parsed(&text()), Err(KeyError::NothingUsable), "{name}"),
        PrivateKey | PrivateUnusable | MixedSet => {
            let text = text();
            assert_private(name, &text, &ALGORITHMS);
            let left = match expect {
                PrivateKey => Ok(()),
                PrivateUnusable => Err(KeyError::NothingUsable),
                _ => Err(KeyError::SecretBesidePublicKeys),
            };
            assert_eq!(parsed(&public(&text)), left, "{name} without its private parts");
        }
        Signed(_) | Refused(_) | Json | Sound | Roca | Factor(_) | Short(_) => {
            panic!("{name} is no JWK")
        }
    }
}

fn assert_private(name: &str, key: &str, algorithms: &[Algorithm]) {
    let refused = KeySet::from_jwks(key, algorithms);
    assert!(matches!(refused, Err(KeyError::PrivateKey { .. })), "{name}: {refused:?}");
}

/// A set of each kind, so that a refusal is not for want of a key.
fn any_keys() -> [(KeySet, &'static str); 4] {
    let key = |file: &str, algorithm| {
        KeySet::from_jwks(&public(&read("rfc-latchset", file)), &[algorithm]).expect(file)
    };
    [
        (key("rfc7520_4.5.jwk", Algorithm::Hs256), "a secret"),
        (key("rfc7520_4.1.jwk", Algorithm::Rs256), "an RSA key"),
        (key("rfc7515_A.3.jwk", Algorithm::Es256), "an EC key"),
        (KeySet::from_secret(&[7; 32], Algorithm::Hs256).unwrap(), "another secret"),
    ]
}

fn is_public(key: &str) -> bool {
    let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    parse(&public(key)) == parse(key)
}

/// The keys without the members that only a private key has.
fn public(key: &str) -> String {
    fn strip(key: &mut Value) {
        let key = key.as_object_mut().unwrap();
        if key["kty"] != "oct" {
            for member in ["d", "p", "q", "dp", "dq", "qi", "oth"] {
                key.remove(member);
            }
        }
    }
    let mut key: Value = serde_json::from_str(key).unwrap();
    match key.get_mut("keys") {
        Some(keys) => keys.as_array_mut().unwrap().iter_mut().for_each(strip),
        None => strip(&mut key),
    }
    key.to_string()
}

fn compact(vector: &Value) -> &str {
    vector["output"]["compact"].as_str().expect("a compact form")
}

fn names_in(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn read(folder: &str, name: &str) -> String {
    fs::read_to_string(root().join(folder).join(name)).expect(name)
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors")
}
