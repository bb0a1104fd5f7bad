//! Identities without an identity provider: accounts with passwords, sessions, a second factor and API
//! keys, in a SQLite file or a PostgreSQL database.
//!
//! [`Accounts`] are opened, and stand in front of a router as a verifier does:
//! `.secured_by(accounts.or(verifier))`. Handlers don't change: a session and a key become the same
//! [`Identity`](authz_core::Identity) as a bearer token, and `#[requires(…)]` holds for it.
//!
//! | what | where | rule |
//! |---|---|---|
//! | passwords | [`password`] | SP 800-63B-4 section 3.1.1.2, ASVS V6.2 |
//! | failed log-ins | [`throttle`] | SP 800-63B-4 section 3.2.2, ASVS V6.3 |
//! | names | [`NameFault`], [`Names`] | RFC 8264 section 4.2 |
//! | sessions | [`session`], [`cookie`] | SP 800-63B-4 section 5, ASVS V7 |
//! | the second factor | [`second_factor`] | SP 800-63B-4 section 3.1.4, RFC 6238, ASVS V6.5 |
//! | passkeys | `passkeys` | Web Authentication Level 3, SP 800-63B-4 section 3.1.7 |
//! | API keys | [`keys`] | ASVS V13.3.1 |
//! | roles | [`roles`] | separation of duty; ASVS V8 |
//! | what happened | [`audit`] | ASVS V16 |
//! | where it is kept | [`store`] | ASVS V11.4, V13.2 |
//!
//! Where two things have to hold together they are one transaction, the record in the audit trail
//! among them, and what was answered is on the disk. A database that can't be reached is 503 with
//! nothing half done.
//!
//! Absent on purpose: an OAuth or OpenID Connect provider. These are the accounts of one service;
//! it gives no tokens to others. Also absent: mail, and with it confirmed addresses and forgotten
//! passwords.
//!
//! # Features
//!
//! | feature | |
//! |---|---|
//! | `axum` | handlers for axum 0.8: [`Accounts::routes`] |
//! | `cli` | the program `accounts`: `accounts verify-audit`, `accounts export-audit`, `accounts review-names` |
//! | `passkeys` | passkeys, as second factor or alone: `Builder::passkeys` |
//! | `tls` | TLS to a PostgreSQL server: `postgres://…?sslmode=verify-full` |
//! | `testing` | a clock that a test moves |

mod accounts;
pub mod audit;
mod authenticate;
#[cfg(feature = "axum")]
pub mod axum;
mod cache;
mod clock;
pub mod cookie;
#[cfg(feature = "axum")]
mod denials;
mod error;
mod factors;
pub mod keys;
mod log_in;
mod name;
#[cfg(feature = "passkeys")]
pub mod passkeys;
pub mod password;
pub mod roles;
pub mod second_factor;
mod secret;
pub mod session;
pub mod store;
pub mod throttle;
mod totp;

/// What [`record_routes!`] names, and nobody else.
#[cfg(feature = "axum")]
#[doc(hidden)]
pub mod __private {
    pub use authz_core;

    pub use crate::axum::function::*;
}

pub use accounts::{Accounts, Builder};
pub use audit::{AuditRecord, AuditReport, Trail};
pub use error::Error;
pub use keys::{Key, NewKey};
pub use name::{NameFault, NameReport, Names};
#[cfg(feature = "passkeys")]
pub use passkeys::Passkey;
pub use password::PasswordFault;
pub use second_factor::{Enrolment, RecoveryCodes};
pub use session::{NewSession, Session};
pub use throttle::Source;
