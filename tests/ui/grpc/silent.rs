use authz_core::requires;
use authz_tests::policy;
use shop_proto::Ack;
use shop_proto::oddities_server::{Oddities, OdditiesServer};
use tonic::{Request, Response, Status};

struct Shop;

#[requires(server = OdditiesServer)]
#[tonic::async_trait]
impl Oddities for Shop {
    #[requires(scope = "read:orders")]
    async fn http_get(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }

    async fn r#type(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }

    #[requires(scope = "read:orders")]
    async fn list_v2_orders(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }
}

struct Desk;

#[requires(role = "clerk", server = OdditiesServer)]
#[tonic::async_trait]
impl Oddities for Desk {
    #[requires]
    async fn http_get(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }

    #[requires(scope = "read:orders")]
    async fn r#type(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }

    async fn list_v2_orders(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }
}

fn main() {}
