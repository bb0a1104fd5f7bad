use authz_core::axum::Router;
use authz_tests::policy;
use axum::extract::Request;
use tower::ServiceExt as _;

fn answer(router: Router<policy::Policy>, request: Request) {
    let _ = router.oneshot(request);
}

fn nest(router: Router<policy::Policy>) -> axum::Router {
    axum::Router::new().merge(router)
}

fn main() {}
