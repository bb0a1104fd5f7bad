//! Ids of which each names one function or one resource. Which of two a lock, a log or a listing means
//! nobody could tell, and no comparison says "no change" where it can't tell.

use std::collections::BTreeMap;
use std::fmt;

use crate::manifest::Manifest;

/// The error of an id that several functions or several resources have.
///
/// # Examples
///
/// ```
/// use authz_manifest::SharedId;
///
/// let shared = SharedId::of_functions("shop::refund", &[("src/a.rs", 7), ("src/b.rs", 9)]);
/// assert!(shared.to_string().starts_with("`shop::refund` names 2 functions: src/a.rs:7, src/b.rs:9; "));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedId {
    id: String,
    kind: Kind,
    places: Vec<(String, u32)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Functions,
    Resources,
}

impl SharedId {
    /// An id that the functions at these places have.
    #[must_use]
    pub fn of_functions(id: &str, places: &[(&str, u32)]) -> Self {
        Self::new(id, Kind::Functions, places)
    }

    fn new(id: &str, kind: Kind, places: &[Place<'_>]) -> Self {
        let places = places.iter().map(|(file, line)| ((*file).to_owned(), *line)).collect();
        Self { id: id.to_owned(), kind, places }
    }
}

impl fmt::Display for SharedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Functions => "functions",
            Kind::Resources => "resources",
        };
        write!(f, "`{}` names {} {kind}", self.id, self.places.len())?;
        // A lock has no places.
        let placed = self.places.iter().filter(|(file, _)| !file.is_empty());
        for (position, (file, line)) in placed.enumerate() {
            write!(f, "{}{file}:{line}", if position == 0 { ": " } else { ", " })?;
        }
        f.write_str("; no lock, log or listing could tell which is meant: ")?;
        f.write_str(match self.kind {
            Kind::Functions => {
                "put `#[requires(...)]` on the `impl` block, which gives its functions the name of the \
                 type, or rename one of them"
            }
            Kind::Resources => "move one of them into a module of its own, or rename it",
        })
    }
}

impl std::error::Error for SharedId {}

impl Manifest {
    /// Returns the manifest in its order, each record once.
    ///
    /// The same record twice is one function that was told of twice, as a library that two programs share is.
    ///
    /// # Errors
    ///
    /// [`SharedId`] where an id names several functions or several resources that are not alike.
    pub fn with_distinct_ids(mut self) -> Result<Self, SharedId> {
        self.policies.sort_by(|left, right| left.id.cmp(&right.id));
        self.functions.sort_by(|left, right| {
            (&left.id, &left.file, left.line).cmp(&(&right.id, &right.file, right.line))
        });
        self.resources.sort_by(|left, right| {
            (&left.id, &left.file, left.line).cmp(&(&right.id, &right.file, right.line))
        });
        self.functions.dedup();
        self.resources.dedup();
        match self.shared_id() {
            Some(shared) => Err(shared),
            None => Ok(self),
        }
    }

    /// Finds an id that several functions or several resources have, alike or not.
    #[must_use]
    pub fn shared_id(&self) -> Option<SharedId> {
        let functions =
            self.functions.iter().map(|it| (it.id.as_str(), (it.file.as_str(), it.line)));
        let resources =
            self.resources.iter().map(|it| (it.id.as_str(), (it.file.as_str(), it.line)));
        shared(functions, Kind::Functions).or_else(|| shared(resources, Kind::Resources))
    }
}

/// A source file and a line in it.
type Place<'a> = (&'a str, u32);

fn shared<'a>(items: impl Iterator<Item = (&'a str, Place<'a>)>, kind: Kind) -> Option<SharedId> {
    let mut by_id: BTreeMap<&str, Vec<Place<'_>>> = BTreeMap::new();
    for (id, place) in items {
        by_id.entry(id).or_default().push(place);
    }
    let (id, places) = by_id.into_iter().find(|(_, places)| places.len() > 1)?;
    Some(SharedId::new(id, kind, &places))
}
