//! From a cookie or an API key to an identity.
//!
//! An `Authorization` header says who is asking on purpose, and a cookie comes along by itself: where
//! both are there, the cookie is not looked at. A header without a token in it says nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use authz_core::danger::Vouched;
use authz_core::http::RequestHead;
use authz_core::{Authentication, Authenticator, Identity, Policy, Refusal, Vocabulary};

use crate::accounts::{Accounts, Inner};
use crate::cache::{Entry, Kind};
use crate::clock::Clock;
use crate::cookie;
use crate::error::Error;
use crate::keys::{self, FoundKey};
use crate::roles::Authority;
use crate::secret::SecretHash;
use crate::session::{self, Found};

impl<P: Policy> Authenticator<P> for Accounts<P> {
    fn authenticate<'a>(&'a self, head: RequestHead<'a>) -> Authentication<'a, P> {
        Box::pin(async move {
            if head.has_authorization() {
                let key = head.bearer()?.filter(|key| keys::is_key(&self.inner().key_prefix, key));
                return match key {
                    Some(key) => self.inner().key_identity(key).await.map(Some),
                    None => Ok(None),
                };
            }
            let Some(secret) = cookie::read(head.headers())? else { return Ok(None) };
            cookie::require_same_site(&head)?;
            self.inner().session_identity(secret).await
        })
    }
}

impl<P: Policy> Inner<P> {
    async fn session_identity(&self, secret: &str) -> Result<Option<Identity<P>>, Refusal> {
        let (hash, now) = (SecretHash::of(secret), self.clock.now());
        if let Some(entry) = self.identities.get(&hash)
            && self.is_alive(&entry, now)
        {
            self.identities.touch(&entry, now);
            return Ok(Some(entry.identity.clone()));
        }
        let evictions = self.identities.evictions();
        let used_at = self.identities.last_used_at(&hash);
        let found = session::find(self.store.pool(), &hash).await.map_err(unavailable)?;
        let found = found.map(|found| found.used_at(used_at));
        let Some(found) = found.filter(|found| found.is_alive(now, &self.limits)) else {
            return Err(Refusal::invalid("the session is over, or never was"));
        };
        if found.outstanding {
            // Half a log-in is none.
            return Ok(None);
        }
        let authority = authority(&found.account, &found.roles)?;
        let entry = Arc::new(Entry {
            identity: self.identity(&found, authority),
            account: found.account.into(),
            id: found.id.into(),
            kind: Kind::Session,
            expires_at: found.expires_at,
            last_used_at: AtomicI64::new(found.last_used_at),
            uses: AtomicU64::new(0),
        });
        self.identities.touch(&entry, now);
        self.identities.insert(hash, &entry, evictions);
        Ok(Some(entry.identity.clone()))
    }

    async fn key_identity(&self, key: &str) -> Result<Identity<P>, Refusal> {
        let (hash, now) = (SecretHash::of(key), self.clock.now());
        if let Some(entry) = self.identities.get(&hash)
            && now < entry.expires_at
        {
            self.identities.touch(&entry, now);
            return Ok(entry.identity.clone());
        }
        if !keys::is_whole(&self.key_prefix, key) {
            return Err(Refusal::invalid("the key has a wrong checksum"));
        }
        let evictions = self.identities.evictions();
        let found = keys::find(self.store.pool(), &hash).await.map_err(unavailable)?;
        let Some(found) = found.filter(|found| now < found.expires_at) else {
            return Err(Refusal::invalid("the key is unknown, revoked or expired"));
        };
        let authority = authority(&found.account, &found.roles)?;
        let entry = Arc::new(Entry {
            identity: self.identity_of_key(&found, authority),
            account: found.account.into(),
            id: found.id.into(),
            kind: Kind::Key,
            expires_at: found.expires_at,
            last_used_at: AtomicI64::new(0),
            uses: AtomicU64::new(0),
        });
        self.identities.touch(&entry, now);
        self.identities.insert(hash, &entry, evictions);
        Ok(entry.identity.clone())
    }

    /// The owner's roles, and of the key's scopes those that the owner still holds.
    fn identity_of_key(&self, found: &FoundKey, authority: Authority<P>) -> Identity<P> {
        let name = format!("key {}", found.id);
        let mut vouched = self
            .vouched(&found.account, found.expires_at)
            .credential(&name)
            .client(&name)
            .claim("preferred_username", found.name.as_str());
        let scopes = found.scopes.split_whitespace().filter_map(P::Scope::from_wire_name);
        for scope in scopes {
            if authority.scopes.iter().any(|held| held.includes(scope)) {
                vouched = vouched.scope(scope);
            }
        }
        for role in authority.roles {
            vouched = vouched.role(role);
        }
        vouched.build()
    }

    /// Whether a session that is known here is alive. One that seems idle may be in use at another
    /// node, which the database knows.
    fn is_alive(&self, entry: &Entry<P>, now: i64) -> bool {
        let idle = now.saturating_sub(entry.last_used_at.load(Ordering::Relaxed));
        now < entry.expires_at && idle < self.limits.idle_seconds()
    }

    fn identity(&self, found: &Found, authority: Authority<P>) -> Identity<P> {
        let mut vouched = self
            .vouched(&found.account, found.expires_at)
            .credential(&format!("session {}", found.id))
            .claim("preferred_username", found.name.as_str())
            .authenticated_at(u64::try_from(found.authenticated_at).unwrap_or_default());
        for method in found.methods.split(' ') {
            vouched = vouched.method(method);
        }
        // The assurance levels of SP 800-63B-4.
        let several = found.methods.split(' ').any(|method| method == "mfa");
        vouched = vouched.class(if several { "aal2" } else { "aal1" });
        for role in authority.roles {
            vouched = vouched.role(role);
        }
        vouched.scopes_of_roles().build()
    }

    fn vouched(&self, account: &str, expires_at: i64) -> Vouched<P> {
        let expires_at = u64::try_from(expires_at).unwrap_or_default();
        let vouched = Vouched::new(Arc::clone(&self.issuer), account, expires_at);
        match &self.clock {
            Clock::System => vouched,
            #[cfg(feature = "testing")]
            Clock::Test(clock) => vouched.clock(clock),
        }
    }
}

/// What the roles of an account give; nothing and nobody where two of them exclude each other.
fn authority<P: Policy>(account: &str, roles: &[String]) -> Result<Authority<P>, Refusal> {
    let authority = Authority::<P>::of(roles);
    authority.report_unknown(account);
    if let Some((one, other)) = authority.exclusive() {
        let (one, other) = (one.wire_name(), other.wire_name());
        let reason = format!("the account holds `{one}` and `{other}`, which exclude each other");
        return Err(Refusal::invalid(reason));
    }
    Ok(authority)
}

fn unavailable(error: Error) -> Refusal {
    match error {
        Error::Unavailable { source } => Refusal::unavailable(source.to_string()),
        other => Refusal::unavailable(other.to_string()),
    }
}
