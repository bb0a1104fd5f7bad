//! The middleware that puts denials into the audit trail.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use authz_core::http::RequestHead;
use authz_core::{Authenticator, Denied, Policy};
use axum::extract::Request;
use axum::response::Response;
use http::header::{AUTHORIZATION, COOKIE};
use serde_json::json;
use tower::{Layer, Service};

use crate::accounts::Accounts;
use crate::denials::Denial;

/// As many characters of what a request says about itself are recorded.
const LENGTH_LIMIT: usize = 200;

/// Puts denials into the audit trail: see [`Accounts::record_denials`].
#[derive(Debug)]
pub struct RecordDenials<P: Policy>(Accounts<P>);

impl<P: Policy> Accounts<P> {
    /// A layer for the router of a service: whoever is refused by a guard below it is in the audit
    /// trail (ASVS V16.3.2), with the outcome, and the method and the path
    /// as far as they are short.
    ///
    /// A bounded number is written every few seconds, and how many more there were.
    ///
    /// # Examples
    ///
    /// ```
    /// use authz_accounts::Accounts;
    /// use authz_core::Policy;
    /// use authz_core::axum::Router;
    ///
    /// fn app<P: Policy>(accounts: &Accounts<P>, router: Router<P>) -> axum::Router {
    ///     router.layer(accounts.record_denials()).secured_by(accounts.verifier())
    /// }
    /// ```
    #[must_use]
    pub fn record_denials(&self) -> RecordDenials<P> {
        RecordDenials(self.clone())
    }

    async fn record_denial(&self, head: Request<()>, denied: &Denied) {
        // The same cookie or key as the guard saw: who it is, it is again.
        let identity = self.authenticate(RequestHead::of(&head)).await.ok().flatten();
        let account = identity.as_ref().map_or("", |identity| identity.subject()).to_owned();
        let credential = identity.as_ref().and_then(|identity| identity.token_id());
        let detail = json!({
            "outcome": denied.outcome(),
            "method": beginning(head.method().as_str()),
            "path": beginning(head.uri().path()),
            "by": credential,
        });
        self.inner().denials.add(Denial { at: self.inner().clock.now(), account, detail });
    }
}

impl<P: Policy> Clone for RecordDenials<P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<P: Policy, Inner> Layer<Inner> for RecordDenials<P> {
    type Service = Recording<P, Inner>;

    fn layer(&self, inner: Inner) -> Recording<P, Inner> {
        Recording { accounts: self.0.clone(), inner }
    }
}

/// A service whose denials go into the audit trail.
#[derive(Debug)]
pub struct Recording<P: Policy, Inner> {
    accounts: Accounts<P>,
    inner: Inner,
}

impl<P: Policy, Inner: Clone> Clone for Recording<P, Inner> {
    fn clone(&self) -> Self {
        Self { accounts: self.accounts.clone(), inner: self.inner.clone() }
    }
}

impl<P, Inner> Service<Request> for Recording<P, Inner>
where
    P: Policy,
    Inner: Service<Request, Response = Response>,
    Inner::Future: Send + 'static,
{
    type Response = Response;
    type Error = Inner::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Inner::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Inner::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let head = head_of(&request);
        let accounts = self.accounts.clone();
        let answer = self.inner.call(request);
        Box::pin(async move {
            let response = answer.await?;
            if let Some(denied) = response.extensions().get::<Denied>().cloned() {
                accounts.record_denial(head, &denied).await;
            }
            Ok(response)
        })
    }
}

/// A request may be long, and the trail is to stay small.
fn beginning(text: &str) -> String {
    text.chars().take(LENGTH_LIMIT).collect()
}

/// What is needed of a request if it is refused: it is gone by then.
fn head_of(request: &Request) -> Request<()> {
    let mut head = Request::new(());
    head.method_mut().clone_from(request.method());
    // What the client sent, and not what is left of it below a nested router.
    head.uri_mut().clone_from(RequestHead::of(request).uri());
    for name in [AUTHORIZATION, COOKIE] {
        for value in request.headers().get_all(&name) {
            head.headers_mut().append(&name, value.clone());
        }
    }
    // Who it is does not depend on who made the browser send it.
    head.headers_mut().insert("sec-fetch-site", http::HeaderValue::from_static("same-origin"));
    head
}
