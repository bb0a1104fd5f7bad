//! What is decided about, and a verifier that sends its decisions on.

use authz_core::audit::{Log, Sink};
use authz_core::testing::{Clock, TestIssuer};
use authz_core::token::ConfigError;
use authz_core::{Guard, requires};

use crate::current_trace;
use crate::policy::Verifier;

/// Closes the books of a year.
#[requires(role = "bookkeeper", scope = "write:books")]
#[must_use]
pub fn close(guard: Guard<close>, year: u16) -> String {
    format!("{} closes {year}", guard.subject())
}

/// A verifier of tokens of this issuer, all of whose decisions the sink gets.
///
/// # Errors
///
/// None in this example: what a verifier can be told wrong.
pub fn verifier(
    issuer: &TestIssuer,
    clock: &Clock,
    sink: impl Sink,
) -> Result<Verifier, ConfigError> {
    let log = Log::to(sink).grants(1).trace_by(current_trace);
    let verifier = Verifier::builder().issuer(issuer.trusted()).audience("books").clock(clock);
    Ok(verifier.build()?.decisions_to(&log))
}
