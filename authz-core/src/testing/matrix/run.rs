//! Sends callers to endpoints, and says where the answer is another than what was promised.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, request};
use tracing::Dispatch;
use tracing::level_filters::{LevelFilter, STATIC_MAX_LEVEL};

use super::answer::{Answer, Refusal};
use super::caller::Caller;
use super::endpoint::Endpoint;
use super::observe::{Observed, Observer, Payload};
use super::plan::Plan;
use super::tokens::{Flaw, Tokens};

/// The application behind its verifier.
pub(super) type Service = Box<dyn Fn(Request<Payload>) -> Answering>;

/// The answer to a request, on its way.
pub(super) type Answering = Pin<Box<dyn Future<Output = Response<()>>>>;

/// What the application does to the head of each request.
pub(super) type Prepare = Box<dyn Fn(&mut request::Parts)>;

/// Everything that requests need.
pub(super) struct Bench<'a> {
    pub(super) service: Service,
    pub(super) prepare: &'a Prepare,
    pub(super) samples: &'a HashMap<String, String>,
    pub(super) tokens: Tokens<'a>,
    pub(super) observer: Observer,
    pub(super) dispatch: Dispatch,
}

impl Bench<'_> {
    /// Every request that is planned for an endpoint; what is wrong with the answers.
    pub(super) async fn run(&self, endpoint: &Endpoint, plan: &Plan) -> Vec<String> {
        let mut findings = Vec::new();
        for (caller, promised) in plan.callers.iter().chain(&plan.strongest) {
            let attach = |parts: &mut request::Parts| self.tokens.attach(caller, parts);
            if let Err(wrong) = self.ask(endpoint, promised, attach).await {
                let caller = caller.in_words(self.tokens.vocabulary);
                findings.push(format!("{}: {caller}: {wrong}", at(endpoint)));
            }
        }
        for flaw in Flaw::ALL.into_iter().filter(|_| plan.guarded) {
            if let Err(wrong) = self.ask_flawed(endpoint, flaw, &plan.good).await {
                findings.push(format!("{}: {}: {wrong}", at(endpoint), flaw.in_words()));
            }
        }
        if !plan.guarded
            && let Err(wrong) = self.ask_nobody(endpoint).await
        {
            findings.push(format!("{}: anybody: {wrong}", at(endpoint)));
        }
        findings
    }

    async fn ask_flawed(
        &self,
        endpoint: &Endpoint,
        flaw: Flaw,
        good: &Caller,
    ) -> Result<(), String> {
        let refusal = match flaw {
            Flaw::NoCredentials => Refusal::no_credentials(),
            _ => Refusal::invalid_token(),
        };
        let attach = |parts: &mut request::Parts| self.tokens.attach_flawed(flaw, good, parts);
        let (observed, read) = self.send(endpoint, attach).await;
        // Without an identity there may be no function yet that it is refused by.
        let decision = observed.decision(&endpoint.function.id).or(Some(false));
        require_refused(&refusal, decision, observed.answered(), read)
    }

    /// A public function asks nobody: no decision is made about it.
    async fn ask_nobody(&self, endpoint: &Endpoint) -> Result<(), String> {
        let (observed, _) = self.send(endpoint, |_| {}).await;
        match observed.decision(&endpoint.function.id) {
            None => Ok(()),
            Some(_) => {
                Err(String::from("it is public, and was asked for credentials all the same"))
            }
        }
    }

    async fn ask(
        &self,
        endpoint: &Endpoint,
        promised: &Answer,
        attach: impl Fn(&mut request::Parts),
    ) -> Result<(), String> {
        let (observed, read) = self.send(endpoint, attach).await;
        let decision = observed.decision(&endpoint.function.id);
        match promised {
            Answer::Passes => require_passed(decision, observed.answered()),
            Answer::Refused(refusal) => {
                require_refused(refusal, decision, observed.answered(), read)
            }
        }
    }

    async fn send(
        &self,
        endpoint: &Endpoint,
        attach: impl Fn(&mut request::Parts),
    ) -> (Observed<Response<()>>, bool) {
        let read = Arc::new(AtomicBool::new(false));
        let value = |name: &str| self.samples.get(name).cloned().unwrap_or_else(|| "1".to_owned());
        let (method, path) = endpoint.target(value);
        let mut parts = Request::new(()).into_parts().0;
        parts.method = method;
        parts.uri = match path.parse() {
            Ok(uri) => uri,
            Err(error) => panic!("`{path}` is no path: {error}; give `sample` other values"),
        };
        parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        (self.prepare)(&mut parts);
        attach(&mut parts);
        let request = Request::from_parts(parts, Payload::new(&read));
        let function = &endpoint.function.id;
        let answer = async { (self.service)(request).await };
        let observed = self.observer.watch(&self.dispatch, function, answer).await;
        (observed, read.load(Ordering::Relaxed))
    }
}

impl Observed<Response<()>> {
    /// What the response says, if there is one.
    fn answered(&self) -> Option<Refusal> {
        self.answer.as_ref().map(|answer| Refusal::read(answer.status(), answer.headers()))
    }
}

/// A guard that lets somebody pass says so in an event, whatever the handler answers then. Where the
/// program is compiled without these events, an answer that is no refusal has to do.
fn require_passed(decision: Option<bool>, answered: Option<Refusal>) -> Result<(), String> {
    let untold = STATIC_MAX_LEVEL < LevelFilter::TRACE;
    let is_refusal = |answer: &Refusal| [401, 403, 503].contains(&answer.status);
    match decision {
        Some(true) => Ok(()),
        Some(false) => Err(format!("should pass, and was refused with {}", words(answered))),
        None if untold && answered.as_ref().is_some_and(|answer| !is_refusal(answer)) => Ok(()),
        None => Err(format!(
            "should pass, and no guard of the function was asked: answered {}",
            words(answered)
        )),
    }
}

fn require_refused(
    refusal: &Refusal,
    decision: Option<bool>,
    answered: Option<Refusal>,
    read: bool,
) -> Result<(), String> {
    let wrong = match decision {
        Some(true) => "the guard let it pass".to_owned(),
        None if STATIC_MAX_LEVEL >= LevelFilter::INFO => {
            format!("no guard of the function was asked: answered {}", words(answered))
        }
        _ if answered.as_ref() != Some(refusal) => format!("was answered {}", words(answered)),
        _ if read => "the body of the request was read".to_owned(),
        _ => return Ok(()),
    };
    Err(format!("should get {refusal}, and {wrong}"))
}

fn words(answered: Option<Refusal>) -> String {
    answered.map_or_else(|| "nothing".to_owned(), |answer| answer.to_string())
}

fn at(endpoint: &Endpoint) -> String {
    format!("{endpoint} ({})", endpoint.function.id)
}
