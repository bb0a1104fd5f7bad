//! Which keys are taken, passed over and refused (P7 to P9).

use serde_json::{Value, json};

use super::support::{Edwards, Elliptic, Rsa, encode, jwks, pem, product, rsa_of, sign_with, with};
use crate::token::{Algorithm, JsonFault, KeyError, KeySet};

fn refusal(jwk: &Value, algorithms: &[Algorithm]) -> KeyError {
    KeySet::from_jwks(&jwk.to_string(), algorithms).expect_err(&jwk.to_string())
}

fn set(keys: &[Value]) -> Value {
    json!({"keys": keys})
}

const EVERY: [Algorithm; 5] =
    [Algorithm::Hs256, Algorithm::Rs256, Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa];

#[test]
fn a_set_and_a_single_key_are_read() {
    let elliptic = Elliptic::new().jwk();
    jwks(&elliptic, &[Algorithm::Es256]);
    jwks(&set(&[elliptic.clone(), Edwards::new().jwk()]), &[Algorithm::Es256, Algorithm::EdDsa]);
    let both = with(elliptic.clone(), "keys", json!([elliptic]));
    assert_eq!(refusal(&both, &EVERY), KeyError::NotAKeySet);
    for neither in [json!({}), json!({"keys": {}}), json!({"keys": [1]})] {
        assert_eq!(refusal(&neither, &EVERY), KeyError::NotAKeySet);
    }
    for text in ["", "[]", "null", "{\"keys\":[", "{\"keys\":[]}x"] {
        let error = KeySet::from_jwks(text, &EVERY).unwrap_err();
        assert!(matches!(error, KeyError::Json { .. }), "{text}");
    }
}

#[test]
fn a_set_without_a_usable_key_is_refused() {
    assert_eq!(refusal(&set(&[]), &EVERY), KeyError::NothingUsable);
    assert_eq!(refusal(&Elliptic::new().jwk(), &[Algorithm::Rs256]), KeyError::NothingUsable);
    assert_eq!(refusal(&Elliptic::new().jwk(), &[]), KeyError::NoAlgorithms);
}

