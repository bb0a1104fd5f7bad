//! Sets of names as machine words of a width fixed at compile time.

use std::fmt::Debug;

mod sealed {
    pub trait Sealed {}
    impl<const WORDS: usize> Sealed for [u64; WORDS] {}
}

/// A fixed-width bitset over the names of one vocabulary: `[u64; WORDS]`.
///
/// Indices beyond the width are in no set.
pub trait Bits: sealed::Sealed + Copy + Eq + Debug + Send + Sync + 'static {
    /// The set without a name.
    const EMPTY: Self;

    /// Whether the name at `index` is in the set.
    fn contains(&self, index: usize) -> bool;

    /// Adds the name at `index`.
    fn insert(&mut self, index: usize);

    /// Adds every name of `other`.
    fn union(&mut self, other: &Self);

    /// Removes every name that is not in `other`.
    fn intersect(&mut self, other: &Self);

    /// The words, lowest indices first.
    fn words(&self) -> &[u64];

    /// The indices in the set, ascending.
    fn indices(&self) -> impl Iterator<Item = usize> + '_ {
        self.words().iter().enumerate().flat_map(|(word, &bits)| {
            (0..64).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| word * 64 + bit)
        })
    }
}

impl<const WORDS: usize> Bits for [u64; WORDS] {
    const EMPTY: Self = [0; WORDS];

    #[expect(clippy::inline_always, reason = "a check is two bit tests; a call would cost more")]
    #[inline(always)]
    fn contains(&self, index: usize) -> bool {
        self.get(index / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
    }

    #[inline]
    fn insert(&mut self, index: usize) {
        if let Some(word) = self.get_mut(index / 64) {
            *word |= 1 << (index % 64);
        }
    }

    #[inline]
    fn union(&mut self, other: &Self) {
        for (word, more) in self.iter_mut().zip(other) {
            *word |= more;
        }
    }

    #[inline]
    fn intersect(&mut self, other: &Self) {
        for (word, kept) in self.iter_mut().zip(other) {
            *word &= kept;
        }
    }

    #[inline]
    fn words(&self) -> &[u64] {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::Bits;

    #[test]
    fn indices_come_back_ascending_across_words() {
        let mut set = <[u64; 64]>::EMPTY;
        for index in [4095, 0, 63, 64, 200] {
            set.insert(index);
        }
        assert_eq!(set.indices().collect::<Vec<_>>(), [0, 63, 64, 200, 4095]);
    }

    #[test]
    fn an_index_beyond_the_width_is_in_no_set() {
        let mut set = <[u64; 1]>::EMPTY;
        set.insert(64);
        assert_eq!(set, [0]);
        assert!(![u64::MAX].contains(64));
    }

    #[test]
    fn union_adds_and_intersect_keeps() {
        let mut set = [0b0110_u64];
        set.union(&[0b1000]);
        assert_eq!(set, [0b1110]);
        set.intersect(&[0b1010]);
        assert_eq!(set, [0b1010]);
    }
}
