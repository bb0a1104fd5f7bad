//! An issuer whose tokens a test signs.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Map, Value, json};

use super::{Clock, age};
use crate::token::{Algorithm, ClientCertificate, Issuer, KeySet};

const KEY_ID: &str = "test";

/// An issuer with an Ed25519 key of its own.
///
/// # Examples
///
/// ```
/// # mod policy {
/// #     use authz_core::{Roles, Scopes};
/// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
/// #     pub enum Role { Clerk }
/// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
/// #     pub enum Scope { #[scope("write:orders")] WriteOrders }
/// #     authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
/// # }
/// use authz_core::testing::{Clock, TestIssuer};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let clock = Clock::at(1_700_000_000);
/// let issuer = TestIssuer::new("https://issuer.test");
/// let verifier = policy::Verifier::builder()
///     .issuer(issuer.trusted())
///     .audience("orders")
///     .clock(&clock)
///     .build()?;
///
/// let token = issuer.token(&clock, "orders").role("clerk").sign();
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let identity = verifier.verify(&token).await?;
/// assert!(identity.has_role(policy::Role::Clerk));
/// # Ok::<(), authz_core::token::TokenError>(())
/// # })?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TestIssuer {
    issuer: String,
    pkcs8: Vec<u8>,
    jwks: String,
}

impl TestIssuer {
    /// An issuer of this name with a new key.
    ///
    /// # Panics
    ///
    /// When the platform has no randomness.
    #[must_use]
    pub fn new(issuer: &str) -> Self {
        let Ok(pkcs8) = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()) else {
            panic!("no key could be made")
        };
        let Ok(pair) = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()) else {
            panic!("a key that was just made can't be read")
        };
        let x = BASE64_URL_SAFE_NO_PAD.encode(pair.public_key());
        let key = json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": KEY_ID, "x": x });
        Self {
            issuer: issuer.to_owned(),
            pkcs8: pkcs8.as_ref().to_vec(),
            jwks: json!({ "keys": [key] }).to_string(),
        }
    }

    /// The public key, as the issuer would publish it.
    #[must_use]
    pub fn jwks(&self) -> &str {
        &self.jwks
    }

    /// This issuer as a verifier trusts it.
    ///
    /// # Panics
    ///
    /// Never: the key is one that this crate can use.
    #[must_use]
    pub fn trusted(&self) -> Issuer {
        match KeySet::from_jwks(&self.jwks, &[Algorithm::EdDsa]) {
            Ok(keys) => Issuer::new(&self.issuer, keys),
            Err(error) => panic!("the test key can't be used: {error}"),
        }
    }

    /// Begins a token in the profile of RFC 9068: subject `tester`, client `test-client`, issued
    /// now, valid for five minutes.
    pub fn token(&self, clock: &Clock, audience: &str) -> TokenBuilder<'_> {
        let now = clock.now();
        let mut claims = Map::new();
        for (name, value) in [
            ("iss", json!(self.issuer)),
            ("aud", json!(audience)),
            ("sub", json!("tester")),
            ("client_id", json!("test-client")),
            ("iat", json!(now)),
            ("exp", json!(now + 300)),
            ("jti", json!("test-token")),
        ] {
            claims.insert(name.to_owned(), value);
        }
        let mut header = Header::new(jsonwebtoken::Algorithm::EdDSA);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(KEY_ID.to_owned());
        TokenBuilder { issuer: self, header, claims, roles: Vec::new(), scopes: Vec::new(), now }
    }
}

/// A token under construction; see [`TestIssuer::token`].
#[derive(Clone, Debug)]
#[must_use]
pub struct TokenBuilder<'a> {
    issuer: &'a TestIssuer,
    header: Header,
    claims: Map<String, Value>,
    roles: Vec<String>,
    scopes: Vec<String>,
    now: u64,
}

