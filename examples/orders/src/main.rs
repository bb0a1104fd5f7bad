//! A small order service whose access rules are checked by the compiler and enforced on real
//! tokens.

mod banner;

use clap::Parser as _;
use tokio::net::TcpListener;

use orders::cli::{Cli, Command};
use orders::service;
use orders::shop::Shop;
use orders::token::{DevelopmentKey, Error};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let cli = Cli::parse();
    let key = DevelopmentKey::load()?;
    if let Some(Command::Token(args)) = cli.command {
        println!("{}", key.sign(&args)?);
        return Ok(());
    }

    let router = service::router(Shop::open());
    let listener = TcpListener::bind(cli.listen)
        .await
        .map_err(|error| format!("can't listen on {}: {error}; try --listen", cli.listen))?;
    banner::print(listener.local_addr()?, &router, &key)?;

    let app = router.secured_by(key.verifier()?);
    axum::serve(listener, app).with_graceful_shutdown(interrupted()).await?;
    Ok(())
}

/// Ends when the user presses Ctrl-C.
async fn interrupted() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        eprintln!("can't listen for Ctrl-C: {error}");
        std::future::pending::<()>().await;
    }
}
