//! Known attacks on token verification, each at both levels: the verifier says why it refuses,
//! and the caller of a guarded route learns only that the token is not valid.
//!
//! Each attack stands beside an honest token made the same way, which is let in: a verifier that
//! refused everything would fail here.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that finds something else than it expects has failed"
)]
#![expect(
    clippy::too_many_lines,
    clippy::vec_init_then_push,
    reason = "tables of attacks, one after the other"
)]

mod support;

use std::io;
use std::net::TcpListener;
use std::sync::LazyLock;
use std::time::Duration;

use authz_core::axum::Router;
use authz_core::axum::routing::post;
use authz_core::requires;
use authz_core::testing::Clock;
use authz_core::token::{Algorithm, ClaimMapping, Issuer, JsonFault, KeySet, Part, TokenError};
use authz_tests::policy::{self, Role, Scope, Verifier};
use http::StatusCode;
use serde_json::{Value, json};
use support::{Answer, Keys, base64url, call, hs256, with, with_signature, without};

const NOW: u64 = 1_800_000_000;
const FIRST: &str = "https://first.test";
const SECOND: &str = "https://second.test";
const INVALID: &str = r#"Bearer realm="shop", error="invalid_token", error_description="the access token is not valid""#;

#[requires(scope = "write:orders")]
async fn write() -> &'static str {
    "written"
}

#[requires(role = "admin")]
async fn administer() -> &'static str {
    "administered"
}

/// Two issuers with keys of the same key ids, and verifiers that trust one or both.
struct World {
    keys: Keys,
    others: Keys,
    one: Verifier,
    two: Verifier,
    roomy: Verifier,
}

/// Made once: an RSA key takes its time.
static WORLD: LazyLock<World> = LazyLock::new(World::new);

impl World {
    fn new() -> Self {
        let keys = Keys::new(&[1; 32]);
        let others = Keys::new(&[2; 32]);
        let clock = Clock::at(NOW);
        let builder = || {
            Verifier::builder()
                .issuer(
                    Issuer::new(FIRST, keys.public()).claims(ClaimMapping::rfc9068().all_roles()),
                )
                .audience("shop")
                .realm("shop")
                .leeway(Duration::ZERO)
                .clock(&clock)
        };
        let second = || {
            Issuer::new(SECOND, others.public())
                .claims(ClaimMapping::rfc9068().only_roles(["auditor"]))
        };
        let one = builder().build().unwrap();
        let two = builder().issuer(second()).build().unwrap();
        let roomy = builder().max_token_length(1 << 20).build().unwrap();
        Self { keys, others, one, two, roomy }
    }

    fn app(verifier: &Verifier) -> axum::Router {
        Router::new()
            .route("/write", post(write))
            .route("/administer", post(administer))
            .secured_by(verifier.clone())
    }

    /// Signed by the first issuer with Ed25519.
    fn sign(&self, header: &Value, claims: &Value) -> String {
        self.keys.ed25519(header.to_string(), claims.to_string())
    }

    /// As [`sign`](Self::sign), with text in the place of the claims.
    fn sign_text(&self, claims: impl AsRef<[u8]>) -> String {
        self.keys.ed25519(header().to_string(), claims)
    }

    fn sign_header(&self, header: impl AsRef<[u8]>) -> String {
        self.keys.ed25519(header, claims().to_string())
    }

    fn honest(&self) -> String {
        self.sign(&header(), &claims())
    }
}

fn header() -> Value {
    json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": "ed" })
}

fn claims() -> Value {
    json!({
        "iss": FIRST, "aud": "shop", "sub": "ada", "client_id": "app",
        "iat": NOW, "exp": NOW + 300, "jti": "1", "scope": "write:orders",
    })
}

/// The claims as text, with more text before the last brace.
fn claims_and(more: &str) -> String {
    let claims = claims().to_string();
    format!("{},{more}}}", claims.strip_suffix('}').unwrap())
}

