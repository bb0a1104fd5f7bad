//! What is told as `tracing` events about each kind of decision, without any log and by a log of events.

#![expect(clippy::unwrap_used, reason = "a test that finds something else has failed")]

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};

use authz_core::audit::{Events, JsonLines, Log};
use authz_core::http::RequestHead;
use authz_core::object::Sealed;
use authz_core::testing::identity;
use authz_core::token::Verifier;
use authz_core::{Authentication, Authenticator, Denied, Guard, Resource, requires};
use authz_tests::policy::{self, Identity, Policy};
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber, span};

authz_core::rule!(Stricter = mfa);

#[derive(Resource)]
#[resource(owner = "customer")]
struct Order {
    customer: &'static str,
}

#[requires(role = "clerk", shadow = Stricter, object = owner)]
fn show(guard: Guard<show>, customer: &'static str) -> Option<&'static str> {
    Some(Sealed::new(Order { customer }).open(&guard).ok()?.customer)
}

#[requires(role = "clerk", identity = who)]
fn count(who: Option<&Identity>) -> Result<u32, Denied> {
    Ok(7)
}

#[requires(role = "clerk", identity = request)]
fn receive(request: &http::Request<()>) -> Result<u32, Denied> {
    Ok(7)
}

/// The fields of each event, in words.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl Subscriber for Told {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        matches!(metadata.target(), "authz" | "authz::decisions")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

impl Told {
    fn of(&self, work: impl FnOnce()) -> Vec<String> {
        self.0.lock().unwrap().clear();
        work();
        self.0.lock().unwrap().clone()
    }
}

/// One test: whoever comes first to a place in the code decides for the whole program whether it is listened
/// to.
#[test]
fn each_decision_is_one_event_that_names_the_function() {
    let told = Told::default();
    tracing::subscriber::set_global_default(told.clone()).unwrap();
    let ann = || identity().subject("ann").client("till");
    let clerk: Identity = ann().role("clerk").mfa().build();
    let who = "issuer=\"https://issuer.test\" subject=\"ann\" client=\"till\"";

    let lines = told.of(|| assert_eq!(show(clerk.authorize().unwrap(), "ann"), Some("ann")));
    assert_eq!(lines, [format!("TRACE outcome=\"granted\" function=\"events::show\" {who}")]);

    let lines = told.of(|| assert_eq!(show(clerk.authorize().unwrap(), "bob"), None));
    assert_eq!(lines.len(), 2);
    assert_eq!(
        lines[1],
        format!(
            "INFO outcome=\"hidden\" function=\"events::show\" {who} resource=\"events::Order\" count=1"
        )
    );

    // A grant with a shadow on it is a grant.
    let without: Identity = ann().role("clerk").build();
    let lines = told.of(|| assert_eq!(show(without.authorize().unwrap(), "ann"), Some("ann")));
    assert_eq!(lines[0], format!("TRACE outcome=\"granted\" function=\"events::show\" {who}"));
    assert_eq!(
        lines[1..],
        [format!(
            "INFO outcome=\"shadow_denied\" function=\"events::show\" {who} rule=\"events::Stricter\" \
             detail=lacking mfa"
        )]
    );

    let auditor: Identity = ann().role("auditor").build();
    let lines = told.of(|| drop(auditor.authorize::<show>().unwrap_err()));
    let lacking = "detail=lacking role = \"clerk\"";
    let denied =
        format!("INFO outcome=\"insufficient_scope\" function=\"events::show\" {who} {lacking}");
    assert_eq!(lines, [denied]);

    // Nobody is known, and no framework is in front.
    let nobody = |function: &str| {
        [format!(
            "INFO outcome=\"no_credentials\" function=\"events::{function}\" detail=no credentials"
        )]
    };
    assert_eq!(told.of(|| drop(count(None).unwrap_err())), nobody("count"));
    let request = http::Request::new(());
    assert_eq!(told.of(|| drop(receive(&request).unwrap_err())), nobody("receive"));
    assert_eq!(told.of(|| assert_eq!(count(Some(&clerk)).unwrap(), 7)).len(), 1);

    // With a log of decisions, its records beside these.
    let logged = recorded(without, &Log::to(Events).grants(1));
    let lines = told.of(|| assert_eq!(show(logged.authorize().unwrap(), "bob"), None));
    let both = "kind=\"requires\" requirement=\"4b4a49fcb756f855\"";
    let by = format!("{who} by=\"test\" roles=\"clerk\" scopes=\"\"");
    let records: Vec<_> = lines.iter().filter(|line| line.contains(" kind=")).collect();
    assert_eq!(
        records,
        [
            &format!(
                "INFO outcome=\"granted\" function=\"events::show\" {both} {by} \
                 shadow=\"events::Stricter\" one_in=1"
            ),
            &format!(
                "INFO outcome=\"hidden\" function=\"events::show\" {both} {by} \
                 resource=\"events::Order\" count=1 one_in=1"
            ),
        ]
    );
    let logged = recorded(auditor, &Log::to(Events));
    let lines = told.of(|| drop(logged.authorize::<show>().unwrap_err()));
    let detail = " detail=\"lacking role = \\\"clerk\\\"\" one_in=1";
    assert!(lines.iter().any(|line| line.ends_with(detail)), "{lines:?}");

    #[cfg(target_os = "linux")]
    a_disk_that_is_full_is_told_once(&told, clerk);
}

/// Once, until it can be written again.
#[cfg(target_os = "linux")]
fn a_disk_that_is_full_is_told_once(told: &Told, clerk: Identity) {
    let log = Log::to(JsonLines::append("/dev/full").unwrap()).grants(1);
    let clerk = recorded(clerk, &log);
    let lines = told.of(|| {
        for _ in 0..3 {
            assert_eq!(show(clerk.authorize().unwrap(), "ann"), Some("ann"));
            log.flush();
        }
    });
    let errors: Vec<_> = lines.iter().filter(|line| line.starts_with("ERROR")).collect();
    assert_eq!(
        errors,
        ["ERROR message=decisions can't be written error=No space left on device (os error 28)"]
    );
}

/// Everybody is this one.
struct Only(Identity);

impl Authenticator<Policy> for Only {
    fn authenticate<'a>(&'a self, _: RequestHead<'a>) -> Authentication<'a, Policy> {
        Box::pin(async { Ok(Some(self.0.clone())) })
    }
}

fn recorded(identity: Identity, log: &Log) -> Identity {
    let verifier = Verifier::of(Only(identity)).decisions_to(log);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let request = http::Request::new(());
    runtime.block_on(verifier.authenticate(RequestHead::of(&request))).unwrap()
}
