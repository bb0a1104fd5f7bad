use authz_core::actix::{App, web};
use authz_tests::policy;

fn app() -> App<policy::Policy> {
    App::new().route("/orders", web::get().to(|| async { "orders" }))
}

fn main() {}
