//! What a token costs until there is an identity, beside its bare signature and `jsonwebtoken`.
//!
//! `bare` checks the signature alone: the key is parsed, the signature decoded beforehand.
//! `ours` and `jsonwebtoken` start from the text of the token and check issuer, audience and time.
//!
//! `cargo bench -p authz-core --features axum,testing --bench verify`
#![expect(clippy::unwrap_used, reason = "a benchmark that can't be set up has nothing to tell")]

use std::sync::LazyLock;

use authz_core::token::{Algorithm, Issuer, KeySet};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair,
    Ed25519KeyPair, KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use aws_lc_rs::{hmac, rsa};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use divan::{AllocProfiler, Bencher, black_box};
use jsonwebtoken::{DecodingKey, Validation};
use serde_json::json;

#[path = "support/policy.rs"]
mod policy;
#[path = "support/poll_once.rs"]
mod poll_once;

use poll_once::poll_once;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

const SECRET: &[u8] = b"a secret for measurements, as long as the hash";
const ISSUER: &str = "https://id.example.com/realms/shop";
const AUDIENCE: &str = "orders-api";
const ALGORITHMS: [&str; 4] = ["HS256", "RS256", "ES256", "EdDSA"];

fn main() {
    for algorithm in ALGORITHMS {
        eprintln!("{algorithm}: a token of {} bytes", subject(algorithm).token.len());
    }
    divan::main();
}

#[divan::bench(args = ALGORITHMS, sample_size = 16)]
fn bare(bencher: Bencher<'_, '_>, algorithm: &str) {
    let subject = subject(algorithm);
    let (signed, signature) = subject.token.rsplit_once('.').unwrap();
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
    let signed = signed.as_bytes();
    match &subject.bare {
        Bare::Secret(key) => bencher
            .bench_local(|| hmac::verify(key, black_box(signed), black_box(&signature)).unwrap()),
        Bare::Public(key) => bencher
            .bench_local(|| key.verify_sig(black_box(signed), black_box(&signature)).unwrap()),
    }
}

#[divan::bench(args = ALGORITHMS, sample_size = 16)]
fn jsonwebtoken(bencher: Bencher<'_, '_>, algorithm: &str) {
    let Subject { token, decoding_key, .. } = subject(algorithm);
    let mut validation = Validation::new(algorithm.parse().unwrap());
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[ISSUER]);
    validation.set_required_spec_claims(&["exp", "iss", "aud"]);
    bencher.bench_local(|| {
        jsonwebtoken::decode::<Claims>(black_box(token), decoding_key, &validation).unwrap();
    });
}

#[divan::bench(args = ALGORITHMS, sample_size = 16)]
fn ours(bencher: Bencher<'_, '_>, algorithm: &str) {
    let Subject { token, verifier, .. } = subject(algorithm);
    bencher.bench_local(|| {
        poll_once(verifier.verify(black_box(token))).unwrap();
    });
}

/// What a service would read with `jsonwebtoken`.
#[derive(serde::Deserialize)]
#[expect(dead_code, reason = "read, and not used")]
struct Claims {
    sub: String,
    client_id: String,
    exp: u64,
    jti: String,
    roles: Vec<String>,
    scope: String,
    acr: String,
    amr: Vec<String>,
}

enum Bare {
    Secret(Box<hmac::Key>),
    Public(ParsedPublicKey),
}

/// One token, and the key it was signed with as each of the three takes it.
struct Subject {
    token: String,
    bare: Bare,
    decoding_key: DecodingKey,
    verifier: policy::Verifier,
}

impl Subject {
    fn new(token: String, bare: Bare, decoding_key: DecodingKey, keys: KeySet) -> Self {
        let verifier = policy::Verifier::builder()
            .issuer(Issuer::new(ISSUER, keys))
            .audience(AUDIENCE)
            .without_cache()
            .build()
            .unwrap();
        Self { token, bare, decoding_key, verifier }
    }
}

/// The same subject for everything that is measured of an algorithm.
fn subject(algorithm: &str) -> &'static Subject {
    static SUBJECTS: LazyLock<[Subject; 4]> =
        LazyLock::new(|| [hs256(), rs256(), es256(), ed_dsa()]);
    ALGORITHMS.iter().zip(&*SUBJECTS).find(|(name, _)| **name == algorithm).unwrap().1
}

fn hs256() -> Subject {
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET);
    Subject::new(
        token("HS256", |signed| hmac::sign(&key, signed).as_ref().to_vec()),
        Bare::Secret(Box::new(key.clone())),
        DecodingKey::from_secret(SECRET).unwrap(),
        KeySet::from_secret(SECRET, Algorithm::Hs256).unwrap(),
    )
}

fn rs256() -> Subject {
    let pair = RsaKeyPair::generate(rsa::KeySize::Rsa2048).unwrap();
    let token = token("RS256", |signed| {
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed, &mut signature).unwrap();
        signature
    });
    let public = pair.public_key().as_ref();
    let pem = format!(
        "-----BEGIN RSA PUBLIC KEY-----\n{}\n-----END RSA PUBLIC KEY-----\n",
        BASE64_STANDARD.encode(public)
    );
    Subject::new(
        token,
        Bare::Public(ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public).unwrap()),
        DecodingKey::from_rsa_der(public),
        KeySet::from_pem(&pem, Algorithm::Rs256).unwrap(),
    )
}

fn es256() -> Subject {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let token =
        token("ES256", |signed| pair.sign(&SystemRandom::new(), signed).unwrap().as_ref().to_vec());
    let public = pair.public_key().as_ref();
    // The first byte says that the point is not compressed.
    let (x, y) = public.split_at(1).1.split_at(32);
    let (x, y) = (BASE64_URL_SAFE_NO_PAD.encode(x), BASE64_URL_SAFE_NO_PAD.encode(y));
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y }).to_string();
    Subject::new(
        token,
        Bare::Public(ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public).unwrap()),
        DecodingKey::from_ec_components(&x, &y).unwrap(),
        KeySet::from_jwks(&jwk, &[Algorithm::Es256]).unwrap(),
    )
}

fn ed_dsa() -> Subject {
    let pair = Ed25519KeyPair::generate().unwrap();
    let token = token("EdDSA", |signed| pair.sign(signed).as_ref().to_vec());
    let public = pair.public_key().as_ref();
    let x = BASE64_URL_SAFE_NO_PAD.encode(public);
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": x }).to_string();
    Subject::new(
        token,
        Bare::Public(ParsedPublicKey::new(&ED25519, public).unwrap()),
        DecodingKey::from_ed_components(&x).unwrap(),
        KeySet::from_jwks(&jwk, &[Algorithm::EdDsa]).unwrap(),
    )
}

fn token(algorithm: &str, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let header = json!({ "alg": algorithm, "typ": "at+jwt" });
    let claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "248289761001", "client_id": "orders-web",
        "iat": 1_700_000_000, "exp": 4_102_444_800_u64, "auth_time": 1_700_000_000,
        "jti": "5f6f8a1e-6c1a-4a53-8d0a-0f6f5c8a1b2c", "roles": ["clerk"],
        "scope": "read:orders write:orders", "acr": "gold", "amr": ["pwd", "otp", "mfa"],
        "org_id": "3f2a8c1e5d7b4096a2c4e6f8b1d6",
    });
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let (header, claims) = (header.to_string(), claims.to_string());
    let signed = format!("{}.{}", encode(header.as_bytes()), encode(claims.as_bytes()));
    let signature = encode(&sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}
