use authz_core::requires;
use authz_tests::policy;

#[requires(acr = "urn:gold class")]
fn space() {}

#[requires(acr = "gold\"")]
fn quote() {}

fn main() {}
