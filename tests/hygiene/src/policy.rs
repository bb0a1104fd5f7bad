//! A policy made under another name of the crate.

/// Who there is.
#[derive(
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::fmt::Debug,
    ::core::cmp::PartialEq,
    ::core::cmp::Eq,
    ::authz::Roles,
)]
#[roles(crate = ::authz)]
#[non_exhaustive]
pub enum Role {
    /// Runs the shop.
    #[role(includes(Clerk))]
    Admin,
    /// Takes orders.
    #[role(grants(Scope::Write))]
    Clerk,
    /// Has a raw name.
    r#Type,
}

/// What may be asked for.
#[derive(
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::fmt::Debug,
    ::core::cmp::PartialEq,
    ::core::cmp::Eq,
    ::authz::Scopes,
)]
#[scopes(crate = ::authz)]
#[non_exhaustive]
pub enum Scope {
    /// See every order.
    Read,
    /// Change orders.
    #[scope("write", includes(Read))]
    Write,
}

::authz::policy!(
    /// The policy of this crate.
    #[non_exhaustive]
    pub Policy { roles: Role, scopes: Scope }
);
