//! The transitive closure of `includes`, and the circles in it.
//!
//! Linear in the edges times the words of a row. Nothing here calls itself: a chain of 4,096
//! names must not exhaust the stack of the compiler.

/// A bitset over the names of the vocabulary.
pub(super) type Row = Vec<u64>;

/// How one row of the closure follows from a row made before it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// The name whose row this is.
    pub(super) row: usize,
    /// The row to copy.
    pub(super) base: usize,
    /// Bits to add, by word; the name's own bit is understood.
    pub(super) more: Vec<(usize, u64)>,
}

/// A way through the hierarchy.
pub(super) struct Walk {
    /// Each name after everything it includes.
    pub(super) order: Vec<usize>,
    pub(super) circles: Vec<Circle>,
}

/// Names that include one another.
pub(super) struct Circle {
    /// The names on the way, from the one that is reached again.
    pub(super) members: Vec<usize>,
    /// Where the way closes: a name, and which of its inclusions leads back.
    pub(super) closed_by: (usize, usize),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    Not,
    Open,
    Done,
}

/// Depth first: an edge to a name that is still open closes a circle, each circle once.
pub(super) fn walk(includes: &[Vec<usize>]) -> Walk {
    let mut visits = vec![Visit::Not; includes.len()];
    let mut order = Vec::with_capacity(includes.len());
    let mut circles = Vec::new();
    for start in 0..includes.len() {
        if visits[start] != Visit::Not {
            continue;
        }
        visits[start] = Visit::Open;
        let mut path = vec![(start, 0)];
        while let Some((name, next)) = path.last_mut() {
            let (from, edge) = (*name, *next);
            let Some(&to) = includes[from].get(edge) else {
                visits[from] = Visit::Done;
                order.push(from);
                path.pop();
                continue;
            };
            *next += 1;
            match visits[to] {
                Visit::Not => {
                    visits[to] = Visit::Open;
                    path.push((to, 0));
                }
                Visit::Open => circles.push(Circle {
                    members: path
                        .iter()
                        .map(|(name, _)| *name)
                        .skip_while(|name| *name != to)
                        .collect(),
                    closed_by: (from, edge),
                }),
                Visit::Done => {}
            }
        }
    }
    Walk { order, circles }
}

/// For each name, itself and everything it includes; `order` as [`walk`] gives it.
pub(super) fn close(includes: &[Vec<usize>], order: &[usize]) -> Vec<Row> {
    let words = includes.len().div_ceil(64);
    let mut rows = vec![vec![0; words]; includes.len()];
    for &name in order {
        let mut row = vec![0; words];
        row[name / 64] |= 1 << (name % 64);
        for &included in &includes[name] {
            for (word, more) in row.iter_mut().zip(&rows[included]) {
                *word |= more;
            }
        }
        rows[name] = row;
    }
    rows
}

/// The closure in few words: each row as a copy of the fullest row it includes, and the rest.
///
/// Names that include nothing need no step. A chain of 4,096 names is 4,095 short steps where
/// the rows have 262,144 words.
pub(super) fn steps(includes: &[Vec<usize>], order: &[usize], rows: &[Row]) -> Vec<Step> {
    let size = |name: &usize| -> u32 { rows[*name].iter().map(|word| word.count_ones()).sum() };
    order
        .iter()
        .filter_map(|&row| {
            let base = includes[row].iter().copied().max_by_key(size)?;
            let more = rows[row]
                .iter()
                .zip(&rows[base])
                .enumerate()
                .map(|(word, (all, copied))| {
                    let own = if row / 64 == word { 1 << (row % 64) } else { 0 };
                    (word, all & !copied & !own)
                })
                .filter(|(_, bits)| *bits != 0)
                .collect();
            Some(Step { row, base, more })
        })
        .collect()
}
