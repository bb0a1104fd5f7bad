//! Opaque tokens, with an issuer in memory: what is accepted, what is refused, how long an answer
//! counts, and what happens where there is none.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::http::RequestHead;
use crate::token::tests::support::{
    AUDIENCE, HEADER, ISSUER, NOW, Policy, Role, Scope, claims, encode, issuer, token,
};
use crate::token::{
    ClientCertificate, ConfigError, FetchAnswer, Fetched, HttpClient, Introspection, Issuer,
    Limits, Revocation, Revocations, TokenError, Verifier, VerifierBuilder,
};

const ENDPOINT: &str = "https://id.example.com/introspect";
const UNAVAILABLE: TokenError = TokenError::Unavailable { backend: "the introspection endpoint" };

#[derive(Clone)]
struct World {
    now: Arc<AtomicU64>,
    /// `None` for no answer at all.
    answer: Arc<Mutex<Option<(u16, String)>>>,
    questions: Arc<Mutex<Vec<Request<Vec<u8>>>>>,
}

impl HttpClient for World {
    fn send(&self, request: Request<Vec<u8>>, limits: Limits) -> FetchAnswer<'_> {
        assert!(limits.public_https_only);
        self.questions.lock().unwrap().push(request);
        let answer = self.answer.lock().unwrap().clone();
        Box::pin(async move {
            let Some((status, text)) = answer else {
                return std::future::pending().await;
            };
            let mut response = Response::new(text.into_bytes());
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            Ok(response)
        })
    }
}

impl World {
    fn new() -> Self {
        let answer = Some((200, active().to_string()));
        Self {
            now: Arc::new(AtomicU64::new(NOW)),
            answer: Arc::new(Mutex::new(answer)),
            questions: Arc::default(),
        }
    }

    fn builder(&self, issuer: Issuer) -> VerifierBuilder<Policy, Fetched> {
        Verifier::<Policy>::discover(issuer)
            .audience(AUDIENCE)
            .seconds(Arc::clone(&self.now))
            .http_client(self.clone())
    }

    async fn verifier(&self) -> Verifier<Policy> {
        self.builder(Issuer::opaque(ISSUER, introspection())).build().await.unwrap()
    }

    fn say(&self, answer: &Value) {
        *self.answer.lock().unwrap() = Some((200, answer.to_string()));
    }

    fn asked(&self) -> usize {
        self.questions.lock().unwrap().len()
    }

    fn later(&self, seconds: u64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }
}

fn introspection() -> Introspection {
    Introspection::new(ENDPOINT, "orders api", "s3cr:t&ä")
}

fn active() -> Value {
    json!({
        "active": true, "iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "client_id": "shop",
        "scope": "read:orders", "roles": ["clerk"], "iat": NOW - 10, "exp": NOW + 300, "jti": "o-1",
    })
}

/// The answer with a member changed, or left out for null.
fn active_but(name: &str, value: Value) -> Value {
    let mut answer = active();
    let members = answer.as_object_mut().unwrap();
    if value.is_null() {
        members.remove(name)
    } else {
        members.insert(name.to_owned(), value)
    };
    answer
}

#[tokio::test(start_paused = true)]
async fn an_active_token_is_what_the_issuer_says() {
    let world = World::new();
    let identity = world.verifier().await.verify("2YotnFZFEjr1zCsicMWpAA").await.unwrap();
    assert_eq!((identity.issuer(), identity.subject()), (ISSUER, "ada"));
    assert_eq!((identity.client(), identity.token_id()), (Some("shop"), Some("o-1")));
    assert!(identity.has_role(Role::Clerk) && identity.has_scope(Scope::ReadOrders));
    assert!(!identity.has_scope(Scope::WriteOrders));

    let questions = world.questions.lock().unwrap();
    let question = &questions[0];
    assert_eq!((question.method().as_str(), question.uri().to_string()), ("POST", ENDPOINT.into()));
    assert_eq!(question.body(), b"token=2YotnFZFEjr1zCsicMWpAA&token_type_hint=access_token");
    // The pair is form-encoded before it is put together (RFC 6749 section 2.3.1).
    assert_eq!(
        question.headers()["authorization"],
        "Basic b3JkZXJzK2FwaTpzM2NyJTNBdCUyNiVDMyVBNA=="
    );
    assert!(!format!("{question:?} {:?}", introspection()).contains("b3JkZXJz"));
}

#[tokio::test(start_paused = true)]
async fn what_rfc_7662_leaves_out_may_be_absent() {
    for member in ["iss", "iat", "jti", "exp", "scope", "roles"] {
        let world = World::new();
        world.say(&active_but(member, Value::Null));
        assert!(world.verifier().await.verify("opaque").await.is_ok(), "{member}");
    }
    let world = World::new();
    world.say(&active_but("sub", Value::Null));
    let identity = world.verifier().await.verify("opaque").await.unwrap();
    assert_eq!(identity.subject(), "shop");
    assert!(identity.is_client());
}