impl TokenBuilder<'_> {
    /// Adds a role.
    pub fn role(mut self, name: &str) -> Self {
        self.roles.push(name.to_owned());
        self
    }

    /// Adds a scope.
    pub fn scope(mut self, name: &str) -> Self {
        self.scopes.push(name.to_owned());
        self
    }

    /// Sets the subject.
    pub fn subject(self, subject: &str) -> Self {
        self.claim("sub", subject)
    }

    /// Sets the client.
    pub fn client(self, client: &str) -> Self {
        self.claim("client_id", client)
    }

    /// Sets the issuer that it names; the key stays this one's.
    pub fn issuer(self, issuer: &str) -> Self {
        self.claim("iss", issuer)
    }

    /// Sets the service that it is for.
    pub fn audience(self, audience: &str) -> Self {
        self.claim("aud", audience)
    }

    /// Says that it was issued two hours ago and expired one hour ago.
    pub fn expired(self) -> Self {
        let (issued, expired) = (self.now.saturating_sub(7_200), self.now.saturating_sub(3_600));
        self.claim("iat", issued).claim("exp", expired)
    }

    /// Sets the authentication context class.
    pub fn acr(self, class: &str) -> Self {
        self.claim("acr", class)
    }

    /// Says that the subject authenticated so long ago, in the words of `max_age`: `10m`.
    ///
    /// # Panics
    ///
    /// When the text is no such duration.
    #[track_caller]
    pub fn aged(self, age: &str) -> Self {
        let seconds = age::duration(age).as_secs();
        self.authenticated_ago(seconds)
    }

    /// Binds it to this certificate (RFC 8705 section 3.1): it counts in a request with the same
    /// certificate in its extensions.
    pub fn bound_to(self, certificate: &ClientCertificate) -> Self {
        let thumbprint = BASE64_URL_SAFE_NO_PAD.encode(certificate.thumbprint());
        self.claim("cnf", json!({ "x5t#S256": thumbprint }))
    }

    /// Binds it to a key that nobody has (RFC 9449 section 6.1): no request can prove it.
    pub fn bound_to_key(self) -> Self {
        self.claim("cnf", json!({ "jkt": BASE64_URL_SAFE_NO_PAD.encode([7; 32]) }))
    }

    /// The roles it has so far, for an issuer that writes them into a claim of its own.
    #[must_use]
    pub fn roles(&self) -> &[String] {
        &self.roles
    }

    /// The scopes it has so far, for an issuer that writes them into a claim of its own.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// Says that the subject authenticated so many seconds ago.
    pub fn authenticated_ago(self, seconds: u64) -> Self {
        let time = self.now.saturating_sub(seconds);
        self.claim("auth_time", time)
    }

    /// Says that more than one factor was used.
    pub fn mfa(self) -> Self {
        self.claim("amr", json!(["pwd", "otp", "mfa"]))
    }

    /// Sets any claim.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// Leaves a claim out.
    pub fn without(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Sets the `typ` of the header.
    pub fn typ(mut self, typ: Option<&str>) -> Self {
        self.header.typ = typ.map(str::to_owned);
        self
    }

    /// Sets the `kid` of the header.
    pub fn kid(mut self, kid: Option<&str>) -> Self {
        self.header.kid = kid.map(str::to_owned);
        self
    }

    /// The signed token.
    ///
    /// # Panics
    ///
    /// When the token can't be signed.
    #[must_use]
    pub fn sign(mut self) -> String {
        if !self.roles.is_empty() {
            self.claims.insert("roles".to_owned(), json!(self.roles));
        }
        if !self.scopes.is_empty() {
            self.claims.insert("scope".to_owned(), self.scopes.join(" ").into());
        }
        let key = EncodingKey::from_ed_der(&self.issuer.pkcs8);
        match jsonwebtoken::encode(&self.header, &self.claims, &key) {
            Ok(token) => token,
            Err(error) => panic!("the token can't be signed: {error}"),
        }
    }
}
