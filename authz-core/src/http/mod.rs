//! A denial over HTTP, and credentials from HTTP: what all web frameworks share.
//!
//! INVARIANT: nothing here reads the inward face of a denial. Two tokens that are refused for
//! different reasons get the same bytes.
//!
//! Absent on purpose: access tokens from the query or the body (RFC 6750 sections 2.2 and 2.3;
//! RFC 9700 tells to avoid them), and roles in challenges: a scope can be asked for at the
//! authorization server, a role is the policy's own business.

mod answer;
mod challenge;
mod credentials;
mod head;
mod limit;
#[cfg(any(feature = "actix", feature = "axum"))]
mod logout;
mod problem;
mod resource;
#[cfg(any(feature = "actix", feature = "axum", feature = "tonic"))]
mod slot;
#[cfg(feature = "limit")]
mod sources;

#[cfg(any(feature = "actix", feature = "axum"))]
pub(crate) use answer::OF_THE_BODY;
pub use head::{OriginalTarget, RequestHead};
#[cfg(feature = "limit")]
pub use limit::FailureLimit;
pub(crate) use limit::Limit;
#[cfg(any(feature = "actix", feature = "axum"))]
pub(crate) use logout::{LOGOUT_LIMIT, LOGOUT_REFUSED, is_form, log_out, logout_token};
pub use problem::{PROBLEM_JSON, Problem};
pub use resource::ProtectedResource;
#[cfg(any(feature = "actix", feature = "axum", feature = "tonic"))]
pub(crate) use slot::{Asked, Slot};

#[cfg(test)]
mod tests {
    use crate::authenticator::Refusal;
    use crate::denied::{Cause, Denied, Realm, Scheme};
    use crate::token::{JsonFault, Part, TokenError};

    /// One error of each kind.
    fn every_token_error() -> Vec<TokenError> {
        let claim = || Box::from("aud");
        let errors = vec![
            TokenError::TooLong { length: 9000, limit: 8192 },
            TokenError::Format,
            TokenError::Character,
            TokenError::Base64 { part: Part::Header },
            TokenError::Utf8 { part: Part::Payload },
            TokenError::Json { part: Part::Payload, fault: JsonFault::Duplicate },
            TokenError::AlgorithmMissing,
            TokenError::AlgorithmUnsupported,
            TokenError::AlgorithmMismatch,
            TokenError::HeaderUnsupported { member: "crit" },
            TokenError::HeaderType { member: "kid" },
            TokenError::KeyIdTooLong,
            TokenError::UnknownKey,
            TokenError::AmbiguousKey,
            TokenError::Signature,
            TokenError::TokenType,
            TokenError::NotAnAccessToken { claim: claim() },
            TokenError::UnknownIssuer,
            TokenError::MissingClaim { claim: claim() },
            TokenError::ClaimType { claim: claim(), expected: "a string" },
            TokenError::Audience,
            TokenError::Expired,
            TokenError::NotYetValid,
            TokenError::IssuedInFuture,
            TokenError::TooOld,
            TokenError::SenderConstrained,
            TokenError::Confirmation,
            TokenError::NotBoundToKey,
            TokenError::ClientCertificate,
            TokenError::ExclusiveRoles { left: "clerk", right: "auditor" },
            TokenError::Revoked,
            TokenError::NotActive,
            TokenError::LivesTooLong { limit: 86_400 },
        ];
        // A new kind does not compile here until it is in the list above.
        for error in &errors {
            match error {
                TokenError::TooLong { .. }
                | TokenError::Format
                | TokenError::Character
                | TokenError::Base64 { .. }
                | TokenError::Utf8 { .. }
                | TokenError::Json { .. }
                | TokenError::AlgorithmMissing
                | TokenError::AlgorithmUnsupported
                | TokenError::AlgorithmMismatch
                | TokenError::HeaderUnsupported { .. }
                | TokenError::HeaderType { .. }
                | TokenError::KeyIdTooLong
                | TokenError::UnknownKey
                | TokenError::AmbiguousKey
                | TokenError::Signature
                | TokenError::TokenType
                | TokenError::NotAnAccessToken { .. }
                | TokenError::UnknownIssuer
                | TokenError::MissingClaim { .. }
                | TokenError::ClaimType { .. }
                | TokenError::Audience
                | TokenError::Expired
                | TokenError::NotYetValid
                | TokenError::IssuedInFuture
                | TokenError::TooOld
                | TokenError::SenderConstrained
                | TokenError::Confirmation
                | TokenError::NotBoundToKey
                | TokenError::ClientCertificate
                | TokenError::ExclusiveRoles { .. }
                | TokenError::Revoked
                | TokenError::NotActive
                | TokenError::LivesTooLong { .. } => {}
                // Says nothing about the token, and is answered by 503.
                TokenError::Unavailable { .. } => panic!("not a reason to refuse a token"),
            }
        }
        errors
    }

    #[test]
    fn every_reason_to_refuse_a_token_or_other_credentials_gets_the_same_answer() {
        for (realm, scheme) in [
            (Realm::new("api", false), Scheme::Bearer),
            (Realm::new("api", true), Scheme::Bearer),
            (Realm::new("api", true), Scheme::Dpop),
        ] {
            get_the_same_answer(&realm, scheme);
        }
    }

    fn get_the_same_answer(realm: &Realm, scheme: Scheme) {
        let tokens = every_token_error().into_iter().map(|reason| {
            Denied::new(Cause::InvalidToken { realm: realm.clone(), scheme, reason })
        });
        // Other credentials come without a scheme of ours.
        let others = [Refusal::invalid("no such key"), Refusal::invalid("session ended")]
            .map(|refusal| refusal.denied(realm))
            .into_iter()
            .filter(|_| scheme == Scheme::Bearer);
        let answers: Vec<_> = tokens
            .chain(others)
            .map(|denied| {
                let body = serde_json::to_string(&denied.problem()).unwrap();
                (denied.status(), denied.challenge(), body, denied.to_string())
            })
            .collect();
        let (first, rest) = answers.split_first().unwrap();
        assert!(rest.iter().all(|answer| answer == first));
    }
}
