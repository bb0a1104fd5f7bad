use authz_core::actix::{App, web};
use authz_tests::policy;

async fn list_orders() -> &'static str {
    "orders"
}

fn app() -> App<policy::Policy> {
    App::new().route("/orders", web::get().to(list_orders))
}

fn main() {}
