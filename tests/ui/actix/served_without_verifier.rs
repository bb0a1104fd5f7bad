use actix_web::HttpServer;
use actix_web::web::ServiceConfig;
use authz_core::actix::{App, Resource, Scope};
use authz_tests::policy::Policy;

fn serve(app: fn() -> App<Policy>) {
    let _ = HttpServer::new(app);
}

fn configure(config: &mut ServiceConfig, scope: Scope<Policy>) {
    config.service(scope);
}

fn nest(resource: Resource<Policy>) {
    let _ = actix_web::App::new().service(resource);
}

fn main() {}
