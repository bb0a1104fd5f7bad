//! Who calls, and what they bring: the tokens, proofs and other credentials of the cases.

use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use authz_core::danger::Vouched;
use authz_core::http::{FailureLimit, RequestHead};
use authz_core::testing::{self, Clock, TestIssuer};
use authz_core::token::{ClientCertificate, Dpop};
use authz_core::{Authentication, Authenticator, Refusal};
use authz_tests::policy::{Identity, Policy, Role, Scope, Verifier};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::sender::Sender;

/// The address that clients know the service by.
pub const SERVICE: &str = "https://api.example.com";
/// What a router takes off the targets of the handlers below it.
pub const PREFIX: &str = "/admin";

/// What the verifier of a case asks of a sender, beside the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    Nothing,
    Proofs,
    Nonces,
    Certificates,
    /// Nothing, of those whom another verifier has found.
    Others,
    /// Nothing, of those whom the verifier of one of two sites knows.
    Choice,
    /// No more than two failures of one source, in a time that is longer than the test.
    Patience,
}

/// Everybody outside of the service.
pub struct Party {
    issuer: TestIssuer,
    clock: Clock,
    sender: Sender,
    /// Of another site, whose users have the same names.
    elsewhere: TestIssuer,
    verifier_elsewhere: Verifier,
    /// That of the service which is asked.
    here: Mutex<Option<Verifier>>,
}

impl Party {
    pub fn new() -> Self {
        // A proof is made at the time of the system, so tokens are too.
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let issuer = TestIssuer::new("https://issuer.test");
        let elsewhere = TestIssuer::new("https://elsewhere.test");
        Self {
            issuer,
            clock: Clock::at(now),
            sender: Sender::new(),
            verifier_elsewhere: of_one_site(&elsewhere),
            elsewhere,
            here: Mutex::default(),
        }
    }

    pub fn verifier(&self, asks: Asks) -> Verifier {
        let verifier = self.verifier_that(asks);
        *self.here.lock().unwrap() = Some(verifier.clone());
        verifier
    }

    fn verifier_that(&self, asks: Asks) -> Verifier {
        let builder =
            Verifier::builder().issuer(self.issuer.trusted()).audience("shop").realm("shop");
        let builder = match asks {
            Asks::Choice => {
                let sites = [of_one_site(&self.issuer), self.verifier_elsewhere.clone()];
                return Verifier::of(Sites(sites));
            }
            Asks::Nothing | Asks::Others | Asks::Patience => builder,
            Asks::Proofs => builder.dpop(Dpop::new(SERVICE)),
            Asks::Nonces => builder.dpop(Dpop::new(SERVICE).nonces()),
            Asks::Certificates => builder.mutual_tls(),
        };
        let verifier = builder.build().unwrap().after(Badge);
        match asks {
            Asks::Others => return verifier.accepting(&self.verifier_elsewhere),
            Asks::Patience => {}
            _ => return verifier,
        }
        let limit = FailureLimit::new(2, Duration::from_hours(24));
        verifier.limit_failures(limit, |head| head.headers().get("source").cloned()).unwrap()
    }

    /// A good token of ann's, but for what is said here.
    fn token(&self, claims: &[(&str, Value)]) -> String {
        let mut token = self.issuer.token(&self.clock, "shop").subject("ann");
        for (name, value) in claims {
            token = token.claim(name, value.clone());
        }
        token.sign()
    }

    /// A token of the other site's ann.
    fn token_elsewhere(&self) -> String {
        let token = self.elsewhere.token(&self.clock, "shop").subject("ann");
        token.scope("read:orders").sign()
    }

    fn now(&self) -> u64 {
        self.clock.now()
    }
}

/// A verifier that knows the users of one site alone.
fn of_one_site(issuer: &TestIssuer) -> Verifier {
    Verifier::builder().issuer(issuer.trusted()).audience("shop").build().unwrap()
}

/// Where a call goes, as its sender sees it.
#[derive(Clone, Debug)]
pub struct Target {
    pub method: &'static str,
    pub path: String,
}

/// What a caller brings: header fields, the certificate of its connection, and what a middleware has found.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    pub fields: Vec<(&'static str, String)>,
    pub certificate: Option<ClientCertificate>,
    pub identity: Option<Identity>,
}

