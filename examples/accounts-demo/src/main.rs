//! A small shop with accounts of its own, to be tried in a browser: sign up, log in with a second
//! factor, make an API key and use it, see all of it in the audit trail, revoke it.

mod page;
mod policy;
mod service;

use std::net::SocketAddr;

use authz_accounts::Accounts;
use clap::Parser as _;
use tokio::net::TcpListener;

/// A small shop with accounts of its own.
#[derive(Debug, clap::Parser)]
#[command(version, about)]
struct Cli {
    /// Where to listen. A browser keeps the session cookie of `localhost` without TLS, and of no
    /// other host.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8081")]
    listen: SocketAddr,
    /// Where the accounts are: a SQLite file, or `postgres://…`.
    #[arg(long, default_value = "accounts-demo.db")]
    database: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let cli = Cli::parse();
    let listener = TcpListener::bind(cli.listen)
        .await
        .map_err(|error| format!("can't listen on {}: {error}; try --listen", cli.listen))?;
    let port = listener.local_addr()?.port();
    let accounts = Accounts::<policy::Policy>::builder()
        .service("Corner Shop")
        .passkeys("localhost", &format!("http://localhost:{port}"))
        .open(&cli.database)
        .await?;
    let database = &cli.database;
    println!("accounts-demo listens on http://localhost:{port}\naccounts are in {database}");

    let app = service::router(&accounts).secured_by(accounts.verifier());
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).with_graceful_shutdown(interrupted()).await?;
    accounts.flush().await?;
    Ok(())
}

/// Ends when the user presses Ctrl-C.
async fn interrupted() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        eprintln!("can't listen for Ctrl-C: {error}");
        std::future::pending::<()>().await;
    }
}
