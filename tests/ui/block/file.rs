use authz_core::requires;
use authz_tests::policy;

#[requires(role = "clerk")]
#[path = "file.txt"]
mod handlers;

#[requires(role = "clerk")]
#[path = "."]
mod orders {
    #[path = "file.txt"]
    pub mod refunds;
}

fn main() {}
