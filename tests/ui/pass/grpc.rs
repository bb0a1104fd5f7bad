//! Services of gRPC without fault; each a neighbour of the mistakes in `grpc`.

use std::sync::Arc;

use authz_core::tonic::{RequestExt as _, Routes};
use authz_core::{Denied, manual, public, requires};
use authz_tests::{policy, warehouse};
use shop_proto::oddities_server::{Oddities, OdditiesServer};
use shop_proto::orders_server::{self, Orders};
use shop_proto::{Ack, Messages, NewOrder, Order};
use tonic::service::LayerExt as _;
use tonic::{Request, Response, Status, Streaming};

struct Shop<T>(T);

// Methods of all kinds, of a type with parameters; each asks for something else.
#[requires(server = orders_server::OrdersServer)]
#[tonic::async_trait]
impl<T> Orders for Shop<T>
where
    T: Clone + Send + Sync + 'static,
{
    #[requires(scope = "write:orders")]
    async fn place_order(&self, mut request: Request<NewOrder>) -> Result<Response<Order>, Status> {
        let who: &policy::Identity = request.identity()?;
        let taken_by = who.subject().to_owned();
        let item = std::mem::take(&mut request.get_mut().item);
        Ok(Response::new(Order { item, taken_by, ..Order::default() }))
    }

    type ListOrdersStream = Messages<Order>;

    #[requires(scope = "read:orders")]
    async fn list_orders(&self, _: Request<Ack>) -> Result<Response<Messages<Order>>, Status> {
        Ok(Response::new(Messages::default()))
    }

    #[requires(role = "clerk", scope = "write:orders", mfa)]
    async fn import_orders(
        &self,
        request: Request<Streaming<NewOrder>>,
    ) -> Result<Response<Ack>, Status> {
        let mut orders = request.into_inner();
        while orders.message().await?.is_some() {}
        Ok(Response::new(Ack {}))
    }

    type FollowOrdersStream = Messages<Order>;

    #[manual(reason = "shows callers their own")]
    async fn follow_orders(
        &self,
        request: Request<Streaming<Order>>,
    ) -> Result<Response<Messages<Order>>, Status> {
        audit(&request)?;
        Ok(Response::new(Messages::default()))
    }

    #[public(reason = "tells when the shop is open", route = "POST /shop.v1.Orders/OpeningHours")]
    async fn opening_hours(&self, _request: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }
}

// A request carries an identity wherever a function names it.
#[requires(authenticated, identity = request)]
fn audit<T>(request: &Request<T>) -> Result<(), Denied> {
    Ok(())
}

/// A method with the name of something that its body uses.
mod http_get {
    pub fn answer() -> shop_proto::Ack {
        shop_proto::Ack {}
    }
}

struct Desk;

// What the whole service asks for, and what a method asks for besides.
#[requires(role = "clerk", server = OdditiesServer)]
#[tonic::async_trait]
impl Oddities for Desk {
    #[requires]
    async fn http_get(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(http_get::answer()))
    }

    #[cfg(not(all()))]
    #[requires(role = "nobody knows")]
    async fn absent(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }

    #[cfg(all())]
    #[requires(scope = "read:orders")]
    async fn r#type(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }

    #[requires(max_age = "5m", route = "POST /shop.v1.Oddities/list_V2Orders")]
    async fn list_v2_orders(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }
}

// Methods of the same names, in the same module.
struct Till;

#[requires(server = OdditiesServer, policy = warehouse)]
#[tonic::async_trait]
impl Oddities for Till {
    #[requires(scope = "read:stock")]
    async fn http_get(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }

    #[requires(scope = "read:stock")]
    async fn r#type(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }

    #[requires(scope = "read:stock")]
    async fn list_v2_orders(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }
}

fn check(request: Request<()>) -> Result<Request<()>, Status> {
    Ok(request)
}

fn serve(verifier: policy::Verifier, stock: warehouse::Verifier) -> [tonic::service::Routes; 2] {
    let layer = tower::layer::util::Identity::new();
    let routes = Routes::new()
        .mount(orders_server::OrdersServer::with_interceptor(Shop("corner"), check))
        .mount(layer.named_layer(OdditiesServer::from_arc(Arc::new(Desk))))
        .secured_by(verifier);
    let probes = Routes::new()
        .mount(OdditiesServer::new(Till))
        .public_service("a demonstration", orders_server::OrdersServer::new(Shop(7)))
        .secured_by(stock);
    [routes, probes]
}

fn main() {
    let _ = serve;
}
