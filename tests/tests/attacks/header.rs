//! Attacks by the header and by the signature.

use authz_core::token::TokenError;
use serde_json::{Value, json};

use crate::support::{base64url, hs256, with, with_signature, without};
use crate::{Attack, World, claims, header};

pub(crate) fn attacks_on_the_header(world: &World, url: &str) -> Vec<Attack> {
    let mut list = Vec::new();
    let keys = &world.keys;
    let claims_text = claims().to_string();
    let honest = || world.honest();
    let alg = |value: Value| with(header(), "alg", value);

    for name in ["none", "None", "NONE", "nOnE", "eddsa", "EDDSA", "ES512", ""] {
        let token = world.sign(&alg(name.into()), &claims());
        attack!(list, format!("alg `{name}`"), token, TokenError::AlgorithmUnsupported,
            beside world.sign(&alg("Ed25519".into()), &claims()));
    }
    let unsigned =
        format!("{}.{}.", base64url(alg("none".into()).to_string()), base64url(&claims_text));
    attack!(list, "alg none without a signature", unsigned, TokenError::Format, beside honest());
    for value in [json!({ "EdDSA": null }), json!(["EdDSA"]), json!(null), json!(1), json!(true)] {
        let token = world.sign(&alg(value.clone()), &claims());
        attack!(list, format!("alg {value}"), token, TokenError::AlgorithmMissing, beside honest());
    }
    attack!(list, "no alg", world.sign(&without(header(), "alg"), &claims()),
        TokenError::AlgorithmMissing, beside honest());

    // Confusion: the public key as a secret, in each form in which it is published.
    let rsa = |alg: &str| json!({ "alg": alg, "typ": "at+jwt", "kid": "rsa" }).to_string();
    let honest_rsa = || keys.rs256(rsa("RS256"), &claims_text);
    for (form, secret) in [
        ("PEM", keys.rsa_pem().into_bytes()),
        ("PEM without its last line break", keys.rsa_pem().trim().as_bytes().to_vec()),
        ("empty", Vec::new()),
    ] {
        attack!(list, format!("HS256 with the public key as the secret: {form}"),
            hs256(&secret, rsa("HS256"), &claims_text),
            TokenError::AlgorithmMismatch, beside honest_rsa());
        let keyless = json!({ "alg": "HS256", "typ": "at+jwt" }).to_string();
        attack!(list, format!("the same without kid: {form}"),
            hs256(&secret, keyless, &claims_text),
            TokenError::UnknownKey, beside honest_rsa());
    }

    // One key has one algorithm.
    attack!(list, "PS256 with the key for RS256", keys.ps256(rsa("PS256"), &claims_text),
        TokenError::AlgorithmMismatch, beside honest_rsa());
    attack!(list, "PS256 that says RS256", keys.ps256(rsa("RS256"), &claims_text),
        TokenError::Signature, beside honest_rsa());
    for sibling in ["RS384", "RS512", "PS384", "PS512", "ES256", "EdDSA"] {
        attack!(list, format!("{sibling} with the key for RS256"),
            keys.rs256(rsa(sibling), &claims_text),
            TokenError::AlgorithmMismatch, beside honest_rsa());
    }
    let ec = |alg: &str| json!({ "alg": alg, "typ": "at+jwt", "kid": "ec" }).to_string();
    let honest_ec = || keys.p256(ec("ES256"), &claims_text);
    attack!(list, "ES384 with the key for ES256", keys.p256(ec("ES384"), &claims_text),
        TokenError::AlgorithmMismatch, beside honest_ec());

    // Signatures.
    for (name, bytes) in [
        ("r = s = 0", vec![0; 64]),
        ("r = s = 2^256 - 1", vec![0xff; 64]),
        ("one byte", vec![0]),
        ("63 bytes", vec![1; 63]),
        ("65 bytes", vec![1; 65]),
        ("longer than any", vec![1; 2000]),
    ] {
        let forged = |header: String| with_signature(header, &claims_text, |_| bytes.clone());
        attack!(list, format!("ES256, {name}"), forged(ec("ES256")), TokenError::Signature,
            beside honest_ec());
        attack!(list, format!("EdDSA, {name}"), forged(header().to_string()), TokenError::Signature,
            beside honest());
        attack!(list, format!("RS256, {name}"), forged(rsa("RS256")), TokenError::Signature,
            beside honest_rsa());
    }
    let token = honest();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    attack!(list, "empty signature", format!("{signed}."), TokenError::Format, beside honest());
    let (half, _) = signature.split_at(40);
    attack!(list, "truncated signature", format!("{signed}.{half}"), TokenError::Signature,
        beside honest());
    let other = world.sign(&header(), &with(claims(), "sub", "bob".into()));
    let (_, of_another) = other.rsplit_once('.').unwrap();
    attack!(list, "signature of another token", format!("{signed}.{of_another}"),
        TokenError::Signature, beside other.clone());

    // What the header must not ask for.
    for (member, value) in [
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("crit", json!("exp")),
        ("crit", json!(null)),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("enc", json!("A128GCM")),
    ] {
        let name = format!("{member}: {value}");
        let token = world.sign(&with(header(), member, value), &claims());
        attack!(list, name, token, TokenError::HeaderUnsupported { .. },
            beside world.sign(&with(header(), "unknown", json!(1)), &claims()));
    }
    attack!(list, "crit, escaped",
        world.sign_header(r#"{"alg":"EdDSA","typ":"at+jwt","\u0063rit":["exp"]}"#),
        TokenError::HeaderUnsupported { member: "crit" },
        beside world.sign_header(r#"{"alg":"EdDSA","typ":"at+jwt","\u0063ry":["exp"]}"#));

    // Keys that the token brings along are not looked at.
    let x = base64url(aws_lc_rs::signature::KeyPair::public_key(&world.others.ed25519));
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": x });
    for (member, value) in
        [("jwk", jwk), ("jku", url.into()), ("x5u", url.into()), ("x5c", json!([x]))]
    {
        let header = with(header(), member, value);
        let forged = world.others.ed25519(header.to_string(), &claims_text);
        attack!(list, format!("a key in {member}"), forged, TokenError::Signature,
            beside world.sign(&header, &claims()));
    }
    for kid in ["../../dev/null", "' OR 1=1 --", "/etc/passwd", url, "missing", ""] {
        let header = with(header(), "kid", kid.into());
        attack!(list, format!("kid `{kid}`"), world.sign(&header, &claims()),
            TokenError::UnknownKey, beside honest());
    }
    attack!(list, "kid of 257 bytes",
        world.sign(&with(header(), "kid", "k".repeat(257).into()), &claims()),
        TokenError::KeyIdTooLong, beside honest());
    attack!(list, "kid is a number", world.sign(&with(header(), "kid", json!(1)), &claims()),
        TokenError::HeaderType { member: "kid" }, beside honest());

    // Tokens made for something else.
    for typ in
        ["JWT", "jwt", "logout+jwt", "dpop+jwt", "secevent+jwt", "at+jwt2", "", "text/at+jwt"]
    {
        let token = world.sign(&with(header(), "typ", typ.into()), &claims());
        attack!(list, format!("typ `{typ}`"), token, TokenError::TokenType,
            beside world.sign(&with(header(), "typ", "application/AT+JWT".into()), &claims()));
    }
    attack!(list, "an ID token", world.sign(&without(header(), "typ"),
            &with(with(claims(), "nonce", "n".into()), "at_hash", "h".into())),
        TokenError::TokenType, beside world.sign(&header(), &with(claims(), "nonce", "n".into())));
    attack!(list, "typ is null", world.sign(&with(header(), "typ", json!(null)), &claims()),
        TokenError::HeaderType { member: "typ" }, beside honest());
    list
}
