use actix_web::{get, post};
use authz_core::requires;
use authz_tests::policy;

#[requires(scope = "read:orders")]
#[get("/orders")]
#[post("/orders/search")]
async fn list_orders() -> &'static str {
    "orders"
}

#[requires(scope = "read:orders", route = "GET /stock")]
#[get("/stock")]
async fn list_stock() -> &'static str {
    "stock"
}

#[requires(scope = "read:orders")]
#[actix_web::get("orders")]
async fn count_orders() -> &'static str {
    "7"
}

fn main() {}
