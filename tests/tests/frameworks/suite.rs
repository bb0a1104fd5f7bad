//! Asks every question of the list, and compares.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use authz_core::object::Sealed;
use authz_core::token::ClientCertificate;
use authz_core::{Guard, Resource, requires};
use authz_tests::policy::{Identity, Verifier};

use crate::body::{Content, HOSTILE, Watched};
use crate::cases::{CASES, Case, Denial, Expected, Handler};
use crate::party::{self, Asks, Credentials, Party, Target};
use crate::recorded::Recorded;

/// What the suite needs to know of a framework: how to start, how to call, how to read an answer.
pub trait Framework: Sized {
    /// The module of its handlers: `module_path!()`.
    const MODULE: &'static str;
    /// Whether a request knows the template of its route.
    const TELLS_ROUTES: bool = true;

    /// A service with the handlers of the list, which write into the journal that they ran.
    async fn start(verifier: Verifier, journal: Journal) -> Self;

    /// The template of the route to a handler, where a request knows it.
    fn route(handler: Handler) -> Option<String> {
        Self::TELLS_ROUTES.then(|| Self::target(handler).path.replace('7', "{id}"))
    }

    /// Where a handler is, as a caller sees it.
    fn target(handler: Handler) -> Target {
        Target { method: handler.method(), path: handler.path().to_owned() }
    }

    /// Sends a call, and reads the answer to its end.
    async fn call(&self, call: Call) -> Answer;
}

/// A call in no framework's terms.
#[derive(Debug)]
pub struct Call {
    pub target: Target,
    pub fields: Vec<(&'static str, String)>,
    /// What the layer that ends TLS has seen.
    pub certificate: Option<ClientCertificate>,
    /// What a middleware in front has found.
    pub identity: Option<Identity>,
    pub body: Watched,
}

/// An answer in HTTP's terms.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// The problem's `type`, without `urn:authz:problem:`.
    pub kind: Option<String>,
    pub challenge: Option<String>,
    /// What the next proof has to have.
    pub nonce: Option<String>,
    /// What the handler answered.
    pub text: String,
}

impl Answer {
    /// The answer of a framework that speaks HTTP, whose `field` gives the values of a header field.
    pub fn over_http(status: u16, field: impl Fn(&str) -> Vec<String>, body: &[u8]) -> Self {
        let one = |name: &str| {
            let mut values = field(name);
            assert!(values.len() <= 1, "`{name}` stands there {} times", values.len());
            values.pop()
        };
        let text = String::from_utf8(body.to_vec()).unwrap();
        let is_problem = one("content-type").as_deref() == Some("application/problem+json");
        let kind = is_problem.then(|| {
            let problem: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(problem.get("status").unwrap(), status, "the problem says another status");
            assert_eq!(one("cache-control").as_deref(), Some("no-store"), "a cache may keep it");
            let kind = problem.get("type").unwrap().as_str().unwrap();
            kind.strip_prefix("urn:authz:problem:").unwrap().to_owned()
        });
        // For two failures a day, one is forgiven every half of it.
        let wait = one("retry-after").map(|wait| wait.parse::<u64>().unwrap());
        assert_eq!(wait.is_some(), status == 429, "`retry-after` is {wait:?}");
        assert!(wait.is_none_or(|wait| (1..=43_200).contains(&wait)), "{wait:?}");
        let (challenge, nonce) = (one("www-authenticate"), one("dpop-nonce"));
        Self { status, kind, challenge, nonce, text }
    }
}

/// Behind the name of a caller who is of another issuer than objects mean that name none.
const ANOTHER: &str = " of another issuer";

/// An object that names a subject and no issuer.
#[derive(Resource)]
#[resource(owner = "customer")]
struct Order {
    customer: String,
}

#[requires(authenticated, object = owner)]
fn owns(guard: Guard<owns>, order: Sealed<Order>) -> bool {
    order.open(&guard).is_ok()
}

