//! Memory that reading may take, measured by what is read: a file of a stranger is not believed when a byte of
//! it stands for much more.

use std::cell::Cell;

/// Memory for any section, in bytes: that of some ten thousand functions.
const FLOOR: usize = 16 << 20;

/// Memory for each byte of a section beyond that. What macros write takes about five.
const FACTOR: usize = 8;

/// Memory that is left.
pub(super) struct Budget(Cell<usize>);

/// The error of a reader that has used up its memory.
#[derive(Debug)]
pub(super) struct UsedUp;

impl UsedUp {
    pub(super) const WORDS: &'static str =
        "its records stand for far more than they are, as no macro writes them";
}

impl Budget {
    /// Memory for so many bytes of sections.
    pub(super) fn of(bytes: usize) -> Self {
        Self(Cell::new(FLOOR.saturating_add(bytes.saturating_mul(FACTOR))))
    }

    /// Takes memory for `count` items of a type, before they are made.
    pub(super) fn take<T>(&self, count: usize) -> Result<(), UsedUp> {
        let bytes = count.saturating_mul(size_of::<T>());
        self.0.set(self.0.get().checked_sub(bytes).ok_or(UsedUp)?);
        Ok(())
    }

    /// Returns a copy of a text, as far as there is memory.
    pub(super) fn copy(&self, text: &str) -> Result<String, UsedUp> {
        self.take::<u8>(text.len()).map(|()| text.to_owned())
    }
}
