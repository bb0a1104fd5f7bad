//! The verifier. Stub: the real one comes with the token module.

use std::fmt;
use std::sync::Arc;

use crate::identity::Identity;
use crate::policy::Policy;
use crate::token::TokenError;

/// Verifies tokens under the policy `P`.
pub struct Verifier<P: Policy> {
    realm: Arc<str>,
    accepted: Option<(&'static str, Identity<P>)>,
}

impl<P: Policy> Verifier<P> {
    /// Accepts one token.
    #[cfg(test)]
    pub(crate) fn stub(realm: &str, token: &'static str, identity: Identity<P>) -> Self {
        Self { realm: Arc::from(realm), accepted: Some((token, identity)) }
    }

    /// Verifies a token.
    ///
    /// # Errors
    ///
    /// [`TokenError`] when the token is not to be trusted.
    pub async fn verify(&self, token: &str) -> Result<Identity<P>, TokenError> {
        self.verify_now(token)
    }

    pub(crate) fn verify_now(&self, token: &str) -> Result<Identity<P>, TokenError> {
        match &self.accepted {
            Some((accepted, identity)) if *accepted == token => Ok(identity.clone()),
            _ => Err(TokenError::Format),
        }
    }

    pub(crate) fn realm(&self) -> &Arc<str> {
        &self.realm
    }
}

impl<P: Policy> Clone for Verifier<P> {
    fn clone(&self) -> Self {
        Self { realm: Arc::clone(&self.realm), accepted: self.accepted.clone() }
    }
}

impl<P: Policy> fmt::Debug for Verifier<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").finish_non_exhaustive()
    }
}