impl Credentials {
    fn of(name: &'static str, value: impl Into<String>) -> Self {
        Self::default().and(name, value)
    }

    fn and(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    fn found(identity: Identity) -> Self {
        Self { identity: Some(identity), ..Self::default() }
    }

    fn on_a_connection_with(self, certificate: &[u8]) -> Self {
        Self { certificate: Some(ClientCertificate::from_der(certificate)), ..self }
    }
}

/// Makes what a caller brings to a place.
pub type Brings = fn(&Party, &Target) -> Credentials;

pub fn nothing(_: &Party, _: &Target) -> Credentials {
    Credentials::default()
}

fn bearer(party: &Party, claims: &[(&str, Value)]) -> Credentials {
    Credentials::of("authorization", format!("Bearer {}", party.token(claims)))
}

/// A good token for nothing in particular.
pub fn bare_token(party: &Party, _: &Target) -> Credentials {
    bearer(party, &[])
}

pub fn reader(party: &Party, _: &Target) -> Credentials {
    bearer(party, &[("scope", json!("read:orders"))])
}

pub fn writer(party: &Party, _: &Target) -> Credentials {
    bearer(party, &[("scope", json!("write:orders"))])
}

/// A manager with the scope, who logged in with a second factor some time ago.
fn manager(party: &Party, seconds_ago: u64, scope: &str) -> Credentials {
    bearer(
        party,
        &[
            ("scope", json!(scope)),
            ("roles", json!(["manager"])),
            ("amr", json!(["pwd", "mfa"])),
            ("auth_time", json!(party.now() - seconds_ago)),
        ],
    )
}

pub fn fresh_manager(party: &Party, _: &Target) -> Credentials {
    manager(party, 10, "write:orders")
}

pub fn stale_manager(party: &Party, _: &Target) -> Credentials {
    manager(party, 3600, "write:orders")
}

/// Logged in well, with a token that is for something else.
pub fn manager_who_reads(party: &Party, _: &Target) -> Credentials {
    manager(party, 10, "read:orders")
}

/// The right scope and log-in, and the role below the one that is asked for.
pub fn clerk(party: &Party, _: &Target) -> Credentials {
    bearer(
        party,
        &[
            ("scope", json!("write:orders")),
            ("roles", json!(["clerk"])),
            ("amr", json!(["mfa"])),
            ("auth_time", json!(party.now())),
        ],
    )
}

pub fn no_token(_: &Party, _: &Target) -> Credentials {
    Credentials::of("authorization", "Bearer ")
}

pub fn scheme_alone(_: &Party, _: &Target) -> Credentials {
    Credentials::of("authorization", "bearer")
}

pub fn no_bound_token(_: &Party, _: &Target) -> Credentials {
    Credentials::of("authorization", "DPoP ")
}

pub fn badge_and_no_token(party: &Party, target: &Target) -> Credentials {
    by_badge(party, target).and("authorization", "Bearer ")
}

pub fn garbage(_: &Party, _: &Target) -> Credentials {
    Credentials::of("authorization", "Bearer a.b.c")
}

pub fn half_a_header(_: &Party, _: &Target) -> Credentials {
    Credentials::of("authorization", "Bearer a b")
}

pub fn two_tokens(party: &Party, target: &Target) -> Credentials {
    let mut both = writer(party, target);
    both.fields.extend(reader(party, target).fields);
    both
}

pub fn another_scheme(_: &Party, _: &Target) -> Credentials {
    Credentials::of("authorization", "Basic YW5uOnN3b3JkZmlzaA==")
}

pub fn expired(party: &Party, _: &Target) -> Credentials {
    bearer(party, &[("scope", json!("write:orders")), ("exp", json!(party.now() - 3600))])
}

pub fn for_another_service(party: &Party, _: &Target) -> Credentials {
    bearer(party, &[("scope", json!("write:orders")), ("aud", json!("warehouse"))])
}

pub fn of_another_issuer(party: &Party, _: &Target) -> Credentials {
    let stranger = TestIssuer::new("https://issuer.test");
    let token = stranger.token(&party.clock, "shop").scope("write:orders").sign();
    Credentials::of("authorization", format!("Bearer {token}"))
}

pub fn by_badge(_: &Party, _: &Target) -> Credentials {
    Credentials::of("badge", "good")
}

pub fn ended_badge(_: &Party, _: &Target) -> Credentials {
    Credentials::of("badge", "ended")
}

/// Whom a verifier finds in a token, without waiting.
fn found_in(verifier: &Verifier, token: &str) -> Identity {
    match pin!(verifier.verify(token)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(identity) => identity.unwrap(),
        Poll::Pending => unreachable!("the keys are there"),
    }
}

pub fn found_here(party: &Party, _: &Target) -> Credentials {
    let here = party.here.lock().unwrap();
    let token = party.token(&[("scope", json!("read:orders"))]);
    Credentials::found(found_in(here.as_ref().unwrap(), &token))
}

pub fn found_elsewhere(party: &Party, _: &Target) -> Credentials {
    Credentials::found(found_in(&party.verifier_elsewhere, &party.token_elsewhere()))
}

/// Of the same issuer as the accepted one.
pub fn found_by_a_third(party: &Party, _: &Target) -> Credentials {
    Credentials::found(found_in(&of_one_site(&party.elsewhere), &party.token_elsewhere()))
}

pub fn found_elsewhere_with_a_token(party: &Party, target: &Target) -> Credentials {
    Credentials { identity: found_elsewhere(party, target).identity, ..reader(party, target) }
}

pub fn reader_elsewhere(party: &Party, _: &Target) -> Credentials {
    let token = party.token_elsewhere();
    Credentials::of("authorization", format!("Bearer {token}")).and("site", "two")
}

fn vouched_until(expires_at: u64) -> Credentials {
    let vouched = Vouched::new("badges", "bea", expires_at).scope(Scope::ReadOrders);
    Credentials::found(vouched.build())
}

pub fn vouched_for(_: &Party, _: &Target) -> Credentials {
    vouched_until(4_102_444_800)
}

/// In 1970, with a token that is good.
pub fn vouched_for_once(party: &Party, target: &Target) -> Credentials {
    Credentials { identity: vouched_until(1).identity, ..reader(party, target) }
}

pub fn made_by_a_test(_: &Party, _: &Target) -> Credentials {
    Credentials::found(testing::identity().subject("tess").scope("read:orders").build())
}

pub fn forged_badge(_: &Party, _: &Target) -> Credentials {
    Credentials::of("badge", "forged")
}

pub fn torn_badge(_: &Party, _: &Target) -> Credentials {
    Credentials::of("badge", "torn")
}

pub fn lured_badge(_: &Party, _: &Target) -> Credentials {
    Credentials::of("badge", "lured")
}

pub fn badge_while_the_server_is_down(_: &Party, _: &Target) -> Credentials {
    Credentials::of("badge", "down")
}

fn bound_to_key(party: &Party) -> String {
    let cnf = json!({ "jkt": party.sender.thumbprint() });
    party.token(&[("scope", json!("read:orders")), ("cnf", cnf)])
}

fn proven(token: &str, proof: impl Into<String>) -> Credentials {
    Credentials::of("authorization", format!("DPoP {token}")).and("dpop", proof)
}

/// A token that is bound to a key, with the proof for this very address.
pub fn with_proof(party: &Party, target: &Target) -> Credentials {
    let token = bound_to_key(party);
    let url = format!("{SERVICE}{}", target.path);
    proven(&token, party.sender.proof(target.method, &url, &token))
}

/// As [`with_proof`], with the nonce that the service asked for.
pub fn with_nonce(party: &Party, target: &Target, nonce: &str) -> Credentials {
    let token = bound_to_key(party);
    let url = format!("{SERVICE}{}", target.path);
    let mut claims = Sender::claims(target.method, &url, Some(&token));
    claims.as_object_mut().unwrap().insert("nonce".to_owned(), nonce.into());
    proven(&token, party.sender.sign(&claims))
}

pub fn proof_for_another_path(party: &Party, target: &Target) -> Credentials {
    let token = bound_to_key(party);
    let url = format!("{SERVICE}{}/other", target.path);
    proven(&token, party.sender.proof(target.method, &url, &token))
}

pub fn proof_without_the_prefix(party: &Party, target: &Target) -> Credentials {
    let path = target.path.strip_prefix(PREFIX).unwrap().to_owned();
    with_proof(party, &Target { path, ..target.clone() })
}

pub fn proof_with_a_prefix(party: &Party, target: &Target) -> Credentials {
    let path = format!("{PREFIX}{}", target.path);
    with_proof(party, &Target { path, ..target.clone() })
}

pub fn proof_for_another_method(party: &Party, target: &Target) -> Credentials {
    let token = bound_to_key(party);
    let url = format!("{SERVICE}{}", target.path);
    proven(&token, party.sender.proof("PUT", &url, &token))
}

pub fn proof_of_another_key(party: &Party, target: &Target) -> Credentials {
    let token = bound_to_key(party);
    let url = format!("{SERVICE}{}", target.path);
    proven(&token, Sender::new().proof(target.method, &url, &token))
}

/// What somebody can do who stole the token alone.
pub fn bound_token_as_bearer(party: &Party, _: &Target) -> Credentials {
    Credentials::of("authorization", format!("Bearer {}", bound_to_key(party)))
}

fn bound_to_certificate(party: &Party) -> Credentials {
    let thumbprint = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, b"the certificate"));
    let cnf = json!({ "x5t#S256": thumbprint });
    bearer(party, &[("scope", json!("read:orders")), ("cnf", cnf)])
}