/// Who ran, in the order in which they did; what every handler has as its state.
#[derive(Clone, Debug, Default)]
pub struct Journal(Arc<Mutex<Vec<&'static str>>>);

impl Journal {
    /// What a handler does: notes itself, and answers for whom it ran.
    pub fn ran(&self, handler: &'static str, caller: Option<&Identity>) -> String {
        self.0.lock().unwrap().push(handler);
        let Some(caller) = caller else { return format!("{handler} for anybody") };
        // A plain function below the handler: nothing but the identity says whose objects are meant.
        let order = Sealed::new(Order { customer: caller.subject().to_owned() });
        let rest = if owns(caller.authorize().unwrap(), order) { "" } else { ANOTHER };
        format!("{handler} for {}{rest}", caller.subject())
    }

    fn take(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// Runs the whole list on one framework.
pub async fn run<F: Framework>() {
    let party = Party::new();
    for asks in [
        Asks::Nothing,
        Asks::Proofs,
        Asks::Nonces,
        Asks::Certificates,
        Asks::Others,
        Asks::Choice,
        Asks::Patience,
    ] {
        let journal = Journal::default();
        let recorded = Recorded::default();
        let verifier = party.verifier(asks).decisions_to(&recorded.log());
        let service = F::start(verifier, journal.clone()).await;
        for case in CASES.iter().filter(|case| case.asks == asks) {
            for content in contents(case) {
                judge(&service, &party, case, *content, (&journal, &recorded)).await;
            }
        }
        if asks == Asks::Nonces {
            one_more_round_is_enough(&service, &party, &journal).await;
        }
    }
    asks_for_the_same::<F>();
}

/// Whoever is refused may send what it likes.
fn contents(case: &Case) -> &'static [Content] {
    match case.expected {
        Expected::Denied(_) if case.handler.reads() => &HOSTILE,
        _ => &[Content::Text("ink")],
    }
}

async fn judge<F: Framework>(
    service: &F,
    party: &Party,
    case: &Case,
    content: Content,
    (journal, recorded): (&Journal, &Recorded),
) {
    let Case { handler, caller, .. } = case;
    let what = format!("{}: {handler:?} by {caller}, who sends {content:?}", F::MODULE);
    let credentials = (case.brings)(party, &F::target(*handler));
    for _ in 1..case.times {
        send(service, *handler, &credentials, content).await;
        journal.take();
    }
    let (answer, reads) = send(service, *handler, &credentials, content).await;
    let ran = journal.take();
    match case.expected {
        Expected::Ran(subject) | Expected::RanForAnother(subject) => {
            let [name] = ran[..] else { panic!("{what}: {ran:?} ran: {answer:?}") };
            assert_eq!(name, handler.name(), "{what}");
            let is_another = matches!(case.expected, Expected::RanForAnother(_));
            let another = if is_another { ANOTHER } else { "" };
            let rest = if handler.reads() { ": ink" } else { "" };
            assert_eq!(answer.text, format!("{name} for {subject}{another}{rest}"), "{what}");
            assert_eq!((answer.status, answer.kind), (200, None), "{what}");
            assert_eq!(reads > 0, handler.reads(), "{what}: the body was read {reads} times");
        }
        Expected::Denied(Denial { status, kind, challenge, nonce }) => {
            assert_eq!(ran, [""; 0], "{what}");
            assert_eq!((answer.status, answer.kind.as_deref()), (status, Some(kind)), "{what}");
            assert_eq!(answer.challenge.as_deref(), challenge, "{what}");
            assert_eq!(answer.nonce.is_some(), nonce, "{what}");
            assert_eq!(reads, 0, "{what}: the body was read");
        }
        Expected::NotThere => {
            assert_eq!(ran, [""; 0], "{what}");
            assert_eq!((answer.status, answer.kind), (404, None), "{what}");
        }
    }
    recorded.judge::<F>(case, &credentials);
}

/// The answer, and how often the body was asked for bytes.
async fn send<F: Framework>(
    service: &F,
    handler: Handler,
    credentials: &Credentials,
    content: Content,
) -> (Answer, usize) {
    let (body, polls) = Watched::new(content);
    let Credentials { fields, certificate, identity } = credentials.clone();
    let target = F::target(handler);
    let answer = service.call(Call { target, fields, certificate, identity, body }).await;
    (answer, polls.load(Ordering::Relaxed))
}

/// The nonce of a refusal makes the next proof a good one (RFC 9449 section 9).
async fn one_more_round_is_enough<F: Framework>(service: &F, party: &Party, journal: &Journal) {
    let target = F::target(Handler::Vault);
    let without = party::with_proof(party, &target);
    let (refused, _) = send(service, Handler::Vault, &without, Content::Text("")).await;
    let nonce = refused.nonce.unwrap_or_else(|| panic!("{}: no nonce", F::MODULE));
    let with = party::with_nonce(party, &target, &nonce);
    let (answer, _) = send(service, Handler::Vault, &with, Content::Text("")).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "vault for ann"), "{}", F::MODULE);
    assert_eq!(journal.take(), ["vault"], "{}", F::MODULE);
}

/// The handlers of a framework have the names of the list, and each the requirement that all of that
/// name have: otherwise the frameworks would be compared by different rules.
fn asks_for_the_same<F: Framework>() {
    let manifest = authz_core::manifest().unwrap();
    let name_of = |id: &str| id.rsplit("::").next().unwrap_or_default().to_owned();
    let prefix = format!("{}::", F::MODULE);
    let ours: Vec<_> = manifest.functions.iter().filter(|it| it.id.starts_with(&prefix)).collect();
    let names: BTreeSet<_> = ours.iter().map(|function| name_of(&function.id)).collect();
    let expected: BTreeSet<_> = Handler::NAMES.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(names, expected, "{}", F::MODULE);
    for function in ours {
        for other in manifest.functions.iter().filter(|it| name_of(&it.id) == name_of(&function.id))
        {
            assert_eq!(
                (&function.kind, &function.requirement),
                (&other.kind, &other.requirement),
                "`{}` and `{}`",
                function.id,
                other.id
            );
        }
    }
}
