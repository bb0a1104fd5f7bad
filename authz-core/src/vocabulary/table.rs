//! What the derives leave behind: names, documentation and direct edges as const data.

/// Whether a vocabulary names roles or scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Who somebody is.
    Role,
    /// What a token was allowed to do.
    Scope,
}

impl Kind {
    /// The word for one name of this kind, as it stands in messages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Scope => "scope",
        }
    }
}

/// The const data of one vocabulary. All slices but `sorted` are in order of declaration.
#[derive(Debug)]
pub struct Table {
    /// Roles or scopes.
    pub kind: Kind,
    /// The name of the enum.
    pub type_name: &'static str,
    /// The names in tokens and in the manifest.
    pub names: &'static [&'static str],
    /// The names of the variants.
    pub variants: &'static [&'static str],
    /// The documentation of the variants.
    pub docs: &'static [&'static str],
    /// For each name, the indices it includes directly.
    pub includes: &'static [&'static [u32]],
    /// The closure of `includes`: for each name one row of words, the rows one after the other.
    pub closure: &'static [u64],
    /// Pairs of roles that nobody may hold together, the lower index first.
    pub excludes: &'static [(u32, u32)],
    /// The FNV-1a hash of each name with the name's index, ascending by hash.
    pub sorted: &'static [(u64, u32)],
    /// The names as they stand in the record of a policy; the format is in
    /// [`registry`](crate::registry).
    ///
    /// Made by the derive: to put thousands of names together in const evaluation takes the
    /// compiler seconds.
    pub record: &'static [u8],
}

impl Table {
    /// Whether whoever holds the name at `holder` holds the name at `included` by it.
    pub(crate) const fn includes(&self, holder: usize, included: usize) -> bool {
        let words = match self.names.len() {
            0 => 0,
            names => self.closure.len() / names,
        };
        match self.closure.split_at_checked(holder * words + included / 64) {
            Some((_, [word, ..])) => *word >> (included % 64) & 1 == 1,
            _ => false,
        }
    }
}

/// One `grants(…)` of a role, by name; a policy resolves it against its scopes.
#[derive(Clone, Copy, Debug)]
pub struct Grant {
    /// The index of the role.
    pub role: u32,
    /// The wire name of the scope.
    pub scope: &'static str,
}