#[test]
fn keys_for_something_else_are_passed_over() {
    let rsa = Rsa::new().jwk();
    let others = [
        json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"}),
        with(rsa.clone(), "alg", json!("RSA-OAEP")),
        with(rsa.clone(), "alg", json!("none")),
        with(rsa.clone(), "use", json!("enc")),
        with(rsa.clone(), "use", json!("other")),
        with(rsa.clone(), "key_ops", json!(["encrypt", "wrapKey"])),
        with(rsa.clone(), "key_ops", json!([])),
        json!({"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"}),
        json!({"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}),
        json!({"kty": "OKP", "crv": "Ed448", "x": "AA"}),
        json!({"kty": "OKP", "crv": "X25519", "x": "AA"}),
    ];
    for other in &others {
        assert_eq!(refusal(other, &EVERY), KeyError::NothingUsable, "{other}");
    }
    let edwards = Edwards::new();
    let mut all = others.to_vec();
    all.push(edwards.jwk());
    let keys = jwks(&set(&all), &EVERY);
    let token = sign_with(r#"{"alg":"EdDSA"}"#, "{}", |data| edwards.sign(data));
    assert!(keys.verify(&token).is_ok());

    for signing in [with(rsa.clone(), "use", json!("sig")), with(rsa, "key_ops", json!(["verify"]))]
    {
        jwks(&signing, &EVERY);
    }
}

#[test]
fn a_key_has_its_own_algorithm_or_the_one_that_fits() {
    let rsa = Rsa::new().jwk();
    let named = with(rsa.clone(), "alg", json!("PS256"));
    jwks(&named, &[Algorithm::Ps256, Algorithm::Rs256]);
    assert!(matches!(
        refusal(&named, &[Algorithm::Rs256]),
        KeyError::AlgorithmNotListed { algorithm: Algorithm::Ps256, .. }
    ));
    jwks(&rsa, &[Algorithm::Rs256, Algorithm::Rs256, Algorithm::Es256]);
    assert!(matches!(
        refusal(&rsa, &[Algorithm::Rs256, Algorithm::Ps256]),
        KeyError::AlgorithmAmbiguous { .. }
    ));
    for (jwk, name) in
        [(rsa, "ES256"), (Elliptic::new().jwk(), "ES384"), (Elliptic::new().jwk(), "EdDSA")]
    {
        let wrong = with(jwk, "alg", json!(name));
        assert!(matches!(refusal(&wrong, &EVERY), KeyError::AlgorithmFamily { .. }));
    }
    jwks(&with(Edwards::new().jwk(), "alg", json!("Ed25519")), &[Algorithm::EdDsa]);
}

#[test]
fn a_private_key_is_an_alarm_whatever_it_is_for() {
    let rsa = Rsa::new().jwk();
    for (jwk, member) in [
        (with(rsa.clone(), "d", json!("AQAB")), "d"),
        (with(rsa.clone(), "qi", json!(1)), "qi"),
        (with(rsa.clone(), "oth", json!([])), "oth"),
        (with(Edwards::new().jwk(), "d", json!("AA")), "d"),
        (with(Elliptic::new().jwk(), "d", json!("AA")), "d"),
        (with(with(rsa, "use", json!("enc")), "p", json!("AA")), "p"),
        (json!({"kty": "OKP", "crv": "Ed448", "d": "AA"}), "d"),
    ] {
        let error = refusal(&jwk, &EVERY);
        assert_eq!(error, KeyError::PrivateKey { key: "the key".into(), member: member.into() });
        assert!(error.to_string().contains("remove it"));
        let named = set(&[with(jwk, "kid", json!("2026"))]);
        assert!(refusal(&named, &EVERY).to_string().starts_with("key `2026`"));
    }
}

#[test]
fn a_secret_beside_public_keys_is_refused() {
    let secret = json!({"kty": "oct", "k": encode([7; 32])});
    let public = Edwards::new().jwk();
    for keys in [[secret.clone(), public.clone()], [public, secret.clone()]] {
        assert_eq!(refusal(&set(&keys), &[Algorithm::EdDsa]), KeyError::SecretBesidePublicKeys);
    }
    jwks(&set(&[secret]), &[Algorithm::Hs256]);
}

#[test]
fn two_keys_of_one_kid_are_refused() {
    let with_kid = |kid: &str| with(Edwards::new().jwk(), "kid", json!(kid));
    let twice = set(&[with_kid("a"), with_kid("b"), with_kid("a")]);
    assert_eq!(refusal(&twice, &EVERY), KeyError::DuplicateKeyId { kid: "a".into() });
    let one = jwks(&with_kid("a"), &EVERY);
    let other = jwks(&with_kid("a"), &EVERY);
    assert!(matches!(one.and(&other), Err(KeyError::DuplicateKeyId { .. })));
}

#[test]
fn a_member_twice_is_refused() {
    for text in [
        r#"{"kty":"oct","kty":"oct","k":"AA"}"#,
        r#"{"keys":[{"kty":"oct","k":"AA","\u006b":"AA"}]}"#,
        r#"{"keys":[],"keys":[]}"#,
    ] {
        assert_eq!(
            KeySet::from_jwks(text, &EVERY).unwrap_err(),
            KeyError::Json { fault: JsonFault::Duplicate }
        );
    }
}

#[test]
fn members_have_their_type() {
    let rsa = Rsa::new().jwk();
    for (jwk, member) in [
        (json!({"kty": 1}), "kty"),
        (with(rsa.clone(), "kid", json!(1)), "kid"),
        (with(rsa.clone(), "alg", json!(["RS256"])), "alg"),
        (with(rsa.clone(), "use", json!(null)), "use"),
        (with(rsa.clone(), "key_ops", json!("verify")), "key_ops"),
        (with(rsa.clone(), "key_ops", json!([1])), "key_ops"),
        (with(rsa.clone(), "n", json!(1)), "n"),
        (with(rsa.clone(), "e", json!("AQAB=")), "e"),
        (with(rsa.clone(), "e", json!("AAEAAQ")), "e"),
        (with(rsa, "n", json!("")), "n"),
        (json!({"kty": "EC", "x": "AA", "y": "AA"}), "crv"),
        (json!({"kty": "oct"}), "k"),
    ] {
        match refusal(&jwk, &EVERY) {
            KeyError::Member { member: found, .. } => assert_eq!(found, member),
            other => panic!("{jwk}: {other}"),
        }
    }
    let long = with(Edwards::new().jwk(), "kid", json!("k".repeat(257)));
    assert_eq!(refusal(&long, &EVERY), KeyError::KeyIdLength { limit: 256 });
}

#[test]
fn a_secret_is_as_long_as_the_hash() {
    for (algorithm, minimum) in
        [(Algorithm::Hs256, 32), (Algorithm::Hs384, 48), (Algorithm::Hs512, 64)]
    {
        KeySet::from_secret(&vec![7; minimum], algorithm).unwrap();
        for length in [0, 1, minimum - 1] {
            let error = KeySet::from_secret(&vec![7; length], algorithm).unwrap_err();
            assert!(matches!(error, KeyError::SecretTooShort { .. }));
            let jwk = json!({"kty": "oct", "k": encode(vec![7; length])});
            assert!(matches!(refusal(&jwk, &[algorithm]), KeyError::SecretTooShort { .. }));
        }
    }
    assert!(matches!(
        KeySet::from_secret(&[7; 64], Algorithm::Rs256),
        Err(KeyError::AlgorithmFamily { .. })
    ));
}

#[test]
fn an_rsa_key_has_the_usual_size_and_exponent() {
    let rsa = |bytes: usize, exponent: &[u8]| {
        let mut modulus = vec![0xFF; bytes];
        modulus[0] = 0x80;
        // Without a tiny factor where it has 256 bytes, and where it has 1024.
        modulus[bytes - 1] = 0x9F;
        json!({"kty": "RSA", "n": encode(modulus), "e": encode(exponent)})
    };
    let usual: &[u8] = &[1, 0, 1];
    for bytes in [1, 128, 255, 1025] {
        assert!(matches!(refusal(&rsa(bytes, usual), &EVERY), KeyError::RsaSize { .. }));
    }
    for exponent in [&[1][..], &[3], &[0xFF, 0xFF], &[1, 0, 0], &[1, 0, 1, 0], &[1, 0, 0, 0, 1]] {
        assert!(matches!(refusal(&rsa(256, exponent), &EVERY), KeyError::RsaExponent { .. }));
    }
    jwks(&rsa(256, usual), &EVERY);
    jwks(&rsa(1024, usual), &EVERY);
}

#[test]
fn an_rsa_key_with_a_tiny_factor_is_refused() {
    let modulus = Rsa::new().modulus();
    for factor in [2_u16, 3, 5, 7, 167, 173, 743, 751] {
        let divisible = rsa_of(&product(&modulus, &factor.to_be_bytes()));
        let refused = KeyError::RsaFactor { key: "the key".into(), factor: factor.into() };
        assert_eq!(refusal(&divisible, &EVERY), refused);
    }
    jwks(&rsa_of(&product(&modulus, &757_u16.to_be_bytes())), &EVERY);
}

#[test]
fn generated_rsa_keys_are_taken() {
    for _ in 0..20 {
        jwks(&Rsa::new().jwk(), &EVERY);
    }
}

#[test]
fn two_rsa_keys_with_a_prime_in_common_are_refused() {
    // Numbers without a common divisor are as good as primes.
    let [common, one, other] = [(); 3].map(|()| Rsa::new().modulus());
    let named = |modulus: &[u8], kid: &str| with(rsa_of(modulus), "kid", json!(kid));
    let first = named(&product(&common, &one), "a");
    let second = named(&product(&other, &common), "b");
    let alone = named(&product(&one, &other), "c");
    let refused = |key: &str, other: &str| KeyError::RsaCommonFactor {
        key: format!("key `{key}`").into(),
        other: format!("key `{other}`").into(),
    };
    let between = Elliptic::new().jwk();
    let two = set(&[first.clone(), between, second.clone()]);
    assert_eq!(refusal(&two, &EVERY), refused("a", "b"));
    let (one, two) = (jwks(&first, &EVERY), jwks(&second, &EVERY));
    assert_eq!(one.clone().and(&two).unwrap_err(), refused("a", "b"));
    assert_eq!(two.and(&jwks(&alone, &EVERY)).unwrap_err(), refused("b", "c"));
    // One key under two names has nothing but itself in common.
    let again = with(first.clone(), "kid", json!("d"));
    jwks(&set(&[first, again]), &EVERY);
    let generated = [(); 4].map(|()| Rsa::new().jwk());
    jwks(&set(&generated), &EVERY);
}

#[test]
fn a_point_is_on_its_curve_and_has_the_full_length() {
    let good = Elliptic::new().jwk();
    let off_curve = with(good.clone(), "y", json!(encode([1; 32])));
    assert!(matches!(refusal(&off_curve, &EVERY), KeyError::Invalid { .. }));
    for length in [0, 31, 33, 48] {
        for member in ["x", "y"] {
            let wrong = with(good.clone(), member, json!(encode(vec![1; length])));
            assert!(matches!(refusal(&wrong, &EVERY), KeyError::Member { .. }));
        }
    }
    let wrong_curve = with(good, "crv", json!("P-384"));
    assert!(matches!(refusal(&wrong_curve, &EVERY), KeyError::Member { .. }));
}

#[test]
fn an_ed25519_key_has_32_bytes_and_a_large_order() {
    let jwk = |bytes: &[u8]| json!({"kty": "OKP", "crv": "Ed25519", "x": encode(bytes)});
    for length in [0, 1, 31, 33, 64] {
        assert!(matches!(refusal(&jwk(&vec![9; length]), &EVERY), KeyError::Member { .. }));
    }
    let low = |first: u8| {
        let mut point = [0; 32];
        point[0] = first;
        point
    };
    let high = |first: u8| {
        let mut point = [0xFF; 32];
        point[0] = first;
        point[31] = 0x7F;
        point
    };
    // y = 0, 1, p - 1, p, p + 1 and the largest that fits; each with either sign.
    for mut weak in [low(0), low(1), high(0xEC), high(0xED), high(0xEE), high(0xFF)] {
        assert!(matches!(refusal(&jwk(&weak), &EVERY), KeyError::Invalid { .. }));
        weak[31] |= 0x80;
        assert!(matches!(refusal(&jwk(&weak), &EVERY), KeyError::Invalid { .. }));
    }
    for order_8 in [
        "JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU",
        "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o",
    ] {
        let weak = json!({"kty": "OKP", "crv": "Ed25519", "x": order_8});
        assert!(matches!(refusal(&weak, &EVERY), KeyError::Invalid { .. }));
    }
}

#[test]
fn a_public_key_in_pem_is_the_same_key() {
    let (rsa, elliptic, edwards) = (Rsa::new(), Elliptic::new(), Edwards::new());
    let from_pem =
        |label, der: Vec<u8>, algorithm| KeySet::from_pem(&pem(label, &der), algorithm).unwrap();
    let signed = sign_with(r#"{"alg":"RS256"}"#, "{}", |data| rsa.rs256(data));
    for (label, der) in [("PUBLIC KEY", rsa.spki()), ("RSA PUBLIC KEY", rsa.pkcs1())] {
        let keys = from_pem(label, der, Algorithm::Rs256);
        assert!(keys.verify(&signed).is_ok());
    }
    let signed = sign_with(r#"{"alg":"ES256"}"#, "{}", |data| elliptic.es256(data));
    let keys = from_pem("PUBLIC KEY", elliptic.spki(), Algorithm::Es256);
    assert!(keys.verify(&signed).is_ok());
    let signed = sign_with(r#"{"alg":"EdDSA"}"#, "{}", |data| edwards.sign(data));
    let keys = from_pem("PUBLIC KEY", edwards.spki(), Algorithm::EdDsa);
    assert!(keys.verify(&signed).is_ok());
}

#[test]
fn other_pems_are_refused() {
    let rsa = Rsa::new();
    let refusal = |text: &str, algorithm| KeySet::from_pem(text, algorithm).unwrap_err();
    for label in ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"] {
        let error = refusal(&pem(label, &rsa.spki()), Algorithm::Rs256);
        assert!(matches!(error, KeyError::PrivateKey { .. }), "{error}");
    }
    let good = pem("PUBLIC KEY", &rsa.spki());
    let mut long = rsa.spki();
    long.push(0);
    let mut short = rsa.spki();
    short.pop();
    for text in [
        String::new(),
        "x".to_owned(),
        format!("{good}{good}"),
        format!("x{good}"),
        good.replace("END PUBLIC", "END PRIVATE"),
        good.replace("-----END PUBLIC KEY-----", ""),
        good.replacen("MII", "MI!", 1),
        pem("CERTIFICATE", &rsa.spki()),
        pem("PUBLIC KEY", &rsa.pkcs1()),
        pem("RSA PUBLIC KEY", &rsa.spki()),
        pem("PUBLIC KEY", &long),
        pem("PUBLIC KEY", &short),
        pem("PUBLIC KEY", &[]),
    ] {
        let error = refusal(&text, Algorithm::Rs256);
        assert!(matches!(error, KeyError::Pem { .. }), "{text}: {error}");
    }
    for (der, algorithm) in [
        (rsa.spki(), Algorithm::Es256),
        (rsa.spki(), Algorithm::Hs256),
        (Elliptic::new().spki(), Algorithm::Es384),
        (Edwards::new().spki(), Algorithm::Rs256),
    ] {
        let error = refusal(&pem("PUBLIC KEY", &der), algorithm);
        assert!(matches!(error, KeyError::AlgorithmFamily { .. }), "{error}");
    }
}

#[test]
fn a_kid_is_given_to_one_key() {
    let keys = jwks(&Edwards::new().jwk(), &EVERY);
    assert!(keys.clone().with_kid("a").is_ok());
    for kid in ["", &"k".repeat(257)] {
        assert_eq!(keys.clone().with_kid(kid).unwrap_err(), KeyError::KeyIdLength { limit: 256 });
    }
    let two = keys.and(&jwks(&Elliptic::new().jwk(), &EVERY)).unwrap();
    assert_eq!(two.with_kid("a").unwrap_err(), KeyError::KeyIdForMany);
}
