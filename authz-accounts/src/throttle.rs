//! Failed log-ins: who has to wait, and for how long.
//!
//! SP 800-63B-4 section 3.2.2 and ASVS V6.1.1, V6.3.1:
//!
//! - An attempt is counted for its name before its password is looked at and taken off when it is right, so
//!   that a thousand at once are not a thousand free guesses. The counters are in the database:
//!   all nodes count together.
//! - The wait is the *source's*: five attempts from one address for one name are free, then 30
//!   seconds, doubling up to an hour. Over all names, a source has twenty wrong ones
//!   ([`Builder::free_attempts_per_source`](crate::Builder::free_attempts_per_source)); what is still looked at
//!   does not count, so that an office behind one address logs in at once. Somebody else, elsewhere,
//!   logs in undisturbed: an account can't be locked by whoever knows its name, unless they come from
//!   many addresses and have patience.
//! - After 100 consecutive failures from wherever, the password is dead until an administrator
//!   unlocks it ([`Accounts::unlock`](crate::Accounts::unlock)).
//! - Twenty addresses with five attempts each reach that stop at once, and a hundred with one each: it
//!   is the rule's upper bound, and whoever has so many addresses can make somebody need an
//!   administrator, though never get in. Where that is a danger, put a challenge for bots in front of
//!   the log-in (the section asks for one too); the stop is in the trail (`locked`), the password's
//!   alone, and leaves sessions, keys and passkeys as they are.
//! - A name that nobody has is counted and answered alike, in the same time: `cargo bench --bench
//!   timing` measures that (ASVS V6.3.8).
//! - What costs something though nothing is wrong with it, such as making an account, is counted per
//!   source and hour ([`Builder::sign_ups_per_hour`](crate::Builder::sign_ups_per_hour); OWASP API4:2023).

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use sqlx::{Any, Row, Transaction};

use crate::error::Error;
use crate::secret::SecretHash;

/// Attempts of one source for one name before it has to wait.
const FREE_FOR_A_NAME: i64 = 5;
/// Wrong attempts of one source for all names before it has to wait, unless
/// [`Builder::free_attempts_per_source`](crate::Builder::free_attempts_per_source) says another number.
pub(crate) const FREE_FOR_A_SOURCE: i64 = 20;
/// As many attempts of one source may be looked at at once.
const IN_FLIGHT: i64 = 256;
/// After so long without another, attempts that never landed are forgotten. In seconds.
const FLIGHT: i64 = 60;
/// The first wait, in seconds.
const FIRST_WAIT: i64 = 30;
/// The longest wait, in seconds.
const LONGEST_WAIT: i64 = 3_600;
/// After so long without an attempt, counting begins anew. In seconds.
const MEMORY: i64 = 24 * 3_600;
/// Consecutive failures after which a password is dead: the bound of SP 800-63B-4.
pub(crate) const HARD_STOP: i64 = 100;

/// Where a request comes from: whom to make wait.
///
/// # Examples
///
/// ```
/// use authz_accounts::Source;
///
/// let home = Source::from_address("2001:db8:1:2:aaaa::1".parse().unwrap());
/// let neighbour = Source::from_address("2001:db8:1:2:bbbb::2".parse().unwrap());
/// assert_eq!(home, neighbour);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Source(Box<str>);

impl Source {
    /// The peer's address, or the one that a proxy which you trust tells. Of IPv6, the first 64
    /// bits: who has one of these addresses has all of them.
    #[must_use]
    pub fn from_address(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(address.to_string().into()),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self(format!("{a:x}:{b:x}:{c:x}:{d:x}::/64").into())
            }
        }
    }

    /// A source by another name than an address, such as a client certificate's.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The counters that one attempt is counted in.
pub(crate) struct Attempt {
    source: String,
    flight: String,
    pair: String,
}

impl Attempt {
    /// Attempts of `source` for `name`, which may be anything that a caller typed.
    pub(crate) fn new(source: &Source, name: &str) -> Self {
        let of_source = SecretHash::of(&source.0).text();
        Self {
            source: format!("source {of_source}"),
            flight: format!("flight {of_source}"),
            pair: format!("pair {}", SecretHash::of(&format!("{source}\0{name}")).text()),
        }
    }

    /// Counts the attempt before its password is looked at, or tells how long to wait.
    ///
    /// For its name it counts as wrong until it was right. For its source it is in flight alone: many people
    /// behind one address may log in at once. Always in this order, so that two transactions can't wait for
    /// each other.
    pub(crate) async fn count(
        &self,
        transaction: &mut Transaction<'static, Any>,
        now: i64,
    ) -> Result<(), Error> {
        let waits = "SELECT subject FROM throttle WHERE subject = $1 AND waits_until > $2";
        let waits = sqlx::query(waits).bind(&self.source).bind(now);
        if waits.fetch_optional(&mut **transaction).await?.is_some() {
            return Err(wait(transaction, &self.source, now).await?);
        }
        let flight = self.add(transaction, &self.flight, (now, FLIGHT)).await?;
        if flight.is_none_or(|flying| flying > IN_FLIGHT) {
            return Err(wait_until(now, now));
        }
        let Some(failures) = self.add(transaction, &self.pair, (now, MEMORY)).await? else {
            return Err(wait(transaction, &self.pair, now).await?);
        };
        set_wait(transaction, &self.pair, (failures, FREE_FOR_A_NAME), now).await
    }

    /// Takes the attempt off again: the password was right.
    pub(crate) async fn succeeded(
        &self,
        transaction: &mut Transaction<'static, Any>,
    ) -> Result<(), Error> {
        self.land(transaction).await?;
        sqlx::query("DELETE FROM throttle WHERE subject = $1")
            .bind(&self.pair)
            .execute(&mut **transaction)
            .await?;
        Ok(())
    }

