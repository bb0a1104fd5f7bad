use authz_core::actix::App;
use authz_tests::policy;

async fn list_orders() -> &'static str {
    "orders"
}

fn app() -> App<policy::Policy> {
    App::new().service(list_orders).mount(list_orders)
}

fn main() {}
