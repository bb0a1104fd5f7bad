//! The task that fetches the keys of one issuer, and nobody else does.
//!
//! It fetches every ten minutes, and when a request has a key that is not there. It ends with the
//! [`RemoteKeys`] that it belongs to.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};
use tracing::Instrument as _;

use crate::clock::Clock;
use crate::metrics;
use crate::spans;
use crate::token::algorithm::{Algorithm, Family};
use crate::token::key_error::KeyError;
use crate::token::key_set::KeySet;

use super::http::{self, FetchError, HttpClient, Limits};
use super::metadata::{self, DiscoveryError, Metadata};
use super::shared::Shared;
use super::source::{COOLING, FRESH, RemoteKeys, USABLE};
use super::{KeyLocation, Remote};

/// Fetches the keys once and then keeps them fresh.
///
/// # Errors
///
/// [`DiscoveryError`] when the first fetch fails, unless the issuer may be absent at the start.
pub(crate) async fn start(
    issuer: Arc<str>,
    remote: Remote,
    client: Arc<dyn HttpClient>,
    clock: Clock,
) -> Result<RemoteKeys, DiscoveryError> {
    let shared = Arc::new(Shared::new(KeySet::none()));
    let (landed, landings) = watch::channel(0);
    let may_be_absent = remote.may_be_absent;
    let mut refresh = Refresh {
        limits: Limits::new(remote.insecure),
        document: Document { issuer, remote, client, metadata: None },
        shared: Arc::clone(&shared),
        landed,
        clock,
        published: None,
        fetched: Instant::now(),
        next: Instant::now(),
        cool: None,
    };
    match refresh.fetch(true).await {
        Ok(()) if shared.ask(KeySet::len) == 0 => return Err(KeyError::NothingUsable.into()),
        Ok(()) => {}
        Err(error) if may_be_absent => refresh.failed(&error),
        Err(error) => return Err(error),
    }
    let task = tokio::spawn(refresh.run()).abort_handle();
    Ok(RemoteKeys::new(shared, landings, task))
}

struct Refresh {
    limits: Limits,
    document: Document,
    shared: Arc<Shared<KeySet>>,
    landed: watch::Sender<u64>,
    clock: Clock,
    /// The text of the keys in use, and what those of them are for that don't say it.
    published: Option<(String, Vec<Algorithm>)>,
    /// When that text was last seen.
    fetched: Instant,
    /// When to fetch again.
    next: Instant,
    /// When an unknown key may start a flight again.
    cool: Option<Instant>,
}

impl Refresh {
    async fn run(mut self) {
        loop {
            let wake = self.cool.map_or(self.next, |cool| cool.min(self.next));
            if timeout_at(wake, self.shared.asked()).await.is_ok() {
                self.fly().await;
                continue;
            }
            let now = Instant::now();
            if self.cool.is_some_and(|cool| cool <= now) {
                self.cool = None;
                self.shared.cool();
            }
            if self.next <= now {
                self.refresh().await;
            }
        }
    }

    /// Answers those who wait for a key.
    async fn fly(&mut self) {
        let result = self.fetch(false).await;
        if let Err(error) = &result {
            self.failed(error);
        }
        self.cool = Some(Instant::now() + COOLING);
        self.shared.land(result.is_ok(), &self.landed);
    }

    /// The regular refresh. Who waits for a key gets a flight of their own.
    async fn refresh(&mut self) {
        match self.fetch(true).await {
            Ok(()) => self.shared.answered(),
            Err(error) => self.failed(&error),
        }
    }

    async fn fetch(&mut self, with_metadata: bool) -> Result<(), DiscoveryError> {
        let span = spans::fetch_keys(&self.document.issuer, with_metadata);
        let fetched = self.fetch_keys(with_metadata).instrument(span.clone()).await;
        span.record("result", if fetched.is_ok() { "fetched" } else { "failed" });
        fetched
    }

