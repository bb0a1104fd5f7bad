use authz_core::axum::Router;
use authz_tests::policy;

async fn serve(listener: tokio::net::TcpListener, router: Router<policy::Policy>) {
    axum::serve(listener, router).await;
}

fn nest(router: Router<policy::Policy>) -> axum::Router {
    axum::Router::new().merge(router)
}

fn main() {}
