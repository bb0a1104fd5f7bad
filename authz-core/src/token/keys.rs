//! Where the keys of an issuer come from, and the choice of one for a token.

use super::compact::Compact;
use super::error::TokenError;
use super::header::Header;
use super::key_set::KeySet;
#[cfg(feature = "remote")]
use super::remote::Remote;
use super::remote::RemoteKeys;

/// The keys of one issuer.
#[derive(Debug)]
pub(crate) enum Keys {
    /// Given by configuration, for good.
    Fixed(KeySet),
    /// To be fetched before the verifier is there.
    #[cfg(feature = "remote")]
    Wanted(Remote),
    /// Fetched, and kept fresh.
    #[cfg_attr(not(feature = "remote"), expect(dead_code, reason = "nobody fetches"))]
    Remote(RemoteKeys),
}

/// Why there is no identity yet.
pub(crate) enum Refusal<'v> {
    /// There will be none.
    Token(TokenError),
    /// These keys may change in a moment.
    Keys(&'v RemoteKeys),
    /// The issuer at this place of the verifier has to be asked what the token means.
    #[cfg(feature = "remote")]
    Ask(usize),
}

impl From<TokenError> for Refusal<'_> {
    fn from(error: TokenError) -> Self {
        Self::Token(error)
    }
}

/// The generation of what was found out without keys.
pub(crate) const NO_KEYS: u64 = u64::MAX;

impl Refusal<'_> {
    /// The error, where nothing is waited for any more.
    pub(crate) fn into_error(self) -> TokenError {
        match self {
            Self::Token(error) => error,
            Self::Keys(keys) => keys.gone(),
            #[cfg(feature = "remote")]
            Self::Ask(_) => TokenError::Format,
        }
    }
}

impl Keys {
    /// Whether what was found out with the keys of a generation still counts.
    pub(crate) fn is_current(&self, generation: u64, now: u64) -> bool {
        match self {
            // An issuer's answer about an opaque token has nothing to do with its keys.
            _ if generation == NO_KEYS => true,
            Self::Fixed(_) => true,
            #[cfg(feature = "remote")]
            Self::Wanted(_) => false,
            Self::Remote(remote) => remote.is_current(generation, now),
        }
    }

    /// Checks the signature; the result is the generation of the keys.
    pub(crate) fn verify_signature(
        &self,
        token: &Compact<'_>,
        header: &Header<'_>,
        now: u64,
    ) -> Result<u64, Refusal<'_>> {
        match self {
            Self::Fixed(keys) => {
                keys.verify_signature(token, header)?;
                Ok(0)
            }
            #[cfg(feature = "remote")]
            Self::Wanted(_) => Err(TokenError::Unavailable { backend: "the issuer" }.into()),
            Self::Remote(remote) => remote.verify_signature(token, header, now),
        }
    }
}