pub fn with_certificate(party: &Party, _: &Target) -> Credentials {
    bound_to_certificate(party).on_a_connection_with(b"the certificate")
}

pub fn with_another_certificate(party: &Party, _: &Target) -> Credentials {
    bound_to_certificate(party).on_a_connection_with(b"another")
}

/// A header field that any client can set is no certificate.
pub fn with_a_header_about_a_certificate(party: &Party, _: &Target) -> Credentials {
    bound_to_certificate(party).and("client-cert", ":dGhlIGNlcnRpZmljYXRl:")
}

pub fn garbage_of_a_guesser(party: &Party, target: &Target) -> Credentials {
    garbage(party, target).and("source", "guesser")
}

pub fn writer_beside_the_guesser(party: &Party, target: &Target) -> Credentials {
    writer(party, target).and("source", "guesser")
}

pub fn badge_beside_the_guesser(party: &Party, target: &Target) -> Credentials {
    by_badge(party, target).and("source", "guesser")
}

pub fn badges_of_a_forger(party: &Party, target: &Target) -> Credentials {
    forged_badge(party, target).and("source", "forger")
}

pub fn writer_elsewhere(party: &Party, target: &Target) -> Credentials {
    writer(party, target).and("source", "elsewhere")
}

/// Credentials that are no tokens, judged in another task: the gate has to wait for them.
struct Badge;

