//! A log of decisions, read: what was decided about whom, gathered by function and by what they held.
//!
//! A log is written by a program that may be killed, to a disk that may be full, and looked after by
//! people. What is no record of a decision is counted and told, never guessed at. Absent on purpose: the
//! log as a whole in memory.

mod read;
mod smaller;
mod tally;

pub use read::read;
pub use smaller::{Call, Grant, smallest};
pub use tally::{Asked, Foreign, Log, Tally, today};
