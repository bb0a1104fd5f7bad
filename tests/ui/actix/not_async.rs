use authz_core::actix::{App, web};
use authz_core::requires;
use authz_tests::policy;

#[requires(scope = "read:orders")]
fn list_orders() {}

fn app() -> App<policy::Policy> {
    App::new().route("/orders", web::get().to(list_orders))
}

fn main() {}
