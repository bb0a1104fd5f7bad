//! A client that proves that it has the key which its token is bound to (RFC 9449), written from the
//! RFC and not from what checks it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that finds something else than it expects has failed"
)]
#![allow(dead_code, reason = "each test file uses its part")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// A client with a key of its own on P-256.
pub struct Sender {
    key: EcdsaKeyPair,
}

impl Sender {
    pub fn new() -> Self {
        Self { key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap() }
    }

    fn coordinates(&self) -> (String, String) {
        let point = self.key.public_key().as_ref();
        (base64url(&point[1..33]), base64url(&point[33..]))
    }

    /// RFC 7638: what a token of this client says in `cnf.jkt`.
    pub fn thumbprint(&self) -> String {
        let (x, y) = self.coordinates();
        let text = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        base64url(digest(&SHA256, text.as_bytes()))
    }

    /// The claims of a proof that is made now, for a request with a token, or for one of a token.
    pub fn claims(method: &str, url: &str, token: Option<&str>) -> Value {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let id = format!("{}-{}-{number}", std::process::id(), now.as_nanos());
        let mut claims = json!({ "jti": id, "htm": method, "htu": url, "iat": now.as_secs() });
        if let Some(token) = token {
            claims["ath"] = base64url(digest(&SHA256, token.as_bytes())).into();
        }
        claims
    }

    pub fn sign(&self, claims: &Value) -> String {
        let (x, y) = self.coordinates();
        let jwk = json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y });
        let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": jwk });
        let signed = format!("{}.{}", base64url(header.to_string()), base64url(claims.to_string()));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", base64url(signature))
    }

    /// A proof for a request with a token.
    pub fn proof(&self, method: &str, url: &str, token: &str) -> String {
        self.sign(&Self::claims(method, url, Some(token)))
    }
}
