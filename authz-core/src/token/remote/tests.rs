//! Refreshing keys, with an issuer in memory and a clock that the test runtime moves: every second
//! of what is promised passes here without waiting for it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::token::tests::support::{
    AUDIENCE, Edwards, Policy, Role, Rsa, SECRET, claims, claims_with, encode, sign_with, with,
};
use crate::token::{
    Algorithm, ClaimMapping, ConfigError, DiscoveryError, FetchAnswer, FetchError, HttpClient,
    Introspection, Issuer, KeyError, Limits, TokenError, Verifier, VerifierBuilder,
};

const ISSUER: &str = "https://id.example.com";
const METADATA: &str = "https://id.example.com/.well-known/openid-configuration";
const METADATA_8414: &str = "https://id.example.com/.well-known/oauth-authorization-server";
const JWKS: &str = "https://id.example.com/jwks";

/// What an issuer answers.
#[derive(Clone)]
enum Reply {
    Text(String),
    Status(u16),
    Never,
    Error(FetchError),
}

/// An issuer in memory, and the client that reaches it.
#[derive(Clone)]
struct World {
    replies: Arc<Mutex<HashMap<&'static str, Reply>>>,
    fetched: Arc<AtomicUsize>,
    /// Held back answers of keys: one permit lets one through.
    gate: Arc<Semaphore>,
    now: Arc<AtomicU64>,
}

impl HttpClient for World {
    fn send(&self, request: Request<Vec<u8>>, limits: Limits) -> FetchAnswer<'_> {
        Box::pin(async move {
            assert!(limits.public_https_only);
            let url = request.uri().to_string();
            if url == JWKS {
                self.fetched.fetch_add(1, Ordering::SeqCst);
                self.gate.acquire().await.unwrap().forget();
            }
            let reply = self.replies.lock().unwrap().get(url.as_str()).cloned();
            let mut response = Response::new(Vec::new());
            match reply {
                None => *response.status_mut() = StatusCode::NOT_FOUND,
                Some(Reply::Status(status)) => {
                    *response.status_mut() = StatusCode::from_u16(status).unwrap();
                }
                Some(Reply::Text(text)) => *response.body_mut() = text.into_bytes(),
                Some(Reply::Never) => std::future::pending().await,
                Some(Reply::Error(error)) => return Err(error),
            }
            Ok(response)
        })
    }
}

impl World {
    fn new(keys: &[Value]) -> Self {
        let this = Self {
            replies: Arc::default(),
            fetched: Arc::default(),
            gate: Arc::new(Semaphore::new(1_000)),
            now: Arc::new(AtomicU64::new(1_800_000_000)),
        };
        this.reply(METADATA, Reply::Text(json!({"issuer": ISSUER, "jwks_uri": JWKS}).to_string()));
        this.publish(keys);
        this
    }

    fn reply(&self, url: &'static str, reply: Reply) {
        self.replies.lock().unwrap().insert(url, reply);
    }

    fn publish(&self, keys: &[Value]) {
        self.reply(JWKS, Reply::Text(json!({ "keys": keys }).to_string()));
    }

    fn fetches(&self) -> usize {
        self.fetched.load(Ordering::SeqCst)
    }

    fn builder(&self, issuer: Issuer) -> VerifierBuilder<Policy, crate::token::Fetched> {
        Verifier::<Policy>::discover(issuer)
            .audience(AUDIENCE)
            .seconds(Arc::clone(&self.now))
            .http_client(self.clone())
    }

    async fn verifier(&self) -> Verifier<Policy> {
        self.builder(ISSUER.into()).build().await.unwrap()
    }

    async fn refusal(&self, issuer: Issuer) -> DiscoveryError {
        match self.builder(issuer).build().await.map(drop).unwrap_err() {
            ConfigError::Discovery { reason, .. } => reason,
            other => panic!("{other}"),
        }
    }

    /// Lets time pass for both clocks, and the task do what is due.
    async fn pass(&self, time: Duration) {
        self.now.fetch_add(time.as_secs(), Ordering::SeqCst);
        tokio::time::sleep(time).await;
    }
}

/// A key under an id, and tokens signed with it.
struct SigningKey {
    kid: &'static str,
    pair: Edwards,
}

impl SigningKey {
    fn new(kid: &'static str) -> Self {
        Self { kid, pair: Edwards::new() }
    }

