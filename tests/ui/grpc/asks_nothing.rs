use authz_core::{public, requires};
use authz_tests::policy;
use shop_proto::Ack;
use shop_proto::oddities_server::{Oddities, OdditiesServer};
use tonic::{Request, Response, Status};

struct Shop;

#[requires(server = OdditiesServer)]
#[tonic::async_trait]
impl Oddities for Shop {
    #[requires]
    async fn http_get(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }

    #[public]
    async fn r#type(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }

    #[requires(scope = "read:order")]
    async fn list_v2_orders(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }
}

fn main() {}
