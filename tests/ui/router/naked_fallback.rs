use authz_core::axum::Router;
use authz_tests::policy;

async fn lost() -> &'static str {
    "there is nothing here"
}

fn router() -> Router<policy::Policy> {
    Router::new().fallback(lost)
}

fn main() {}
