use authz_core::tonic::Routes;
use authz_tests::policy;
use shop_proto::Ack;
use shop_proto::oddities_server::{Oddities, OdditiesServer};
use tonic::{Request, Response, Status};

struct Shop;

#[tonic::async_trait]
impl Oddities for Shop {
    async fn http_get(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }

    async fn r#type(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }

    async fn list_v2_orders(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }
}

fn routes() -> Routes<policy::Policy> {
    Routes::new().mount(OdditiesServer::new(Shop))
}

fn main() {}
