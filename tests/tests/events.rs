//! What is told as `tracing` events of the target `authz` about each kind of decision, without any log.

#![expect(clippy::unwrap_used, reason = "a test that finds something else has failed")]

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};

use authz_core::object::Sealed;
use authz_core::testing::identity;
use authz_core::{Denied, Guard, Resource, requires};
use authz_tests::policy::{self, Identity};
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
        metadata.target() == "authz"
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
}
