use authz_core::requires;
use authz_tests::policy;

#[requires(role = "clerk", idenity = who)]
fn misspelt(who: &policy::Identity) {}

fn main() {}
