//! The order service on actix-web. Tokens of `cargo run -p orders -- token` are good here too.

use actix_web::HttpServer;
use clap::Parser as _;

use orders::cli::{Cli, Command};
use orders::shop::Shop;
use orders::token::{DevelopmentKey, Error};
use orders_actix::service;

#[actix_web::main]
async fn main() -> Result<(), Error> {
    let cli = Cli::parse();
    let key = DevelopmentKey::load()?;
    if let Some(Command::Token(args)) = cli.command {
        println!("{}", key.sign(&args)?);
        return Ok(());
    }

    let (shop, verifier) = (Shop::open(), key.verifier()?);
    // Called once for each worker. Clones of the verifier share its keys and its memory.
    let app = move || service::app(shop.clone()).secured_by(verifier.clone());
    let server = HttpServer::new(app)
        .bind(cli.listen)
        .map_err(|error| format!("can't listen on {}: {error}; try --listen", cli.listen))?;
    for address in server.addrs() {
        println!("orders-actix listens on http://{address}");
    }
    server.run().await?;
    Ok(())
}
