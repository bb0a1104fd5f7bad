//! The marks of what generated code alone may implement and make.
//!
//! INVARIANT: no public item leads to a name of these types but `__private`, and no public constant is a
//! [`Maker`]. So whoever forges an implementation or a record has to write `__private`, where a reviewer's
//! search finds it.

/// The constant of a trait that attributes and derives implement.
#[derive(Clone, Copy, Debug)]
pub struct Seal(());

impl Seal {
    /// Stands in every generated implementation.
    pub const GENERATED: Self = Self(());
}

/// The first argument of a constructor of records.
#[derive(Clone, Copy, Debug)]
pub struct Maker(());

/// Stands in every generated record.
pub const MAKER: Maker = Maker(());
