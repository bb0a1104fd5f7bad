use authz_core::requires;
use authz_core::tonic::Routes;
use authz_tests::policy;
use shop_proto::Ack;
use shop_proto::oddities_server::{Oddities, OdditiesServer};
use tonic::{Request, Response, Status};

struct Shop;

#[requires(scope = "read:orders", identity = request)]
#[tonic::async_trait]
impl Oddities for Shop {
    #[requires]
    async fn http_get(&self, request: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }

    #[requires]
    async fn r#type(&self, request: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }

    #[requires]
    async fn list_v2_orders(&self, request: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }
}

fn routes() -> Routes<policy::Policy> {
    Routes::new().mount(OdditiesServer::new(Shop))
}

fn main() {}
