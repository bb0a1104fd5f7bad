//! Which services the routes take: those whose every method says who may call it.

use tonic::service::Layered;
use tonic::service::interceptor::InterceptedService;

use super::methods::Methods;
use crate::policy::Policy;

/// A service whose `impl` carries `#[requires(server = …)]`.
///
/// The attribute implements it, for the server that tonic has made of the service, and tells which
/// methods there are and what each of them asks for. `T` is the type whose `impl` that is: servers are
/// often made in another crate, and this one can be implemented for them all the same. A service with an interceptor or with
/// [layers](tonic::service::LayerExt::named_layer) is one where the service inside is.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not annotated with `#[requires(...)]`, `#[public(...)]` or `#[manual(...)]`",
    label = "this service does not say who may call its methods",
    note = "put `#[requires(server = OrdersServer)]` on the `impl` of the service, above \
            `#[tonic::async_trait]`, and on each method who may call it",
    note = "for a service that anybody may call, such as health or reflection, write \
            `.public_service(reason, ...)`"
)]
pub trait Protected<T> {
    /// The policy the service stands under.
    type Policy: Policy;

    /// Can't be written without `__private`.
    #[doc(hidden)]
    const SEAL: crate::seal::Seal;

    /// Tells the methods, each with its guard.
    #[doc(hidden)]
    fn methods(methods: &mut Methods<Self::Policy>);
}

#[diagnostic::do_not_recommend]
impl<T, S: Protected<T>, I> Protected<T> for InterceptedService<S, I> {
    type Policy = S::Policy;
    const SEAL: crate::seal::Seal = crate::seal::Seal::GENERATED;

    fn methods(methods: &mut Methods<S::Policy>) {
        S::methods(methods);
    }
}

#[diagnostic::do_not_recommend]
impl<T, L, Inner: Protected<T>> Protected<T> for Layered<L, Inner> {
    type Policy = Inner::Policy;
    const SEAL: crate::seal::Seal = crate::seal::Seal::GENERATED;

    fn methods(methods: &mut Methods<Inner::Policy>) {
        Inner::methods(methods);
    }
}
