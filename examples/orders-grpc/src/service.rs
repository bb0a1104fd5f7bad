//! The methods of the service, each with what it takes to call it: what the handlers of `orders` take.

use std::pin::Pin;

use authz_core::object::Masked;
use authz_core::tonic::{RequestExt as _, Routes};
use authz_core::{Vocabulary as _, manual, requires};
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_health::pb::health_server::{Health, HealthServer};

use crate::objects;
use crate::proto::orders_server::{Orders, OrdersServer};
use crate::proto::{Caller, Imported, ListOrdersRequest, MeRequest, NewOrder, Order, OrderRef};
use orders::answer::ShopError;
use orders::policy::{self, Policy};
use orders::shop::{self, Shop};

/// Every route of the service: its methods, and the probe of the load balancer, which nobody guards.
pub fn routes(shop: Shop, health: HealthServer<impl Health>) -> Routes<Policy> {
    Routes::new()
        .mount(OrdersServer::new(Desk { shop }))
        .public_service("load balancer probe", health)
}

/// Where orders are taken.
struct Desk {
    shop: Shop,
}

type OrderStream = Pin<Box<dyn Stream<Item = Result<Order, Status>> + Send>>;

#[requires(server = OrdersServer)]
#[tonic::async_trait]
impl Orders for Desk {
    type ListOrdersStream = OrderStream;

    /// Lists the orders that the caller took; to auditors, every order.
    #[requires(scope = "read:orders", route = "POST /orders.v1.Orders/ListOrders")]
    async fn list_orders(
        &self,
        request: Request<ListOrdersRequest>,
    ) -> Result<Response<OrderStream>, Status> {
        let guard = request.identity::<Policy>()?.authorize()?;
        let orders = objects::list_orders(guard, &self.shop);
        let orders = orders.into_iter().map(|order| Ok(order.into()));
        Ok(Response::new(Box::pin(tokio_stream::iter(orders))))
    }

    /// Shows one order.
    #[requires(scope = "read:orders", route = "POST /orders.v1.Orders/ShowOrder")]
    async fn show_order(&self, request: Request<OrderRef>) -> Result<Response<Order>, Status> {
        let guard = request.identity::<Policy>()?.authorize()?;
        answer(objects::show_order(guard, &self.shop, request.get_ref().id))
    }

    type ShowOrdersStream = OrderStream;

    /// Shows the orders that are asked for, one after the other.
    #[requires(scope = "read:orders", route = "POST /orders.v1.Orders/ShowOrders")]
    async fn show_orders(
        &self,
        request: Request<Streaming<OrderRef>>,
    ) -> Result<Response<OrderStream>, Status> {
        let (who, shop) = (request.identity::<Policy>()?.clone(), self.shop.clone());
        let find = move |asked: OrderRef| objects::show_order(who.authorize()?, &shop, asked.id);
        let orders =
            request.into_inner().map(move |asked| find(asked?).map(Order::from).map_err(refused));
        Ok(Response::new(Box::pin(orders)))
    }

    /// Takes an order.
    #[requires(role = "clerk", scope = "write:orders", route = "POST /orders.v1.Orders/PlaceOrder")]
    async fn place_order(&self, request: Request<NewOrder>) -> Result<Response<Order>, Status> {
        let who = request.identity::<Policy>()?.clone();
        let order = self.shop.place(who.subject(), request.into_inner().into());
        Ok(Response::new(Masked::new(order, &who).into()))
    }

    /// Takes many orders, and says how many.
    #[requires(
        role = "clerk",
        scope = "write:orders",
        route = "POST /orders.v1.Orders/ImportOrders"
    )]
    async fn import_orders(
        &self,
        request: Request<Streaming<NewOrder>>,
    ) -> Result<Response<Imported>, Status> {
        let taken_by = request.identity::<Policy>()?.subject().to_owned();
        let mut new = request.into_inner();
        let mut imported = Imported::default();
        while let Some(order) = new.message().await? {
            self.shop.place(&taken_by, order.into());
            imported.orders += 1;
        }
        Ok(Response::new(imported))
    }

    /// Calls an order off: clerks their own, managers any.
    #[requires(
        any(role = "manager", all(role = "clerk", max_age = "1h")),
        scope = "write:orders",
        route = "POST /orders.v1.Orders/CancelOrder"
    )]
    async fn cancel_order(&self, request: Request<OrderRef>) -> Result<Response<Order>, Status> {
        let guard = request.identity::<Policy>()?.authorize()?;
        answer(objects::cancel_order(guard, &self.shop, request.get_ref().id))
    }

    /// Pays an order back.
    #[requires(
        role = "manager",
        scope = "write:orders",
        mfa,
        max_age = "5m",
        route = "POST /orders.v1.Orders/Refund"
    )]
    async fn refund(&self, request: Request<OrderRef>) -> Result<Response<Order>, Status> {
        let guard = request.identity::<Policy>()?.authorize()?;
        answer(objects::refund(guard, &self.shop, request.get_ref().id))
    }

    /// Tells callers who they are.
    #[manual(
        reason = "shows the caller nothing but the caller",
        route = "POST /orders.v1.Orders/Me"
    )]
    async fn me(&self, request: Request<MeRequest>) -> Result<Response<Caller>, Status> {
        let who: &policy::Identity = request.identity()?;
        let roles = who.roles().map(|role| role.wire_name().to_owned()).collect();
        let scopes = who.scopes().map(|scope| scope.wire_name().to_owned()).collect();
        Ok(Response::new(Caller { subject: who.subject().to_owned(), roles, scopes }))
    }
}

fn answer(order: Result<Masked<shop::Order>, ShopError>) -> Result<Response<Order>, Status> {
    order.map(|order| Response::new(order.into())).map_err(refused)
}

fn refused(error: ShopError) -> Status {
    let code = match error {
        ShopError::Denied(denied) => return denied.into(),
        ShopError::NoSuchOrder => Code::NotFound,
        ShopError::NotOpen => Code::FailedPrecondition,
    };
    Status::new(code, error.to_string())
}
