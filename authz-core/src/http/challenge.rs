//! The `WWW-Authenticate` header: what the client can do to be let in.

use http::HeaderValue;

use crate::denied::{Cause, Denied, Realm, Scheme};
use crate::requirement::Missing;
use crate::token::PROOF_ALGORITHMS;

impl Denied {
    /// The value of `WWW-Authenticate` (RFC 6750 section 3, RFC 9449 section 7.1, RFC 9470 section 3,
    /// RFC 9728 section 5.1).
    ///
    /// A request without credentials gets no error code. A stronger log-in is asked for together
    /// with the missing scopes, so that one round at the authorization server is enough. `None`
    /// where no credentials would help: 503, and a request that another site made.
    ///
    /// # Examples
    ///
    /// A missing scope is answered by
    ///
    /// ```text
    /// WWW-Authenticate: Bearer error="insufficient_scope", error_description="the access token does not allow this", scope="write:orders"
    /// ```
    #[must_use]
    pub fn challenge(&self) -> Option<HeaderValue> {
        let mut challenge = Challenge::new();
        match self.cause() {
            Cause::NoCredentials { realm } => {
                challenge.scheme(Scheme::Bearer);
                challenge.realm(realm);
                challenge.offer_dpop(realm);
            }
            Cause::Malformed { realm, .. }
            | Cause::InvalidToken { realm, scheme: Scheme::Bearer, .. }
            | Cause::Refused { realm, .. } => {
                challenge.scheme(Scheme::Bearer);
                challenge.realm(realm);
                challenge.error(self);
                challenge.offer_dpop(realm);
            }
            Cause::InvalidToken { realm, scheme: Scheme::Dpop, .. }
            | Cause::InvalidProof { realm, .. }
            | Cause::NonceWanted { realm, .. } => {
                challenge.scheme(Scheme::Dpop);
                challenge.realm(realm);
                challenge.error(self);
                challenge.algorithms();
            }
            Cause::Lacking(missing) => {
                let by_key = missing.is_binding() && missing.dpop;
                challenge.scheme(if by_key { Scheme::Dpop } else { Scheme::Bearer });
                challenge.error(self);
                challenge.missing(missing);
                if by_key {
                    challenge.algorithms();
                }
            }
            Cause::CrossSite { .. } | Cause::TooManyFailures { .. } | Cause::Unavailable { .. } => {
                return None;
            }
        }
        challenge.into_value()
    }
}

/// A challenge under construction.
struct Challenge {
    text: String,
    separator: &'static str,
}

impl Challenge {
    const fn new() -> Self {
        Self { text: String::new(), separator: "" }
    }

    /// Begins the challenge of a scheme, after those of others.
    fn scheme(&mut self, scheme: Scheme) {
        self.text.push_str(self.separator);
        self.text.push_str(match scheme {
            Scheme::Bearer => "Bearer",
            Scheme::Dpop => "DPoP",
        });
        self.separator = " ";
    }

    fn realm(&mut self, realm: &Realm) {
        self.quoted("realm", [realm.name()]);
        if let Some(metadata) = realm.metadata() {
            self.quoted("resource_metadata", [metadata]);
        }
    }

    /// What a client with a key can do instead (RFC 9449 section 7.2).
    fn offer_dpop(&mut self, realm: &Realm) {
        if realm.offers_dpop() {
            self.scheme(Scheme::Dpop);
            self.realm(realm);
            self.algorithms();
        }
    }

    /// RFC 9449 section 7.1.
    fn algorithms(&mut self) {
        self.quoted("algs", PROOF_ALGORITHMS);
    }

    /// RFC 6750 section 3.1; the description is generic, since it must not depend on the token.
    fn error(&mut self, denied: &Denied) {
        // The token is good, and not for this: RFC 9449 section 7.1 has no other word for it.
        let code = match denied.outcome() {
            "not_bound" => "invalid_token",
            outcome => outcome,
        };
        self.quoted("error", [code]);
        self.quoted("error_description", [denied.sentence()]);
    }

    fn missing(&mut self, missing: &Missing) {
        if !missing.scopes.is_empty() {
            self.quoted("scope", missing.scopes.iter().copied());
        }
        // Without the right role a better log-in changes nothing, so it is not asked for.
        if missing.is_stepping_up() {
            if missing.acr_values().next().is_some() {
                self.quoted("acr_values", missing.acr_values());
            }
            if let Some(seconds) = missing.max_age {
                self.attribute("max_age");
                self.text.push_str(&seconds.to_string());
            }
        }
    }

    fn attribute(&mut self, name: &str) {
        self.text.push_str(self.separator);
        self.text.push_str(name);
        self.text.push('=');
        self.separator = ", ";
    }

