//! The keys of an issuer as requests see them: what can be said of a token now, and what has to be
//! waited for.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::token::compact::Compact;
use crate::token::error::TokenError;
use crate::token::header::Header;
use crate::token::key_set::KeySet;
use crate::token::keys::Refusal;

use super::shared::{Flight, Shared};

/// How long keys count as fresh.
pub(super) const FRESH: Duration = Duration::from_secs(10 * 60);
/// How long keys are used after they were fetched, if the issuer does not answer any more.
pub(super) const USABLE: Duration = Duration::from_secs(60 * 60);
/// How long unknown keys are refused without asking again, and how long a failed refresh waits.
pub(super) const COOLING: Duration = Duration::from_secs(30);

const BACKEND: &str = "the issuer's key server";

/// Keys that refresh themselves for as long as this lives.
pub(crate) struct RemoteKeys {
    shared: Arc<Shared<KeySet>>,
    landed: watch::Receiver<u64>,
    task: AbortHandle,
}

impl RemoteKeys {
    pub(super) fn new(
        shared: Arc<Shared<KeySet>>,
        landed: watch::Receiver<u64>,
        task: AbortHandle,
    ) -> Self {
        Self { shared, landed, task }
    }

    /// Checks a signature with the keys of this moment; the result is their generation.
    pub(crate) fn verify_signature(
        &self,
        token: &Compact<'_>,
        header: &Header<'_>,
        now: u64,
    ) -> Result<u64, Refusal<'_>> {
        let look = self.shared.look(now, |keys| keys.verify_signature(token, header));
        match look.said {
            None => Err(self.refusal(look.flight, self.gone())),
            Some((generation, Ok(()))) => Ok(generation),
            Some((_, Err(TokenError::UnknownKey))) => {
                Err(self.refusal(look.flight, TokenError::UnknownKey))
            }
            Some((_, Err(error))) => Err(error.into()),
        }
    }

    /// The refusal for want of a key: a flight where there may be one, else the error.
    fn refusal(&self, flight: Flight, error: TokenError) -> Refusal<'_> {
        match flight {
            Flight::Ready | Flight::Flying => Refusal::Keys(self),
            Flight::Landed => Refusal::Token(error),
            Flight::Crashed => Refusal::Token(self.gone()),
        }
    }

    /// Whether what was found out with the keys of a generation still counts.
    pub(crate) fn is_current(&self, generation: u64, now: u64) -> bool {
        self.shared.is_current(generation, now)
    }

    /// What to say when a flight did not help.
    #[expect(clippy::unused_self, reason = "reads as a question about these keys")]
    pub(crate) fn gone(&self) -> TokenError {
        TokenError::Unavailable { backend: BACKEND }
    }

    /// Waits for the flight that is under way, or starts one, if there may be one.
    pub(crate) async fn fly(&self) {
        self.shared.fly(&self.landed).await;
    }
}

impl Drop for RemoteKeys {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for RemoteKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("RemoteKeys");
        self.shared.ask(|keys| shown.field("keys", keys).field("flight", &self.shared.flight()));
        shown.finish_non_exhaustive()
    }
}
