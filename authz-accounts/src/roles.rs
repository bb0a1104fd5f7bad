//! Roles of accounts: names of the service's own vocabulary, and who may hand them out.
//!
//! - Whoever grants a role has passed a guard, and holds the role, by itself or through one that
//!   includes it. Nobody makes somebody mightier than themselves.
//! - Two roles that exclude each other (`#[role(excludes(…))]`) are never held by one account, not even
//!   through roles that include them. Where a vocabulary learns of it later, such an account is let in
//!   nowhere until one of them is taken away.
//! - A change of roles ends the sessions of its account: who logs in again has the new ones (ASVS
//!   V7.2.4).
//! - A name in the database that the vocabulary does not have any more is reported and grants
//!   nothing.
//!
//! The scopes of an account are those that its roles grant (`#[role(grants(…))]`).

use authz_core::{Guard, Guarded, Policy, Roles, Vocabulary};
use serde_json::json;
use sqlx::{Any, Row, Transaction};

use crate::accounts::{Accounts, Inner};
use crate::audit::Event;
use crate::error::Error;
use crate::session;

/// What the roles in the database mean today.
#[derive(Debug)]
pub(crate) struct Authority<P: Policy> {
    pub(crate) roles: Vec<P::Role>,
    pub(crate) scopes: Vec<P::Scope>,
    /// Names that the vocabulary does not have.
    pub(crate) unknown: Vec<String>,
}

impl<P: Policy> Authority<P> {
    pub(crate) fn of(names: &[String]) -> Self {
        let (mut roles, mut unknown) = (Vec::new(), Vec::new());
        for name in names {
            match P::Role::from_wire_name(name) {
                Some(role) => roles.push(role),
                None => unknown.push(name.clone()),
            }
        }
        let granted = P::Role::GRANTS.iter().filter(|grant| {
            let granting = P::Role::all().get(grant.role as usize);
            granting.is_some_and(|role| roles.iter().any(|held: &P::Role| held.includes(*role)))
        });
        let scopes = granted.filter_map(|grant| P::Scope::from_wire_name(grant.scope)).collect();
        Self { roles, scopes, unknown }
    }

    /// Two roles held that exclude each other.
    pub(crate) fn exclusive(&self) -> Option<(P::Role, P::Role)> {
        let held = |index: u32| {
            let role = P::Role::all().get(index as usize).copied();
            role.filter(|role| self.roles.iter().any(|held| held.includes(*role)))
        };
        let mut pairs = P::Role::TABLE.excludes.iter();
        pairs.find_map(|(left, right)| held(*left).zip(held(*right)))
    }

    pub(crate) fn report_unknown(&self, account: &str) {
        for role in &self.unknown {
            tracing::warn!(
                target: "authz",
                account,
                role,
                "an account holds a role that the policy does not have; it grants nothing"
            );
        }
    }
}

impl<P: Policy> Accounts<P> {
    /// Grants a role, as whoever passed a guard and holds the role may.
    ///
    /// # Errors
    ///
    /// [`Error::NotAllowed`] where the granter does not hold the role, or where the account would
    /// hold two that exclude each other; [`Error::NotFound`] without such an account.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod policy {
    /// #     use authz_core::{Roles, Scopes};
    /// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
    /// #     pub enum Role { #[role(includes(Clerk))] Manager, Clerk }
    /// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
    /// #     pub enum Scope { #[scope("write:orders")] WriteOrders }
    /// #     authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
    /// # }
    /// use authz_accounts::{Accounts, Error};
    /// use authz_core::{Guard, requires};
    ///
    /// #[requires(role = "manager", mfa)]
    /// async fn hire(
    ///     guard: Guard<hire>,
    ///     accounts: &Accounts<policy::Policy>,
    ///     name: &str,
    /// ) -> Result<(), Error> {
    ///     accounts.grant_role(&guard, name, policy::Role::Clerk).await
    /// }
    /// # fn main() {}
    /// ```
    pub async fn grant_role<F: Guarded<Policy = P>>(
        &self,
        guard: &Guard<F>,
        name: &str,
        role: P::Role,
    ) -> Result<(), Error> {
        if !guard.has_role(role) {
            return Err(Error::NotAllowed("nobody grants a role that they don't hold themselves"));
        }
        self.inner().grant(&self.id_of(name).await?, role, guard.subject()).await
    }

