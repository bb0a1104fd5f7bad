//! Why a token is refused. For the log: the caller learns only that the token is not valid.

/// Why a token was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// Not a compact JWS.
    #[error("the token is not in the compact form")]
    Format,
}
