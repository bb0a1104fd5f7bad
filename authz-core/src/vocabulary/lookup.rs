//! Finds a name in a vocabulary, at compile time and at run time, and says what was meant.
//!
//! INVARIANT: `hash` here and in `authz-macros` are the same function (FNV-1a, 64 bit). A
//! difference could only make names unknown, never confuse two: a hit compares the text.

use super::table::{Kind, Table};
use crate::message::Message;

/// FNV-1a, 64 bit.
pub(crate) const fn hash(name: &str) -> u64 {
    let mut rest = name.as_bytes();
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    while let [byte, tail @ ..] = rest {
        hash = (hash ^ *byte as u64).wrapping_mul(0x0100_0000_01b3);
        rest = tail;
    }
    hash
}

/// The index of `name`, whose hash is `hash`.
pub(crate) const fn find(table: &Table, name: &str, hash: u64) -> Option<usize> {
    match find_hash(table, hash) {
        Some(index) if same(name_at(table, index), name) => Some(index),
        _ => None,
    }
}

/// The index of the only name that can be the one with this hash: the derive refuses two of one hash.
///
/// Binary search over the sorted hashes: 13 steps for 4,096 names, which keeps a name cheap for the
/// compiler too.
const fn find_hash(table: &Table, hash: u64) -> Option<usize> {
    let mut window = table.sorted;
    while !window.is_empty() {
        let (left, right) = window.split_at(window.len() / 2);
        let Some((&(found, index), after)) = right.split_first() else {
            return None;
        };
        if found == hash {
            return Some(index as usize);
        }
        window = if found < hash { after } else { left };
    }
    None
}

/// As [`find`], with an index that no set contains where there is no such name.
pub(crate) const fn find_or_none(table: &Table, name: &str, hash: u64) -> usize {
    match find(table, name, hash) {
        Some(index) => index,
        None => usize::MAX,
    }
}

/// The index of the name whose hash is `hash`, or one that no set contains.
pub(crate) const fn find_hash_or_none(table: &Table, hash: u64) -> usize {
    match find_hash(table, hash) {
        Some(index) => index,
        None => usize::MAX,
    }
}

/// Refuses a name that is not the one at the index that [`find_hash_or_none`] gave for its hash.
///
/// # Panics
///
/// In const evaluation only: that is the compile error for a name outside the vocabulary. The
/// message is the product here; its span is the literal, given by the macro.
#[track_caller]
pub(crate) const fn require(table: &Table, other: &Table, index: usize, name: &str) {
    if index == usize::MAX || !same(name_at(table, index), name) {
        unknown(table, other, name)
    }
}

#[track_caller]
#[expect(clippy::panic, reason = "evaluated by the compiler: the panic is the error message")]
const fn unknown(table: &Table, other: &Table, name: &str) -> ! {
    let mut message = Message::new();
    message.push("unknown ").push(table.kind.word()).push(" `").push(name).push("`");
    if find(other, name, hash(name)).is_some() {
        let word = other.kind.word();
        message.push("; it is a ").push(word).push(": write `").push(word).push(" = \"");
        message.push(name).push("\"`");
    } else if let Some(index) = closest(table, name) {
        message.push("; did you mean `").push(name_at(table, index)).push("`?");
    } else {
        message.push("; ").push(table.kind.plural()).push(" are ");
        push_names(&mut message, table);
    }
    panic!("{}", message.text())
}

const fn push_names(message: &mut Message, table: &Table) {
    const SHOWN: usize = 8;
    let mut index = 0;
    while index < table.names.len() && index < SHOWN {
        message.push(if index == 0 { "`" } else { ", `" }).push(name_at(table, index)).push("`");
        index += 1;
    }
    if table.names.len() > SHOWN {
        message.push(", … (all of them are in `").push(table.type_name).push("`)");
    }
}

/// The index of the name that was probably meant, if one is close.
///
/// Two names are close when at most three characters differ between their common beginning and
/// their common end. That covers a letter dropped, doubled, swapped or mistyped, and costs one
/// pass over each name: the compiler's limit on const evaluation holds at 4,096 names.
pub(crate) const fn closest(table: &Table, name: &str) -> Option<usize> {
    let mut best = None;
    let mut best_distance = 4;
    let mut index = 0;
    while index < table.names.len() {
        if same(variant_at(table, index), name) {
            return Some(index);
        }
        let distance = gap(name_at(table, index).as_bytes(), name.as_bytes());
        if distance < best_distance {
            best = Some(index);
            best_distance = distance;
        }
        index += 1;
    }
    best
}

/// How many bytes differ between the common beginning and the common end, in the longer one;
/// `usize::MAX` when nothing is common.
const fn gap(mut left: &[u8], mut right: &[u8]) -> usize {
    let mut common = 0_usize;
    while let ([a, left_rest @ ..], [b, right_rest @ ..]) = (left, right)
        && *a == *b
    {
        (left, right) = (left_rest, right_rest);
        common += 1;
    }
    while let ([left_rest @ .., a], [right_rest @ .., b]) = (left, right)
        && *a == *b
    {
        (left, right) = (left_rest, right_rest);
        common += 1;
    }
    let differing = if left.len() > right.len() { left.len() } else { right.len() };
    if differing > common { usize::MAX } else { differing }
}

pub(crate) const fn name_at(table: &Table, index: usize) -> &'static str {
    at(table.names, index)
}

const fn variant_at(table: &Table, index: usize) -> &'static str {
    at(table.variants, index)
}

const fn at(names: &'static [&'static str], index: usize) -> &'static str {
    if index < names.len()
        && let Some((name, _)) = names.split_at(index).1.split_first()
    {
        name
    } else {
        ""
    }
}

pub(crate) const fn same(left: &str, right: &str) -> bool {
    let (mut left, mut right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    while let ([a, left_rest @ ..], [b, right_rest @ ..]) = (left, right) {
        if *a != *b {
            return false;
        }
        (left, right) = (left_rest, right_rest);
    }
    true
}

impl Kind {
    const fn plural(self) -> &'static str {
        match self {
            Self::Role => "roles",
            Self::Scope => "scopes",
        }
    }
}
