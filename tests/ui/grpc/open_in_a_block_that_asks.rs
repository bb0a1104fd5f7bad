use authz_core::{public, requires};
use authz_tests::policy;
use shop_proto::Ack;
use shop_proto::oddities_server::{Oddities, OdditiesServer};
use tonic::{Request, Response, Status};

struct Shop;

#[requires(role = "clerk", server = OdditiesServer)]
#[tonic::async_trait]
impl Oddities for Shop {
    #[public(reason = "tells the time")]
    async fn http_get(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }

    #[requires(authenticated)]
    async fn r#type(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }

    #[requires]
    async fn list_v2_orders(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }
}

fn main() {}
