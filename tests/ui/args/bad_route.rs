use authz_core::{public, requires};
use authz_tests::policy;

#[public(reason = "an example", route = POST)]
async fn no_string() {}

#[public(reason = "an example", route = "/orders")]
async fn no_method() {}

#[requires(mfa, route = "post /orders")]
async fn small_letters() {}

#[requires(mfa, route = "FETCH /orders")]
async fn other_method() {}

#[requires(mfa, route = "GET orders")]
async fn no_slash() {}

#[requires(mfa, route = "GET /orders?all")]
async fn query() {}

#[requires(mfa, route = "GET /orders/:id")]
async fn older_capture() {}

#[requires(mfa, route = "GET /orders/{}")]
async fn nameless_capture() {}

fn main() {}
