//! The audit trail: every log-in, failure, lockout, change of keys and roles, and denial.
//!
//! Records are appended in the transaction of what they record, so that nothing happens without its
//! record and no record tells of what did not happen. Each has the hash of itself and of the record
//! before it: a record that is changed, taken out or put in breaks the chain
//! ([`Accounts::verify_audit`](crate::Accounts::verify_audit)). Who can write to the database can
//! also compute a new chain; the number and hash of its end, kept elsewhere, shows that too.
//!
//! Records name accounts, sessions and keys by ids that are no secrets (ASVS V16.2.5). Records are
//! deleted by age alone ([`Accounts::forget_audit`](crate::Accounts::forget_audit)), and the chain
//! goes on from where it was cut.

use aws_lc_rs::digest;
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use serde_json::{Value, value::RawValue};
use sqlx::{Any, AnyConnection, Row, Transaction};

use crate::error::Error;
use crate::store::Store;

/// One record of the trail.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct AuditRecord {
    /// Its number, without gaps.
    pub seq: i64,
    /// Seconds since 1970.
    pub at: i64,
    /// What happened, such as `log_in`.
    pub event: String,
    /// The id of the account that it happened to; empty where there is none.
    pub account: String,
    /// More about it: one JSON object.
    pub detail: Box<RawValue>,
    /// The hash of this record and of the chain before it.
    pub hash: String,
}

/// What a look at the whole chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditReport {
    /// How many records there are.
    pub records: u64,
    /// The number of the last one.
    pub seq: i64,
    /// The hash of the last one: the whole trail in one text, to be kept elsewhere.
    pub hash: String,
    /// What is wrong; nothing, if all is well.
    pub faults: Vec<String>,
}

/// The audit trail of a database, without its accounts: for whoever looks at it from outside, such
/// as the program `accounts`.
#[derive(Debug)]
pub struct Trail {
    store: Store,
}

impl Trail {
    /// Opens the trail of accounts that are there, as
    /// [`Accounts::open`](crate::Accounts::open) names them. Nothing is changed.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] where there is no such database.
    pub async fn open(database: &str) -> Result<Self, Error> {
        Ok(Self { store: Store::connect(database, "rw").await? })
    }

    /// Looks at the whole chain, as [`Accounts::verify_audit`](crate::Accounts::verify_audit).
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`].
    pub async fn verify(&self) -> Result<AuditReport, Error> {
        verify(&mut self.store.read().await?).await
    }

    /// The records after number `after`, oldest first, at most `limit` of them.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`].
    pub async fn read(&self, after: i64, limit: u32) -> Result<Vec<AuditRecord>, Error> {
        read(&mut *self.store.pool().acquire().await?, after, i64::from(limit)).await
    }
}

/// What is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    SignUp,
    LogIn,
    LogInFailed,
    Locked,
    Unlocked,
    LogOut,
    SessionEnded,
    SessionsEnded,
    Reauthenticated,
    PasswordChanged,
    Disabled,
    RoleGranted,
    RoleRevoked,
    KeyCreated,
    KeyRotated,
    KeyRevoked,
    SecondFactor,
    CodeFailed,
    CodeUsed,
    AppEnrolled,
    AppRemoved,
    SecondFactorReset,
    CodesRenewed,
    #[cfg(feature = "passkeys")]
    PasskeyAdded,
    #[cfg(feature = "passkeys")]
    PasskeyRemoved,
    #[cfg(feature = "passkeys")]
    PasskeyFailed,
    Forgotten,
    #[cfg(feature = "axum")]
    Denied,
}

