//! Which grants are recorded.
//!
//! INVARIANT: chance decides, and nothing that a caller sends. Who could choose the trace that is
//! sampled could choose not to be seen.

use std::cell::Cell;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;

use crate::registry::FunctionKind;

/// One of how many grants is recorded, for each kind of function; 0 for none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sampling {
    requires: u32,
    manual: u32,
}

impl Sampling {
    pub(super) fn set(&mut self, kind: FunctionKind, one_in: u32) {
        match kind {
            FunctionKind::Requires => self.requires = one_in,
            FunctionKind::Manual => self.manual = one_in,
            // Nothing is decided about who may call a public function.
            FunctionKind::Public => {}
        }
    }

    /// How many grants the record of this one stands for, if it is to be recorded.
    #[inline]
    pub(super) fn draw(self, kind: FunctionKind) -> Option<u32> {
        let one_in = match kind {
            FunctionKind::Requires => self.requires,
            FunctionKind::Manual => self.manual,
            FunctionKind::Public => 0,
        };
        match one_in {
            0 => None,
            1 => Some(1),
            many => random().is_multiple_of(u64::from(many)).then_some(many),
        }
    }
}

/// A number of this thread's own sequence (xorshift64*), which starts somewhere at random.
fn random() -> u64 {
    thread_local!(static STATE: Cell<u64> = Cell::new(RandomState::new().hash_one(0) | 1));
    STATE.with(|state| {
        let mut next = state.get();
        next ^= next >> 12;
        next ^= next << 25;
        next ^= next >> 27;
        state.set(next);
        next.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    })
}

#[cfg(test)]
mod tests {
    use super::Sampling;
    use crate::registry::FunctionKind::{Manual, Public, Requires};

    #[test]
    fn all_none_or_about_one_in_so_many() {
        let mut sampling = Sampling::default();
        assert_eq!(sampling.draw(Requires), None, "grants are recorded by choice");
        sampling.set(Requires, 1);
        sampling.set(Manual, 10);
        sampling.set(Public, 1);
        assert!((0..100).all(|_| sampling.draw(Requires) == Some(1)));
        assert!((0..100).all(|_| sampling.draw(Public).is_none()));
        let drawn = (0..100_000).filter_map(|_| sampling.draw(Manual)).collect::<Vec<_>>();
        assert!(drawn.iter().all(|stands_for| *stands_for == 10));
        // Twenty standard deviations to either side.
        assert!((8_000..12_000).contains(&drawn.len()), "{}", drawn.len());
    }
}
