use authz_core::requires;
use authz_tests::policy;

#[requires(role = "clerk", identity = who)]
async fn refund(who: &policy::Identity) -> Option<u32> {
    None
}

fn main() {}
