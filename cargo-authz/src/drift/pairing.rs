//! Finds for each item what it was: under its id, else where it moved to.
//!
//! What is gone and what is new are one where they declare the same route, or else have the same end of a path
//! and no two routes; and where nothing else could be meant. Absent on purpose: a likeness of requirements. Two
//! functions that ask for the same are two.

use std::collections::BTreeMap;

/// An item as it was and as it is.
pub(super) type Pair<'a, T> = (Option<&'a T>, Option<&'a T>);

/// How an item is known.
pub(super) struct Known<T> {
    /// Its id: one item's on each side.
    pub(super) id: fn(&T) -> &String,
    /// Its route, if it declares one, without the names of captures.
    pub(super) route: fn(&T) -> Option<String>,
}

/// The items of both sides in pairs, in the order of their ids.
pub(super) fn pair<'a, T>(before: &'a [T], now: &'a [T], known: &Known<T>) -> Vec<Pair<'a, T>> {
    let mut by_id: BTreeMap<&str, Pair<'a, T>> = BTreeMap::new();
    for item in before {
        by_id.entry((known.id)(item)).or_default().0 = Some(item);
    }
    for item in now {
        by_id.entry((known.id)(item)).or_default().1 = Some(item);
    }
    let ids = |wanted: fn(&Pair<'a, T>) -> bool| -> Vec<&'a str> {
        by_id.iter().filter(|(_, pair)| wanted(pair)).map(|(id, _)| *id).collect()
    };
    let mut gone = ids(|(_, now)| now.is_none());
    let mut new = ids(|(before, _)| before.is_none());
    let route = |id: &str| by_id.get(id).and_then(|(old, new)| old.or(*new)).and_then(known.route);
    let mut moves = Vec::new();
    take_moves(&mut gone, &mut new, &mut moves, |id| route(id));
    let longest = gone.iter().chain(&new).map(|id| id.split("::").count()).max().unwrap_or(0);
    for length in (1..=longest).rev() {
        let mut found = Vec::new();
        take_moves(&mut gone, &mut new, &mut found, |id| end(id, length));
        for (from, to) in found {
            // Whoever serves another route is another function.
            match (route(from), route(to)) {
                (Some(before), Some(now)) if before != now => {
                    gone.push(from);
                    new.push(to);
                }
                _ => moves.push((from, to)),
            }
        }
    }
    for (from, to) in moves {
        let old = by_id.remove(from).and_then(|(before, _)| before);
        if let Some((before, _)) = by_id.get_mut(to) {
            *before = old;
        }
    }
    by_id.into_values().collect()
}

/// Takes out what has a key that nothing else on its side has, and the same on the other side.
fn take_moves<'a>(
    gone: &mut Vec<&'a str>,
    new: &mut Vec<&'a str>,
    moves: &mut Vec<(&'a str, &'a str)>,
    key: impl Fn(&str) -> Option<String>,
) {
    let by_key = |ids: &[&'a str]| {
        let mut by_key: BTreeMap<String, Vec<&'a str>> = BTreeMap::new();
        for id in ids {
            if let Some(key) = key(id) {
                by_key.entry(key).or_default().push(id);
            }
        }
        by_key
    };
    let (before, now) = (by_key(gone), by_key(new));
    for (key, from) in before {
        if let ([from], Some([to])) = (from.as_slice(), now.get(&key).map(Vec::as_slice)) {
            moves.push((from, to));
            gone.retain(|id| id != from);
            new.retain(|id| id != to);
        }
    }
}

/// The last segments of a path, if it has so many.
fn end(id: &str, length: usize) -> Option<String> {
    let segments: Vec<_> = id.split("::").collect();
    let start = segments.len().checked_sub(length)?;
    segments.get(start..).map(|end| end.join("::"))
}
