use authz_core::axum::Router;
use authz_tests::{policy, warehouse};

fn app(router: Router<policy::Policy>, verifier: warehouse::Verifier) -> axum::Router {
    router.secured_by(verifier)
}

fn main() {}
