//! The routes of the shop. Each handler says who may call it; what it shows is in `page`.

use std::sync::Arc;
use std::time::Duration;

use authz_accounts::axum::OwnSite;
use authz_accounts::{Accounts, Error, NewSession, Source, cookie};
use authz_core::axum::Router;
use authz_core::axum::routing::{get, post};
use authz_core::http::PROBLEM_JSON;
use authz_core::{Denied, Guard, Vocabulary, public, requires};
use axum::extract::{Form, State};
use axum::response::{AppendHeaders, IntoResponse, Json, Redirect, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use maud::Markup;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::page;
use crate::policy::{Policy, Role, Scope};

type Shop = State<Arc<Accounts<Policy>>>;

/// The orders of the shop: number, customer, price in cents.
pub const ORDERS: [(u32, &str, u32); 3] =
    [(1, "Ada Lovelace", 1_250), (2, "Grace Hopper", 9_900), (3, "Mary Shaw", 420)];

/// The pages, and an interface for programs under `/api`.
pub fn router(accounts: &Accounts<Policy>) -> Router<Policy> {
    let api = Router::new().route("/orders", get(api_orders)).on_denied(as_problem);
    Router::new()
        .route("/", get(door))
        .route("/style.css", get(style))
        .route("/passkeys.js", get(script))
        .route("/sign-up", get(sign_up_page).post(sign_up))
        .route("/log-in", post(log_in))
        .route("/second-factor", get(second_factor_page).post(second_factor))
        .route("/home", get(home))
        .route("/refund", post(refund))
        .route("/reauthenticate", post(reauthenticate))
        .route("/app", get(app).post(enrol_app))
        .route("/app/confirmation", post(confirm_app))
        .route("/passkeys/removal", post(remove_passkey))
        .route("/keys", get(keys).post(create_key))
        .route("/keys/revocation", post(revoke_key))
        .route("/history", get(history))
        .route("/log-out", post(log_out))
        .with_state(Arc::new(accounts.clone()))
        .on_denied(|denied| guarded(page::denied(denied)))
        .nest("/api", api)
        // What the script of passkeys talks to.
        .nest("/account", accounts.routes())
}

authz_accounts::record_routes!(Policy);

/// An answer of a page: what is shown, or where to go.
type Answer<T = Response> = Result<T, Response>;

#[public(reason = "the way in")]
async fn door() -> Response {
    guarded(page::door(None))
}

#[public(reason = "looks are no secret")]
async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css"), (CACHE_CONTROL, "max-age=3600")], include_str!("style.css"))
}

#[public(reason = "looks are no secret")]
async fn script() -> impl IntoResponse {
    let kind = [(CONTENT_TYPE, "text/javascript"), (CACHE_CONTROL, "max-age=3600")];
    (kind, include_str!("passkeys.js"))
}

#[public(reason = "who has no account yet has no identity")]
async fn sign_up_page() -> Response {
    guarded(page::sign_up(None))
}

#[derive(Deserialize)]
struct Credentials {
    name: String,
    password: String,
}

#[public(reason = "who has no account yet has no identity")]
async fn sign_up(
    State(accounts): Shop,
    _: OwnSite,
    source: Source,
    headers: HeaderMap,
    Form(new): Form<Credentials>,
) -> Answer {
    let again = |error: Error| shown(&error, page::sign_up(Some(&error)));
    accounts.sign_up(&new.name, &new.password, &source).await.map_err(again)?;
    // It is a demonstration: everybody is a clerk.
    accounts.danger_grant_role(&new.name, Role::Clerk).await.map_err(again)?;
    enter(&accounts, &headers, &new, &source).await
}

#[public(reason = "who is not logged in has no identity")]
async fn log_in(
    State(accounts): Shop,
    _: OwnSite,
    source: Source,
    headers: HeaderMap,
    Form(known): Form<Credentials>,
) -> Answer {
    enter(&accounts, &headers, &known, &source).await
}