/// The claims as text, with text in the place of the value of a claim.
fn claims_with(name: &str, value: &str) -> String {
    let claims = without(claims(), name).to_string();
    format!(r#"{},"{name}":{value}}}"#, claims.strip_suffix('}').unwrap())
}

struct Attack {
    name: String,
    token: String,
    /// Why the verifier refuses it.
    reason: fn(&TokenError) -> bool,
    reason_text: &'static str,
    /// The honest token beside it.
    honest: String,
}

macro_rules! attack {
    ($list:ident, $name:expr, $token:expr, $reason:pat, beside $honest:expr) => {
        $list.push(Attack {
            name: String::from($name),
            token: $token,
            reason: |error| matches!(error, $reason),
            reason_text: stringify!($reason),
            honest: $honest,
        })
    };
}

/// Attacks by the header and by the signature.
fn attacks_on_the_header(world: &World, url: &str) -> Vec<Attack> {
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

/// Attacks by the form: what a strict parser refuses.
fn attacks_on_the_form(world: &World) -> Vec<Attack> {
    let mut list = Vec::new();
    let honest = || world.honest();
    let token = honest();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (first, payload) = signed.split_once('.').unwrap();

    for (name, forged) in [
        ("5 parts", format!("{token}.AAAA.AAAA")),
        ("4 parts", format!("{token}.AAAA")),
        ("2 parts", signed.to_owned()),
        ("1 part", first.to_owned()),
        ("no header", format!(".{payload}.{signature}")),
        ("detached payload", format!("{first}..{signature}")),
        ("a dot more", format!("{token}.")),
    ] {
        attack!(list, name, forged, TokenError::Format, beside honest());
    }
    for (name, forged) in [
        ("padding after the signature", format!("{token}==")),
        ("padding after the header", format!("{first}=.{payload}.{signature}")),
        ("base64 of the other alphabet", format!("{first}.{payload}+/.{signature}")),
        ("a space", format!("{first}. {payload}.{signature}")),
        ("a line break in the middle", format!("{first}.{payload}\t.{signature}")),
        (
            "JSON serialization",
            json!({ "payload": payload, "protected": first, "signature": signature }).to_string(),
        ),
    ] {
        attack!(list, name, forged, TokenError::Character, beside honest());
    }

    // 64 bytes are 86 characters: the last one has four bits to spare.
    let (before, end) = signature.split_at(signature.len() - 1);
    let stray = match end {
        "A" => "B",
        "Q" => "R",
        "g" => "h",
        _ => "x",
    };
    attack!(list, "stray bits after the signature", format!("{signed}.{before}{stray}"),
        TokenError::Base64 { part: Part::Signature }, beside honest());
    attack!(list, "impossible length", format!("{token}AAA"),
        TokenError::Base64 { part: Part::Signature }, beside honest());

    attack!(list, "10 MB", "A".repeat(10 << 20), TokenError::TooLong { .. }, beside honest());
    attack!(list, "10 MB, signed", world.sign_text(claims_and(&format!(r#""x":"{}""#, "A".repeat(10 << 20)))),
        TokenError::TooLong { .. },
        beside world.sign_text(claims_and(&format!(r#""x":"{}""#, "A".repeat(4000)))));
    let nested = |depth| claims_and(&format!(r#""x":{}{}"#, "[".repeat(depth), "]".repeat(depth)));
    attack!(list, "100000 brackets", world.sign_text(nested(100_000)),
        TokenError::TooLong { .. }, beside world.sign_text(nested(8)));
    attack!(list, "2500 brackets", world.sign_text(nested(2_500)),
        TokenError::Json { part: Part::Payload, fault: JsonFault::Depth },
        beside world.sign_text(nested(8)));
    attack!(list, "2500 brackets, never closed", world.sign_text("[".repeat(2_500)),
        TokenError::Json { part: Part::Payload, .. }, beside honest());
    let deep = |depth| {
        format!(
            r#"{{"alg":"EdDSA","typ":"at+jwt","x":{}{}}}"#,
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    attack!(list, "2500 brackets in the header", world.sign_header(deep(2_500)),
        TokenError::Json { part: Part::Header, fault: JsonFault::Depth },
        beside world.sign_header(deep(8)));
    let many = |count: usize| {
        let members: Vec<_> = (0..count).map(|at| format!(r#""m{at}":0"#)).collect();
        claims_and(&members.join(","))
    };
    attack!(list, "500 claims", world.sign_text(many(500)),
        TokenError::Json { part: Part::Payload, fault: JsonFault::Members },
        beside world.sign_text(many(50)));

    let bytes = |byte: &[u8]| {
        [claims_and(r#""x":""#).strip_suffix('}').unwrap().as_bytes(), byte, b"\"}"].concat()
    };
    for (name, byte) in [
        ("0xff", &[0xff][..]),
        ("overlong slash", &[0xc0, 0xaf]),
        ("lone surrogate", &[0xed, 0xa0, 0x80]),
        ("cut off", &[0xe2, 0x82]),
    ] {
        attack!(list, format!("bytes that are not UTF-8 in an unused claim: {name}"),
            world.sign_text(bytes(byte)),
            TokenError::Utf8 { part: Part::Payload }, beside world.sign_text(bytes("é".as_bytes())));
    }
    attack!(list, "bytes that are not UTF-8 in the header",
        world.sign_header(b"{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"x\":\"\xff\"}"),
        TokenError::Utf8 { part: Part::Header },
        beside world.sign_header("{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"x\":\"é\"}"));

    for name in ["exp", "scope", "sub", "roles", "iss"] {
        let once = if name == "roles" { claims_and(r#""roles":[]"#) } else { claims().to_string() };
        let escaped = format!("\\u{:04x}{}", name.as_bytes().first().unwrap(), name.split_at(1).1);
        let value = without_brace(&once);
        for (how, written) in [("twice", name), ("twice, once escaped", &escaped)] {
            let twice = format!(r#"{value},"{written}":"x"}}"#);
            attack!(list, format!("{name} {how}"), world.sign_text(twice),
                TokenError::Json { part: Part::Payload, fault: JsonFault::Duplicate },
                beside world.sign_text(once.clone()));
        }
    }
    attack!(list, "an unknown claim twice", world.sign_text(claims_and(r#""x":1,"x":1"#)),
        TokenError::Json { fault: JsonFault::Duplicate, .. },
        beside world.sign_text(claims_and(r#""x":1,"y":1"#)));
    attack!(list, "alg twice, once escaped",
        world.sign_header(r#"{"alg":"EdDSA","typ":"at+jwt","\u0061lg":"EdDSA"}"#),
        TokenError::Json { part: Part::Header, fault: JsonFault::Duplicate },
        beside world.sign_header(r#"{"\u0061lg":"EdDSA","typ":"at+jwt"}"#));

    for number in ["1e400", "-1e400", "1E999999999999", &"9".repeat(400)] {
        for (place, value) in [("a claim", number.to_owned()), ("an array", format!("[{number}]"))]
        {
            attack!(list, format!("a number that is infinite to some, as {place}: {number}"),
                world.sign_text(claims_and(&format!(r#""x":{value}"#))),
                TokenError::Json { part: Part::Payload, fault: JsonFault::Range },
                beside world.sign_text(claims_and(r#""x":1e300"#)));
        }
    }
    attack!(list, "exp: 1e400", world.sign_text(claims_with("exp", "1e400")),
        TokenError::Json { part: Part::Payload, fault: JsonFault::Range },
        beside world.sign_text(claims_with("exp", "1800000300.5")));

    let text = claims().to_string();
    let array = json!([NOW + 300, NOW, "ada", FIRST, "shop"]).to_string();
    for (name, claims) in [
        ("an array as claims", array),
        ("an array around the claims", format!("[{text}]")),
        ("null as claims", String::from("null")),
        ("a string as claims", json!(text).to_string()),
        ("a byte order mark", format!("\u{feff}{text}")),
        ("bytes after the claims", format!("{text}x")),
        ("another object after the claims", format!("{text}{{}}")),
        ("a zero byte after the claims", format!("{text}\0")),
        ("a comma too many", format!("{},}}", without_brace(&text))),
        ("claims cut off", without_brace(&text).to_owned()),
        ("NaN", claims_with("exp", "NaN")),
    ] {
        attack!(list, name, world.sign_text(claims),
            TokenError::Json { part: Part::Payload, .. },
            beside world.sign_text(format!(" {text}\n")));
    }
    list
}

fn without_brace(text: &str) -> &str {
    text.strip_suffix('}').unwrap()
}

/// Attacks by signed claims.
fn attacks_on_the_claims(world: &World) -> Vec<Attack> {
    let mut list = Vec::new();
    let honest = || world.honest();
    let claim = |name: &str, value: Value| world.sign(&header(), &with(claims(), name, value));

    for name in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"] {
        attack!(list, format!("no {name}"), world.sign(&header(), &without(claims(), name)),
            TokenError::MissingClaim { .. }, beside honest());
        for value in [json!(null), json!({}), json!(true), json!([1])] {
            attack!(list, format!("{name}: {value}"), claim(name, value),
                TokenError::ClaimType { .. }, beside honest());
        }
    }
    for name in ["iss", "aud", "sub", "client_id", "jti", "scope"] {
        attack!(list, format!("{name}: 1"), claim(name, json!(1)),
            TokenError::ClaimType { .. }, beside honest());
    }
    for name in ["sub", "client_id", "jti"] {
        attack!(list, format!("{name} is empty"), claim(name, "".into()),
            TokenError::ClaimType { .. }, beside claim(name, "x".into()));
    }

    for value in [
        "\"1900000000\"",
        "-1",
        "-0",
        "1e18",
        "18446744073709551615",
        "18446744073709551616",
        "9223372036854775807",
        "1800000300000",
        "[]",
    ] {
        for name in ["exp", "iat", "nbf"] {
            let text = if name == "nbf" {
                claims_and(&format!(r#""nbf":{value}"#))
            } else {
                claims_with(name, value)
            };
            attack!(list, format!("{name}: {value}"), world.sign_text(text),
                TokenError::ClaimType { .. }, beside world.sign_text(claims_with("exp", "1800000300.5")));
        }
    }
    attack!(list, "exp is now", claim("exp", json!(NOW)), TokenError::Expired,
        beside claim("exp", json!(NOW + 1)));
    attack!(list, "exp: 0", claim("exp", json!(0)), TokenError::Expired, beside honest());
    attack!(list, "nbf in the future", claim("nbf", json!(NOW + 1)), TokenError::NotYetValid,
        beside claim("nbf", json!(NOW)));
    attack!(list, "iat in the future", claim("iat", json!(NOW + 1)), TokenError::IssuedInFuture,
        beside claim("iat", json!(NOW)));

    attack!(list, "iss in an array", claim("iss", json!([FIRST])), TokenError::ClaimType { .. },
        beside honest());
    for iss in ["https://first.test/", "HTTPS://first.test", "https://first.test.evil.test", ""] {
        attack!(list, format!("iss `{iss}`"), claim("iss", iss.into()), TokenError::UnknownIssuer,
            beside honest());
    }
    for aud in [
        json!([]),
        json!("other"),
        json!(["other"]),
        json!("Shop"),
        json!("shop2"),
        json!("shop other"),
        json!(""),
    ] {
        attack!(list, format!("aud: {aud}"), claim("aud", aud), TokenError::Audience,
            beside claim("aud", json!(["other", "shop"])));
    }
    for aud in [json!(["shop", 1]), json!([["shop"]]), json!({ "shop": 1 })] {
        attack!(list, format!("aud: {aud}"), claim("aud", aud), TokenError::ClaimType { .. },
            beside honest());
    }
    for (name, value) in [
        ("scope", json!(["write:orders"])),
        ("scope", json!(null)),
        ("scope", json!({})),
        ("roles", json!("admin")),
        ("roles", json!([1])),
        ("roles", json!(null)),
        ("auth_time", json!("1")),
        ("acr", json!(["gold"])),
        ("amr", json!("mfa")),
    ] {
        attack!(list, format!("{name}: {value}"), claim(name, value), TokenError::ClaimType { .. },
            beside claim("roles", json!(["clerk"])));
    }
    let digest = base64url([7; 32]);
    for cnf in [json!({ "jkt": digest }), json!({ "x5t#S256": digest })] {
        attack!(list, format!("cnf: {cnf}"), claim("cnf", cnf), TokenError::SenderConstrained,
            beside honest());
    }
    for cnf in [json!({}), json!({ "kid": "x" }), json!({ "jkt": digest, "jwk": {} })] {
        attack!(list, format!("cnf: {cnf}"), claim("cnf", cnf), TokenError::Confirmation,
            beside honest());
    }
    for cnf in [json!({ "jkt": "x" }), json!({ "x5t#S256": "x" }), json!([]), json!(null)] {
        attack!(list, format!("cnf: {cnf}"), claim("cnf", cnf), TokenError::ClaimType { .. },
            beside honest());
    }
    list
}

/// The verifier and a guarded route refuse each attack, and let the token beside it in.
async fn check(attacks: &[Attack], verifiers: &[&Verifier]) {
    let mut faults = Vec::new();
    for verifier in verifiers {
        let app = World::app(verifier);
        let mut seen: Option<Answer> = None;
        for Attack { name, token, reason, reason_text, honest } in attacks {
            match verifier.verify(token).await {
                Err(error) if reason(&error) => {}
                other => faults.push(format!("{name}: {other:?} instead of {reason_text}")),
            }
            if let Err(error) = verifier.verify(honest).await {
                faults.push(format!("beside {name}: {error:?}"));
            }

            let answer = call(&app, "/write", &[&format!("Bearer {token}")]).await;
            if can_stand_in_a_header(token) {
                if answer.status != StatusCode::UNAUTHORIZED
                    || answer.challenge.as_deref() != Some(INVALID)
                {
                    faults.push(format!("{name}: {answer:?}"));
                }
                // Not a byte differs between one invalid token and the next.
                match &seen {
                    Some(first) if *first != answer => faults.push(format!("{name}: {answer:?}")),
                    Some(_) => {}
                    None => seen = Some(answer),
                }
            } else if answer.status != StatusCode::BAD_REQUEST
                || !answer.challenge.is_some_and(|text| text.contains(r#"error="invalid_request""#))
                || has_part_of(token, &answer.body)
            {
                faults.push(format!("{name}: not a bad request"));
            }
            let answer = call(&app, "/write", &[&format!("Bearer {honest}")]).await;
            if (answer.status, answer.body.as_str()) != (StatusCode::OK, "written") {
                faults.push(format!("beside {name}: {answer:?}"));
            }
        }
        let Some(answer) = seen else { panic!("no attack was refused") };
        for Attack { name, token, .. } in attacks {
            if has_part_of(token, &answer.body) {
                faults.push(format!("{name}: the answer repeats the token"));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// Whether it has the form of a bearer token: padding stands at the end only (RFC 6750 section 2.1).
fn can_stand_in_a_header(token: &str) -> bool {
    token
        .trim_end_matches('=')
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte))
}

fn has_part_of(token: &str, body: &str) -> bool {
    token.split('.').any(|part| part.len() >= 8 && body.contains(part.split_at(8).0))
}

#[tokio::test]
async fn attacks_by_the_header_are_refused_and_no_key_is_fetched() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    let world = &*WORLD;
    let attacks = attacks_on_the_header(world, &url);
    check(&attacks, &[&world.one, &world.two]).await;
    let connection = listener.accept().map(|_| ()).map_err(|error| error.kind());
    assert_eq!(connection, Err(io::ErrorKind::WouldBlock), "somebody asked for the keys");
}

#[tokio::test]
async fn attacks_by_the_form_are_refused() {
    let world = &*WORLD;
    let attacks = attacks_on_the_form(world);
    check(&attacks, &[&world.one, &world.two]).await;
}

#[tokio::test]
async fn attacks_by_signed_claims_are_refused() {
    let world = &*WORLD;
    let attacks = attacks_on_the_claims(world);
    check(&attacks, &[&world.one, &world.two]).await;
}

#[tokio::test]
async fn deep_nesting_is_refused_where_long_tokens_are_read() {
    let world = &*WORLD;
    let nested = |depth| claims_and(&format!(r#""x":{}{}"#, "[".repeat(depth), "]".repeat(depth)));
    let mut attacks = Vec::new();
    attack!(attacks, "100000 brackets", world.sign_text(nested(100_000)),
        TokenError::Json { part: Part::Payload, fault: JsonFault::Depth },
        beside world.sign_text(claims_and(&format!(r#""x":"{}""#, "[".repeat(200_000)))));
    check(&attacks, &[&world.roomy]).await;
}

#[tokio::test]
async fn no_issuer_signs_for_another_with_the_same_key_id() {
    let world = &*WORLD;
    let of_second = with(claims(), "iss", SECOND.into());
    let by = |keys: &Keys, claims: &Value| keys.ed25519(header().to_string(), claims.to_string());
    let mut attacks = Vec::new();
    attack!(attacks, "the first, signed by the second", by(&world.others, &claims()),
        TokenError::Signature, beside by(&world.keys, &claims()));
    attack!(attacks, "the second, signed by the first", by(&world.keys, &of_second),
        TokenError::Signature, beside by(&world.others, &of_second));
    check(&attacks, &[&world.two]).await;

    let mut attacks = Vec::new();
    attack!(attacks, "an issuer that is not trusted", by(&world.others, &of_second),
        TokenError::Signature, beside by(&world.keys, &claims()));
    attack!(attacks, "a trusted key for another issuer", by(&world.keys, &of_second),
        TokenError::UnknownIssuer, beside by(&world.keys, &claims()));
    check(&attacks, &[&world.one]).await;
}

#[tokio::test]
async fn a_secret_is_no_key_for_its_sibling_algorithms() {
    let clock = Clock::at(NOW);
    let keys = KeySet::from_secret(&[9; 64], Algorithm::Hs512).unwrap();
    let verifier = Verifier::builder()
        .issuer(Issuer::new(FIRST, keys))
        .audience("shop")
        .clock(&clock)
        .build()
        .unwrap();
    let header = json!({ "alg": "HS256", "typ": "at+jwt" }).to_string();
    let token = hs256(&[9; 64], header, claims().to_string());
    assert_eq!(verifier.verify(&token).await.unwrap_err(), TokenError::UnknownKey);

    let keys = KeySet::from_secret(&[9; 64], Algorithm::Hs256).unwrap();
    let verifier = Verifier::builder()
        .issuer(Issuer::new(FIRST, keys))
        .audience("shop")
        .clock(&clock)
        .build()
        .unwrap();
    assert!(verifier.verify(&token).await.is_ok());
}

#[tokio::test]
async fn valid_tokens_grant_no_more_than_they_say() {
    let world = &*WORLD;
    let app = World::app(&world.two);
    let scope = |scope: &str| with(claims(), "scope", scope.into());
    let none = || without(claims(), "scope");
    let first = |claims: Value| world.sign(&header(), &claims);
    let second = |claims: Value| {
        let claims = with(claims, "iss", SECOND.into());
        world.others.ed25519(header().to_string(), claims.to_string())
    };
    for (name, uri, token, honest) in [
        ("a longer scope", "/write", first(scope("write:orders2")), first(scope("write:orders"))),
        ("a shorter scope", "/write", first(scope("write:order")), first(scope("x write:orders"))),
        (
            "a scope in capitals",
            "/write",
            first(scope("WRITE:ORDERS")),
            first(scope("write:orders")),
        ),
        (
            "a scope after a tab",
            "/write",
            first(scope("x\twrite:orders")),
            first(scope("write:orders")),
        ),
        ("a wildcard", "/write", first(scope("* write:* *:*")), first(scope("write:orders"))),
        ("a lesser scope", "/write", first(scope("read:orders")), first(scope("write:orders"))),
        ("no scope", "/write", first(none()), first(claims())),
        (
            "scp for scope",
            "/write",
            first(with(none(), "scp", json!(["write:orders"]))),
            first(claims()),
        ),
        (
            "authorization_details of an unknown type",
            "/write",
            first(with(
                none(),
                "authorization_details",
                json!([{ "type": "x", "actions": ["write:orders"] }]),
            )),
            first(claims()),
        ),
        (
            "the role of another issuer",
            "/administer",
            second(with(claims(), "roles", json!(["admin"]))),
            first(with(claims(), "roles", json!(["admin"]))),
        ),
        (
            "an actor who is an admin",
            "/administer",
            first(with(claims(), "act", json!({ "sub": "root", "roles": ["admin"] }))),
            first(with(claims(), "roles", json!(["admin"]))),
        ),
        (
            "an actor of an actor who is an admin",
            "/administer",
            first(with(
                claims(),
                "act",
                json!({ "sub": "x", "act": { "sub": "root", "roles": ["admin"] } }),
            )),
            first(with(claims(), "roles", json!(["admin"]))),
        ),
        (
            "a role in capitals",
            "/administer",
            first(with(claims(), "roles", json!(["Admin"]))),
            first(with(claims(), "roles", json!(["x", "admin"]))),
        ),
        (
            "a lesser role",
            "/administer",
            first(with(claims(), "roles", json!(["manager"]))),
            first(with(claims(), "roles", json!(["admin"]))),
        ),
        (
            "role for roles",
            "/administer",
            first(with(claims(), "role", "admin".into())),
            first(with(claims(), "roles", json!(["admin"]))),
        ),
        (
            "a scope for a role",
            "/administer",
            first(scope("admin")),
            first(with(claims(), "roles", json!(["admin"]))),
        ),
    ] {
        let identity = world.two.verify(&token).await.unwrap();
        let has = |identity: &policy::Identity| match uri {
            "/write" => identity.has_scope(Scope::WriteOrders),
            _ => identity.has_role(Role::Admin),
        };
        assert!(!has(&identity), "{name}");
        assert!(has(&world.two.verify(&honest).await.unwrap()), "beside {name}");

        let refused = call(&app, uri, &[&format!("Bearer {token}")]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{name}");
        let challenge = refused.challenge.unwrap();
        assert!(
            challenge.starts_with(r#"Bearer error="insufficient_scope""#),
            "{name}: {challenge}"
        );
        let names_scope = challenge.contains(r#"scope="write:orders""#);
        assert_eq!(names_scope, uri == "/write", "{name}: {challenge}");
        assert!(!challenge.contains("admin") && !refused.body.contains("admin"), "{name}");
        let let_in = call(&app, uri, &[&format!("Bearer {honest}")]).await;
        assert_eq!(let_in.status, StatusCode::OK, "beside {name}");
    }
}

#[tokio::test]
async fn one_subject_of_two_issuers_is_two_people() {
    let world = &*WORLD;
    let of_second = with(claims(), "iss", SECOND.into()).to_string();
    let first = world.two.verify(&world.honest()).await.unwrap();
    let second = world.others.ed25519(header().to_string(), of_second);
    let second = world.two.verify(&second).await.unwrap();
    assert_eq!(first.subject(), second.subject());
    assert_eq!((first.issuer(), second.issuer()), (FIRST, SECOND));
}

#[tokio::test]
async fn credentials_come_from_one_authorization_header_alone() {
    let world = &*WORLD;
    let app = World::app(&world.one);
    let good = format!("Bearer {}", world.honest());
    let none = r#"Bearer realm="shop""#;
    let malformed = r#"error="invalid_request""#;
    for (name, headers, status, challenge) in [
        ("two headers", vec![good.as_str(), &good], 400, malformed),
        ("two headers, the second of another scheme", vec![&good, "Basic YTpi"], 400, malformed),
        ("two tokens in one header", vec![&format!("{good}, {good}")], 400, malformed),
        ("no token", vec!["Bearer"], 400, malformed),
        ("an empty token", vec!["Bearer "], 400, malformed),
        ("another scheme", vec!["Basic YTpi"], 401, none),
        ("a scheme with the same start", vec!["BearerX a.b.c"], 401, none),
        ("no header", vec![], 401, none),
    ] {
        let answer = call(&app, "/write", &headers).await;
        assert_eq!(answer.status.as_u16(), status, "{name}");
        let text = answer.challenge.unwrap();
        assert!(text.contains(challenge), "{name}: {text}");
        assert_eq!(text.contains("error="), status == 400, "{name}: {text}");
        assert!(!has_part_of(&world.honest(), &answer.body), "{name}");
    }
    let query = format!("/write?access_token={}", world.honest());
    let answer = call(&app, &query, &[]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.challenge.as_deref(), Some(none));
    assert_eq!(call(&app, &query, &[&good]).await.status, StatusCode::OK);
    let lower = good.replace("Bearer", "bearer");
    assert_eq!(call(&app, "/write", &[&lower]).await.status, StatusCode::OK);
}
