//! The body of a denial: a problem of RFC 9457.

use serde::Serialize;

use crate::denied::{Cause, Denied};

/// The content type of a [`Problem`] (RFC 9457 section 3).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// The outward face of a denial, to be sent as [`PROBLEM_JSON`] (RFC 9457).
///
/// It holds what the challenge tells and nothing more. Serialize it as it is, or take parts of it
/// into a body of your own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// `type`: a URN that stays the same between releases.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The kind in words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What is needed, in one sentence.
    pub detail: &'static str,
    /// Scopes that the token lacks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing_scopes: Vec<&'static str>,
    /// Authentication context classes to ask for in a new log-in (RFC 9470).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acr_values: Vec<Box<str>>,
    /// The greatest age of the authentication, in seconds (RFC 9470).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u64>,
}

impl Denied {
    /// The body of the answer (RFC 9457).
    ///
    /// # Examples
    ///
    /// A missing scope is answered by
    ///
    /// ```text
    /// {"type":"urn:authz:problem:insufficient-scope","title":"Forbidden","status":403,
    ///  "detail":"the access token does not allow this","missing_scopes":["write:orders"]}
    /// ```
    #[must_use]
    pub fn problem(&self) -> Problem {
        let (kind, title) = self.kind();
        let mut problem = Problem {
            kind,
            title,
            status: self.status().as_u16(),
            detail: self.sentence(),
            missing_scopes: Vec::new(),
            acr_values: Vec::new(),
            max_age: None,
        };
        if let Some(missing) = self.missing() {
            problem.missing_scopes.clone_from(&missing.scopes);
            if missing.is_stepping_up() {
                problem.acr_values = missing.acr_values().map(Into::into).collect();
                problem.max_age = missing.max_age;
            }
        }
        problem
    }

    fn kind(&self) -> (&'static str, &'static str) {
        match self.cause() {
            Cause::NoCredentials { .. } => {
                ("urn:authz:problem:no-credentials", "Authentication required")
            }
            Cause::Malformed { .. } => ("urn:authz:problem:invalid-request", "Invalid credentials"),
            Cause::InvalidToken { .. } | Cause::Refused { .. } => {
                ("urn:authz:problem:invalid-token", "Invalid token")
            }
            Cause::InvalidProof { .. } => ("urn:authz:problem:invalid-dpop-proof", "Invalid proof"),
            Cause::NonceWanted { .. } => ("urn:authz:problem:use-dpop-nonce", "Nonce required"),
            Cause::CrossSite { .. } => ("urn:authz:problem:cross-site", "Request of another site"),
            Cause::Lacking(missing) if missing.is_stepping_up() => (
                "urn:authz:problem:insufficient-user-authentication",
                "Insufficient authentication",
            ),
            Cause::Lacking(missing) if missing.is_binding() => {
                ("urn:authz:problem:not-bound", "Bound token required")
            }
            Cause::Lacking(_) => ("urn:authz:problem:insufficient-scope", "Forbidden"),
            Cause::TooManyFailures { .. } => {
                ("urn:authz:problem:too-many-failures", "Too many failures")
            }
            Cause::Unavailable { .. } => ("urn:authz:problem:unavailable", "Service unavailable"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cause, Denied};
    use crate::denied::{Realm, Scheme};
    use crate::requirement::Missing;
    use crate::token::TokenError;

    fn body(cause: Cause) -> String {
        serde_json::to_string(&Denied::new(cause).problem()).unwrap()
    }

    fn realm() -> Realm {
        Realm::new("orders", false)
    }

    #[test]
    fn no_credentials() {
        assert_eq!(
            body(Cause::NoCredentials { realm: realm() }),
            r#"{"type":"urn:authz:problem:no-credentials","title":"Authentication required","status":401,"detail":"authentication is required"}"#
        );
    }

    #[test]
    fn malformed_credentials_without_the_reason() {
        assert_eq!(
            body(Cause::Malformed { realm: realm(), reason: "two headers".into() }),
            r#"{"type":"urn:authz:problem:invalid-request","title":"Invalid credentials","status":400,"detail":"the credentials of the request could not be read"}"#
        );
    }

    #[test]
    fn an_invalid_token_without_the_reason() {
        assert_eq!(
            body(Cause::InvalidToken {
                realm: realm(),
                scheme: Scheme::Bearer,
                reason: TokenError::Format
            }),
            r#"{"type":"urn:authz:problem:invalid-token","title":"Invalid token","status":401,"detail":"the access token is not valid"}"#
        );
    }

    #[test]
    fn missing_scopes_are_told_and_roles_are_not() {
        assert_eq!(
            body(Cause::Lacking(Missing {
                roles: vec!["manager"],
                scopes: vec!["write:orders"],
                acr: vec!["gold"],
                max_age: Some(300),
                excluded: Some("role = \"intern\"".to_owned()),
                ..Missing::default()
            })),
            r#"{"type":"urn:authz:problem:insufficient-scope","title":"Forbidden","status":403,"detail":"the access token does not allow this","missing_scopes":["write:orders"]}"#
        );
    }

    #[test]
    fn stepping_up() {
        assert_eq!(
            body(Cause::Lacking(Missing {
                scopes: vec!["write:orders"],
                acr: vec!["gold"],
                max_age: Some(300),
                ..Missing::default()
            })),
            r#"{"type":"urn:authz:problem:insufficient-user-authentication","title":"Insufficient authentication","status":401,"detail":"a stronger and more recent authentication is required","missing_scopes":["write:orders"],"acr_values":["gold"],"max_age":300}"#
        );
    }

    #[test]
    fn too_many_failures_without_the_source() {
        assert_eq!(
            body(Cause::TooManyFailures { seconds: 20 }),
            r#"{"type":"urn:authz:problem:too-many-failures","title":"Too many failures","status":429,"detail":"too many attempts have failed"}"#
        );
    }

    #[test]
    fn a_broken_backend_without_the_reason() {
        assert_eq!(
            body(Cause::Unavailable { reason: "key server at 10.0.0.7 timed out".to_owned() }),
            r#"{"type":"urn:authz:problem:unavailable","title":"Service unavailable","status":503,"detail":"access can't be decided right now"}"#
        );
    }
}
