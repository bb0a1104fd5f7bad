//! In the place of `remote` without the feature: keys that can't be there.

use super::compact::Compact;
use super::error::TokenError;
use super::header::Header;
use super::keys::Refusal;

/// No value has this type.
#[derive(Debug)]
pub(crate) enum RemoteKeys {}

#[expect(clippy::unused_async, reason = "as with the feature")]
impl RemoteKeys {
    pub(crate) fn verify_signature(
        &self,
        _: &Compact<'_>,
        _: &Header<'_>,
        _: u64,
    ) -> Result<u64, Refusal<'_>> {
        match *self {}
    }

    pub(crate) fn is_current(&self, _: u64, _: u64) -> bool {
        match *self {}
    }

    pub(crate) fn gone(&self) -> TokenError {
        match *self {}
    }

    pub(crate) async fn fly(&self) {
        match *self {}
    }
}
