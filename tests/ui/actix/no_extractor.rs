use authz_core::actix::{App, web};
use authz_core::requires;
use authz_tests::policy;

struct Shop;

#[requires(scope = "read:orders")]
async fn list_orders(shop: Shop) -> &'static str {
    let _ = shop;
    "orders"
}

fn app() -> App<policy::Policy> {
    App::new().route("/orders", web::get().to(list_orders))
}

fn main() {}