    fn jwk(&self) -> Value {
        with(self.pair.jwk(), "kid", self.kid.into())
    }

    fn token(&self) -> String {
        self.token_of(&claims())
    }

    fn token_of(&self, claims: &Value) -> String {
        let header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": self.kid}).to_string();
        sign_with(header, claims.to_string(), |data| self.pair.sign(data))
    }
}

fn random_kid(number: usize) -> String {
    let header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": format!("kid {number}")});
    format!("{}.{}.{}", encode(header.to_string()), encode("{}"), encode([0; 64]))
}

const MINUTE: Duration = Duration::from_mins(1);
const SECOND: Duration = Duration::from_secs(1);
const UNAVAILABLE: TokenError = TokenError::Unavailable { backend: "the issuer's key server" };

#[tokio::test(start_paused = true)]
async fn keys_are_found_by_the_metadata() {
    let key = SigningKey::new("a");
    let world = World::new(&[key.jwk()]);
    let verifier = world.verifier().await;
    assert!(verifier.verify(&key.token()).await.unwrap().has_role(Role::Clerk));
    assert_eq!(world.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn metadata_of_rfc_8414_is_found_where_there_is_none_of_openid_connect() {
    let key = SigningKey::new("a");
    let world = World::new(&[key.jwk()]);
    let text = json!({"issuer": ISSUER, "jwks_uri": JWKS}).to_string();
    world.reply(METADATA_8414, Reply::Text(text));
    world.reply(METADATA, Reply::Status(404));
    assert!(world.verifier().await.verify(&key.token()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn keys_can_be_at_an_address_without_metadata() {
    let key = SigningKey::new("a");
    let world = World::new(&[key.jwk()]);
    world.reply(METADATA, Reply::Status(500));
    let issuer = Issuer::with_jwks_uri(ISSUER, JWKS);
    let verifier = world.builder(issuer).build().await.unwrap();
    assert!(verifier.verify(&key.token()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_rotation_is_seen_with_the_first_token_of_the_new_key() {
    let (old, new) = (SigningKey::new("old"), SigningKey::new("new"));
    let world = World::new(&[old.jwk()]);
    let verifier = world.verifier().await;
    world.publish(&[old.jwk(), new.jwk()]);
    assert!(verifier.verify(&new.token()).await.is_ok());
    assert!(verifier.verify(&old.token()).await.is_ok());
    assert_eq!(world.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_withdrawn_key_is_gone_with_the_next_refresh() {
    let (old, new) = (SigningKey::new("old"), SigningKey::new("new"));
    let world = World::new(&[old.jwk(), new.jwk()]);
    let verifier = world.verifier().await;
    world.publish(&[new.jwk()]);
    world.pass(599 * SECOND).await;
    assert!(verifier.verify(&old.token_of(&late(&world))).await.is_ok(), "not yet refreshed");
    world.pass(2 * SECOND).await;
    let refused = verifier.verify(&old.token_of(&late(&world))).await.unwrap_err();
    assert_eq!(refused, TokenError::UnknownKey);
    assert!(verifier.verify(&new.token_of(&late(&world))).await.is_ok());
}

/// Claims that are valid now.
fn late(world: &World) -> Value {
    let now = world.now.load(Ordering::SeqCst);
    claims_with(&json!({"iat": now, "exp": now + 300}))
}

#[tokio::test(start_paused = true)]
async fn a_remembered_token_goes_with_its_key_and_with_the_keys_of_an_issuer_that_is_gone() {
    let (old, new) = (SigningKey::new("old"), SigningKey::new("new"));
    let world = World::new(&[old.jwk()]);
    let verifier = world.verifier().await;
    let long = claims_with(&json!({"exp": world.now.load(Ordering::SeqCst) + 100_000}));
    let token = old.token_of(&long);
    assert!(verifier.verify(&token).await.is_ok());
    world.publish(&[new.jwk()]);
    world.pass(10 * MINUTE + SECOND).await;
    assert_eq!(verifier.verify(&token).await.unwrap_err(), TokenError::UnknownKey);

    let token = new.token_of(&long);
    assert!(verifier.verify(&token).await.is_ok());
    world.reply(JWKS, Reply::Status(500));
    world.pass(59 * MINUTE).await;
    assert!(verifier.verify(&token).await.is_ok());
    world.pass(2 * MINUTE).await;
    assert_eq!(verifier.verify(&token).await.unwrap_err(), UNAVAILABLE);
}

#[tokio::test(start_paused = true)]
async fn withdrawing_every_key_refuses_every_token() {
    let key = SigningKey::new("a");
    let world = World::new(&[key.jwk()]);
    let verifier = world.verifier().await;
    world.publish(&[]);
    world.pass(10 * MINUTE + SECOND).await;
    let refused = verifier.verify(&key.token_of(&late(&world))).await.unwrap_err();
    assert_eq!(refused, TokenError::UnknownKey);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_unknown_keys_cost_one_fetch_in_thirty_seconds() {
    let key = SigningKey::new("a");
    let world = World::new(&[key.jwk()]);
    let verifier = world.verifier().await;
    for number in 0..1_000 {
        let refused = verifier.verify(&random_kid(number)).await.unwrap_err();
        assert_eq!(refused, TokenError::UnknownKey);
    }
    assert_eq!(world.fetches(), 2, "one at the start, one for all unknown keys");
    world.pass(29 * SECOND).await;
    verifier.verify(&random_kid(1_000)).await.unwrap_err();
    assert_eq!(world.fetches(), 2);
    world.pass(2 * SECOND).await;
    verifier.verify(&random_kid(1_001)).await.unwrap_err();
    assert_eq!(world.fetches(), 3);
}

#[tokio::test(start_paused = true)]
async fn two_thousand_requests_during_a_rotation_share_one_flight_and_all_pass() {
    let (old, new) = (SigningKey::new("old"), SigningKey::new("new"));
    let world = World::new(&[old.jwk()]);
    let verifier = world.verifier().await;
    world.publish(&[new.jwk()]);
    world.gate.forget_permits(usize::MAX);
    let token: Arc<str> = new.token().into();
    let requests: Vec<_> = (0..2_000)
        .map(|_| {
            let (verifier, token) = (verifier.clone(), Arc::clone(&token));
            tokio::spawn(async move { verifier.verify(&token).await.is_ok() })
        })
        .collect();
    while world.fetches() < 2 {
        tokio::task::yield_now().await;
    }
    // The old key counts until the flight has landed.
    assert!(verifier.verify(&old.token()).await.is_ok());
    world.gate.add_permits(1_000);
    for request in requests {
        assert!(request.await.unwrap());
    }
    assert_eq!(world.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_survived_for_an_hour_and_then_answered_by_unavailable() {
    let key = SigningKey::new("a");
    let world = World::new(&[key.jwk()]);
    let verifier = world.verifier().await;
    for reply in [
        Reply::Status(500),
        Reply::Never,
        Reply::Text("<html>".to_owned()),
        Reply::Error(FetchError::Transport { reason: "refused".into() }),
    ] {
        world.reply(JWKS, reply.clone());
        world.reply(METADATA, reply);
        world.pass(14 * MINUTE).await;
        assert!(verifier.verify(&key.token_of(&late(&world))).await.is_ok());
    }
    world.pass(4 * MINUTE + SECOND).await;
    let refused = verifier.verify(&key.token_of(&late(&world))).await.unwrap_err();
    assert_eq!(refused, UNAVAILABLE);

    // The issuer is back: the next refresh, at most 30 seconds later, ends the outage.
    world.publish(&[key.jwk()]);
    world.pass(31 * SECOND).await;
    assert!(verifier.verify(&key.token_of(&late(&world))).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn keys_that_are_too_old_are_asked_for_before_anybody_is_refused() {
    let key = SigningKey::new("a");
    let world = World::new(&[key.jwk()]);
    let verifier = world.verifier().await;
    // The clock of the system jumps; the task has noticed nothing.
    world.now.fetch_add(3_600, Ordering::SeqCst);
    assert!(verifier.verify(&key.token_of(&late(&world))).await.is_ok());
    assert_eq!(world.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_system_clock_that_is_set_back_makes_no_key_live_longer() {
    let key = SigningKey::new("a");
    let world = World::new(&[key.jwk()]);
    let verifier = world.verifier().await;
    world.reply(JWKS, Reply::Status(500));
    tokio::time::sleep(61 * MINUTE).await;
    assert_eq!(verifier.verify(&key.token()).await.unwrap_err(), UNAVAILABLE);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_key_is_no_statement_while_the_issuer_is_down() {
    let key = SigningKey::new("a");
    let world = World::new(&[key.jwk()]);
    let verifier = world.verifier().await;
    world.reply(JWKS, Reply::Status(503));
    for number in 0..10 {
        assert_eq!(verifier.verify(&random_kid(number)).await.unwrap_err(), UNAVAILABLE);
    }
    assert_eq!(world.fetches(), 2);
    assert!(verifier.verify(&key.token()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_service_may_start_without_its_issuer_where_that_is_said() {
    let key = SigningKey::new("a");
    let world = World::new(&[key.jwk()]);
    world.reply(METADATA, Reply::Status(502));
    assert!(matches!(
        world.refusal(ISSUER.into()).await,
        DiscoveryError::Fetch { reason: FetchError::Status { status: 404 | 502 }, .. }
    ));
    let issuer = Issuer::discover(ISSUER).may_be_absent_at_start();
    let verifier = world.builder(issuer).build().await.unwrap();
    assert_eq!(verifier.verify(&key.token()).await.unwrap_err(), UNAVAILABLE);
    world.reply(METADATA, Reply::Text(json!({"issuer": ISSUER, "jwks_uri": JWKS}).to_string()));
    world.pass(31 * SECOND).await;
    assert!(verifier.verify(&key.token_of(&late(&world))).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn faults_of_the_documents_stop_the_start() {
    let key = SigningKey::new("a");
    let world = World::new(&[key.jwk()]);
    let other = json!({"issuer": "https://id.example.com/", "jwks_uri": JWKS});
    world.reply(METADATA, Reply::Text(other.to_string()));
    assert_eq!(world.refusal(ISSUER.into()).await, DiscoveryError::OtherIssuer);

    let insecure = json!({"issuer": ISSUER, "jwks_uri": "http://id.example.com/jwks"});
    world.reply(METADATA, Reply::Text(insecure.to_string()));
    assert!(matches!(
        world.refusal(ISSUER.into()).await,
        DiscoveryError::Fetch { reason: FetchError::NotHttps { .. }, .. }
    ));

    let world = World::new(&[]);
    assert_eq!(world.refusal(ISSUER.into()).await, KeyError::NothingUsable.into());
    world.reply(JWKS, Reply::Never);
    assert!(matches!(
        world.refusal(ISSUER.into()).await,
        DiscoveryError::Fetch { reason: FetchError::Timeout { seconds: 5 }, .. }
    ));
    world.reply(JWKS, Reply::Text(" ".repeat(256 * 1024 + 1)));
    assert!(matches!(
        world.refusal(ISSUER.into()).await,
        DiscoveryError::Fetch { reason: FetchError::BodyTooLong { limit: 262_144 }, .. }
    ));
    assert_eq!(
        world.refusal("http://id.example.com".into()).await,
        DiscoveryError::Fetch {
            url: "http://id.example.com/.well-known/openid-configuration".into(),
            reason: FetchError::NotHttps {
                url: "http://id.example.com/.well-known/openid-configuration".into()
            },
        }
    );
}

#[tokio::test(start_paused = true)]
async fn a_published_set_without_secrets_alone_is_taken() {
    let key = SigningKey::new("a");
    let secret = json!({"kty": "oct", "kid": "s", "alg": "HS256", "k": encode(SECRET)});
    let private = json!({"kty": "OKP", "crv": "Ed25519", "kid": "p", "d": "x", "x": "y"});
    for (keys, expected) in [
        (vec![secret.clone()], KeyError::PublishedSecret),
        (vec![key.jwk(), secret], KeyError::PublishedSecret),
        (
            vec![key.jwk(), private],
            KeyError::PrivateKey { key: "key `p`".into(), member: "d".into() },
        ),
        (vec![key.jwk(), key.jwk()], KeyError::DuplicateKeyId { kid: "a".into() }),
    ] {
        let world = World::new(&keys);
        assert_eq!(world.refusal(ISSUER.into()).await, expected.into());
    }
    // A single key is no set, and a hundred odd ones are passed over.
    let world = World::new(&[]);
    world.reply(JWKS, Reply::Text(key.jwk().to_string()));
    assert_eq!(world.refusal(ISSUER.into()).await, KeyError::NotAKeySet.into());
    let odd = (0..100).map(|number| json!({"kty": "LMS", "kid": number.to_string()}));
    let world = World::new(&odd.chain([key.jwk()]).collect::<Vec<_>>());
    assert!(world.verifier().await.verify(&key.token()).await.is_ok());
    let many: Vec<_> = (0..129).map(|_| Edwards::new().jwk()).collect();
    let world = World::new(&many);
    assert_eq!(world.refusal(ISSUER.into()).await, KeyError::TooManyKeys { limit: 128 }.into());
}

#[tokio::test(start_paused = true)]
async fn a_bad_set_after_the_start_leaves_the_keys_as_they_were() {
    let key = SigningKey::new("a");
    let world = World::new(&[key.jwk()]);
    let verifier = world.verifier().await;
    let other = json!({"issuer": "https://other.example.com", "jwks_uri": "https://other/"});
    world.reply(METADATA, Reply::Text(other.to_string()));
    world.publish(&[json!({"kty": "oct", "k": encode(SECRET)})]);
    world.pass(11 * MINUTE).await;
    assert!(verifier.verify(&key.token_of(&late(&world))).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_key_without_alg_has_one_algorithm_all_the_same() {
    let rsa = Rsa::new();
    let world = World::new(&[with(rsa.jwk(), "kid", "r".into())]);
    let token = |alg: &str, sign: &dyn Fn(&[u8]) -> Vec<u8>| {
        let header = json!({"alg": alg, "typ": "at+jwt", "kid": "r"}).to_string();
        sign_with(header, claims().to_string(), sign)
    };
    let rs256 = token("RS256", &|data| rsa.rs256(data));
    let ps256 = token("PS256", &|data| rsa.ps256(data));

    let verifier = world.verifier().await;
    assert!(verifier.verify(&rs256).await.is_ok());
    assert_eq!(verifier.verify(&ps256).await.unwrap_err(), TokenError::AlgorithmMismatch);

    let metadata = json!({
        "issuer": ISSUER, "jwks_uri": JWKS,
        "id_token_signing_alg_values_supported": ["PS256", "ES256"],
    });
    world.reply(METADATA, Reply::Text(metadata.to_string()));
    let verifier = world.verifier().await;
    assert!(verifier.verify(&ps256).await.is_ok());
    assert_eq!(verifier.verify(&rs256).await.unwrap_err(), TokenError::AlgorithmMismatch);

    let issuer = Issuer::discover(ISSUER).algorithms(&[Algorithm::EdDsa]);
    assert_eq!(world.refusal(issuer).await, KeyError::NothingUsable.into());
}

#[tokio::test(start_paused = true)]
async fn what_the_metadata_says_of_a_key_counts_also_where_the_key_stays_the_same() {
    let rsa = Rsa::new();
    let world = World::new(&[with(rsa.jwk(), "kid", "r".into())]);
    let verifier = world.verifier().await;
    let long = claims_with(&json!({"exp": world.now.load(Ordering::SeqCst) + 100_000}));
    let token = |alg: &str, sign: &dyn Fn(&[u8]) -> Vec<u8>| {
        let header = json!({"alg": alg, "typ": "at+jwt", "kid": "r"}).to_string();
        sign_with(header, long.to_string(), sign)
    };
    let rs256 = token("RS256", &|data| rsa.rs256(data));
    let ps256 = token("PS256", &|data| rsa.ps256(data));
    assert!(verifier.verify(&rs256).await.is_ok());
    let metadata = json!({
        "issuer": ISSUER, "jwks_uri": JWKS,
        "id_token_signing_alg_values_supported": ["PS256"],
    });
    world.reply(METADATA, Reply::Text(metadata.to_string()));
    world.pass(10 * MINUTE + SECOND).await;
    assert!(verifier.verify(&ps256).await.is_ok());
    assert_eq!(verifier.verify(&rs256).await.unwrap_err(), TokenError::AlgorithmMismatch);
}

#[tokio::test(start_paused = true)]
async fn secrets_in_an_address_stay_out_of_logs() {
    const SECRET_URL: &str = "https://ann:swordfish@id.example.com/jwks?key=swordfish";
    let world = World::new(&[]);
    for url in [SECRET_URL, "http://ann:swordfish@id/", "https://ann:swordfish@a b/?key=swordfish"]
    {
        let issuer = || Issuer::with_jwks_uri(ISSUER, url);
        let error = world.builder(issuer()).build().await.map(drop).unwrap_err();
        for text in [error.to_string(), format!("{error:?}"), format!("{:?}", issuer())] {
            assert!(!text.contains("swordfish"), "{text}");
            assert!(text.contains("://"), "{text}");
        }
    }
    let introspection = Introspection::new(SECRET_URL, "orders", "swordfish");
    assert!(!format!("{introspection:?}").contains("swordfish"));
}

#[tokio::test(start_paused = true)]
async fn each_issuer_has_its_own_keys_also_under_one_key_id() {
    const OTHER: &str = "https://other.example.com";
    let (ours, theirs) = (SigningKey::new("k"), SigningKey::new("k"));
    let world = World::new(&[ours.jwk()]);
    world.reply("https://other/jwks", Reply::Text(json!({"keys": [theirs.jwk()]}).to_string()));
    let mapping = || ClaimMapping::rfc9068().all_roles();
    let verifier = Verifier::<Policy>::builder()
        .issuer(Issuer::discover(ISSUER).claims(mapping()))
        .issuer(Issuer::with_jwks_uri(OTHER, "https://other/jwks").claims(mapping()))
        .audience(AUDIENCE)
        .seconds(Arc::clone(&world.now))
        .http_client(world.clone())
        .connect()
        .await
        .unwrap();
    let other = claims_with(&json!({"iss": OTHER}));
    assert!(verifier.verify(&ours.token()).await.is_ok());
    assert!(verifier.verify(&theirs.token_of(&other)).await.is_ok());
    assert_eq!(verifier.verify(&theirs.token()).await.unwrap_err(), TokenError::Signature);
    let crossed = ours.token_of(&other);
    assert_eq!(verifier.verify(&crossed).await.unwrap_err(), TokenError::Signature);
}

#[tokio::test(start_paused = true)]
async fn the_task_ends_with_the_verifier() {
    let key = SigningKey::new("a");
    let world = World::new(&[key.jwk()]);
    let verifier = world.verifier().await;
    drop(verifier.clone());
    world.pass(11 * MINUTE).await;
    assert_eq!(world.fetches(), 2);
    drop(verifier);
    world.pass(24 * 60 * MINUTE).await;
    assert_eq!(world.fetches(), 2);
}

#[test]
fn without_the_task_nobody_waits_for_ever() {
    let (key, new) = (SigningKey::new("a"), SigningKey::new("b"));
    let world = World::new(&[key.jwk()]);
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let first = runtime();
    let verifier = first.block_on(world.verifier());
    drop(first);
    let refused = runtime().block_on(verifier.verify(&new.token()));
    assert_eq!(refused.unwrap_err(), UNAVAILABLE);
}

#[test]
fn mistakes_in_the_configuration_are_told() {
    let world = World::new(&[]);
    let keys = crate::token::KeySet::from_secret(&SECRET, Algorithm::Hs256).unwrap();
    let given = || Issuer::new(ISSUER, keys.clone());
    for (issuer, field) in [
        (given().algorithms(&[Algorithm::EdDsa]), "algorithms"),
        (given().may_be_absent_at_start(), "may_be_absent_at_start"),
        (given().danger_allow_insecure_issuer(), "danger_allow_insecure_issuer"),
    ] {
        let built = Verifier::<Policy>::builder().issuer(issuer).audience(AUDIENCE).build();
        let expected = ConfigError::NotFetched { issuer: ISSUER.into(), field };
        assert_eq!(built.map(drop).unwrap_err(), expected);
    }
    let unconnected = Verifier::<Policy>::builder().issuer(ISSUER.into()).audience(AUDIENCE);
    assert_eq!(
        unconnected.build().map(drop).unwrap_err(),
        ConfigError::NotConnected { issuer: ISSUER.into() }
    );
    // Polled without a runtime.
    let build = std::pin::pin!(world.builder(ISSUER.into()).build());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match build.poll(&mut context) {
        std::task::Poll::Ready(Err(error)) => assert_eq!(error, ConfigError::NoRuntime),
        _ => panic!("no error"),
    }
}
