use authz_core::requires;
use authz_tests::policy;

use authz_core::{Roles, manual, public};

#[public(reason = "probe \u{1b}[2K")]
fn wiped() {}

#[public(reason = "probe
::error::stop")]
fn begins_a_line() {}

#[manual(reason = "asks\u{202e} the shop")]
fn turned() {}

/// Pays­ back.
#[requires(role = "clerk")]
fn soft() {}

#[doc = "Pays back.\u{7}"]
#[requires(role = "clerk")]
fn rings() {}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    /// Runs the​ shop.
    Clerk,
}

struct Shelf<const MARK: char>;

#[requires(role = "clerk", identity = who)]
impl Shelf<'​'> {
    #[requires]
    fn open(&self, who: &policy::Identity) -> Result<(), authz_core::Denied> {
        Ok(())
    }
}

fn main() {}
