use authz_core::actix::App;
use authz_tests::policy;

async fn list_orders() -> &'static str {
    "orders"
}

fn app() -> App<policy::Policy> {
    let orders = actix_web::web::resource("/orders").to(list_orders);
    App::new().service(orders)
}

fn main() {}
