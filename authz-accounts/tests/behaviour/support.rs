//! A small service with accounts, and people who use it.

use authz_accounts::{Accounts, Builder, NewSession, Source};
use authz_core::axum::Router;
use authz_core::axum::routing::{get, post};
use authz_core::testing::{Clock, identity};
use authz_core::{Denied, Guard, requires};
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{COOKIE, HOST};
use axum::response::Response;
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::database::Database;

pub(crate) mod policy {
    use authz_core::{Roles, Scopes};

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
    pub(crate) enum Role {
        #[role(includes(Manager))]
        Admin,
        #[role(includes(Clerk))]
        Manager,
        #[role(grants(Scope::WriteOrders), excludes(Auditor))]
        Clerk,
        #[role(grants(Scope::ReadOrders))]
        Auditor,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
    pub(crate) enum Scope {
        #[scope("read:orders")]
        ReadOrders,
        #[scope("write:orders", includes(ReadOrders))]
        WriteOrders,
    }

    authz_core::policy!(pub(crate) Policy { roles: Role, scopes: Scope });
}

pub(crate) use policy::{Identity, Policy, Role};

/// When the tests begin, in seconds since 1970.
pub(crate) const START: u64 = 1_800_000_000;
pub(crate) const PASSWORD: &str = "plinth gravel otter mandolin";
pub(crate) const OTHER_PASSWORD: &str = "ferret lantern mosaic quilt";

#[requires(role = "admin")]
pub(crate) async fn administer(_guard: Guard<administer>) {}

#[requires(role = "manager")]
pub(crate) async fn manage(_guard: Guard<manage>) {}

#[requires(authenticated)]
async fn me(guard: Guard<me>) -> String {
    guard.subject().to_owned()
}

#[requires(scope = "write:orders")]
async fn place_order(guard: Guard<place_order>) -> String {
    guard.subject().to_owned()
}

#[requires(max_age = "5m")]
async fn step_up() {}

#[requires(mfa)]
async fn second_factor() {}

/// Accounts and the service in front of which they stand.
pub(crate) struct Service {
    pub(crate) accounts: Accounts<Policy>,
    pub(crate) clock: Clock,
    router: axum::Router,
}

/// Cheap passwords and a clock that stands still.
pub(crate) fn builder(clock: &Clock) -> Builder {
    Accounts::<Policy>::builder().danger_password_cost(64, 1).clock(clock)
}

impl Service {
    pub(crate) async fn open(database: &Database) -> Self {
        let clock = Clock::at(START);
        Self::with(builder(&clock), &clock, database).await
    }

    pub(crate) async fn with(builder: Builder, clock: &Clock, database: &Database) -> Self {
        let accounts: Accounts<Policy> = builder.open(&database.url).await.unwrap();
        let router = Router::new()
            .route("/me", get(me).post(me))
            .route("/orders", post(place_order))
            .route("/step-up", get(step_up))
            .route("/second-factor", get(second_factor))
            .route("/administer", post(administer))
            .route("/manage", post(manage))
            .secured_by(accounts.verifier());
        Self { accounts, clock: clock.clone(), router }
    }

    pub(crate) async fn send(&self, request: Request) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// The status of `GET path` with this cookie.
    pub(crate) async fn get(&self, path: &str, cookie: &str) -> StatusCode {
        self.send(with_cookie(Request::get(path), cookie)).await.status()
    }

    /// The status of `POST path` from a page of the service itself.
    pub(crate) async fn post(&self, path: &str, cookie: &str) -> StatusCode {
        let request = Request::post(path).header("sec-fetch-site", "same-origin");
        self.send(with_cookie(request, cookie)).await.status()
    }

    /// Signs up and logs in; the session's cookie.
    pub(crate) async fn newcomer(&self, name: &str) -> String {
        self.accounts.sign_up(name, PASSWORD, &Source::named(name)).await.unwrap();
        self.log_in(name).await
    }

    pub(crate) async fn log_in(&self, name: &str) -> String {
        cookie(&self.accounts.log_in(name, PASSWORD, &home()).await.unwrap())
    }

    /// The identity behind a cookie.
    pub(crate) async fn identity(&self, cookie: &str) -> Identity {
        self.try_identity(cookie).await.unwrap()
    }

    pub(crate) async fn try_identity(&self, cookie: &str) -> Result<Identity, Denied> {
        let request = with_cookie(Request::get("/"), cookie);
        let head = authz_core::http::RequestHead::of(&request);
        self.accounts.verifier().authenticate(head).await
    }
}

/// Somebody with a role, who is no account here.
pub(crate) fn admin() -> Identity {
    identity().subject("the admin").role("admin").build()
}

pub(crate) fn home() -> Source {
    Source::named("home")
}

/// The cookie of a session, as a browser sends it back.
pub(crate) fn cookie(session: &NewSession) -> String {
    let header = session.set_cookie();
    header.to_str().unwrap().split(';').next().unwrap().to_owned()
}

pub(crate) fn with_cookie(request: http::request::Builder, cookie: &str) -> Request {
    let request = request.header(HOST, "shop.example").header(COOKIE, cookie);
    request.body(Body::empty()).unwrap()
}

pub(crate) async fn text(response: Response) -> String {
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}
