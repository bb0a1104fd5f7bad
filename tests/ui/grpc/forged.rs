use authz_tests::policy::Policy;

#[derive(Clone)]
struct Payroll;

impl authz_core::tonic::Protected<Payroll> for Payroll {
    type Policy = Policy;
}

fn main() {}
