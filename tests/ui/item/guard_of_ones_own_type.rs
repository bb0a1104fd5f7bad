use authz_core::requires;
use authz_tests::policy;

struct Guard<F>(std::marker::PhantomData<F>);

#[requires(role = "clerk")]
fn refund(_guard: Guard<refund>) {}

fn main() {}
