//! Expansions as the compiler sees them, and what the attributes make of wrong input.

mod blocks;
mod expansion;
mod resources;
mod robustness;
mod wrong_programs;
