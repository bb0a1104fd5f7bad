use authz_core::axum::Router;
use authz_tests::policy;

fn app(router: Router<policy::Policy>) -> axum::Router {
    router.inner
}

fn main() {}
