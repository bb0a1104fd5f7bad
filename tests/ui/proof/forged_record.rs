use authz_core::requires;
use authz_tests::policy;

use authz_core::Guarded;
use authz_core::registry::{Entry, Function, FunctionKind, PolicyRecord};
use authz_tests::policy::Policy;

#[requires(role = "manager")]
async fn refund() {}

static FORGED: Function = Function::new::<Policy>(
    FunctionKind::Public,
    ("shop::payroll", "src/shop.rs", 7),
    ("on the door", ""),
    authz_core::Requirement::Anyone,
);

static CHANGED: Function = (*<refund as Guarded>::FUNCTION).with_route("POST /payroll");

static POLICY: PolicyRecord = PolicyRecord::new::<Policy>("shop::Policy", &[]);

fn main() {}
