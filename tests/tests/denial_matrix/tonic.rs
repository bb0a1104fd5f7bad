//! The matrix of routes of gRPC.

use authz_core::testing::DenialMatrix;
use authz_core::tonic::{RequestExt as _, Routes};
use authz_core::{Guard, manual, public, requires};
use authz_tests::policy::{Identity, Policy};
use shop_proto::orders_server::{Orders, OrdersServer};
use shop_proto::{Ack, Messages, NewOrder, Order};
use tonic::{Request, Response, Status, Streaming};

struct Shop;

#[requires(scope = "read:orders", bound, policy = authz_tests::policy)]
fn vault(_: Guard<vault>) {}

#[requires(server = OrdersServer, policy = authz_tests::policy)]
#[tonic::async_trait]
impl Orders for Shop {
    #[requires(role = "clerk", scope = "write:orders")]
    async fn place_order(&self, _: Request<NewOrder>) -> Result<Response<Order>, Status> {
        Ok(Response::new(Order::default()))
    }

    type ListOrdersStream = Messages<Order>;

    #[requires(scope = "read:orders", bound)]
    async fn list_orders(&self, _: Request<Ack>) -> Result<Response<Messages<Order>>, Status> {
        Ok(Response::new(Messages::default()))
    }

    #[requires(role = "manager", mfa, max_age = "5m")]
    async fn import_orders(
        &self,
        request: Request<Streaming<NewOrder>>,
    ) -> Result<Response<Ack>, Status> {
        let who: &Identity = request.identity()?;
        // Another function's business, and refused to most.
        who.authorize::<vault>().map(vault)?;
        Ok(Response::new(Ack {}))
    }

    type FollowOrdersStream = Messages<Order>;

    #[manual(reason = "shows callers their own")]
    async fn follow_orders(
        &self,
        _: Request<Streaming<Order>>,
    ) -> Result<Response<Messages<Order>>, Status> {
        std::future::pending().await
    }

    #[public(reason = "tells when the shop is open")]
    async fn opening_hours(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }
}

#[tokio::test]
async fn routes_keep_what_they_promise() {
    let matrix = DenialMatrix::from(Routes::new().mount(OrdersServer::new(Shop)));
    let table = matrix.table();
    let id = "denial_matrix::tonic::Shop::Orders";
    for stanza in [
        format!(
            "\nPOST /shop.v1.Orders/PlaceOrder {id}::place_order (requires)\n  passes: role clerk, \
             scope write:orders\n"
        ),
        format!(
            "\nPOST /shop.v1.Orders/ListOrders {id}::list_orders (requires)\n  passes: scope \
             read:orders, bound token\n"
        ),
        format!("\nPOST /shop.v1.Orders/ImportOrders {id}::import_orders (requires)\n"),
        format!(
            "\nPOST /shop.v1.Orders/OpeningHours {id}::opening_hours (public)\n  passes: anybody\n"
        ),
    ] {
        assert!(table.contains(&stanza), "{stanza}{table}");
    }
    matrix.await;
}

/// The service as it is, behind nothing that finds out who is asking.
#[tokio::test]
async fn a_service_that_is_called_around_the_gate_is_found() {
    let routes = Routes::<Policy>::new().public_service("a mistake", OrdersServer::new(Shop));
    let table = DenialMatrix::from(routes).table();
    assert!(table.contains("/shop.v1.Orders/* public service: a mistake"), "{table}");
    let unrouted = "denial_matrix::tonic::Shop::Orders::place_order";
    assert!(table.contains(unrouted), "{table}");
}
