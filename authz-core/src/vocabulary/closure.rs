//! Unfolds the closure that the derives computed.

/// One row: its index, the index of a finished row to copy, and bits to add by word.
type Step = (usize, usize, &'static [(usize, u64)]);

/// For each name, itself and everything it includes, transitively.
///
/// A row without a step has the bit of its own name alone. The derive has put the steps in order,
/// so that this is one copy for each: thousands of names stay far below the limit at which the
/// compiler warns about long evaluation.
#[must_use]
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, on indices that the derive made"
)]
pub const fn close<const WORDS: usize, const NAMES: usize>(
    steps: &[Step],
) -> [[u64; WORDS]; NAMES] {
    let mut rows = [[0; WORDS]; NAMES];
    let mut name = 0;
    while name < NAMES {
        rows[name][name / 64] = 1 << (name % 64);
        name += 1;
    }
    let mut steps = steps;
    while let [(row, base, more), rest @ ..] = steps {
        rows[*row] = rows[*base];
        rows[*row][*row / 64] |= 1 << (*row % 64);
        let mut more = *more;
        while let [(word, bits), others @ ..] = more {
            rows[*row][*word] |= *bits;
            more = others;
        }
        steps = rest;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::close;

    #[test]
    fn a_row_is_its_base_its_own_bit_and_what_is_added() {
        let rows: [[u64; 1]; 4] = close(&[(1, 2, &[]), (0, 1, &[(0, 0b1000)])]);
        assert_eq!(rows, [[0b1111], [0b0110], [0b0100], [0b1000]]);
    }

    #[test]
    fn names_without_steps_hold_themselves_across_words() {
        let rows: [[u64; 2]; 65] = close(&[]);
        assert_eq!(rows[63], [1 << 63, 0]);
        assert_eq!(rows[64], [0, 1]);
    }
}