    /// A quoted-string (RFC 9110 section 5.6.4) of words with a space between them.
    fn quoted<'a>(&mut self, name: &str, words: impl IntoIterator<Item = &'a str>) {
        self.attribute(name);
        self.text.push('"');
        for (position, word) in words.into_iter().enumerate() {
            if position > 0 {
                self.text.push(' ');
            }
            for character in word.chars() {
                match character {
                    '"' | '\\' => self.text.extend(['\\', character]),
                    ' '..='~' => self.text.push(character),
                    // Neither a line break nor a character that clients read in their own way.
                    _ => self.text.push('?'),
                }
            }
        }
        self.text.push('"');
    }

    fn into_value(self) -> Option<HeaderValue> {
        // INVARIANT: visible ASCII and spaces only, so this is always `Some`.
        HeaderValue::try_from(self.text).ok()
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::{Cause, Denied, Missing, Realm, Scheme};
    use crate::token::{ProofError, TokenError};

    fn challenge(cause: Cause) -> String {
        let value = Denied::new(cause).challenge().unwrap();
        value.to_str().unwrap().to_owned()
    }

    fn realm() -> Realm {
        Realm::new("orders", false)
    }

    fn dpop() -> Realm {
        Realm::new("orders", true)
    }

    #[test]
    fn no_credentials_get_no_error_code() {
        assert_eq!(challenge(Cause::NoCredentials { realm: realm() }), r#"Bearer realm="orders""#);
    }

    #[test]
    fn a_service_with_metadata_says_where_they_are() {
        let metadata = "https://api.example.com/.well-known/oauth-protected-resource";
        let described = |realm: Realm| realm.described_at(Some(metadata));
        assert_eq!(
            challenge(Cause::NoCredentials { realm: described(realm()) }),
            format!(r#"Bearer realm="orders", resource_metadata="{metadata}""#)
        );
        let both = challenge(invalid_token(described(dpop()), Scheme::Bearer));
        assert_eq!(both.matches(metadata).count(), 2, "{both}");
    }

    #[test]
    fn malformed_credentials() {
        assert_eq!(
            challenge(Cause::Malformed { realm: realm(), reason: "two headers".into() }),
            r#"Bearer realm="orders", error="invalid_request", error_description="the credentials of the request could not be read""#
        );
    }

    #[test]
    fn an_invalid_token() {
        assert_eq!(
            challenge(invalid_token(realm(), Scheme::Bearer)),
            r#"Bearer realm="orders", error="invalid_token", error_description="the access token is not valid""#
        );
    }

    fn invalid_token(realm: Realm, scheme: Scheme) -> Cause {
        Cause::InvalidToken { realm, scheme, reason: TokenError::Format }
    }

    const ALGORITHMS: &str = r#"algs="ES256 ES384 EdDSA PS256 PS384 PS512 RS256 RS384 RS512""#;

    #[test]
    fn who_takes_proofs_offers_both_schemes() {
        assert_eq!(
            challenge(Cause::NoCredentials { realm: dpop() }),
            format!(r#"Bearer realm="orders", DPoP realm="orders", {ALGORITHMS}"#)
        );
        assert_eq!(
            challenge(invalid_token(dpop(), Scheme::Bearer)),
            format!(
                r#"Bearer realm="orders", error="invalid_token", error_description="the access token is not valid", DPoP realm="orders", {ALGORITHMS}"#
            )
        );
    }

    #[test]
    fn who_came_with_a_proof_is_answered_in_that_scheme() {
        assert_eq!(
            challenge(invalid_token(dpop(), Scheme::Dpop)),
            format!(
                r#"DPoP realm="orders", error="invalid_token", error_description="the access token is not valid", {ALGORITHMS}"#
            )
        );
        for reason in [ProofError::Missing, ProofError::Replayed, ProofError::OtherKey] {
            assert_eq!(
                challenge(Cause::InvalidProof { realm: dpop(), reason }),
                format!(
                    r#"DPoP realm="orders", error="invalid_dpop_proof", error_description="the DPoP proof is not valid", {ALGORITHMS}"#
                )
            );
        }
        let nonce = HeaderValue::from_static("n-1");
        let denied = Denied::new(Cause::NonceWanted { realm: dpop(), nonce: nonce.clone() });
        assert_eq!(denied.dpop_nonce(), Some(&nonce));
        assert_eq!(
            denied.challenge().unwrap(),
            format!(
                r#"DPoP realm="orders", error="use_dpop_nonce", error_description="the DPoP proof has to have the nonce of this answer", {ALGORITHMS}"#
            )
        );
    }

    #[test]
    fn missing_scopes_are_named() {
        assert_eq!(
            challenge(Cause::Lacking(Missing {
                scopes: vec!["read:orders", "write:orders"],
                ..Missing::default()
            })),
            r#"Bearer error="insufficient_scope", error_description="the access token does not allow this", scope="read:orders write:orders""#
        );
    }

    #[test]
    fn missing_roles_are_not_named() {
        let missing = Missing { roles: vec!["manager"], ..Missing::default() };
        assert_eq!(
            challenge(Cause::Lacking(missing.clone())),
            r#"Bearer error="insufficient_scope", error_description="the access token does not allow this""#
        );
        // With a role missing, another log-in would not help, and another scope alone neither;
        // the scope is still told, since the role may be given meanwhile.
        assert_eq!(
            challenge(Cause::Lacking(Missing {
                scopes: vec!["write:orders"],
                acr: vec!["silver"],
                mfa: true,
                max_age: Some(300),
                ..missing
            })),
            r#"Bearer error="insufficient_scope", error_description="the access token does not allow this", scope="write:orders""#
        );
    }

    #[test]
    fn what_is_held_and_must_not_be_is_not_named() {
        assert_eq!(
            challenge(Cause::Lacking(Missing {
                excluded: Some("role = \"intern\"".to_owned()),
                max_age: Some(300),
                ..Missing::default()
            })),
            r#"Bearer error="insufficient_scope", error_description="the access token does not allow this""#
        );
    }

    #[test]
    fn stepping_up_names_everything_that_one_round_can_solve() {
        let lacking = |missing| challenge(Cause::Lacking(missing));
        assert_eq!(
            lacking(Missing { max_age: Some(300), ..Missing::default() }),
            r#"Bearer error="insufficient_user_authentication", error_description="a more recent authentication is required", max_age=300"#
        );
        assert_eq!(
            lacking(Missing { acr: vec!["gold", "silver"], ..Missing::default() }),
            r#"Bearer error="insufficient_user_authentication", error_description="a stronger authentication is required", acr_values="gold silver""#
        );
        assert_eq!(
            lacking(Missing { mfa: true, ..Missing::default() }),
            r#"Bearer error="insufficient_user_authentication", error_description="a further authentication factor is required""#
        );
        assert_eq!(
            lacking(Missing {
                scopes: vec!["write:orders"],
                acr: vec!["gold"],
                mfa: true,
                max_age: Some(0),
                ..Missing::default()
            }),
            r#"Bearer error="insufficient_user_authentication", error_description="a stronger and more recent authentication with a further factor is required", scope="write:orders", acr_values="gold", max_age=0"#
        );
    }

    #[test]
    fn a_bound_token_is_asked_for_in_the_scheme_that_takes_it() {
        let lacking = |missing| challenge(Cause::Lacking(missing));
        let bound = |dpop| Missing { bound: true, dpop, ..Missing::default() };
        assert_eq!(
            lacking(bound(false)),
            r#"Bearer error="invalid_token", error_description="an access token that is bound to its sender is required""#
        );
        assert_eq!(
            lacking(Missing { scopes: vec!["write:orders"], ..bound(true) }),
            format!(
                r#"DPoP error="invalid_token", error_description="an access token that is bound to its sender is required", scope="write:orders", {ALGORITHMS}"#
            )
        );
        // One new log-in, with a key, is enough.
        assert_eq!(
            lacking(Missing { max_age: Some(300), ..bound(true) }),
            format!(
                r#"DPoP error="insufficient_user_authentication", error_description="a more recent authentication is required", max_age=300, {ALGORITHMS}"#
            )
        );
        // Without the right role another token changes nothing.
        let missing = Missing { roles: vec!["manager"], ..bound(true) };
        assert_eq!(
            lacking(missing.clone()),
            r#"Bearer error="insufficient_scope", error_description="the access token does not allow this""#
        );
        assert_eq!(Denied::new(Cause::Lacking(missing)).status(), 403);
        assert_eq!(Denied::new(Cause::Lacking(bound(true))).status(), 401);
    }

    #[test]
    fn a_missing_factor_that_a_class_proves_is_asked_for_by_the_class() {
        let lacking = |missing| challenge(Cause::Lacking(missing));
        let mfa = Missing {
            mfa: true,
            mfa_acr: vec!["gold".into(), "platinum".into()],
            ..Missing::default()
        };
        assert_eq!(
            lacking(mfa.clone()),
            r#"Bearer error="insufficient_user_authentication", error_description="a further authentication factor is required", acr_values="gold platinum""#
        );
        // A class that is needed anyway comes first, and once.
        let both = Missing { acr: vec!["platinum"], max_age: Some(60), ..mfa };
        assert!(lacking(both).ends_with(r#", acr_values="platinum gold", max_age=60"#));
    }

    #[test]
    fn no_challenge_where_credentials_would_not_help() {
        let denied = Denied::new(Cause::Unavailable { reason: "no key".to_owned() });
        assert!(denied.challenge().is_none());
    }

    #[test]
    fn nothing_leaves_its_quotes() {
        let hostile = "a\", error=\"x\\\r\nSet-Cookie: b\0\u{7f}\u{e4}";
        let escaped = r#"a\", error=\"x\\??Set-Cookie: b???"#;
        assert_eq!(
            challenge(Cause::NoCredentials { realm: Realm::new(hostile, false) }),
            format!("Bearer realm=\"{escaped}\"")
        );
        let text =
            challenge(Cause::Lacking(Missing { acr: vec!["\"", "\n"], ..Missing::default() }));
        assert!(text.ends_with(r#"acr_values="\" ?""#), "{text}");
    }
}
