//! A small policy, keys of every family, and tokens made by hand, so that a test can get anything
//! wrong that an issuer could.
#![expect(unsafe_code, reason = "the link section of records, which other crates get by macro")]

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use aws_lc_rs::{digest, encoding::AsDer as _, hmac, rsa};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::identity::Identity;
use crate::token::{Algorithm, Issuer, KeySet, TokenError, Verifier, VerifierBuilder};

pub(crate) mod policy {
    use crate::{Roles, Scopes};

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
    pub(crate) enum Role {
        #[role(includes(Clerk, Auditor))]
        Admin,
        #[role(grants(Scope::WriteOrders))]
        Clerk,
        Auditor,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
    pub(crate) enum Scope {
        #[scope("read:orders")]
        ReadOrders,
        #[scope("write:orders", includes(ReadOrders))]
        WriteOrders,
    }

    crate::policy!(pub(crate) Policy { roles: Role, scopes: Scope });
}

pub(crate) use policy::{Policy, Role, Scope};

pub(crate) const NOW: u64 = 1_800_000_000;
pub(crate) const ISSUER: &str = "https://id.example.com";
pub(crate) const AUDIENCE: &str = "orders-api";
pub(crate) const SECRET: [u8; 64] = [7; 64];

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Header and payload with the signature that `sign` makes.
pub(crate) fn sign_with(
    header: impl AsRef<[u8]>,
    payload: impl AsRef<[u8]>,
    sign: impl FnOnce(&[u8]) -> Vec<u8>,
) -> String {
    let signed = format!("{}.{}", encode(header), encode(payload));
    let signature = encode(sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

pub(crate) fn hs256(secret: &[u8], data: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    hmac::sign(&key, data).as_ref().to_vec()
}

pub(crate) fn token(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    sign_with(header, payload, |data| hs256(&SECRET, data))
}

/// A header for [`secret_keys`].
pub(crate) const HEADER: &str = r#"{"alg":"HS256","typ":"at+jwt"}"#;

pub(crate) fn secret_keys() -> KeySet {
    KeySet::from_secret(&SECRET, Algorithm::Hs256).unwrap()
}

/// Claims of the RFC 9068 profile.
pub(crate) fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "ada", "aud": AUDIENCE, "client_id": "shop", "jti": "t-1",
        "iat": NOW - 10, "exp": NOW + 300, "scope": "read:orders", "roles": ["clerk"],
    })
}

/// The claims with some replaced, or taken out by `null`-less removal.
pub(crate) fn claims_with(changes: &Value) -> Value {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        claims.as_object_mut().unwrap().insert(name.clone(), value.clone());
    }
    claims
}

pub(crate) fn claims_without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name).unwrap();
    claims
}

pub(crate) fn issuer() -> Issuer {
    Issuer::new(ISSUER, secret_keys())
}

pub(crate) fn builder() -> VerifierBuilder<Policy> {
    Verifier::<Policy>::builder().audience(AUDIENCE).seconds(Arc::new(AtomicU64::new(NOW)))
}

pub(crate) fn verifier(issuer: Issuer) -> Verifier<Policy> {
    builder().issuer(issuer).build().unwrap()
}

/// What becomes of claims that the default issuer signs, under a configuration of it.
pub(crate) fn judge(issuer: Issuer, claims: &Value) -> Result<Identity<Policy>, TokenError> {
    verifier(issuer).verify_now(&token(HEADER, claims.to_string()))
}

/// As [`judge`], with the profile of RFC 9068.
pub(crate) fn verify(claims: &Value) -> Result<Identity<Policy>, TokenError> {
    judge(issuer(), claims)
}

pub(crate) fn refusal(claims: &Value) -> TokenError {
    verify(claims).expect_err(&claims.to_string())
}

pub(crate) struct Rsa(RsaKeyPair);

impl Rsa {
    pub(crate) fn new() -> Self {
        Self(RsaKeyPair::generate(rsa::KeySize::Rsa2048).unwrap())
    }

    pub(crate) fn modulus(&self) -> Vec<u8> {
        self.0.public_key().modulus().big_endian_without_leading_zero().to_vec()
    }