    async fn fetch_keys(&mut self, with_metadata: bool) -> Result<(), DiscoveryError> {
        let text = self.document.keys(with_metadata, self.limits).await?;
        let published = (text, self.document.unsaid());
        if self.published.as_ref() != Some(&published) {
            let keys = self.document.read(&published)?;
            tracing::info!(
                target: "authz::keys",
                issuer = &*self.document.issuer,
                keys = keys.len(),
                "keys changed",
            );
            self.shared.change(keys);
            self.published = Some(published);
        }
        metrics::keys_refreshed(true);
        self.fetched = Instant::now();
        self.next = self.fetched + FRESH;
        self.shared.use_until(self.clock.now().saturating_add(USABLE.as_secs()));
        Ok(())
    }

    fn failed(&mut self, error: &DiscoveryError) {
        let issuer = &*self.document.issuer;
        let age = self.fetched.elapsed().as_secs();
        tracing::warn!(target: "authz::keys", issuer, age, %error, "keys not refreshed");
        metrics::keys_refreshed(false);
        self.next = Instant::now() + COOLING;
        // Beside the time that requests compare: a system clock that was set back changes nothing.
        if self.fetched.elapsed() >= USABLE {
            self.shared.use_until(0);
        }
    }
}

/// Where the keys are, and how to read them.
struct Document {
    issuer: Arc<str>,
    remote: Remote,
    client: Arc<dyn HttpClient>,
    metadata: Option<Metadata>,
}

impl Document {
    /// The text of the keys as it is published.
    async fn keys(
        &mut self,
        with_metadata: bool,
        limits: Limits,
    ) -> Result<String, DiscoveryError> {
        if let KeyLocation::Metadata = self.remote.location
            && (with_metadata || self.metadata.is_none())
        {
            match (self.fetch_metadata(limits).await, &self.metadata) {
                (Ok(metadata), _) => self.metadata = Some(metadata),
                (Err(error), None) => return Err(error),
                // The keys may still be where they were.
                (Err(error), Some(_)) => {
                    let issuer = &*self.issuer;
                    tracing::warn!(target: "authz::keys", issuer, %error, "metadata not refreshed");
                }
            }
        }
        let url = match (&self.remote.location, &self.metadata) {
            (KeyLocation::Url(url), _) => url,
            (KeyLocation::Metadata, Some(metadata)) => &metadata.jwks_uri,
            (KeyLocation::Metadata, None) => {
                return Err(DiscoveryError::Issuer { issuer: (&*self.issuer).into() });
            }
        };
        self.fetch(url, limits).await
    }

    async fn fetch_metadata(&self, limits: Limits) -> Result<Metadata, DiscoveryError> {
        let mut first_error = None;
        for url in metadata::locations(&self.issuer)? {
            match self.fetch(&url, limits).await {
                Ok(text) => return Metadata::read(&text, &self.issuer),
                // Only an answer that there is nothing here sends us on.
                Err(error) => {
                    let not_here = matches!(
                        error,
                        DiscoveryError::Fetch { reason: FetchError::Status { .. }, .. }
                    );
                    let error = first_error.get_or_insert(error);
                    if !not_here {
                        return Err(error.clone());
                    }
                }
            }
        }
        Err(first_error.unwrap_or(DiscoveryError::Issuer { issuer: (&*self.issuer).into() }))
    }

    async fn fetch(&self, url: &str, limits: Limits) -> Result<String, DiscoveryError> {
        let failed = |reason| DiscoveryError::Fetch { url: http::shown(url), reason };
        let request = http::get(url).map_err(failed)?;
        http::fetch(&*self.client, request, limits).await.map_err(failed)
    }

    /// What keys are for that don't say it.
    fn unsaid(&self) -> Vec<Algorithm> {
        const FAMILIES: [Family; 4] = [Family::Rsa, Family::P256, Family::P384, Family::Ed25519];
        if let Some(listed) = &self.remote.algorithms {
            return listed.clone();
        }
        let unsaid = |family| match &self.metadata {
            Some(metadata) => metadata.algorithm_of(family),
            None => Metadata::usual_algorithm_of(family),
        };
        FAMILIES.into_iter().filter_map(unsaid).collect()
    }

    fn read(&self, (text, unsaid): &(String, Vec<Algorithm>)) -> Result<KeySet, DiscoveryError> {
        let said = self.remote.algorithms.as_deref().unwrap_or(&Algorithm::ASYMMETRIC);
        Ok(KeySet::published(text, said, unsaid)?)
    }
}
