use authz_core::requires;
use authz_tests::policy;

#[requires(role = "mangaer", scope = "writeorders")]
fn refund() {}

fn main() {}