    pub(crate) fn jwk(&self) -> Value {
        let public = self.0.public_key();
        json!({
            "kty": "RSA",
            "n": encode(self.modulus()),
            "e": encode(public.exponent().big_endian_without_leading_zero()),
        })
    }

    pub(crate) fn pkcs1(&self) -> Vec<u8> {
        self.0.public_key().as_ref().to_vec()
    }

    pub(crate) fn spki(&self) -> Vec<u8> {
        self.0.public_key().as_der().unwrap().as_ref().to_vec()
    }

    fn sign(&self, padding: &'static dyn RsaEncoding, data: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0.sign(padding, &SystemRandom::new(), data, &mut signature).unwrap();
        signature
    }

    pub(crate) fn rs256(&self, data: &[u8]) -> Vec<u8> {
        self.sign(&RSA_PKCS1_SHA256, data)
    }

    pub(crate) fn ps256(&self, data: &[u8]) -> Vec<u8> {
        self.sign(&RSA_PSS_SHA256, data)
    }
}

/// The product of two big-endian numbers.
pub(crate) fn product(one: &[u8], other: &[u8]) -> Vec<u8> {
    let mut product = vec![0; one.len() + other.len()];
    for (shift, factor) in other.iter().rev().enumerate() {
        let mut carry = 0;
        let digits = one.iter().rev().chain(&[0]);
        for (byte, digit) in product.iter_mut().rev().skip(shift).zip(digits) {
            let sum = u16::from(*byte) + u16::from(*digit) * u16::from(*factor) + carry;
            *byte = sum.to_le_bytes()[0];
            carry = sum >> 8;
        }
    }
    product.drain(..product.iter().take_while(|byte| **byte == 0).count());
    product
}

/// The JWK of this modulus.
pub(crate) fn rsa_of(modulus: &[u8]) -> Value {
    json!({"kty": "RSA", "n": encode(modulus), "e": "AQAB"})
}

pub(crate) struct Elliptic(EcdsaKeyPair);

impl Elliptic {
    pub(crate) fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    pub(crate) fn point(&self) -> Vec<u8> {
        self.0.public_key().as_ref().to_vec()
    }

    pub(crate) fn spki(&self) -> Vec<u8> {
        self.0.public_key().as_der().unwrap().as_ref().to_vec()
    }

    pub(crate) fn jwk(&self) -> Value {
        let point = self.point();
        json!({"kty": "EC", "crv": "P-256", "x": encode(&point[1..33]), "y": encode(&point[33..])})
    }

    pub(crate) fn es256(&self, data: &[u8]) -> Vec<u8> {
        self.0.sign(&SystemRandom::new(), data).unwrap().as_ref().to_vec()
    }
}

pub(crate) struct Edwards(Ed25519KeyPair);

impl Edwards {
    pub(crate) fn new() -> Self {
        Self(Ed25519KeyPair::generate().unwrap())
    }

    pub(crate) fn spki(&self) -> Vec<u8> {
        self.0.public_key().as_der().unwrap().as_ref().to_vec()
    }

    pub(crate) fn jwk(&self) -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "x": encode(self.0.public_key())})
    }

    pub(crate) fn sign(&self, data: &[u8]) -> Vec<u8> {
        self.0.sign(data).as_ref().to_vec()
    }
}

/// The thumbprint of a public key (RFC 7638), from its members alone.
pub(crate) fn thumbprint(jwk: &Value) -> String {
    let names = ["crv", "e", "k", "kty", "n", "x", "y"];
    let members: Vec<_> = names
        .into_iter()
        .filter_map(|name| Some(format!("{}:{}", json!(name), jwk.get(name)?)))
        .collect();
    let text = format!("{{{}}}", members.join(","));
    encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

/// A value with one more member.
pub(crate) fn with(mut value: Value, name: &str, member: Value) -> Value {
    value.as_object_mut().unwrap().insert(name.to_owned(), member);
    value
}

pub(crate) fn jwks(jwk: &Value, algorithms: &[Algorithm]) -> KeySet {
    KeySet::from_jwks(&jwk.to_string(), algorithms).unwrap()
}

pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let lines: Vec<&str> =
        body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
