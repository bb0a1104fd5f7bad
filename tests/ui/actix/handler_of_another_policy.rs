use authz_core::actix::{App, web};
use authz_core::requires;
use authz_tests::{policy, warehouse};

#[requires(scope = "read:stock", policy = warehouse)]
async fn list_stock() -> &'static str {
    "stock"
}

fn app() -> App<policy::Policy> {
    App::new().route("/stock", web::get().to(list_stock))
}

fn main() {}
