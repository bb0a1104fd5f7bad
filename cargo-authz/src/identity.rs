//! A caller as a reviewer names one: by what its token says, before any hierarchy.
//!
//! Absent on purpose: verification. These are questions about identities, not identities.

use std::collections::BTreeSet;
use std::fmt;

use authz_manifest::Age;
use serde::ser::{Serialize, SerializeMap as _, Serializer};

/// Somebody who calls a function.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Caller {
    /// A caller without a token.
    Nobody,
    /// A caller with a verified identity.
    Somebody(Identity),
}

/// `{"anonymous": true}` for a caller without a token, else what the identity holds.
impl Serialize for Caller {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nobody => {
                let mut members = serializer.serialize_map(Some(1))?;
                members.serialize_entry("anonymous", &true)?;
                members.end()
            }
            Self::Somebody(identity) => identity.serialize(serializer),
        }
    }
}

/// What a verified identity holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Identity {
    /// The roles that the token names; what they include comes with them.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub roles: BTreeSet<String>,
    /// The scopes that the token names; what they include comes with them.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub scopes: BTreeSet<String>,
    /// Whether more than one factor was used.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub mfa: bool,
    /// Whether the token is bound to its sender, who proved it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub bound: bool,
    /// The authentication context class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// How many seconds ago the log-in was, where the token tells.
    #[serde(rename = "authenticated_ago", skip_serializing_if = "Option::is_none")]
    pub age: Option<u64>,
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str("a caller without a token"),
            Self::Somebody(identity) => identity.fmt(f),
        }
    }
}

/// `role clerk, scope write:orders, second factor, bound token, logged in 4m ago`
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::default() {
            return f.write_str("any identity, whatever it holds");
        }
        let roles = self.roles.iter().map(|role| format!("role {role}"));
        let scopes = self.scopes.iter().map(|scope| format!("scope {scope}"));
        let factor = self.mfa.then(|| "second factor".to_owned());
        let bound = self.bound.then(|| "bound token".to_owned());
        let class = self.acr.iter().map(|class| format!("acr {class}"));
        let age = self.age.map(|age| format!("logged in {} ago", Age(age)));
        let words: Vec<_> =
            roles.chain(scopes).chain(factor).chain(bound).chain(class).chain(age).collect();
        f.write_str(&words.join(", "))
    }
}
