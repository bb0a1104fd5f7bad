//! Handlers for axum: log in, log out, second factor, sessions, keys.
//!
//! `.nest("/account", accounts.routes())` adds these, all of them JSON:
//!
//! | request | body | asks for | answer |
//! |---|---|---|---|
//! | `POST /sign-up` | `name`, `password` | | 201 |
//! | `POST /log-in` | `name`, `password` | | the cookie, and whether `second_factor` is needed |
//! | `POST /second-factor` | `code` | a log-in that waits for it | the cookie |
//! | `GET /me` | | an identity | who it is and what it may |
//! | `POST /log-out` | | an identity | the cookie cleared |
//! | `POST /reauthenticate` | `password`, `code` | an identity | the cookie |
//! | `POST /password` | `present`, `new` | an identity | the cookie |
//! | `GET /sessions`, `DELETE /sessions/{id}` | | an identity | |
//! | `GET /keys`, `DELETE /keys/{id}` | | an identity | |
//! | `POST /keys` | `label`, `scopes`, `days` | a log-in of the last 15 minutes | the key, once |
//! | `POST /keys/{id}/rotation` | `overlap_hours` | the same | the key, once |
//! | `POST /app` | | the same | the seed, once |
//! | `PUT /app` | `code` | the same | the cookie and the recovery codes, once |
//! | `DELETE /app` | | the same, with both factors | |
//! | `POST /app/codes` | | the same, with both factors | recovery codes, once |
//!
//! With the feature `passkeys`, these too; each has a `POST …/challenge` before it, which answers with
//! the options for the browser:
//!
//! | request | body | asks for | answer |
//! |---|---|---|---|
//! | `POST /log-in/passkey` | what the authenticator says | | the cookie |
//! | `POST /second-factor/passkey` | the same | a log-in that waits for it | the cookie |
//! | `POST /reauthenticate/passkey` | the same | an identity | the cookie |
//! | `POST /passkeys` | `label`, `credential` | a log-in of the last 15 minutes | the cookie, and recovery codes with the first, once |
//! | `GET /passkeys` | | an identity | |
//! | `DELETE /passkeys/{id}` | | a log-in of the last 15 minutes, with both factors | the cookie |
//!
//! What was refused is a problem of RFC 9457 with the words of [`Error`]; a log-in that is too old is
//! the challenge of RFC 9470, which `POST /reauthenticate` answers.
//!
//! Who has to wait after failed attempts is the peer's address, so the service has to be told it:
//! serve with `into_make_service_with_connect_info::<SocketAddr>()`. Behind a proxy, a middleware puts
//! the [`Source`] into the extensions of the request. Without either, a log-in is 503: nobody waits
//! for somebody else.
//!
//! These handlers stand under whatever policy a service has, so they leave no record in the built file
//! by themselves: `authz_accounts::record_routes!(Policy)` in the service puts them into its manifest,
//! where `cargo authz` and whoever reads `authz.lock` see them with what they ask for.
//!
//! What the service's own handlers say to caches behind a session: [`caches`].
//!
//! Absent on purpose: pages. Their words and their looks are the service's; the example
//! `accounts-demo` has some.

pub mod caches;
mod denials;
pub(crate) mod function;
#[cfg(feature = "passkeys")]
mod passkeys;

pub use caches::keep_out_of_caches;
pub use denials::{RecordDenials, Recording};

use std::net::SocketAddr;
use std::time::Duration;

