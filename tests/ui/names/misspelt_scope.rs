use authz_core::requires;
use authz_tests::policy;

#[requires(scope = "write:order")]
fn refund() {}

fn main() {}
