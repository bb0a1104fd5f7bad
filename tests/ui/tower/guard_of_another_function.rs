use authz_core::tower::take_guard;
use authz_core::{Guard, requires};
use authz_tests::policy;

#[requires(scope = "read:orders")]
fn list_orders(guard: Guard<list_orders>) -> String {
    guard.subject().to_owned()
}

#[requires(scope = "write:orders")]
fn place_order(guard: Guard<place_order>) -> String {
    guard.subject().to_owned()
}

fn answer<B>(mut request: http::Request<B>) -> Option<String> {
    let guard = take_guard::<list_orders>(request.extensions_mut())?;
    Some(place_order(guard))
}

fn main() {}
