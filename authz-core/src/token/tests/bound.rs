//! Tokens that are bound to their sender: what proves it, and every way in which that fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderMap, HeaderValue, Request, StatusCode};
use serde_json::{Value, json};

use super::support::{
    AUDIENCE, Edwards, Elliptic, HEADER, NOW, Policy, Rsa, claims_with, encode, hs256, issuer,
    sign_with, thumbprint, token, with,
};
use crate::denied::{Cause, Denied};
use crate::http::RequestHead;
use crate::identity::Identity;
use crate::token::{
    ClientCertificate, ConfigError, Dpop, FirstUse, KeyError, Part, ProofError, ProofId,
    ReplayStore, ReplayStoreError, TokenError, Verifier, VerifierBuilder,
};

const SERVICE: &str = "https://api.example.com";
const URL: &str = "https://api.example.com/orders";

/// A client with a key of its own.
struct Client {
    key: Elliptic,
}

impl Client {
    fn new() -> Self {
        Self { key: Elliptic::new() }
    }

    fn thumbprint(&self) -> String {
        thumbprint(&self.key.jwk())
    }

    /// A token that is bound to its key.
    fn token(&self) -> String {
        bound_token(&json!({"jkt": self.thumbprint()}))
    }

    fn header(&self) -> Value {
        json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": self.key.jwk()})
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        sign_with(header.to_string(), claims.to_string(), |data| self.key.es256(data))
    }

    /// A good proof for `GET /orders` with a token.
    fn proof(&self, token: &str) -> String {
        self.sign(&self.header(), &proof_claims(token))
    }
}

fn bound_token(cnf: &Value) -> String {
    token(HEADER, claims_with(&json!({"cnf": cnf})).to_string())
}

fn hash(token: &str) -> String {
    encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes()))
}

/// Each call has another `jti`.
fn proof_claims(token: &str) -> Value {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let id = format!("proof {}", NEXT.fetch_add(1, Ordering::Relaxed));
    json!({"jti": id, "htm": "GET", "htu": URL, "iat": NOW, "ath": hash(token)})
}

fn builder(clock: &Arc<AtomicU64>) -> VerifierBuilder<Policy> {
    Verifier::<Policy>::builder().audience(AUDIENCE).issuer(issuer()).seconds(Arc::clone(clock))
}

fn clock() -> Arc<AtomicU64> {
    Arc::new(AtomicU64::new(NOW))
}

fn verifier() -> Verifier<Policy> {
    builder(&clock()).dpop(Dpop::new(SERVICE)).build().unwrap()
}

fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(*name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

async fn ask(
    verifier: &Verifier<Policy>,
    fields: &[(&'static str, &str)],
) -> Result<Identity<Policy>, Denied> {
    let mut request = Request::get("/orders?page=2").body(()).unwrap();
    *request.headers_mut() = headers(fields);
    verifier.authenticate(RequestHead::of(&request)).await
}

/// As a client with a key sends it.
async fn send(
    verifier: &Verifier<Policy>,
    token: &str,
    proof: &str,
) -> Result<Identity<Policy>, Denied> {
    ask(verifier, &[("authorization", &format!("DPoP {token}")), ("dpop", proof)]).await
}

fn of_proof(denied: &Denied) -> ProofError {
    match denied.cause() {
        Cause::InvalidProof { reason, .. } => reason.clone(),
        other => panic!("{other:?}"),
    }
}

fn of_token(denied: &Denied) -> TokenError {
    match denied.cause() {
        Cause::InvalidToken { reason, .. } => reason.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn who_has_the_key_is_let_in_with_each_request() {
    let (client, verifier) = (Client::new(), verifier());
    let token = client.token();
    for _ in 0..3 {
        let identity = send(&verifier, &token, &client.proof(&token)).await.unwrap();
        assert_eq!(identity.subject(), "ada");
        assert!(identity.is_bound());
    }
    // The scheme is not case-sensitive (RFC 9110 section 11.1).
    let fields = [("authorization", format!("dpop {token}")), ("dpop", client.proof(&token))];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert!(ask(&verifier, &fields).await.is_ok());
}

type Signer<'a> = &'a dyn Fn(&[u8]) -> Vec<u8>;

#[tokio::test]
async fn every_kind_of_key_pair_proves() {
    let (edwards, rsa, verifier) = (Edwards::new(), Rsa::new(), verifier());
    let keys: [(&str, Value, Signer<'_>); 4] = [
        ("EdDSA", edwards.jwk(), &|data| edwards.sign(data)),
        ("Ed25519", edwards.jwk(), &|data| edwards.sign(data)),
        ("RS256", rsa.jwk(), &|data| rsa.rs256(data)),
        ("PS256", rsa.jwk(), &|data| rsa.ps256(data)),
    ];
    for (alg, jwk, sign) in keys {
        let token = bound_token(&json!({"jkt": thumbprint(&jwk)}));
        let header = json!({"typ": "dpop+jwt", "alg": alg, "jwk": jwk});
        let proof = sign_with(header.to_string(), proof_claims(&token).to_string(), sign);
        assert!(send(&verifier, &token, &proof).await.is_ok(), "{alg}");
    }
}

/// Each attack with why it is refused, and a good proof that is let in beside it.
#[tokio::test]
async fn a_proof_that_is_not_for_this_request_and_this_token_is_refused() {
    let (client, verifier) = (Client::new(), verifier());
    let token = client.token();
    let claim = |name: &str, value: Value| {
        client.sign(&client.header(), &with(proof_claims(&token), name, value))
    };
    let missing = |name: &str| ProofError::Token(TokenError::missing(name));
    let text = "a string";
    let mistyped = |name: &str, what| ProofError::Token(TokenError::mistyped(name, what));
    let date = "a number of seconds between 1970 and 9999";
    let mut attacks = vec![
        ("another method", claim("htm", "POST".into()), ProofError::Method),
        ("the method in lower case", claim("htm", "get".into()), ProofError::Method),
        ("no text for a method", claim("htm", json!(["GET"])), mistyped("htm", text)),
        ("another token", claim("ath", hash("another").into()), ProofError::TokenHash),
        ("the token itself", claim("ath", token.as_str().into()), ProofError::TokenHash),
        ("no text for a hash", claim("ath", json!(null)), mistyped("ath", text)),
        ("stale", claim("iat", json!(NOW - 91)), ProofError::TooOld),
        ("from the future", claim("iat", json!(NOW + 31)), ProofError::InFuture),
        ("milliseconds", claim("iat", json!(NOW * 1000)), mistyped("iat", date)),
        ("no number for a time", claim("iat", json!(NOW.to_string())), mistyped("iat", date)),
        ("an empty id", claim("jti", "".into()), ProofError::NoId),
        ("no text for an id", claim("jti", json!(7)), mistyped("jti", text)),
    ];
    for url in [
        "https://api.example.com/",
        "https://api.example.com/orders/",
        "https://api.example.com/Orders",
        "https://api.example.com/admin/../orders",
        "https://api.example.com:8443/orders",
        "http://api.example.com/orders",
        "https://evil.example/orders",
        "https://api.example.com.evil.example/orders",
        "https://ann@api.example.com/orders",
        "/orders",
        "",
    ] {
        attacks.push(("another address", claim("htu", url.into()), ProofError::Address));
    }
    for name in ["jti", "htm", "htu", "iat", "ath"] {
        let mut claims = proof_claims(&token);
        claims.as_object_mut().unwrap().remove(name);
        attacks.push(("a claim less", client.sign(&client.header(), &claims), missing(name)));
    }
    for (name, proof, expected) in attacks {
        let denied = send(&verifier, &token, &proof).await.unwrap_err();
        assert_eq!(of_proof(&denied), expected, "{name}");
        assert_eq!(denied.status(), StatusCode::UNAUTHORIZED);
        assert!(send(&verifier, &token, &client.proof(&token)).await.is_ok(), "beside {name}");
    }
    // What still counts: the ends of the times, and an address that says the same otherwise.
    for (name, value) in [
        ("iat", json!(NOW - 90)),
        ("iat", json!(NOW + 30)),
        ("htu", json!("HTTPS://API.example.com:443/orders?page=2#top")),
        ("htu", json!("https://api.example.com/%6Frders")),
    ] {
        assert!(send(&verifier, &token, &claim(name, value.clone())).await.is_ok(), "{value}");
    }
}

#[tokio::test]
async fn a_proof_that_the_key_of_the_token_did_not_sign_is_refused() {
    let (client, thief, verifier) = (Client::new(), Client::new(), verifier());
    let token = client.token();
    let claims = || proof_claims(&token);
    let header = |name: &str, value: Value| with(client.header(), name, value);
    let signed = |header: &Value| client.sign(header, &claims());
    let without = |name: &str| {
        let mut header = client.header();
        header.as_object_mut().unwrap().remove(name);
        header
    };
    let private = with(client.key.jwk(), "d", encode([1; 32]).into());
    let secret = json!({"kty": "oct", "k": encode([7; 64])});
    let symmetric = json!({"typ": "dpop+jwt", "alg": "HS256", "jwk": secret});
    let unsigned = header("alg", "none".into());
    let unsupported = |member| ProofError::Token(TokenError::HeaderUnsupported { member });
    let mut attacks = vec![
        ("another's key", thief.proof(&token), ProofError::OtherKey),
        (
            "another's signature under this key",
            thief.sign(&client.header(), &claims()),
            ProofError::Token(TokenError::Signature),
        ),
        (
            "a secret",
            sign_with(symmetric.to_string(), claims().to_string(), |data| hs256(&[7; 64], data)),
            ProofError::Symmetric,
        ),
        (
            "the public key as a secret",
            sign_with(header("alg", "HS256".into()).to_string(), claims().to_string(), |data| {
                hs256(&client.key.point(), data)
            }),
            ProofError::Symmetric,
        ),
        (
            "alg none",
            format!("{}.{}.AA", encode(unsigned.to_string()), encode(claims().to_string())),
            ProofError::Token(TokenError::AlgorithmUnsupported),
        ),
        (
            "alg none and no signature",
            format!("{}.{}.", encode(unsigned.to_string()), encode(claims().to_string())),
            ProofError::Token(TokenError::Format),
        ),
        ("no alg", signed(&without("alg")), ProofError::Token(TokenError::AlgorithmMissing)),
        (
            "another family",
            signed(&header("alg", "RS256".into())),
            ProofError::Key(KeyError::Member {
                key: "the key".into(),
                member: "e",
                expected: "a string of base64url without padding",
            }),
        ),
        ("another curve", signed(&header("alg", "ES384".into())), ProofError::OtherKey),
        (
            "a private key",
            signed(&header("jwk", private)),
            ProofError::Key(KeyError::PrivateKey { key: "the key".into(), member: "d".into() }),
        ),
        ("no key", signed(&without("jwk")), ProofError::NoKey),
        (
            "a key as text",
            signed(&header("jwk", client.key.jwk().to_string().into())),
            ProofError::NoKey,
        ),
        ("no typ", signed(&without("typ")), ProofError::Type),
        ("critical extensions", signed(&header("crit", json!(["x"]))), unsupported("crit")),
        ("an unencoded payload", signed(&header("b64", json!(false))), unsupported("b64")),
        ("nothing", String::new(), ProofError::Token(TokenError::Format)),
        ("a JSON serialization", "{}".to_owned(), ProofError::Token(TokenError::Character)),
        (
            "two in one header",
            format!("{}, {}", client.proof(&token), client.proof(&token)),
            ProofError::Token(TokenError::Character),
        ),
        (
            "one name twice",
            sign_with(
                client.header().to_string(),
                claims().to_string().replacen('{', r#"{"htm":"POST","#, 1),
                |data| client.key.es256(data),
            ),
            ProofError::Token(TokenError::Json {
                part: Part::Payload,
                fault: crate::token::JsonFault::Duplicate,
            }),
        ),
        ("the access token", token.clone(), ProofError::Type),
    ];
    for typ in ["JWT", "at+jwt", "logout+jwt", "dpop", "dpop+jwt2", ""] {
        attacks.push(("another typ", signed(&header("typ", typ.into())), ProofError::Type));
    }
    for (name, proof, expected) in attacks {
        let denied = send(&verifier, &token, &proof).await.unwrap_err();
        assert_eq!(of_proof(&denied), expected, "{name}");
        assert!(send(&verifier, &token, &client.proof(&token)).await.is_ok(), "beside {name}");
    }
}

#[tokio::test]
async fn a_request_has_one_proof() {
    let (client, verifier) = (Client::new(), verifier());
    let token = client.token();
    let authorization = format!("DPoP {token}");
    let (first, second) = (client.proof(&token), client.proof(&token));
    let denied = ask(&verifier, &[("authorization", &authorization)]).await.unwrap_err();
    assert_eq!(of_proof(&denied), ProofError::Missing);
    let fields = [("authorization", authorization.as_str()), ("dpop", &first), ("dpop", &second)];
    assert_eq!(of_proof(&ask(&verifier, &fields).await.unwrap_err()), ProofError::Several);
    // Neither was used up by that.
    assert!(send(&verifier, &token, &first).await.is_ok());
    assert!(send(&verifier, &token, &second).await.is_ok());
}

#[tokio::test]
async fn a_proof_is_good_once_also_for_a_token_that_is_remembered() {
    let (client, clock) = (Client::new(), clock());
    let token = client.token();
    let remembering = builder(&clock).dpop(Dpop::new(SERVICE)).build().unwrap();
    let forgetting = builder(&clock).dpop(Dpop::new(SERVICE)).without_cache().build().unwrap();
    for verifier in [remembering, forgetting] {
        clock.store(NOW, Ordering::SeqCst);
        let proof = client.proof(&token);
        assert!(send(&verifier, &token, &proof).await.is_ok());
        for later in [0, 1, 90] {
            clock.store(NOW + later, Ordering::SeqCst);
            let denied = send(&verifier, &token, &proof).await.unwrap_err();
            assert_eq!(of_proof(&denied), ProofError::Replayed, "{later}");
        }
        clock.store(NOW + 91, Ordering::SeqCst);
        let denied = send(&verifier, &token, &proof).await.unwrap_err();
        assert_eq!(of_proof(&denied), ProofError::TooOld);
    }
}

#[tokio::test]
async fn an_id_is_used_up_for_the_key_that_used_it_alone() {
    let verifier = verifier();
    let clients = [Client::new(), Client::new()];
    for client in &clients {
        let token = client.token();
        let claims = with(proof_claims(&token), "jti", "the same".into());
        let proof = client.sign(&client.header(), &claims);
        assert!(send(&verifier, &token, &proof).await.is_ok());
        // Another proof with that id.
        let claims = with(claims, "iat", json!(NOW - 40));
        let denied = send(&verifier, &token, &client.sign(&client.header(), &claims)).await;
        assert_eq!(of_proof(&denied.unwrap_err()), ProofError::Replayed);
    }
}

#[tokio::test]
async fn a_proof_that_was_refused_is_not_used_up() {
    let (client, verifier) = (Client::new(), verifier());
    let token = client.token();
    let proof = client.proof(&token);
    let other = bound_token(&json!({"jkt": client.thumbprint(), "x5t#S256": encode([7; 32])}));
    assert!(send(&verifier, &other, &proof).await.is_err());
    assert!(send(&verifier, &token, &proof).await.is_ok());
}

#[tokio::test]
async fn a_bound_token_is_no_bearer_token_with_a_proof_or_without() {
    let (client, verifier) = (Client::new(), verifier());
    let token = client.token();
    let bearer = format!("Bearer {token}");
    // Also once it is remembered.
    for _ in 0..2 {
        let proof = client.proof(&token);
        for fields in [
            &[("authorization", bearer.as_str())][..],
            &[("authorization", bearer.as_str()), ("dpop", &proof)],
        ] {
            let denied = ask(&verifier, fields).await.unwrap_err();
            assert_eq!(of_token(&denied), TokenError::SenderConstrained);
        }
        assert_eq!(verifier.verify(&token).await.unwrap_err(), TokenError::SenderConstrained);
        assert!(send(&verifier, &token, &client.proof(&token)).await.is_ok());
    }
    // Where no proof is checked, it is not let in at all, and the scheme is unknown.
    let plain = builder(&clock()).build().unwrap();
    let denied = ask(&plain, &[("authorization", &bearer)]).await.unwrap_err();
    assert_eq!(of_token(&denied), TokenError::SenderConstrained);
    let denied = send(&plain, &token, &client.proof(&token)).await.unwrap_err();
    assert!(matches!(denied.cause(), Cause::NoCredentials { .. }));
}

#[tokio::test]
async fn a_token_that_is_bound_to_no_key_has_no_use_for_the_scheme() {
    let (client, verifier) = (Client::new(), verifier());
    let unbound = token(HEADER, super::support::claims().to_string());
    for _ in 0..2 {
        let denied = send(&verifier, &unbound, &client.proof(&unbound)).await.unwrap_err();
        assert_eq!(of_token(&denied), TokenError::NotBoundToKey);
        let fields = [("authorization", format!("Bearer {unbound}"))];
        let identity = ask(&verifier, &[("authorization", &fields[0].1)]).await.unwrap();
        assert!(!identity.is_bound());
    }
    let by_certificate = bound_token(&json!({"x5t#S256": encode([7; 32])}));
    let denied = send(&verifier, &by_certificate, &client.proof(&by_certificate)).await;
    assert_eq!(of_token(&denied.unwrap_err()), TokenError::NotBoundToKey);
}

#[tokio::test]
async fn a_scheme_alone_is_no_credentials() {
    for value in ["DPoP", "dpop   ", "Bearer "] {
        let denied = ask(&verifier(), &[("authorization", value)]).await.unwrap_err();
        assert_eq!(
            (denied.status().as_u16(), denied.outcome()),
            (401, "no_credentials"),
            "{value}"
        );
    }
}

#[tokio::test]
async fn what_can_not_be_read_behind_the_scheme_is_malformed() {
    for value in ["DPoP \t", "DPoP a b", "DPoP\ta.b.c", "DPoP a.b.c, DPoP a.b.c"] {
        let denied = ask(&verifier(), &[("authorization", value)]).await.unwrap_err();
        assert_eq!(denied.status(), StatusCode::BAD_REQUEST, "{value}");
    }
    let fields = [("authorization", "DPoP a.b.c"), ("authorization", "Bearer a.b.c")];
    let denied = ask(&verifier(), &fields).await.unwrap_err();
    assert_eq!(denied.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_nonce_of_this_service_is_asked_for_until_it_is_there() {
    let (client, clock) = (Client::new(), clock());
    let dpop = || Dpop::new(SERVICE).shared_nonces(&[1; 32]);
    let verifier = builder(&clock).dpop(dpop()).build().unwrap();
    let another_node = builder(&clock).dpop(dpop()).build().unwrap();
    let another_service = builder(&clock).dpop(Dpop::new(SERVICE).nonces()).build().unwrap();
    let token = client.token();
    let proof = |nonce: Value| {
        let claims = with(proof_claims(&token), "nonce", nonce);
        client.sign(&client.header(), &with(claims, "iat", clock.load(Ordering::SeqCst).into()))
    };
    let wanted = |denied: Denied| {
        assert!(matches!(denied.cause(), Cause::NonceWanted { .. }), "{denied:?}");
        assert_eq!(denied.status(), StatusCode::UNAUTHORIZED);
        denied.dpop_nonce().unwrap().to_str().unwrap().to_owned()
    };
    let nonce = wanted(send(&verifier, &token, &client.proof(&token)).await.unwrap_err());
    assert!(send(&verifier, &token, &proof(json!(nonce))).await.is_ok());
    assert!(send(&another_node, &token, &proof(json!(nonce))).await.is_ok());
    for bad in [json!("x"), json!(""), json!(format!("{nonce}A"))] {
        wanted(send(&verifier, &token, &proof(bad)).await.unwrap_err());
    }
    wanted(send(&another_service, &token, &proof(json!(nonce))).await.unwrap_err());
    let denied = send(&verifier, &token, &proof(json!(7))).await.unwrap_err();
    assert!(matches!(of_proof(&denied), ProofError::Token(TokenError::ClaimType { .. })));
    // Later it is too old, and another one is handed out.
    clock.store(NOW + 600, Ordering::SeqCst);
    let expired = TokenError::Expired;
    assert_eq!(
        of_token(&send(&verifier, &token, &proof(json!(nonce))).await.unwrap_err()),
        expired
    );
    let fresh = token_until(&client, NOW + 1_000);
    let claims = |nonce: &str| {
        let claims = with(proof_claims(&fresh), "nonce", json!(nonce));
        client.sign(&client.header(), &with(claims, "iat", json!(NOW + 600)))
    };
    let next = wanted(send(&verifier, &fresh, &claims(&nonce)).await.unwrap_err());
    assert_ne!(next, nonce);
    assert!(send(&verifier, &fresh, &claims(&next)).await.is_ok());
}

fn token_until(client: &Client, expires_at: u64) -> String {
    let cnf = json!({"jkt": client.thumbprint()});
    token(HEADER, claims_with(&json!({"cnf": cnf, "exp": expires_at})).to_string())
}

/// A store that can't tell.
struct Broken;

impl ReplayStore for Broken {
    fn first_use(&self, _: ProofId, _: u64, _: u64) -> FirstUse<'_> {
        Box::pin(async { Err(ReplayStoreError::new("the store is down")) })
    }
}

#[tokio::test]
async fn where_nobody_can_tell_whether_a_proof_was_used_nothing_is_said_about_it() {
    let client = Client::new();
    let token = client.token();
    let full = crate::token::MemoryReplayStore::with_limit(0);
    for dpop in [Dpop::new(SERVICE).replay_store(Broken), Dpop::new(SERVICE).replay_store(full)] {
        let verifier = builder(&clock()).dpop(dpop).build().unwrap();
        let denied = send(&verifier, &token, &client.proof(&token)).await.unwrap_err();
        assert!(denied.is_unavailable());
        assert_eq!(denied.status(), StatusCode::SERVICE_UNAVAILABLE);
        // What is refused anyway does not ask it.
        assert!(!send(&verifier, &token, "x.y.z").await.unwrap_err().is_unavailable());
    }
}

#[tokio::test]
async fn a_token_bound_to_a_certificate_asks_for_it() {
    let cnf = json!({"x5t#S256": encode(hash_of(b"the certificate"))});
    let token = bound_token(&cnf);
    let verifier = builder(&clock()).mutual_tls().build().unwrap();
    let ask = |certificate: Option<&[u8]>| {
        let mut request = Request::get("/orders")
            .header("authorization", format!("Bearer {token}"))
            .header("client-cert", ":dGhlIGNlcnRpZmljYXRl:")
            .body(())
            .unwrap();
        if let Some(der) = certificate {
            request.extensions_mut().insert(ClientCertificate::from_der(der));
        }
        let verifier = verifier.clone();
        async move { verifier.authenticate(RequestHead::of(&request)).await }
    };
    // The second time it is remembered.
    for _ in 0..2 {
        assert!(ask(Some(b"the certificate")).await.unwrap().is_bound());
        for certificate in [None, Some(&b"another"[..])] {
            let denied = ask(certificate).await.unwrap_err();
            assert_eq!(of_token(&denied), TokenError::ClientCertificate);
        }
        assert_eq!(verifier.verify(&token).await.unwrap_err(), TokenError::SenderConstrained);
    }
    // Without a source that is believed, nothing proves it.
    let fields = [("authorization", format!("Bearer {token}"))];
    for verifier in [builder(&clock()).build().unwrap(), self::verifier()] {
        let mut request = Request::get("/orders").body(()).unwrap();
        *request.headers_mut() = headers(&[("authorization", &fields[0].1)]);
        request.extensions_mut().insert(ClientCertificate::from_der(b"the certificate"));
        let denied = verifier.authenticate(RequestHead::of(&request)).await.unwrap_err();
        assert_eq!(of_token(&denied), TokenError::SenderConstrained);
    }
    let by_proxy = builder(&clock()).danger_mutual_tls_by_proxy().build().unwrap();
    let request = Request::get("/orders")
        .header("authorization", &fields[0].1)
        .header("client-cert", ":dGhlIGNlcnRpZmljYXRl:")
        .body(())
        .unwrap();
    assert!(by_proxy.authenticate(RequestHead::of(&request)).await.is_ok());
}

fn hash_of(bytes: &[u8]) -> Vec<u8> {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref().to_vec()
}

#[tokio::test]
async fn a_token_bound_to_both_asks_for_both() {
    let client = Client::new();
    let cnf = json!({
        "jkt": client.thumbprint(), "x5t#S256": encode(hash_of(b"the certificate")),
    });
    let token = bound_token(&cnf);
    let verifier = builder(&clock()).dpop(Dpop::new(SERVICE)).mutual_tls().build().unwrap();
    let ask = |scheme: &str, certificate: &[u8]| {
        let request = Request::get("/orders")
            .header("authorization", format!("{scheme} {token}"))
            .header("dpop", client.proof(&token))
            .extension(ClientCertificate::from_der(certificate))
            .body(())
            .unwrap();
        let verifier = verifier.clone();
        async move { verifier.authenticate(RequestHead::of(&request)).await }
    };
    assert!(ask("DPoP", b"the certificate").await.unwrap().is_bound());
    let denied = ask("DPoP", b"another").await.unwrap_err();
    assert_eq!(of_token(&denied), TokenError::ClientCertificate);
    let denied = ask("Bearer", b"the certificate").await.unwrap_err();
    assert_eq!(of_token(&denied), TokenError::SenderConstrained);
}

#[test]
fn settings_that_could_never_work_are_told_at_the_start() {
    let build = |dpop: Dpop| builder(&clock()).dpop(dpop).build().map(drop).unwrap_err();
    for address in
        ["", "api.example.com", "ftp://api.example.com", "https://a.example?x", "https://ann@a.b"]
    {
        let expected = ConfigError::DpopAddress { address: address.into() };
        assert_eq!(build(Dpop::new(address)), expected, "{address}");
    }
    for seconds in [0, 601] {
        let dpop = Dpop::new(SERVICE).max_age(std::time::Duration::from_secs(seconds));
        assert_eq!(build(dpop), ConfigError::DpopMaxAge { seconds });
    }
    let dpop = Dpop::new(SERVICE).shared_nonces(&[1; 31]);
    assert!(!format!("{dpop:?}").contains('1'), "{dpop:?}");
    assert_eq!(build(dpop), ConfigError::DpopNonceSecret { bytes: 31 });
}
