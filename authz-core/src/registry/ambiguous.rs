//! Ids that more than one record has: which of them a lock, a log or a listing means, nobody could tell.

use std::fmt::Write as _;

#[cfg(any(feature = "actix", feature = "axum", feature = "tonic"))]
pub(crate) use routes::require_unambiguous;

/// What an id that is not one function's means, and what to do about it.
pub(crate) fn explain(id: &str, places: &[(&str, u32)]) -> String {
    let mut text = format!("`{id}` names {} functions: ", places.len());
    for (position, (file, line)) in places.iter().enumerate() {
        // Writing to a string does not fail.
        let _ = write!(text, "{}{file}:{line}", if position == 0 { "" } else { ", " });
    }
    text.push_str(
        "; no lock, log or listing could tell which is meant: put `#[requires(...)]` on the `impl` block, \
         which gives its functions the name of the type, or rename one of them",
    );
    text
}

#[cfg(any(feature = "actix", feature = "axum", feature = "tonic"))]
mod routes {
    use std::collections::HashMap;
    use std::sync::OnceLock;

    use super::explain;
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
        assert!(places.len() == 1, "{}", explain(function.id(), &places));
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
}
