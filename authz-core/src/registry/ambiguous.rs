//! Ids that more than one record has: which of them a lock, a log or a listing means, nobody could tell.

use std::collections::HashMap;
use std::sync::OnceLock;

use authz_manifest::SharedId;

use crate::registry::Function;
use crate::registry::entry::Entry;

/// The place of a record. The same place twice is one function that was told of twice, as a function of
/// another crate is that a service puts on record.
type Place = (&'static str, u32);

/// Refuses a function whose id another one has as well.
///
/// # Panics
///
/// If there is another one.
#[track_caller]
pub(crate) fn require_unambiguous(function: &'static Function) {
    let mut places = functions().get(function.id()).cloned().unwrap_or_default();
    if !places.contains(&place(function)) {
        places.push(place(function));
    }
    assert!(places.len() == 1, "{}", SharedId::of_functions(function.id(), &places));
}

/// The places of every function by id.
fn functions() -> &'static HashMap<&'static str, Vec<Place>> {
    // Once: a router of many handlers asks for each of them.
    static FUNCTIONS: OnceLock<HashMap<&'static str, Vec<Place>>> = OnceLock::new();
    FUNCTIONS.get_or_init(|| {
        let mut functions: HashMap<_, Vec<_>> = HashMap::new();
        for entry in inventory::iter::<Entry> {
            if let Entry::Function(function) = entry {
                let places = functions.entry(function.id()).or_default();
                if !places.contains(&place(function)) {
                    places.push(place(function));
                }
            }
        }
        functions
    })
}

fn place(function: &Function) -> Place {
    (function.file(), function.line())
}
