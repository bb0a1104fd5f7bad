//! An issuer that signs whatever bytes a test hands it, and requests to a guarded router.

#![expect(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses its part; a test that can't sign has failed"
)]

use authz_core::token::{Algorithm, KeySet};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaKeyPair,
};
use aws_lc_rs::{hmac, rsa};
use axum::body::Body;
use axum::response::Response;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

pub fn base64url(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// A key of each kind.
pub struct Keys {
    pub ed25519: Ed25519KeyPair,
    pub p256: EcdsaKeyPair,
    pub rsa: RsaKeyPair,
    pub secret: Vec<u8>,
}

impl Keys {
    pub fn new(secret: &[u8]) -> Self {
        Self {
            ed25519: Ed25519KeyPair::generate().unwrap(),
            p256: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            rsa: RsaKeyPair::generate(rsa::KeySize::Rsa2048).unwrap(),
            secret: secret.to_vec(),
        }
    }

    /// The public keys: `ed` for `EdDSA`, `ec` for `ES256`, `rsa` for `RS256`.
    pub fn public(&self) -> KeySet {
        let ed = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "ed",
            "x": base64url(self.ed25519.public_key()) });
        let (x, y) = self.p256.public_key().as_ref().split_at(1).1.split_at(32);
        let ec = json!({ "kty": "EC", "crv": "P-256", "kid": "ec",
            "x": base64url(x), "y": base64url(y) });
        let jwks = json!({ "keys": [ed, ec] }).to_string();
        let rsa = KeySet::from_pem(&self.rsa_pem(), Algorithm::Rs256).unwrap();
        KeySet::from_jwks(&jwks, &[Algorithm::EdDsa, Algorithm::Es256])
            .unwrap()
            .and(&rsa.with_kid("rsa").unwrap())
            .unwrap()
    }

    pub fn rsa_pem(&self) -> String {
        let der = BASE64_STANDARD.encode(self.rsa.public_key());
        format!("-----BEGIN RSA PUBLIC KEY-----\n{der}\n-----END RSA PUBLIC KEY-----\n")
    }

    pub fn ed25519(&self, header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
        with_signature(header, claims, |signed| self.ed25519.sign(signed).as_ref().to_vec())
    }

    pub fn p256(&self, header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
        with_signature(header, claims, |signed| {
            self.p256.sign(&SystemRandom::new(), signed).unwrap().as_ref().to_vec()
        })
    }

    pub fn rs256(&self, header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
        with_signature(header, claims, |signed| {
            let mut signature = vec![0; self.rsa.public_modulus_len()];
            let random = SystemRandom::new();
            self.rsa.sign(&RSA_PKCS1_SHA256, &random, signed, &mut signature).unwrap();
            signature
        })
    }

    pub fn ps256(&self, header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
        with_signature(header, claims, |signed| {
            let mut signature = vec![0; self.rsa.public_modulus_len()];
            let random = SystemRandom::new();
            self.rsa.sign(&RSA_PSS_SHA256, &random, signed, &mut signature).unwrap();
            signature
        })
    }

    pub fn hs256(&self, header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
        hs256(&self.secret, header, claims)
    }
}

pub fn hs256(secret: &[u8], header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
    with_signature(header, claims, |signed| {
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed).as_ref().to_vec()
    })
}

pub fn with_signature(
    header: impl AsRef<[u8]>,
    claims: impl AsRef<[u8]>,
    sign: impl FnOnce(&[u8]) -> Vec<u8>,
) -> String {
    let signed = format!("{}.{}", base64url(header), base64url(claims));
    let signature = base64url(sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// The answer to a request with these `Authorization` headers.
pub async fn call(app: &axum::Router, uri: &str, authorization: &[&str]) -> Answer {
    let mut request = Request::post(uri);
    for value in authorization {
        request = request.header("authorization", *value);
    }
    let response = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    Answer::of(response).await
}

/// A response, read to its end.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: StatusCode,
    pub challenge: Option<String>,
    pub body: String,
}

impl Answer {
    pub async fn of(response: Response) -> Self {
        let status = response.status();
        let challenges: Vec<_> = response.headers().get_all("www-authenticate").iter().collect();
        assert!(challenges.len() <= 1, "more than one challenge");
        let challenge = challenges.first().map(|value| value.to_str().unwrap().to_owned());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        Self { status, challenge, body: String::from_utf8(body.to_vec()).unwrap() }
    }
}

/// The object with a member set.
pub fn with(mut object: Value, name: &str, value: Value) -> Value {
    let members = object.as_object_mut().unwrap();
    members.insert(name.to_owned(), value);
    object
}

pub fn without(mut object: Value, name: &str) -> Value {
    object.as_object_mut().unwrap().remove(name).unwrap();
    object
}
