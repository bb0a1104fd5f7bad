//! `WWW-Authenticate` as it is rendered. An input is lines: the realm, the address of the service's
//! metadata, classes of authentication with a bar between them, and the credentials of a request.
//!
//! Whatever they are, another reader of challenges finds in the header what was put in and nothing
//! else.
#![no_main]

use authz_core::http::RequestHead;
use authz_core::token::{ClaimMapping, Dpop, Verifier};
use authz_core::{Denied, requires};
use authz_fuzz::{AUDIENCE, HEADER, ISSUER, NOW, Policy, at_once, builder, issuer, policy, sign};
use http::{HeaderValue, Request};
use http_auth::parse_challenges;
use libfuzzer_sys::fuzz_target;
use serde_json::json;

/// What another second factor would open.
#[requires(mfa, policy = policy::Policy)]
pub fn refund() {}

/// What another scope would open.
#[requires(scope = "write:orders", policy = policy::Policy)]
pub fn place_order() {}

struct Service<'a> {
    realm: &'a str,
    metadata: Option<&'a str>,
    classes: Vec<&'a str>,
    verifier: Verifier<Policy>,
}

impl<'a> Service<'a> {
    fn read(lines: &[&'a str]) -> Option<Self> {
        let line = |number: usize| lines.get(number).copied().unwrap_or_default();
        let (realm, metadata) = (line(0), Some(line(1)).filter(|line| !line.is_empty()));
        let classes: Vec<&str> = line(2).split('|').collect();
        let mapping = ClaimMapping::rfc9068().mfa_by_acr(classes.iter().copied());
        let mut builder = builder().issuer(issuer().claims(mapping)).realm(realm);
        if let Some(url) = metadata {
            builder = builder.resource_metadata(url);
        }
        let verifier = builder.dpop(Dpop::new("https://api.example.com")).build().ok()?;
        Some(Self { realm, metadata, classes, verifier })
    }

    fn denied(&self, credentials: Option<&HeaderValue>) -> Option<Denied> {
        let mut request = Request::new(());
        if let Some(credentials) = credentials {
            request.headers_mut().insert("authorization", credentials.clone());
        }
        at_once(self.verifier.authenticate(RequestHead::of(&request))).err()
    }

    /// What the header says, as others read it.
    fn check(&self, denied: &Denied) {
        let Some(header) = denied.challenge() else {
            return;
        };
        let text = header.to_str().expect("visible text");
        for challenge in parse_challenges(text).expect("a challenge to others") {
            assert!(["Bearer", "DPoP"].contains(&challenge.scheme), "{text}");
            let mut names: Vec<&str> = challenge.params.iter().map(|(name, _)| *name).collect();
            for (name, value) in &challenge.params {
                self.check_parameter(name, &value.to_unescaped());
            }
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), challenge.params.len(), "one name twice: {text}");
        }
    }

    fn check_parameter(&self, name: &str, value: &str) {
        match name {
            "realm" => assert_eq!(value, self.realm),
            "resource_metadata" => assert_eq!(Some(value), self.metadata),
            "acr_values" => {
                let shown = self.classes.join(" ").replace(|c| !matches!(c, ' '..='~'), "?");
                assert_eq!(value, shown);
            }
            "scope" => assert_eq!(value, "write:orders"),
            "error" => assert!(value.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'_'))),
            "error_description" => assert!(!value.contains(['"', '\\']), "{value}"),
            "algs" => assert!(value.starts_with("ES256 ")),
            _ => panic!("a parameter of nobody: {name}"),
        }
    }
}

fuzz_target!(|text: &str| {
    let lines: Vec<&str> = text.splitn(4, '\n').collect();
    let Some(service) = Service::read(&lines) else {
        return;
    };
    service.check(&service.denied(None).expect("nobody is let in without credentials"));
    if let Some(credentials) = lines.get(3).and_then(|line| HeaderValue::try_from(*line).ok()) {
        service.denied(Some(&credentials)).iter().for_each(|denied| service.check(denied));
    }
    let claims = json!({
        "iss": ISSUER, "sub": "ada", "aud": AUDIENCE, "client_id": "shop", "jti": "t-1",
        "iat": NOW - 10, "exp": NOW + 300,
    });
    let token = sign(HEADER, claims.to_string());
    let identity = at_once(service.verifier.verify(&token)).expect("a good token");
    service.check(&identity.authorize::<refund>().expect_err("without a second factor"));
    service.check(&identity.authorize::<place_order>().expect_err("without the scope"));
});
