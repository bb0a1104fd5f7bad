use actix_web::{get, route};
use authz_core::requires;
use authz_tests::policy;

#[requires(scope = "read:orders")]
#[get("/orders", name = "orders")]
async fn list_orders() -> &'static str {
    "orders"
}

#[requires(scope = "write:orders")]
#[route("/orders", method = "POST", method = "PUT")]
async fn place_order() -> &'static str {
    "placed"
}

fn main() {}
