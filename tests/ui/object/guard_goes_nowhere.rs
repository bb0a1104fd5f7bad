use authz_core::{Guard, requires};
use authz_tests::policy;

#[requires(scope = "read:orders", object = owner)]
fn show(guard: Guard<show>, id: u64) -> String {
    format!("{id} for {}", guard.subject())
}

#[requires(scope = "read:orders", object = owner)]
fn list(_: Guard<list>) {}

fn main() {}