impl Event {
    fn word(self) -> &'static str {
        match self {
            Self::SignUp => "sign_up",
            Self::LogIn => "log_in",
            Self::LogInFailed => "log_in_failed",
            Self::Locked => "locked",
            Self::Unlocked => "unlocked",
            Self::LogOut => "log_out",
            Self::SessionEnded => "session_ended",
            Self::SessionsEnded => "sessions_ended",
            Self::Reauthenticated => "reauthenticated",
            Self::PasswordChanged => "password_changed",
            Self::Disabled => "disabled",
            Self::RoleGranted => "role_granted",
            Self::RoleRevoked => "role_revoked",
            Self::KeyCreated => "key_created",
            Self::KeyRotated => "key_rotated",
            Self::KeyRevoked => "key_revoked",
            Self::SecondFactor => "second_factor",
            Self::CodeFailed => "code_failed",
            Self::CodeUsed => "recovery_code_used",
            Self::AppEnrolled => "app_enrolled",
            Self::AppRemoved => "app_removed",
            Self::SecondFactorReset => "second_factor_reset",
            Self::CodesRenewed => "recovery_codes_renewed",
            #[cfg(feature = "passkeys")]
            Self::PasskeyAdded => "passkey_added",
            #[cfg(feature = "passkeys")]
            Self::PasskeyRemoved => "passkey_removed",
            #[cfg(feature = "passkeys")]
            Self::PasskeyFailed => "passkey_failed",
            Self::Forgotten => "audit_forgotten",
            #[cfg(feature = "axum")]
            Self::Denied => "denied",
        }
    }
}

/// Appends a record, in the transaction of what it records.
pub(crate) async fn append(
    transaction: &mut Transaction<'static, Any>,
    at: i64,
    event: Event,
    account: &str,
    detail: Value,
) -> Result<(), Error> {
    // Holds the end of the chain until the transaction is over.
    let end = "UPDATE audit_chain SET seq = seq + 1 WHERE one = 1 RETURNING seq, hash";
    let end = sqlx::query(end).fetch_one(&mut **transaction).await?;
    let seq: i64 = end.try_get(0)?;
    let before: String = end.try_get(1)?;
    let detail = detail.to_string();
    let hash = chained(&before, seq, at, event.word(), account, &detail);
    let record = "INSERT INTO audit (seq, at, event, account, detail, hash) \
                  VALUES ($1, $2, $3, $4, $5, $6)";
    sqlx::query(record)
        .bind(seq)
        .bind(at)
        .bind(event.word())
        .bind(account)
        .bind(detail)
        .bind(&hash)
        .execute(&mut **transaction)
        .await?;
    sqlx::query("UPDATE audit_chain SET hash = $1 WHERE one = 1")
        .bind(hash)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// The hash of a record after the chain that ends with `before`: SHA-256 over the fields, each
/// with its length in front, so that no two records read alike.
fn chained(before: &str, seq: i64, at: i64, event: &str, account: &str, detail: &str) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    let mut field = |bytes: &[u8]| {
        context.update(&(bytes.len() as u64).to_be_bytes());
        context.update(bytes);
    };
    field(before.as_bytes());
    field(&seq.to_be_bytes());
    field(&at.to_be_bytes());
    field(event.as_bytes());
    field(account.as_bytes());
    field(detail.as_bytes());
    BASE64URL_NOPAD.encode(context.finish().as_ref())
}

/// How many records are read at a time.
const PAGE: i64 = 500;

/// The records after number `after`, oldest first, at most `limit` of them.
pub(crate) async fn read(
    connection: &mut AnyConnection,
    after: i64,
    limit: i64,
) -> Result<Vec<AuditRecord>, Error> {
    let records = "SELECT seq, at, event, account, detail, hash FROM audit \
                   WHERE seq > $1 ORDER BY seq LIMIT $2";
    let rows = sqlx::query(records).bind(after).bind(limit).fetch_all(connection).await?;
    from_rows(&rows)
}

/// The records of one account, the latest first, at most `limit` of them.
pub(crate) async fn read_of(
    connection: &mut AnyConnection,
    account: &str,
    limit: i64,
) -> Result<Vec<AuditRecord>, Error> {
    let records = "SELECT seq, at, event, account, detail, hash FROM audit \
                   WHERE account = $1 ORDER BY seq DESC LIMIT $2";
    let rows = sqlx::query(records).bind(account).bind(limit).fetch_all(connection).await?;
    from_rows(&rows)
}

