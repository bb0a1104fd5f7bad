//! The reason of a public function has a sequence that wipes the line above it from a terminal.
//! A reviewer believes: what `cargo authz check` printed is what it found.
//! The line with the verdict is gone from the screen. The attribute refuses the text.

use authz_core::public;
use authz_tests::policy;

#[public(reason = "load balancer probe\u{1b}[1A\u{1b}[2K")]
fn everything() {}

fn main() {}