use authz_core::axum::Router;
use authz_core::axum::routing::{delete, get, post};
use authz_core::http::{PROBLEM_JSON, RequestHead};
use authz_core::{Guard, Open, Policy, Refusal, Vocabulary};
use axum::Json;
use axum::extract::{ConnectInfo, FromRequestParts, Path, State};
use axum::middleware::map_response;
use axum::response::{AppendHeaders, IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::accounts::Accounts;
use crate::cookie;
use crate::error::Error;
use crate::session::NewSession;
use crate::throttle::Source;
use function::Of;

impl<P: Policy> Accounts<P> {
    /// The handlers of accounts, to be nested into the router of a service: see the
    /// [module](crate::axum).
    ///
    /// # Examples
    ///
    /// ```
    /// use authz_accounts::Accounts;
    /// use authz_core::Policy;
    /// use authz_core::axum::Router;
    /// use authz_core::token::Verifier;
    ///
    /// // And once in the program, so that its manifest has them:
    /// // authz_accounts::record_routes!(Policy);
    /// fn app<P: Policy>(accounts: &Accounts<P>, verifier: Verifier<P>) -> axum::Router {
    ///     Router::new().nest("/account", accounts.routes()).secured_by(accounts.or(verifier))
    /// }
    /// ```
    pub fn routes<S: Clone + Send + Sync + 'static>(&self) -> Router<P, S> {
        let router = Router::new()
            .route("/sign-up", post(sign_up))
            .route("/log-in", post(log_in))
            .route("/second-factor", post(second_factor))
            .route("/me", get(me))
            .route("/log-out", post(log_out))
            .route("/reauthenticate", post(reauthenticate))
            .route("/password", post(change_password))
            .route("/sessions", get(list_sessions))
            .route("/sessions/{id}", delete(end_session))
            .route("/keys", get(list_keys).post(create_key))
            .route("/keys/{id}", delete(revoke_key))
            .route("/keys/{id}/rotation", post(rotate_key))
            .route("/app", post(enrol_app).put(confirm_app).delete(remove_app))
            .route("/app/codes", post(renew_codes));
        #[cfg(feature = "passkeys")]
        let router = passkeys::add(router);
        router.layer(map_response(uncached)).with_state(self.clone())
    }
}

/// Keeps every answer about an account out of caches, refusals included (RFC 9111 section 5.2.2.5, ASVS
/// V14.3.2): an answer to a cookie is one person's, and a cache does not know whose.
async fn uncached(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The status, and a problem of RFC 9457 with the words of the error, not to be cached.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Self::Denied(denied) = self {
            return denied.into_response();
        }
        if let Self::Unavailable { source } = &self {
            tracing::error!(target: "authz", %source, "accounts can't be reached");
        }
        let status = self.status();
        let problem = json!({
            "type": "about:blank",
            "title": status.canonical_reason(),
            "status": status.as_u16(),
            "detail": self.to_string(),
        });
        let mut response = (status, problem.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Self::Throttled { retry_after } = self {
            headers.insert(RETRY_AFTER, retry_after.as_secs().into());
        }
        response
    }
}

/// The [`Source`] in the extensions of the request, or the peer's address.
impl<S: Sync> FromRequestParts<S> for Source {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        if let Some(source) = parts.extensions.get::<Self>() {
            return Ok(source.clone());
        }
        match parts.extensions.get::<ConnectInfo<SocketAddr>>() {
            Some(ConnectInfo(peer)) => Ok(Self::from_address(peer.ip())),
            None => Err(Error::unavailable(
                "nobody says where requests come from; serve with \
                 `into_make_service_with_connect_info::<SocketAddr>()`",
            )),
        }
    }
}

/// Proof that no other site made a browser send the request: for handlers without a session, such as
/// a log-in of your own. A request of a program passes.
#[derive(Clone, Copy, Debug)]
pub struct OwnSite(());

impl<S: Sync> FromRequestParts<S> for OwnSite {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        match cookie::require_no_other_site(&RequestHead::of_parts(parts)) {
            Ok(()) => Ok(Self(())),
            Err(refusal) => Err(cross_site(&refusal)),
        }
    }
}

fn cross_site(refusal: &Refusal) -> Error {
    tracing::info!(target: "authz", reason = refusal.reason(), "a request of another site");
    Error::NotAllowed("the request was made by another site")
}

type Answer<T = Json<Value>> = Result<T, Error>;
type WithCookie<T = Json<Value>> = (AppendHeaders<[(HeaderName, HeaderValue); 1]>, T);

/// An answer that begins a session, not to be cached.
fn entered(session: &NewSession, body: Value) -> WithCookie {
    (AppendHeaders([(SET_COOKIE, session.set_cookie())]), Json(body))
}