fn from_rows(rows: &[sqlx::any::AnyRow]) -> Result<Vec<AuditRecord>, Error> {
    let record = |row: &sqlx::any::AnyRow| {
        let detail: String = row.try_get(4)?;
        // What is no JSON any more was changed; the chain tells, and the text is still shown.
        // Reading leaves out the space around it, which is a change too.
        let json = RawValue::from_string(detail.clone()).ok();
        let detail = match json.filter(|json| json.get() == detail) {
            Some(json) => Ok(json),
            None => RawValue::from_string(Value::String(detail).to_string()),
        };
        Ok(AuditRecord {
            seq: row.try_get(0)?,
            at: row.try_get(1)?,
            event: row.try_get(2)?,
            account: row.try_get(3)?,
            detail: detail.map_err(Error::unavailable)?,
            hash: row.try_get(5)?,
        })
    };
    rows.iter().map(record).collect()
}

/// Looks at the whole chain.
pub(crate) async fn verify(
    transaction: &mut Transaction<'static, Any>,
) -> Result<AuditReport, Error> {
    let ends = "SELECT seq, hash, base_seq, base_hash FROM audit_chain WHERE one = 1";
    let ends = sqlx::query(ends).fetch_one(&mut **transaction).await?;
    let (last_seq, last_hash): (i64, String) = (ends.try_get(0)?, ends.try_get(1)?);
    let (mut seq, mut hash): (i64, String) = (ends.try_get(2)?, ends.try_get(3)?);
    let (mut records, mut faults) = (0_u64, Vec::new());
    loop {
        let page = read(transaction, seq, PAGE).await?;
        let Some(last) = page.last() else { break };
        let end = last.seq;
        for record in page {
            records += 1;
            if record.seq != seq + 1 {
                faults.push(format!("records {} to {} are missing", seq + 1, record.seq - 1));
            }
            let detail = record.detail.get();
            let (event, account) = (&record.event, &record.account);
            if chained(&hash, record.seq, record.at, event, account, detail) != record.hash {
                faults.push(format!("record {} is not what was written", record.seq));
            }
            (seq, hash) = (record.seq, record.hash);
        }
        debug_assert_eq!(seq, end);
    }
    if seq != last_seq || hash != last_hash {
        faults.push(format!("the trail ends at {seq}, and was written to {last_seq}"));
    }
    Ok(AuditReport { records, seq: last_seq, hash: last_hash, faults })
}

/// Deletes the records before `before`, and notes where the chain goes on.
pub(crate) async fn forget(
    transaction: &mut Transaction<'static, Any>,
    now: i64,
    before: i64,
) -> Result<u64, Error> {
    // The record of it comes first, so that there is always one to go on from.
    append(transaction, now, Event::Forgotten, "", serde_json::json!({ "before": before })).await?;
    let last = "SELECT seq, hash FROM audit WHERE seq = \
                (SELECT MIN(seq) - 1 FROM audit WHERE at >= $1)";
    let last = sqlx::query(last).bind(before).fetch_optional(&mut **transaction).await?;
    let Some(last) = last else { return Ok(0) };
    let (seq, hash): (i64, String) = (last.try_get(0)?, last.try_get(1)?);
    sqlx::query("UPDATE audit_chain SET base_seq = $1, base_hash = $2 WHERE one = 1")
        .bind(seq)
        .bind(hash)
        .execute(&mut **transaction)
        .await?;
    let deleted = sqlx::query("DELETE FROM audit WHERE seq <= $1")
        .bind(seq)
        .execute(&mut **transaction)
        .await?;
    Ok(deleted.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::chained;

    #[test]
    fn no_two_records_read_alike() {
        let one = chained("", 1, 2, "log_in", "ann", "{}");
        assert_eq!(one, chained("", 1, 2, "log_in", "ann", "{}"));
        for other in [
            chained("x", 1, 2, "log_in", "ann", "{}"),
            chained("", 2, 2, "log_in", "ann", "{}"),
            chained("", 1, 3, "log_in", "ann", "{}"),
            chained("", 1, 2, "log_i", "nann", "{}"),
            chained("", 1, 2, "log_in", "ann{", "}"),
        ] {
            assert_ne!(one, other);
        }
    }
}
