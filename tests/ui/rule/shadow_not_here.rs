use authz_core::{manual, requires};
use authz_tests::policy;

authz_core::rule!(Stricter = mfa);

#[requires(role = "clerk", shadow = Stricter)]
mod orders {
    use authz_core::requires;

    #[requires]
    fn list() {}
}

#[manual(reason = "shows the caller its own", shadow = Stricter)]
fn own() {}

#[requires(role = "clerk", rule = Stricter, shadow = Stricter)]
fn enforced_already() {}

fn main() {}
