//! `cnf`: what the sender of a token has to prove beside having it (RFC 7800 section 3.1).
//!
//! Understood are the thumbprint of a key (RFC 9449 section 6.1) and that of a client certificate
//! (RFC 8705 section 3.1). INVARIANT: a token with any other way of proof is refused, since nobody
//! here could check it.

use base64::Engine as _;

use super::claims::Fault;
use super::compact::BASE64URL;
use super::error::TokenError;
use super::json::{Text, Value};

/// A SHA-256 digest.
pub(crate) type Thumbprint = [u8; 32];

/// What a token is bound to: at least one of the two, and then every one there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Confirmation {
    /// `jkt`: the key of DPoP proofs (RFC 7638).
    pub(crate) key: Option<Thumbprint>,
    /// `x5t#S256`: the certificate of the connection.
    pub(crate) certificate: Option<Thumbprint>,
}

impl Confirmation {
    /// Reads the claim.
    pub(crate) fn read(value: Value<'_>) -> Result<Self, TokenError> {
        let Value::Object(members) = value else {
            return Err(TokenError::mistyped("cnf", "an object"));
        };
        let mut confirmation = Self { key: None, certificate: None };
        members.members(|name, value| {
            let place = match &*name.unescape() {
                "jkt" => &mut confirmation.key,
                "x5t#S256" => &mut confirmation.certificate,
                _ => return Err(Fault::from(TokenError::Confirmation)),
            };
            *place = Some(thumbprint(value)?);
            Ok(())
        })?;
        match confirmation {
            Self { key: None, certificate: None } => Err(TokenError::Confirmation),
            confirmation => Ok(confirmation),
        }
    }
}

fn thumbprint(value: Value<'_>) -> Result<Thumbprint, TokenError> {
    let digest = |text: Text<'_>| {
        let mut digest = Thumbprint::default();
        let length = BASE64URL.decode_slice(text.plain()?, &mut digest).ok()?;
        (length == digest.len()).then_some(digest)
    };
    match value {
        Value::String(text) => digest(text),
        _ => None,
    }
    .ok_or_else(|| TokenError::mistyped("cnf", "thumbprints: the base64url of 32 bytes"))
}