async fn enter(
    accounts: &Accounts<Policy>,
    headers: &HeaderMap,
    known: &Credentials,
    source: &Source,
) -> Answer {
    let again = |error: Error| shown(&error, page::door(Some(&error)));
    let session = accounts.log_in(&known.name, &known.password, source).await.map_err(again)?;
    accounts.end_session_of_cookie(headers).await.map_err(again)?;
    let next = if session.needs_second_factor() { "/second-factor" } else { "/home" };
    Ok(entered(&session, next))
}

#[public(reason = "half a log-in is no identity; the form leads nowhere without one")]
async fn second_factor_page() -> Response {
    guarded(page::second_factor(None))
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

#[public(reason = "half a log-in is no identity; the waiting session is checked inside")]
async fn second_factor(
    State(accounts): Shop,
    _: OwnSite,
    source: Source,
    headers: HeaderMap,
    Form(typed): Form<Code>,
) -> Answer {
    let session = accounts.second_factor(&headers, &typed.code, &source).await;
    let session = session.map_err(|error| shown(&error, page::second_factor(Some(&error))))?;
    Ok(entered(&session, "/home"))
}

#[requires(scope = "read:orders")]
async fn home(guard: Guard<home>) -> Response {
    guarded(page::home(&guard, None))
}

#[derive(Deserialize)]
struct Refund {
    order: u32,
}

/// Gives money back: for that, both factors have to be fresh.
#[requires(role = "clerk", scope = "write:orders", mfa, max_age = "5m")]
async fn refund(guard: Guard<refund>, Form(wanted): Form<Refund>) -> Response {
    match ORDERS.iter().find(|(number, ..)| *number == wanted.order) {
        Some((number, ..)) => guarded(page::home(&guard, Some(*number))),
        None => (StatusCode::NOT_FOUND, guarded(page::home(&guard, None))).into_response(),
    }
}

#[derive(Deserialize)]
struct BothFactors {
    password: String,
    code: String,
}

#[requires(authenticated)]
async fn reauthenticate(
    guard: Guard<reauthenticate>,
    State(accounts): Shop,
    source: Source,
    Form(typed): Form<BothFactors>,
) -> Answer {
    let session = accounts.reauthenticate(&guard, &typed.password, &typed.code, &source).await;
    let session = session.map_err(|error| shown(&error, page::confirm(Some(&error))))?;
    Ok(entered(&session, "/home"))
}

#[requires(authenticated)]
async fn app(guard: Guard<app>, State(accounts): Shop) -> Answer {
    let (there, codes) = accounts.second_factor_of(&guard).await.map_err(failed)?;
    let passkeys = accounts.passkeys(&guard).await.map_err(failed)?;
    Ok(guarded(page::app(&guard, there, codes, &passkeys)))
}

#[requires(max_age = "15m")]
async fn enrol_app(guard: Guard<enrol_app>, State(accounts): Shop) -> Answer {
    let enrolment = accounts.enrol_app(&guard).await.map_err(failed)?;
    let picture = enrolment.svg().map_err(failed)?;
    Ok(guarded(page::enrolment(&guard, enrolment.secret(), &picture)))
}

#[requires(max_age = "15m")]
async fn confirm_app(
    guard: Guard<confirm_app>,
    State(accounts): Shop,
    source: Source,
    Form(typed): Form<Code>,
) -> Answer {
    let confirmed = accounts.confirm_app(&guard, &typed.code, &source).await;
    let (session, codes) = confirmed.map_err(failed)?;
    let codes: Vec<_> = codes.iter().collect();
    let cookie = AppendHeaders([(SET_COOKIE, session.set_cookie())]);
    Ok((cookie, guarded(page::recovery_codes(&guard, &codes))).into_response())
}

#[derive(Deserialize)]
struct PasskeyId {
    id: String,
}

#[requires(mfa, max_age = "15m")]
async fn remove_passkey(
    guard: Guard<remove_passkey>,
    State(accounts): Shop,
    Form(passkey): Form<PasskeyId>,
) -> Answer {
    let session = accounts.remove_passkey(&guard, &passkey.id).await.map_err(failed)?;
    Ok(entered(&session, "/app"))
}

#[requires(authenticated)]
async fn keys(guard: Guard<keys>, State(accounts): Shop) -> Answer {
    let keys = accounts.keys(&guard).await.map_err(failed)?;
    Ok(guarded(page::keys(&guard, &keys, None)))
}

#[derive(Deserialize)]
struct WantedKey {
    label: String,
    scope: String,
}

#[requires(max_age = "15m")]
async fn create_key(
    guard: Guard<create_key>,
    State(accounts): Shop,
    headers: HeaderMap,
    Form(wanted): Form<WantedKey>,
) -> Answer {
    let scopes: Vec<_> = Scope::from_wire_name(&wanted.scope).into_iter().collect();
    let month = Duration::from_hours(30 * 24);
    let key = accounts.create_key(&guard, &wanted.label, &scopes, month).await.map_err(failed)?;
    let keys = accounts.keys(&guard).await.map_err(failed)?;
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    Ok(guarded(page::keys(&guard, &keys, Some((key.secret(), host)))))
}

#[derive(Deserialize)]
struct KeyId {
    id: String,
}

#[requires(authenticated)]
async fn revoke_key(
    guard: Guard<revoke_key>,
    State(accounts): Shop,
    Form(key): Form<KeyId>,
) -> Answer {
    accounts.revoke_key(&guard, &key.id).await.map_err(failed)?;
    Ok(Redirect::to("/keys").into_response())
}

#[requires(authenticated)]
async fn history(guard: Guard<history>, State(accounts): Shop) -> Answer {
    let records = accounts.audit_of(&guard, 50).await.map_err(failed)?;
    Ok(guarded(page::history(&guard, &records)))
}

#[requires(authenticated)]
async fn log_out(guard: Guard<log_out>, State(accounts): Shop) -> Answer {
    accounts.log_out(&guard).await.map_err(failed)?;
    let cookie = AppendHeaders([(SET_COOKIE, cookie::cleared())]);
    Ok((cookie, Redirect::to("/")).into_response())
}

/// What a program with a key asks for.
#[requires(scope = "read:orders")]
async fn api_orders(guard: Guard<api_orders>) -> Json<Value> {
    let orders = ORDERS.map(|(number, customer, cents)| {
        json!({ "number": number, "customer": customer, "cents": cents })
    });
    Json(json!({ "for": guard.client(), "orders": orders }))
}

/// Programs read problems.
fn as_problem(denied: &Denied) -> Response {
    ([(CONTENT_TYPE, PROBLEM_JSON)], Json(denied.problem())).into_response()
}

/// A session begins: its cookie, and the next page.
fn entered(session: &NewSession, next: &str) -> Response {
    (AppendHeaders([(SET_COOKIE, session.set_cookie())]), Redirect::to(next)).into_response()
}

/// A page that runs one script of our own, loads nothing of others, and stands in no frame; not to be
/// kept.
fn guarded(markup: Markup) -> Response {
    const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
                          connect-src 'self'; form-action 'self'; frame-ancestors 'none'; \
                          base-uri 'none'";
    let mut response = axum::response::Html(markup.into_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The page again, with what was wrong.
fn shown(error: &Error, markup: Markup) -> Response {
    let mut response = guarded(markup);
    *response.status_mut() = error.status();
    response
}

/// A page of its own for what was wrong.
#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` calls")]
fn failed(error: Error) -> Response {
    shown(&error, page::failed(&error))
}

#[cfg(test)]
mod tests {
    use authz_accounts::Accounts;
    use authz_core::testing::denial_matrix;

    use super::router;

    #[tokio::test]
    async fn every_handler_refuses_whom_it_must() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("accounts.db");
        let accounts = Accounts::<crate::policy::Policy>::builder()
            .passkeys("localhost", "http://localhost:8081")
            .open(database.to_str().unwrap())
            .await
            .unwrap();
        denial_matrix!(router(&accounts)).await;
    }
}
