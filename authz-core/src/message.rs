//! Builds the text of a compile error inside `const` evaluation, where `format!` can't run.

/// A text under construction. A part that does not fit is left out.
pub(crate) struct Message {
    buffer: [u8; Self::CAPACITY],
    length: usize,
}

impl Message {
    const CAPACITY: usize = 1024;

    pub(crate) const fn new() -> Self {
        Self { buffer: [0; Self::CAPACITY], length: 0 }
    }

    /// Appends `text`, whole or not at all.
    pub(crate) const fn push(&mut self, text: &str) -> &mut Self {
        let (_, free) = self.buffer.split_at_mut(self.length);
        if text.len() <= free.len() {
            let (target, _) = free.split_at_mut(text.len());
            target.copy_from_slice(text.as_bytes());
            self.length += text.len();
        }
        self
    }

    pub(crate) const fn text(&self) -> &str {
        match std::str::from_utf8(self.buffer.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}
