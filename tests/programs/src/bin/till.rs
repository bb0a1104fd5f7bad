//! The other program.

use authz_core::manual;
use authz_programs::policy;

/// Shows the caller nothing but the caller.
#[manual(reason = "shows the caller nothing but the caller")]
pub fn me() {}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    authz_programs::print()
}
