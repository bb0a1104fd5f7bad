use authz_core::{public, requires};
use authz_tests::policy;

#[requires(role)]
fn key() {}

#[requires(role = )]
fn equals() {}

#[requires(role = "clerk", sc)]
fn beginning() {}

#[requires(max_age)]
fn age() {}

#[requires(mfa, identity = )]
fn identity() {}

#[requires(mfa, identity = who.)]
fn field() {}

#[requires(any(role = ))]
fn inside() {}

#[requires(any)]
fn group() {}

#[requires(mfa, policy = )]
fn path() {}

#[public(reason)]
fn reason() {}

#[public(reason = )]
fn no_text() {}

fn main() {}