impl Authenticator<Policy> for Badge {
    fn authenticate<'a>(&'a self, head: RequestHead<'a>) -> Authentication<'a, Policy> {
        Box::pin(async move {
            let Some(badge) = head.headers().get("badge") else {
                return Ok(None);
            };
            let badge = badge.to_str().unwrap().to_owned();
            match tokio::spawn(async move { badge }).await.unwrap().as_str() {
                "good" => Ok(Some(bea(4_102_444_800))),
                "ended" => Ok(Some(bea(1))),
                "torn" => Err(Refusal::malformed("half a badge")),
                "lured" => Err(Refusal::cross_site("sent by evil.example")),
                "down" => Err(Refusal::unavailable("the badge server is down")),
                _ => Err(Refusal::invalid("no such badge")),
            }
        })
    }
}

fn bea(expires_at: u64) -> Identity {
    let vouched = Vouched::new("badges", "bea", expires_at);
    vouched.role(Role::Clerk).scope(Scope::WriteOrders).build()
}

/// Asks the verifier of the site that a request names.
struct Sites([Verifier; 2]);

impl Authenticator<Policy> for Sites {
    fn authenticate<'a>(&'a self, head: RequestHead<'a>) -> Authentication<'a, Policy> {
        let Self([here, elsewhere]) = self;
        let verifier = if head.headers().contains_key("site") { elsewhere } else { here };
        Box::pin(async move {
            let identity = verifier.authenticate(head).await;
            identity.map(Some).map_err(|denied| Refusal::invalid(denied.detail().to_string()))
        })
    }
}
