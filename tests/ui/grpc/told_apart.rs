use authz_core::requires;
use authz_tests::policy;
use shop_proto::Ack;
use shop_proto::alike_server::{Alike, AlikeServer};
use tonic::{Request, Response, Status};

struct Shop;

#[requires(server = AlikeServer)]
#[tonic::async_trait]
impl Alike for Shop {
    #[requires(scope = "read:orders")]
    async fn get_order(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }

    #[requires(scope = "read:orders")]
    async fn getorder(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }
}

fn main() {}
