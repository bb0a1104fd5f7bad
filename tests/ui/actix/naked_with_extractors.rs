use actix_web::web::Json;
use authz_core::actix::extract::State;
use authz_core::actix::{Scope, web};
use authz_tests::policy;

async fn place_order(State(shop): State<&'static str>, Json(order): Json<u32>) -> String {
    format!("{shop} takes {order}")
}

fn orders() -> Scope<policy::Policy> {
    web::scope("/shop").service(web::resource("/orders").to(place_order))
}

fn main() {}
