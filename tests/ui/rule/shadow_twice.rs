use authz_core::requires;
use authz_tests::policy;

authz_core::rule!(Stricter = mfa);
authz_core::rule!(Strictest = all(mfa, bound));

#[requires(role = "clerk", shadow = Stricter, shadow = Strictest)]
fn refund() {}

fn main() {}