    /// Grants a role on nobody's authority: for the first account of a service, from its command
    /// line.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] without such an account; [`Error::NotAllowed`] where the account would
    /// hold two roles that exclude each other.
    pub async fn danger_grant_role(&self, name: &str, role: P::Role) -> Result<(), Error> {
        self.inner().grant(&self.id_of(name).await?, role, "").await
    }

    /// Takes a role away, as whoever passed a guard and holds the role may.
    ///
    /// # Errors
    ///
    /// [`Error::NotAllowed`] where the caller does not hold the role; [`Error::NotFound`] without
    /// such an account, or where it does not hold the role.
    pub async fn revoke_role<F: Guarded<Policy = P>>(
        &self,
        guard: &Guard<F>,
        name: &str,
        role: P::Role,
    ) -> Result<(), Error> {
        if !guard.has_role(role) {
            return Err(Error::NotAllowed("nobody takes away a role that they don't hold"));
        }
        let inner = self.inner();
        let account = self.id_of(name).await?;
        let mut transaction = inner.store.write().await?;
        session::hold_account(&mut transaction, &account).await?;
        let revoked = sqlx::query("DELETE FROM account_role WHERE account = $1 AND role = $2")
            .bind(&account)
            .bind(role.wire_name())
            .execute(&mut *transaction)
            .await?;
        if revoked.rows_affected() == 0 {
            return Err(Error::NotFound { what: "role of this account" });
        }
        let (by, role) = (guard.subject(), role.wire_name());
        inner.changed(transaction, &account, by, role, Event::RoleRevoked).await
    }

    /// The roles of an account, and the names it has that are no roles any more.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] without such an account.
    pub async fn roles_of(&self, name: &str) -> Result<(Vec<P::Role>, Vec<String>), Error> {
        let account = self.id_of(name).await?;
        let mut transaction = self.inner().store.read().await?;
        let authority = Authority::<P>::of(&held(&mut transaction, &account).await?);
        Ok((authority.roles, authority.unknown))
    }
}

impl<P: Policy> Inner<P> {
    async fn grant(&self, account: &str, role: P::Role, by: &str) -> Result<(), Error> {
        let mut transaction = self.store.write().await?;
        session::hold_account(&mut transaction, account).await?;
        let mut after = Authority::<P>::of(&held(&mut transaction, account).await?);
        after.roles.push(role);
        if after.exclusive().is_some() {
            return Err(Error::NotAllowed("the account holds a role that excludes this one"));
        }
        let granted = "INSERT INTO account_role (account, role, granted_at) VALUES ($1, $2, $3) \
                       ON CONFLICT (account, role) DO NOTHING";
        sqlx::query(granted)
            .bind(account)
            .bind(role.wire_name())
            .bind(self.clock.now())
            .execute(&mut *transaction)
            .await?;
        self.changed(transaction, account, by, role.wire_name(), Event::RoleGranted).await
    }

    /// Ends the sessions of an account whose roles have changed.
    async fn changed(
        &self,
        mut transaction: Transaction<'static, Any>,
        account: &str,
        by: &str,
        role: &str,
        event: Event,
    ) -> Result<(), Error> {
        session::end_all(&mut transaction, account).await?;
        let detail = json!({ "role": role, "by": by });
        self.commit_for(transaction, account, (event, detail)).await
    }
}

async fn held(
    transaction: &mut Transaction<'static, Any>,
    account: &str,
) -> Result<Vec<String>, Error> {
    let roles = sqlx::query("SELECT role FROM account_role WHERE account = $1 ORDER BY role");
    let roles = roles.bind(account).fetch_all(&mut **transaction).await?;
    roles.iter().map(|row| Ok(row.try_get(0)?)).collect()
}
