//! Known attacks on token verification, each at both levels: the verifier says why it refuses,
//! and the caller of a guarded route learns only that the token is not valid.
//!
//! Each attack stands beside an honest token made the same way, which is let in: a verifier that
//! refused everything would fail here.
//!
//! And those on whoever reviews a program, by whoever writes it ([`programs`]).

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

#[path = "../support/mod.rs"]
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
use support::{Answer, Keys, call, hs256, with, without};

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

mod claims;
mod form;
mod header;
mod programs;

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
    let attacks = header::attacks_on_the_header(world, &url);
    check(&attacks, &[&world.one, &world.two]).await;
    let connection = listener.accept().map(|_| ()).map_err(|error| error.kind());
    assert_eq!(connection, Err(io::ErrorKind::WouldBlock), "somebody asked for the keys");
}

#[tokio::test]
async fn attacks_by_the_form_are_refused() {
    let world = &*WORLD;
    let attacks = form::attacks_on_the_form(world);
    check(&attacks, &[&world.one, &world.two]).await;
}

#[tokio::test]
async fn attacks_by_signed_claims_are_refused() {
    let world = &*WORLD;
    let attacks = claims::attacks_on_the_claims(world);
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
        ("a token of a tab", vec!["Bearer \t"], 400, malformed),
        ("two headers without a token", vec!["Bearer ", "Bearer "], 400, malformed),
        ("no token", vec!["Bearer"], 401, none),
        ("an empty token", vec!["Bearer "], 401, none),
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
