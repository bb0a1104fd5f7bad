//! A grant and a denial, as OpenTelemetry shows them on the terminal.

use std::error::Error;

use authz_core::http::RequestHead;
use authz_core::testing::{Clock, TestIssuer};
use http::Request;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_stdout::LogExporter;
use telemetry::{Telemetry, books};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // A service has `opentelemetry-otlp` here, and its collector's address.
    let provider = SdkLoggerProvider::builder().with_batch_exporter(LogExporter::default()).build();
    let (issuer, clock) = (TestIssuer::new("https://issuer.test"), Clock::at(1_800_000_000));
    let verifier = books::verifier(&issuer, &clock, Telemetry::new(provider.clone()))?;
    for (subject, role) in [("mia", "bookkeeper"), ("ann", "clerk")] {
        let token = issuer.token(&clock, "books").subject(subject).role(role);
        let token = token.scope("write:books").sign();
        let request = Request::get("/").header("authorization", format!("Bearer {token}"));
        let request = request.body(())?;
        let identity = verifier.authenticate(RequestHead::of(&request)).await?;
        match identity.authorize() {
            Ok(guard) => println!("{}", books::close(guard, 2026)),
            Err(denied) => println!("{subject}: {denied}"),
        }
    }
    provider.shutdown()?;
    Ok(())
}
