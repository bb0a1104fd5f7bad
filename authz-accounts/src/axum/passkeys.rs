//! Handlers of passkeys. A challenge is asked for first, and the answer of the authenticator is
//! posted as the browser writes it (`PublicKeyCredential.toJSON`).

use authz_core::axum::Router;
use authz_core::axum::routing::{delete, get, post};
use authz_core::{Guard, Open, Policy};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{AppendHeaders, IntoResponse};
use http::HeaderMap;
use http::header::SET_COOKIE;
use serde::Deserialize;
use serde_json::{Value, json};

use super::function::{self, Of};
use super::{Answer, Listed, OwnSite, WithCookie, entered, once};
use crate::accounts::Accounts;
use crate::throttle::Source;

pub(super) fn add<P: Policy>(router: Router<P, Accounts<P>>) -> Router<P, Accounts<P>> {
    router
        .route("/log-in/passkey/challenge", post(begin_log_in))
        .route("/log-in/passkey", post(log_in))
        .route("/second-factor/passkey/challenge", post(begin_second_factor))
        .route("/second-factor/passkey", post(second_factor))
        .route("/reauthenticate/passkey/challenge", post(begin_reauthentication))
        .route("/reauthenticate/passkey", post(reauthenticate))
        .route("/passkeys", get(list).post(add_passkey))
        .route("/passkeys/challenge", post(begin_passkey))
        .route("/passkeys/{id}", delete(remove))
}

async fn begin_log_in<P: Policy>(
    _: Open<Of<P, function::BeginPasskeyLogIn>>,
    State(accounts): State<Accounts<P>>,
    _: OwnSite,
    source: Source,
) -> Answer<impl IntoResponse> {
    Ok(once(accounts.begin_passkey_log_in(&source).await?))
}

async fn log_in<P: Policy>(
    _: Open<Of<P, function::PasskeyLogIn>>,
    State(accounts): State<Accounts<P>>,
    _: OwnSite,
    source: Source,
    headers: HeaderMap,
    Json(answer): Json<Value>,
) -> Answer<WithCookie> {
    let session = accounts.passkey_log_in(&answer, &source).await?;
    accounts.end_session_of_cookie(&headers).await?;
    Ok(entered(&session, json!({})))
}

async fn begin_second_factor<P: Policy>(
    _: Open<Of<P, function::BeginPasskeySecondFactor>>,
    State(accounts): State<Accounts<P>>,
    _: OwnSite,
    headers: HeaderMap,
) -> Answer<impl IntoResponse> {
    Ok(once(accounts.begin_passkey_second_factor(&headers).await?))
}

async fn second_factor<P: Policy>(
    _: Open<Of<P, function::PasskeySecondFactor>>,
    State(accounts): State<Accounts<P>>,
    _: OwnSite,
    source: Source,
    headers: HeaderMap,
    Json(answer): Json<Value>,
) -> Answer<WithCookie> {
    let session = accounts.passkey_second_factor(&headers, &answer, &source).await?;
    Ok(entered(&session, json!({})))
}

async fn begin_reauthentication<P: Policy>(
    guard: Guard<Of<P, function::BeginPasskeyReauthentication>>,
    State(accounts): State<Accounts<P>>,
) -> Answer<impl IntoResponse> {
    Ok(once(accounts.begin_passkey_reauthentication(&guard).await?))
}

async fn reauthenticate<P: Policy>(
    guard: Guard<Of<P, function::ReauthenticateWithPasskey>>,
    State(accounts): State<Accounts<P>>,
    source: Source,
    Json(answer): Json<Value>,
) -> Answer<WithCookie> {
    let session = accounts.reauthenticate_with_passkey(&guard, &answer, &source).await?;
    Ok(entered(&session, json!({})))
}

async fn list<P: Policy>(
    guard: Guard<Of<P, function::ListPasskeys>>,
    State(accounts): State<Accounts<P>>,
) -> Answer<Json<Listed<crate::Passkey>>> {
    Ok(Json(Listed { items: accounts.passkeys(&guard).await? }))
}

async fn begin_passkey<P: Policy>(
    guard: Guard<Of<P, function::BeginPasskey>>,
    State(accounts): State<Accounts<P>>,
) -> Answer<impl IntoResponse> {
    Ok(once(accounts.begin_passkey(&guard).await?))
}

#[derive(Deserialize)]
struct NewPasskey {
    label: String,
    credential: Value,
}

async fn add_passkey<P: Policy>(
    guard: Guard<Of<P, function::AddPasskey>>,
    State(accounts): State<Accounts<P>>,
    Json(new): Json<NewPasskey>,
) -> Answer<impl IntoResponse> {
    let (session, codes) = accounts.add_passkey(&guard, &new.label, &new.credential).await?;
    let codes: Option<Vec<_>> = codes.as_ref().map(|codes| codes.iter().collect());
    let body = once(json!({ "recovery_codes": codes }));
    Ok((AppendHeaders([(SET_COOKIE, session.set_cookie())]), body))
}

async fn remove<P: Policy>(
    guard: Guard<Of<P, function::RemovePasskey>>,
    State(accounts): State<Accounts<P>>,
    Path(id): Path<String>,
) -> Answer<WithCookie> {
    Ok(entered(&accounts.remove_passkey(&guard, &id).await?, json!({})))
}
