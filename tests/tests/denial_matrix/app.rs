//! A service with a handler for each way to write a requirement, twice: as it is, and with checks that
//! a test replaces behind the back of the records.

use std::cell::RefCell;
use std::marker::PhantomData;

use authz_core::axum::Router;
use authz_core::axum::routing::{MethodFilter, on};
use authz_core::registry::Function;
use authz_core::{Guard, Guarded, Requirement, manual, public, requires};

use crate::policy::{Identity, Policy};

macro_rules! app {
    ($($name:ident $route:literal ($($requirement:tt)+);)+) => {
        $(
            #[requires($($requirement)+, route = $route)]
            async fn $name(_body: String) {}
        )+

        /// The service as it is.
        pub fn router() -> Router<Policy> {
            Router::new()$(.mount($name))+.mount(whoami).mount(health)
        }

        /// Each guarded function alone, with a check that [`enforcing`] replaces.
        pub fn mutable() -> Vec<(&'static Function, fn() -> Router<Policy>)> {
            vec![$((<$name as Guarded>::FUNCTION, || mutable_at::<$name>($route))),+]
        }
    };
}

app! {
    anybody "GET /anybody" (authenticated);
    list "GET /orders" (scope = "read:orders");
    show "GET /orders/{id}" (any(scope = "read:orders", role = "auditor"));
    place "POST /orders" (role = "clerk", scope = "write:orders");
    cancel "DELETE /orders/{id}" (
        any(role = "manager", all(role = "clerk", max_age = "1h")), scope = "write:orders");
    refund "POST /orders/{id}/refund" (
        role = "manager", scope = "pay:orders", mfa, max_age = "5m");
    pay "POST /orders/{id}/pay" (scope = "pay:orders", bound);
    pay_much "POST /orders/{id}/pay-much" (scope = "pay:orders", bound, acr = "gold", mfa);
    audit "GET /audit" (role = "auditor");
    audit_all "GET /audit/{*path}" (role = "auditor", any(mfa, acr = "gold", bound));
    close "PUT /day" (role = "admin");
    reopen "DELETE /day" (role = "admin", max_age = "30s");
    count "GET /stock" (any(role = "clerk", role = "auditor"));
    order_stock "POST /stock" (all(role = "clerk", any(scope = "write:orders", scope = "pay:orders")));
    visit "GET /visit" (role = "guest", not(mfa));
    gossip "GET /gossip" (not(role = "manager"), scope = "read:orders");
    not_both "GET /not-both" (not(all(role = "clerk", scope = "pay:orders")));
    either_not "GET /either-not" (any(not(role = "clerk"), all(mfa, max_age = "5m")));
    stale_only "GET /stale-only" (role = "clerk", not(max_age = "5m"));
    no_gold "GET /no-gold" (scope = "read:orders", not(acr = "gold"));
    unbound "GET /unbound" (role = "clerk", not(bound));
    classes "GET /classes" (any(acr = "gold", acr = "silver"), scope = "read:orders");
    two_ages "GET /two-ages" (any(all(role = "clerk", max_age = "5m"), all(role = "manager", max_age = "1h")));
    two_ways "GET /two-ways" (any(all(role = "clerk", scope = "write:orders", mfa), all(role = "auditor", bound)));
    separate "GET /separate" (any(role = "guest", role = "clerk"), not(role = "admin"), scope = "read:orders");
    windows "GET /windows" (any(all(mfa, not(max_age = "5m")), all(bound, max_age = "30s")));
}

#[manual(reason = "shows the caller nothing but the caller", route = "GET /whoami")]
async fn whoami() {}

#[public(reason = "load balancer probe", route = "GET /health")]
async fn health() {}

thread_local! {
    static ENFORCED: RefCell<Option<Requirement>> = const { RefCell::new(None) };
}

/// Replaces the checks of [`mutable`] functions on this thread.
pub fn enforcing(requirement: Requirement) {
    ENFORCED.set(Some(requirement));
}

/// The function `F` by its record, with another check.
struct Mutable<F>(PhantomData<fn() -> F>);

impl<F: Guarded<Policy = Policy>> Guarded for Mutable<F> {
    type Policy = Policy;
    const SEAL: authz_core::__private::Seal = authz_core::__private::Seal::GENERATED;
    // The handler is `F`, whose check it changes.
    const NAMES_ITS_FUNCTION: bool = false;
    const FUNCTION: &'static Function = F::FUNCTION;

    fn permits(identity: &Identity) -> bool {
        let enforced = ENFORCED.with_borrow(|enforced| enforced.as_ref().copied());
        enforced.map_or_else(|| F::permits(identity), |enforced| enforced.is_met_by(identity))
    }
}

async fn mutable_handler<F: Guarded<Policy = Policy>>(_: Guard<Mutable<F>>, _body: String) {}

fn mutable_at<F: Guarded<Policy = Policy>>(route: &str) -> Router<Policy> {
    let (method, path) = route.split_once(' ').unwrap();
    let method = match method {
        "GET" => MethodFilter::GET,
        "POST" => MethodFilter::POST,
        "PUT" => MethodFilter::PUT,
        "DELETE" => MethodFilter::DELETE,
        other => panic!("{other}"),
    };
    Router::new().route(path, on(method, mutable_handler::<F>))
}