#[tokio::test(start_paused = true)]
async fn anything_but_an_active_token_for_us_is_refused() {
    let mistyped = TokenError::mistyped;
    let date = "a number of seconds between 1970 and 9999";
    for (name, value, expected) in [
        ("active", json!(null), TokenError::NotActive),
        ("active", json!(false), TokenError::NotActive),
        ("active", json!("true"), TokenError::NotActive),
        ("active", json!(1), TokenError::NotActive),
        ("iss", json!("https://other.example.com"), TokenError::UnknownIssuer),
        ("aud", json!(null), TokenError::missing("aud")),
        ("aud", json!("else"), TokenError::Audience),
        ("client_id", json!(null), TokenError::missing("client_id")),
        ("sub", json!(7), mistyped("sub", "a string that is not empty")),
        ("exp", json!(NOW - 30), TokenError::Expired),
        ("exp", json!("never"), mistyped("exp", date)),
        ("nbf", json!(NOW + 31), TokenError::NotYetValid),
        ("iat", json!(NOW + 31), TokenError::IssuedInFuture),
        ("cnf", json!({"jkt": encode([7; 32])}), TokenError::SenderConstrained),
    ] {
        let world = World::new();
        world.say(&active_but(name, value.clone()));
        let refused = world.verifier().await.verify("opaque").await.unwrap_err();
        assert_eq!(refused, expected, "{name}: {value}");
    }
}

/// Neither the issuer nor the settings say how long: the request that asked is served all the same.
#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_remembered_is_good_for_the_request() {
    let world = World::new();
    world.say(&active_but("exp", Value::Null));
    let asked = introspection().remembering_for(Duration::ZERO);
    let builder = world.builder(Issuer::opaque(ISSUER, asked)).leeway(Duration::ZERO);
    let verifier = builder.build().await.unwrap();
    let identity = verifier.verify("2YotnFZFEjr1zCsicMWpAA").await.unwrap();
    assert!(verifier.accept(identity.clone()).is_ok());
    world.later(1);
    assert!(verifier.accept(identity).is_err());
}

