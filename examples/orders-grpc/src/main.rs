//! The order service over gRPC. Tokens of `cargo run -p orders -- token` are good here too.

use clap::Parser as _;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Server;

use orders::cli::{Cli, Command};
use orders::shop::Shop;
use orders::token::{DevelopmentKey, Error};
use orders_grpc::service;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let cli = Cli::parse();
    let key = DevelopmentKey::load()?;
    if let Some(Command::Token(args)) = cli.command {
        println!("{}", key.sign(&args)?);
        return Ok(());
    }

    let (_, health) = tonic_health::server::health_reporter();
    let routes = service::routes(Shop::open(), health);
    let listener = TcpListener::bind(cli.listen)
        .await
        .map_err(|error| format!("can't listen on {}: {error}; try --listen", cli.listen))?;
    println!("orders-grpc listens on {}", listener.local_addr()?);
    for route in routes.routes() {
        println!("  {route}");
    }
    let routes = routes.secured_by(key.verifier()?);
    let server = Server::builder().add_routes(routes);
    server.serve_with_incoming(TcpListenerStream::new(listener)).await?;
    Ok(())
}
