use actix_web::get;
use authz_core::actix::App;
use authz_core::requires;
use authz_tests::policy;

#[get("/orders")]
#[requires(scope = "read:orders")]
async fn list_orders() -> &'static str {
    "orders"
}

fn app() -> App<policy::Policy> {
    App::new().service(list_orders)
}

fn main() {}