#[tokio::test(start_paused = true)]
async fn without_an_answer_nothing_is_known_and_nothing_is_remembered() {
    let world = World::new();
    let verifier = world.verifier().await;
    for answer in [None, Some((500, String::new())), Some((401, active().to_string()))] {
        *world.answer.lock().unwrap() = answer;
        assert_eq!(verifier.verify("opaque").await.unwrap_err(), UNAVAILABLE);
    }
    for garbage in ["", "<html>", "[true]", r#"{"active":true,"active":true}"#] {
        *world.answer.lock().unwrap() = Some((200, garbage.to_owned()));
        assert_eq!(verifier.verify("opaque").await.unwrap_err(), UNAVAILABLE, "{garbage}");
    }
    world.say(&active());
    assert!(verifier.verify("opaque").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn an_answer_counts_for_ten_seconds_and_never_longer_than_the_token() {
    let world = World::new();
    let verifier = world.verifier().await;
    for _ in 0..3 {
        assert!(verifier.verify("opaque").await.is_ok());
    }
    assert_eq!(world.asked(), 1);
    world.later(9);
    assert!(verifier.verify("opaque").await.is_ok());
    assert_eq!(world.asked(), 1);
    // Revoked at the issuer: refused when the answer has had its time.
    world.say(&json!({"active": false}));
    world.later(1);
    assert_eq!(verifier.verify("opaque").await.unwrap_err(), TokenError::NotActive);
    assert_eq!(world.asked(), 2);

    let world = World::new();
    let verifier = world.verifier().await;
    world.say(&active_but("exp", json!(NOW - 25)));
    assert!(verifier.verify("opaque").await.is_ok());
    world.later(5);
    assert_eq!(verifier.verify("opaque").await.unwrap_err(), TokenError::Expired);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_not_active_is_not_asked_about_again_for_ten_seconds() {
    let world = World::new();
    let verifier = world.verifier().await;
    world.say(&json!({"active": false}));
    for _ in 0..100 {
        assert_eq!(verifier.verify("opaque").await.unwrap_err(), TokenError::NotActive);
    }
    assert_eq!(world.asked(), 1);
    verifier.verify("another").await.unwrap_err();
    assert_eq!(world.asked(), 2);
    world.later(10);
    world.say(&active());
    assert!(verifier.verify("opaque").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn what_is_revoked_here_is_refused_also_while_an_answer_counts() {
    let world = World::new();
    let revocations = Revocations::new();
    let builder = world.builder(Issuer::opaque(ISSUER, introspection()));
    let verifier = builder.revocations(&revocations).build().await.unwrap();
    assert!(verifier.verify("opaque").await.is_ok());
    revocations.revoke(Revocation::token(ISSUER, "o-1")).await.unwrap();
    assert_eq!(verifier.verify("opaque").await.unwrap_err(), TokenError::Revoked);
}

#[tokio::test(start_paused = true)]
async fn what_an_opaque_token_is_bound_to_has_to_be_proved() {
    let world = World::new();
    let builder = world.builder(Issuer::opaque(ISSUER, introspection()));
    let verifier = builder.mutual_tls().build().await.unwrap();
    let certificate = ClientCertificate::from_der(b"the certificate");
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, b"the certificate");
    world.say(&active_but("cnf", json!({"x5t#S256": encode(digest)})));
    let request = |extension| {
        let request = Request::get("/").header("authorization", "Bearer opaque");
        request.extension(extension).body(()).unwrap()
    };
    // The second time the answer is remembered.
    for _ in 0..2 {
        let ours = request(certificate);
        let identity = verifier.authenticate(RequestHead::of(&ours)).await.unwrap();
        assert!(identity.is_bound());
        let other = request(ClientCertificate::from_der(b"another"));
        assert!(verifier.authenticate(RequestHead::of(&other)).await.is_err());
        let refused = verifier.verify("opaque").await.unwrap_err();
        assert_eq!(refused, TokenError::SenderConstrained);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_counts_no_longer_than_a_token_may_be_old() {
    let world = World::new();
    let builder = world.builder(Issuer::opaque(ISSUER, introspection()));
    let verifier = builder.max_token_age(Duration::from_secs(5)).build().await.unwrap();
    // Issued 32 seconds ago, with a leeway of thirty.
    world.say(&active_but("iat", json!(NOW - 32)));
    for (later, expected) in [(0, None), (3, None), (1, Some(TokenError::TooOld))] {
        world.later(later);
        assert_eq!(verifier.verify("opaque").await.err(), expected, "{later}");
    }
    world.say(&active_but("iat", Value::Null));
    assert_eq!(verifier.verify("ageless").await.unwrap_err(), TokenError::TooOld);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_may_outlive_its_revocation_is_refused() {
    let world = World::new();
    let revocations = Revocations::new();
    let builder = world.builder(Issuer::opaque(ISSUER, introspection()));
    let verifier = builder.revocations(&revocations).build().await.unwrap();
    let limit = 24 * 3600;
    // Issued ten seconds ago; twice the leeway of thirty seconds, since clocks may differ.
    world.say(&active_but("exp", json!(NOW + limit - 70)));
    assert!(verifier.verify("longest").await.is_ok());
    for (name, value) in
        [("exp", json!(NOW + limit - 69)), ("exp", Value::Null), ("iat", Value::Null)]
    {
        world.say(&active_but(name, value.clone()));
        let refused = verifier.verify(&format!("{name}-{value}")).await.unwrap_err();
        assert_eq!(refused, TokenError::LivesTooLong { limit }, "{name}: {value}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_jwt_is_verified_by_its_keys_and_the_issuer_is_not_asked() {
    let world = World::new();
    let both = world.builder(issuer().introspection(introspection())).build().await.unwrap();
    assert!(both.verify(&token(HEADER, claims().to_string())).await.is_ok());
    let forged = token(HEADER, claims().to_string()) + "A";
    assert!(both.verify(&forged).await.is_err());
    assert_eq!(world.asked(), 0);
    assert!(both.verify("opaque").await.is_ok());
    assert_eq!(world.asked(), 1);

    let opaque = world.verifier().await;
    let refused = opaque.verify(&token(HEADER, claims().to_string())).await.unwrap_err();
    assert_eq!(refused, TokenError::UnknownKey);
    // What could not stand in a header does not leave this house.
    for text in ["", "a b", "a\nb", "ä"] {
        let refused = opaque.verify(text).await.unwrap_err();
        assert!(matches!(refused, TokenError::Format | TokenError::Character), "{text:?}");
    }
    assert!(matches!(opaque.verify(&"x".repeat(8193)).await, Err(TokenError::TooLong { .. })));
    assert_eq!(world.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn mistakes_are_told_at_the_start() {
    let world = World::new();
    let other = Issuer::opaque("https://other.example.com", introspection());
    let builder = world.builder(Issuer::opaque(ISSUER, introspection())).issuer(other);
    let mut error = builder.build().await.map(drop).unwrap_err();
    if let ConfigError::RolesOfSeveralIssuers { .. } = error {
        let silent = |name| {
            let mapping = crate::token::ClaimMapping::rfc9068().no_roles();
            Issuer::opaque(name, introspection()).claims(mapping)
        };
        let builder = world.builder(silent(ISSUER)).issuer(silent("https://other.example.com"));
        error = builder.build().await.map(drop).unwrap_err();
    }
    assert_eq!(error, ConfigError::SeveralIntrospections);
    let sync = Verifier::<Policy>::builder().audience(AUDIENCE);
    let sync = sync.issuer(Issuer::opaque(ISSUER, introspection())).build();
    let expected = ConfigError::NotConnected { issuer: ISSUER.into() };
    assert_eq!(sync.map(drop).unwrap_err(), expected);
    let plain = Introspection::new("http://id.example.com/introspect", "a", "b");
    let verifier = world.builder(Issuer::opaque(ISSUER, plain)).build().await.unwrap();
    assert_eq!(verifier.verify("opaque").await.unwrap_err(), UNAVAILABLE);
    assert_eq!(world.asked(), 0);
    assert_eq!(introspection().remembering_for(Duration::from_hours(1)).ttl().as_secs(), 300);
}
