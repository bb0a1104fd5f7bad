//! What the tests share: one policy, in a crate of its own as it would be in a workspace.

/// The policy of a small shop.
pub mod policy {
    use authz_core::{Roles, Scopes};

    /// Who there is.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
    pub enum Role {
        /// Runs the shop.
        #[role(includes(Manager))]
        Admin,
        /// Answers for the orders of a day.
        #[role(includes(Clerk, Auditor))]
        Manager,
        /// Takes orders.
        #[role(grants(Scope::WriteOrders))]
        Clerk,
        /// Looks, and changes nothing.
        #[role(grants(Scope::ReadOrders))]
        Auditor,
    }

    /// What may be asked for.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
    pub enum Scope {
        /// See every order.
        #[scope("read:orders")]
        ReadOrders,
        /// Place, change and cancel orders.
        #[scope("write:orders", includes(ReadOrders))]
        WriteOrders,
    }

    authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
}

/// Another policy, whose identities mean nothing to the first.
pub mod warehouse {
    use authz_core::{Roles, Scopes};

    /// Who there is.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
    pub enum Role {
        /// Packs.
        Packer,
    }

    /// What may be asked for.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
    pub enum Scope {
        /// See what lies where.
        #[scope("read:stock")]
        ReadStock,
    }

    authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
}

/// A policy with separation of duty: who books is not who audits.
pub mod ledger {
    use authz_core::{Roles, Scopes};

    /// Who there is.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
    pub enum Role {
        /// Answers for the clerks.
        #[role(includes(Clerk))]
        Manager,
        /// Books.
        Clerk,
        /// Looks at what was booked.
        #[role(excludes(Clerk))]
        Auditor,
        /// Answers for the auditors.
        #[role(includes(Auditor))]
        Inspector,
    }

    /// What may be asked for.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
    pub enum Scope {
        /// See what was booked.
        Read,
        /// Book.
        #[scope(includes(Read))]
        Book,
        /// Close a month.
        Close,
    }

    authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
}

/// A port on loopback for a server that a test starts, and may start again.
///
/// Not one that the system would give to somebody else meanwhile: those begin at 32768.
#[must_use]
pub fn free_port() -> u16 {
    use std::net::TcpListener;
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = std::process::id().wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = 20_000 + u16::try_from(number % 12_000).unwrap_or_default();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// The README, so that what it shows compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