/// Secrets are shown once, so no cache may have them.
fn once(body: Value) -> ([(HeaderName, &'static str); 1], Json<Value>) {
    ([(CACHE_CONTROL, "no-store")], Json(body))
}

#[derive(Deserialize)]
struct Credentials {
    name: String,
    password: String,
}

async fn sign_up<P: Policy>(
    _: Open<Of<P, function::SignUp>>,
    State(accounts): State<Accounts<P>>,
    _: OwnSite,
    source: Source,
    Json(new): Json<Credentials>,
) -> Answer<(StatusCode, Json<Value>)> {
    let id = accounts.sign_up(&new.name, &new.password, &source).await?;
    Ok((StatusCode::CREATED, Json(json!({ "subject": id }))))
}

async fn log_in<P: Policy>(
    _: Open<Of<P, function::LogIn>>,
    State(accounts): State<Accounts<P>>,
    _: OwnSite,
    source: Source,
    headers: HeaderMap,
    Json(known): Json<Credentials>,
) -> Answer<WithCookie> {
    let session = accounts.log_in(&known.name, &known.password, &source).await?;
    accounts.end_session_of_cookie(&headers).await?;
    Ok(entered(&session, json!({ "second_factor": session.needs_second_factor() })))
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

async fn second_factor<P: Policy>(
    _: Open<Of<P, function::SecondFactor>>,
    State(accounts): State<Accounts<P>>,
    _: OwnSite,
    source: Source,
    headers: HeaderMap,
    Json(shown): Json<Code>,
) -> Answer<WithCookie> {
    let session = accounts.second_factor(&headers, &shown.code, &source).await?;
    Ok(entered(&session, json!({})))
}

async fn me<P: Policy>(guard: Guard<Of<P, function::Me>>) -> Json<Value> {
    Json(json!({
        "subject": guard.subject(),
        "name": guard.claim::<String>("preferred_username"),
        "roles": guard.roles().map(Vocabulary::wire_name).collect::<Vec<_>>(),
        "scopes": guard.scopes().map(Vocabulary::wire_name).collect::<Vec<_>>(),
        "amr": guard.amr().collect::<Vec<_>>(),
        "acr": guard.acr(),
    }))
}

async fn log_out<P: Policy>(
    guard: Guard<Of<P, function::LogOut>>,
    State(accounts): State<Accounts<P>>,
) -> Answer<WithCookie> {
    accounts.log_out(&guard).await?;
    Ok((AppendHeaders([(SET_COOKIE, cookie::cleared())]), Json(json!({}))))
}

#[derive(Deserialize)]
struct BothFactors {
    password: String,
    #[serde(default)]
    code: String,
}

async fn reauthenticate<P: Policy>(
    guard: Guard<Of<P, function::Reauthenticate>>,
    State(accounts): State<Accounts<P>>,
    source: Source,
    Json(shown): Json<BothFactors>,
) -> Answer<WithCookie> {
    let session = accounts.reauthenticate(&guard, &shown.password, &shown.code, &source).await?;
    Ok(entered(&session, json!({})))
}

#[derive(Deserialize)]
struct Passwords {
    present: String,
    new: String,
}

async fn change_password<P: Policy>(
    guard: Guard<Of<P, function::ChangePassword>>,
    State(accounts): State<Accounts<P>>,
    source: Source,
    Json(passwords): Json<Passwords>,
) -> Answer<WithCookie> {
    let Passwords { present, new } = &passwords;
    let session = accounts.change_password(&guard, present, new, &source).await?;
    Ok(entered(&session, json!({})))
}

#[derive(Serialize)]
struct Listed<T> {
    items: Vec<T>,
}

async fn list_sessions<P: Policy>(
    guard: Guard<Of<P, function::ListSessions>>,
    State(accounts): State<Accounts<P>>,
) -> Answer<Json<Listed<crate::Session>>> {
    Ok(Json(Listed { items: accounts.sessions(&guard).await? }))
}

async fn end_session<P: Policy>(
    guard: Guard<Of<P, function::EndSession>>,
    State(accounts): State<Accounts<P>>,
    Path(id): Path<String>,
) -> Answer<StatusCode> {
    accounts.end_session(&guard, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn list_keys<P: Policy>(
    guard: Guard<Of<P, function::ListKeys>>,
    State(accounts): State<Accounts<P>>,
) -> Answer<Json<Listed<crate::Key>>> {
    Ok(Json(Listed { items: accounts.keys(&guard).await? }))
}

#[derive(Deserialize)]
struct WantedKey {
    label: String,
    scopes: Vec<String>,
    days: u32,
}

async fn create_key<P: Policy>(
    guard: Guard<Of<P, function::CreateKey>>,
    State(accounts): State<Accounts<P>>,
    Json(wanted): Json<WantedKey>,
) -> Answer<impl IntoResponse> {
    let scopes = wanted.scopes.iter().map(|name| P::Scope::from_wire_name(name));
    let unknown = Error::NotAllowed("nobody gives a key more than they hold themselves");
    let scopes: Vec<_> = scopes.collect::<Option<_>>().ok_or(unknown)?;
    let life = Duration::from_secs(u64::from(wanted.days) * 24 * 3_600);
    let key = accounts.create_key(&guard, &wanted.label, &scopes, life).await?;
    Ok((StatusCode::CREATED, once(shown_once(&key))))
}

#[derive(Deserialize)]
struct Rotation {
    overlap_hours: u32,
}

async fn rotate_key<P: Policy>(
    guard: Guard<Of<P, function::RotateKey>>,
    State(accounts): State<Accounts<P>>,
    Path(id): Path<String>,
    Json(rotation): Json<Rotation>,
) -> Answer<impl IntoResponse> {
    let overlap = Duration::from_secs(u64::from(rotation.overlap_hours) * 3_600);
    let key = accounts.rotate_key(&guard, &id, overlap).await?;
    Ok((StatusCode::CREATED, once(shown_once(&key))))
}

fn shown_once(key: &crate::NewKey) -> Value {
    json!({ "id": key.id(), "key": key.secret(), "expires_at": key.expires_at() })
}

async fn revoke_key<P: Policy>(
    guard: Guard<Of<P, function::RevokeKey>>,
    State(accounts): State<Accounts<P>>,
    Path(id): Path<String>,
) -> Answer<StatusCode> {
    accounts.revoke_key(&guard, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn enrol_app<P: Policy>(
    guard: Guard<Of<P, function::EnrolApp>>,
    State(accounts): State<Accounts<P>>,
) -> Answer<impl IntoResponse> {
    let enrolment = accounts.enrol_app(&guard).await?;
    let (secret, uri, svg) = (enrolment.secret(), enrolment.uri(), enrolment.svg()?);
    Ok(once(json!({ "secret": secret, "uri": uri, "svg": svg })))
}

async fn confirm_app<P: Policy>(
    guard: Guard<Of<P, function::ConfirmApp>>,
    State(accounts): State<Accounts<P>>,
    source: Source,
    Json(shown): Json<Code>,
) -> Answer<impl IntoResponse> {
    let (session, codes) = accounts.confirm_app(&guard, &shown.code, &source).await?;
    let codes: Vec<_> = codes.iter().collect();
    let body = once(json!({ "recovery_codes": codes }));
    Ok((AppendHeaders([(SET_COOKIE, session.set_cookie())]), body))
}

async fn remove_app<P: Policy>(
    guard: Guard<Of<P, function::RemoveApp>>,
    State(accounts): State<Accounts<P>>,
) -> Answer<StatusCode> {
    accounts.remove_app(&guard).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn renew_codes<P: Policy>(
    guard: Guard<Of<P, function::RenewCodes>>,
    State(accounts): State<Accounts<P>>,
) -> Answer<impl IntoResponse> {
    let codes = accounts.new_recovery_codes(&guard).await?;
    let codes: Vec<_> = codes.iter().collect();
    Ok(once(json!({ "recovery_codes": codes })))
}