    /// Counts the attempt for its source: the password was wrong. A right one does not take it off, so that
    /// somebody with an account of their own gets no more guesses at others.
    pub(crate) async fn failed(
        &self,
        transaction: &mut Transaction<'static, Any>,
        (now, free): (i64, i64),
    ) -> Result<(), Error> {
        self.land(transaction).await?;
        match self.add(transaction, &self.source, (now, MEMORY)).await? {
            Some(failures) => set_wait(transaction, &self.source, (failures, free), now).await,
            // It waits already, for what was wrong beside this.
            None => Ok(()),
        }
    }

    async fn land(&self, transaction: &mut Transaction<'static, Any>) -> Result<(), Error> {
        let landed =
            "UPDATE throttle SET failures = failures - 1 WHERE subject = $1 AND failures > 0";
        sqlx::query(landed).bind(&self.flight).execute(&mut **transaction).await?;
        Ok(())
    }

    /// Adds one to a counter that does not wait, and tells what it says; after so long without a count it
    /// begins anew.
    async fn add(
        &self,
        transaction: &mut Transaction<'static, Any>,
        subject: &str,
        (now, memory): (i64, i64),
    ) -> Result<Option<i64>, Error> {
        let count = "INSERT INTO throttle (subject, failures, waits_until, counted_at) \
            VALUES ($1, 1, 0, $2) ON CONFLICT (subject) DO UPDATE SET \
            failures = CASE WHEN throttle.counted_at < $3 THEN 1 ELSE throttle.failures + 1 END, \
            counted_at = $2 WHERE throttle.waits_until <= $2 RETURNING failures";
        let counted = sqlx::query(count).bind(subject).bind(now).bind(now - memory);
        let counted = counted.fetch_optional(&mut **transaction).await?;
        Ok(counted.map(|row| row.try_get(0)).transpose()?)
    }
}

/// Makes a counter wait that has used up what is free.
async fn set_wait(
    transaction: &mut Transaction<'static, Any>,
    subject: &str,
    (failures, free): (i64, i64),
    now: i64,
) -> Result<(), Error> {
    if failures >= free {
        sqlx::query("UPDATE throttle SET waits_until = $2 WHERE subject = $1")
            .bind(subject)
            .bind(now.saturating_add(wait_after(failures - free)))
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

/// How long a quota counts, in seconds.
const QUOTA_PERIOD: i64 = 3_600;

/// Counts what `source` may do `limit` times an hour, or tells how long to wait.
pub(crate) async fn use_quota(
    transaction: &mut Transaction<'static, Any>,
    (what, limit): (&str, i64),
    source: &Source,
    now: i64,
) -> Result<(), Error> {
    let subject = format!("{what} {}", SecretHash::of(&source.0).text());
    let count = "INSERT INTO throttle (subject, failures, waits_until, counted_at) \
        VALUES ($1, 1, 0, $2) ON CONFLICT (subject) DO UPDATE SET \
        failures = CASE WHEN throttle.counted_at <= $3 THEN 1 ELSE throttle.failures + 1 END, \
        counted_at = CASE WHEN throttle.counted_at <= $3 THEN $2 ELSE throttle.counted_at END \
        RETURNING failures, counted_at";
    let counted = sqlx::query(count)
        .bind(subject)
        .bind(now)
        .bind(now.saturating_sub(QUOTA_PERIOD))
        .fetch_one(&mut **transaction)
        .await?;
    let (used, since): (i64, i64) = (counted.try_get(0)?, counted.try_get(1)?);
    if used <= limit {
        return Ok(());
    }
    Err(wait_until(since.saturating_add(QUOTA_PERIOD), now))
}

async fn wait(
    transaction: &mut Transaction<'static, Any>,
    subject: &str,
    now: i64,
) -> Result<Error, Error> {
    let until = sqlx::query("SELECT waits_until FROM throttle WHERE subject = $1")
        .bind(subject)
        .fetch_one(&mut **transaction)
        .await?;
    Ok(wait_until(until.try_get(0)?, now))
}

pub(crate) fn wait_until(until: i64, now: i64) -> Error {
    let seconds = u64::try_from(until.saturating_sub(now)).unwrap_or_default().max(1);
    Error::Throttled { retry_after: Duration::from_secs(seconds) }
}

/// How long to wait after so many failures beyond the free ones, in seconds.
fn wait_after(failures: i64) -> i64 {
    let doublings = u32::try_from(failures.clamp(0, 20)).unwrap_or_default();
    FIRST_WAIT.saturating_mul(1_i64 << doublings).min(LONGEST_WAIT)
}

/// Deletes counters that nobody asks for any more.
pub(crate) async fn forget(
    transaction: &mut Transaction<'static, Any>,
    now: i64,
) -> Result<(), Error> {
    sqlx::query("DELETE FROM throttle WHERE counted_at < $1 AND waits_until <= $2")
        .bind(now - MEMORY)
        .bind(now)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Source, wait_after};

    #[test]
    fn the_wait_grows_from_half_a_minute_to_an_hour() {
        let waits: Vec<_> = (0..9).map(wait_after).collect();
        assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
        assert_eq!(wait_after(i64::MAX), 3600);
    }

    #[test]
    fn an_address_within_an_address_is_that_address() {
        let mapped = Source::from_address("::ffff:192.0.2.1".parse().unwrap());
        assert_eq!(mapped, Source::from_address("192.0.2.1".parse().unwrap()));
    }
}
