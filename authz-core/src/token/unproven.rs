//! From a verified token to the identity of its sender.

use crate::http::RequestHead;
use crate::identity::Identity;
use crate::policy::Policy;

use super::certificate::CertificateSource;
use super::error::TokenError;
use super::proof::{ProofError, Proofs, Wanted};
use super::verifier::Verifier;

/// The identity of a token whose sender has not proved anything yet.
///
/// INVARIANT: the identity comes out by one of the functions here alone, and of those that a token is
/// bound to, every proof is asked for.
pub(crate) struct Unproven<P: Policy>(Identity<P>);

impl<P: Policy> Unproven<P> {
    pub(super) fn new(identity: Identity<P>) -> Self {
        Self(identity)
    }

    /// The identity, of a token without a request: nothing can be proved.
    pub(super) fn alone(self, verifier: &Verifier<P>) -> Result<Identity<P>, TokenError> {
        match self.0.confirmation() {
            None => Ok(verifier.found(self.0)),
            Some(_) => Err(TokenError::SenderConstrained),
        }
    }

    /// The identity, of a token that came with the scheme `Bearer`.
    pub(crate) fn by_bearer(
        self,
        verifier: &Verifier<P>,
        head: RequestHead<'_>,
    ) -> Result<Identity<P>, TokenError> {
        let Some(confirmation) = self.0.confirmation() else {
            return Ok(verifier.found(self.0));
        };
        // Without the proof, whoever stole it could send it (RFC 9449 section 7.2).
        if confirmation.key.is_some() {
            return Err(TokenError::SenderConstrained);
        }
        require_certificate(verifier, head, confirmation.certificate.as_ref())?;
        Ok(verifier.found(self.0))
    }

    /// The identity, of a token that came with the scheme `DPoP`.
    pub(crate) async fn by_proof(
        self,
        verifier: &Verifier<P>,
        proofs: &Proofs,
        token: &str,
        head: RequestHead<'_>,
    ) -> Result<Identity<P>, Unproved> {
        let inner = verifier.inner();
        let confirmation = self.0.confirmation().ok_or(TokenError::NotBoundToKey)?;
        let key = confirmation.key.as_ref().ok_or(TokenError::NotBoundToKey)?;
        if let certificate @ Some(_) = &confirmation.certificate {
            require_certificate(verifier, head, certificate.as_ref())?;
        }
        let (now, leeway, max_length) = (inner.clock.now(), inner.leeway, inner.max_length);
        proofs.require(&Wanted { head, token, key, now, leeway, max_length }).await?;
        Ok(verifier.found(self.0))
    }
}

/// Why a sender is not the one that the token is bound to.
pub(crate) enum Unproved {
    Token(TokenError),
    Proof(ProofError),
}

impl From<TokenError> for Unproved {
    fn from(error: TokenError) -> Self {
        Self::Token(error)
    }
}

impl From<ProofError> for Unproved {
    fn from(error: ProofError) -> Self {
        Self::Proof(error)
    }
}

fn require_certificate<P: Policy>(
    verifier: &Verifier<P>,
    head: RequestHead<'_>,
    expected: Option<&super::confirmation::Thumbprint>,
) -> Result<(), TokenError> {
    let source: Option<CertificateSource> = verifier.inner().certificates;
    match (source, expected) {
        (Some(source), Some(expected)) => source.require(head, expected),
        _ => Err(TokenError::SenderConstrained),
    }
}
