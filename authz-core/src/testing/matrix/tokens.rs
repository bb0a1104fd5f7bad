//! Requests of callers: good tokens, spoilt ones, and none.

use std::cell::RefCell;
use std::collections::HashMap;

use http::header::AUTHORIZATION;
use http::{HeaderValue, request};

use super::caller::Caller;
use super::vocabulary::Vocabulary;
use crate::http::RequestHead;
use crate::policy::Policy;
use crate::testing::{Clock, TestIssuer, TokenBuilder};
use crate::token::{ClientCertificate, Verifier};
use crate::vocabulary::Bits;

pub(super) const ISSUER: &str = "https://issuer.test";
pub(super) const AUDIENCE: &str = "denial-matrix";

/// What the application adds to each token.
pub(super) type Finish = Box<dyn Fn(TokenBuilder<'_>) -> TokenBuilder<'_>>;

/// What is wrong with the credentials of somebody who would pass otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    NoCredentials,
    Expired,
    OtherAudience,
    OtherIssuer,
    Forged,
    WithoutCertificate,
    WithoutProof,
}

impl Flaw {
    pub(super) const ALL: [Self; 7] = [
        Self::NoCredentials,
        Self::Expired,
        Self::OtherAudience,
        Self::OtherIssuer,
        Self::Forged,
        Self::WithoutCertificate,
        Self::WithoutProof,
    ];

    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::NoCredentials => "no credentials",
            Self::Expired => "an expired token",
            Self::OtherAudience => "a token for another audience",
            Self::OtherIssuer => "a token of another issuer",
            Self::Forged => "a token signed with another key",
            Self::WithoutCertificate => "a token bound to a certificate, sent without it",
            Self::WithoutProof => "a token bound to a key, sent as a bearer token",
        }
    }
}

/// The issuer of the callers' tokens, and one that nobody trusts.
pub(super) struct Tokens<'a> {
    pub(super) issuer: &'a TestIssuer,
    pub(super) forger: TestIssuer,
    pub(super) clock: &'a Clock,
    pub(super) finish: &'a Finish,
    pub(super) vocabulary: &'a Vocabulary,
    /// Those that were signed already: many functions ask about the same callers.
    pub(super) signed: RefCell<HashMap<Caller, HeaderValue>>,
}

impl Tokens<'_> {
    /// Puts the credentials of `caller` into a request.
    pub(super) fn attach(&self, caller: &Caller, parts: &mut request::Parts) {
        let known = self.signed.borrow().get(caller).cloned();
        let value = known.unwrap_or_else(|| {
            let value = bearer((self.finish)(self.token(self.issuer, caller)));
            self.signed.borrow_mut().insert(caller.clone(), value.clone());
            value
        });
        parts.headers.insert(AUTHORIZATION, value);
        if caller.bound {
            parts.extensions.insert(certificate());
        }
    }

    /// Puts spoilt credentials of `caller` into a request.
    pub(super) fn attach_flawed(&self, flaw: Flaw, caller: &Caller, parts: &mut request::Parts) {
        let issuer = if flaw == Flaw::Forged { &self.forger } else { self.issuer };
        let bound = caller.bound || flaw == Flaw::WithoutCertificate;
        let caller = &Caller { bound, ..caller.clone() };
        let token = (self.finish)(self.token(issuer, caller));
        let token = match flaw {
            Flaw::NoCredentials => return,
            Flaw::Expired => token.expired(),
            Flaw::OtherAudience => token.audience("somebody-else"),
            Flaw::OtherIssuer => token.issuer("https://other.test"),
            Flaw::WithoutProof => token.bound_to_key(),
            Flaw::Forged | Flaw::WithoutCertificate => token,
        };
        parts.headers.insert(AUTHORIZATION, bearer(token));
        if caller.bound && flaw != Flaw::WithoutCertificate {
            parts.extensions.insert(certificate());
        }
    }

    fn token<'a>(&self, issuer: &'a TestIssuer, caller: &Caller) -> TokenBuilder<'a> {
        let Vocabulary { roles, scopes, .. } = self.vocabulary;
        let mut token = issuer.token(self.clock, AUDIENCE);
        for role in &roles.given(&caller.roles) {
            token = token.role(roles.name(*role));
        }
        for scope in &scopes.given(&caller.scopes) {
            token = token.scope(scopes.name(*scope));
        }
        if caller.mfa {
            token = token.mfa();
        }
        if let Some(class) = &caller.acr {
            token = token.acr(class);
        }
        if let Some(age) = caller.age {
            token = token.authenticated_ago(age);
        }
        if caller.bound { token.bound_to(&certificate()) } else { token }
    }

    /// Whether the verifier takes the caller's token for what it says.
    ///
    /// # Errors
    ///
    /// With what it reads instead.
    pub(super) fn require_read<P: Policy>(
        &self,
        caller: &Caller,
        verifier: &Verifier<P>,
    ) -> Result<(), String> {
        let mut request = http::Request::new(()).into_parts().0;
        self.attach(caller, &mut request);
        let request = http::Request::from_parts(request, ());
        let identity = match verifier.authenticate_now(RequestHead::of(&request)) {
            Some(Ok(identity)) => identity,
            Some(Err(denied)) => return Err(denied.detail().to_string()),
            None => return Err("nothing, before somebody else is asked".to_owned()),
        };
        let read = Caller {
            roles: identity.role_bits().indices().collect(),
            scopes: identity.scope_bits().indices().collect(),
            mfa: identity.mfa(),
            bound: identity.is_bound(),
            acr: identity.acr().map(str::to_owned),
            age: caller.age.filter(|age| identity.authenticated_within(*age)),
        };
        if read == *caller { Ok(()) } else { Err(read.in_words(self.vocabulary)) }
    }
}

fn bearer(token: TokenBuilder<'_>) -> HeaderValue {
    match HeaderValue::try_from(format!("Bearer {}", token.sign())) {
        Ok(value) => value,
        Err(error) => panic!("a token is no header field: {error}"),
    }
}

/// The certificate of everybody whose token is bound to one.
fn certificate() -> ClientCertificate {
    ClientCertificate::from_der(b"the certificate of a caller in the denial matrix")
}
