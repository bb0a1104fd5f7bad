//! One node of a service whose nodes share their revocations: `node REDIS_URL ISSUER JWKS`.
//!
//! It prints the address it listens on. `GET /orders` is guarded; `POST /revoke/{token id}` revokes.

use std::error::Error;

use authz_core::axum::Router;
use authz_core::axum::routing::{get, post};
use authz_core::token::{Algorithm, Issuer, KeySet, Revocation, Revocations};
use authz_core::{public, requires};
use authz_tests::policy::{self, Verifier};
use axum::extract::{Path, State};
use axum::http::StatusCode;

#[requires(role = "clerk")]
async fn orders() -> &'static str {
    "orders"
}

#[public(reason = "the test revokes")]
async fn revoke(
    State((revocations, issuer)): State<(Revocations, String)>,
    Path(token_id): Path<String>,
) -> StatusCode {
    match revocations.revoke(Revocation::token(&issuer, &token_id)).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut argument = || arguments.next().ok_or("usage: node REDIS_URL ISSUER JWKS");
    let (redis, issuer, jwks) = (argument()?, argument()?, argument()?);
    let revocations = Revocations::redis(&redis).connect().await?;
    let keys = KeySet::from_jwks(&jwks, &[Algorithm::EdDsa])?;
    let verifier = Verifier::builder()
        .issuer(Issuer::new(&issuer, keys))
        .audience("orders")
        .revocations(&revocations)
        .build()?;
    let app = Router::new()
        .route("/orders", get(orders))
        .route("/revoke/{token_id}", post(revoke))
        .with_state((revocations, issuer))
        .secured_by(verifier);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
