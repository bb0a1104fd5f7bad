//! What the targets share: one issuer, one service and its policy, at one moment.
//!
//! A target judges what it is sent by `authz-core` and, where that was accepted, by somebody else:
//! `serde_json`, `jsonwebtoken`, `url`, `http-auth`. An input is text, so that a corpus can be read.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use authz_core::testing::Clock;
use authz_core::token::{Algorithm, Issuer, KeySet, Verifier, VerifierBuilder};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

pub mod policy {
    //! Who there is.

    use authz_core::{Roles, Scopes};

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
    pub enum Role {
        #[role(includes(Clerk, Auditor))]
        Admin,
        #[role(grants(Scope::WriteOrders))]
        Clerk,
        #[role(grants(Scope::ReadOrders))]
        Auditor,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
    pub enum Scope {
        #[scope("read:orders")]
        ReadOrders,
        #[scope("write:orders", includes(ReadOrders))]
        WriteOrders,
    }

    authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
}

pub use policy::{Policy, Role, Scope};

/// Seconds since 1970.
pub const NOW: u64 = 1_800_000_000;
/// Seconds that clocks may differ.
pub const LEEWAY: u64 = 30;
pub const ISSUER: &str = "https://id.example.com";
pub const AUDIENCE: &str = "orders-api";
pub const SECRET: [u8; 64] = [7; 64];
/// Of an access token.
pub const HEADER: &str = r#"{"alg":"HS256","typ":"at+jwt"}"#;

/// A token of the issuer, whatever it says.
pub fn sign(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    let signed = format!("{}.{}", encode(header), encode(payload));
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &SECRET), signed.as_bytes());
    format!("{signed}.{}", encode(signature))
}

pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[must_use]
pub fn issuer() -> Issuer {
    Issuer::new(ISSUER, KeySet::from_secret(&SECRET, Algorithm::Hs256).unwrap())
}

pub fn builder() -> VerifierBuilder<Policy> {
    Verifier::<Policy>::builder().audience(AUDIENCE).clock(&Clock::at(NOW))
}

/// What a future gives that waits for nothing.
pub fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("waits, with nothing to wait for"),
    }
}

/// What was accepted, as another reader of JSON sees it.
#[must_use]
pub fn view(text: &str) -> Value {
    let value: Value = serde_json::from_str(text).expect("accepted, and no JSON to others");
    assert!(value.is_object(), "accepted, and no object");
    value
}

/// Whether `claim` says that the token is good now: as RFC 7519 has it, by the numbers of `view`.
pub fn require_time(view: &Value) {
    let at = |claim: &str| view.get(claim).map(|value| value.as_f64().expect("a number").floor());
    let (now, leeway) = (NOW as f64, LEEWAY as f64);
    assert!(at("exp").expect("no exp") + leeway > now, "expired");
    assert!(at("iat").expect("no iat") <= now + leeway, "of the future");
    assert!(at("nbf").is_none_or(|at| at <= now + leeway), "not yet valid");
}

/// Whether the audience of the token is this service.
pub fn require_audience(value: &Value) {
    let ours = match value {
        Value::String(name) => name == AUDIENCE,
        Value::Array(names) => names.iter().any(|name| name == AUDIENCE),
        _ => false,
    };
    assert!(ours, "of another audience: {value}");
}
