//! The order service behind a real OpenID provider: `oidc-provider` from npm, in a process of its own.
//! The service knows its address and nothing else of it.

mod log_in;
mod provider;

use std::net::SocketAddr;

use authz_core::axum::Router;
use authz_core::token::Issuer;
use clap::Parser;
use orders::policy::{Policy, Verifier};
use orders::service;
use orders::shop::Shop;
use tokio::net::TcpListener;

use log_in::{LogIn, SCOPES};
use provider::Provider;

/// What can go wrong before the service runs.
type Error = Box<dyn std::error::Error + Send + Sync>;

/// What the provider calls the service, in the `aud` of a token.
const AUDIENCE: &str = "orders";

/// The order service behind a real OpenID provider, which this starts too.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Cli {
    /// Where the order service listens.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let cli = Cli::parse();
    let listener = TcpListener::bind(cli.listen)
        .await
        .map_err(|error| format!("can't listen on {}: {error}; try --listen", cli.listen))?;
    let address = listener.local_addr()?;
    let provider = Provider::start(&format!("http://{address}/callback")).await?;

    let issuer = Issuer::discover(provider.issuer());
    // The provider of this example is on this machine and has no certificate.
    let issuer = issuer.danger_allow_insecure_issuer();
    let verifier = Verifier::discover(issuer).audience(AUDIENCE).realm("orders").build().await?;

    print_banner(address, provider.issuer());
    let log_in = LogIn::new(provider.issuer(), address);
    let router: Router<Policy> = log_in.router().merge(service::router(Shop::open()));
    let app = router.secured_by(verifier);
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

fn print_banner(address: SocketAddr, issuer: &str) {
    println!("orders listens on http://{address}, and trusts {issuer}\n");
    println!("as a program, the till, with a secret of its own:\n");
    println!("  TOKEN=$(curl -s -u 'till:the%20secret%20of%20the%20till%2C%20long%20enough' \\");
    println!("    -d 'grant_type=client_credentials&resource=urn:orders&scope=write:orders' \\");
    println!("    {issuer}/token | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')");
    println!("  curl -i -H \"Authorization: Bearer $TOKEN\" http://{address}/orders\n");
    println!("as a person, in a browser: http://{address}/log-in");
    println!("  (mia is a manager, carl a clerk, audrey an auditor; any password will do)\n");
    println!("what they get: {}\n", SCOPES.join(", "));
}
