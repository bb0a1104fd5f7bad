//! The records of the decision log: the members of a line, which is a JSON object.
//!
//! `decision.schema.json` of `authz-core` describes them for other programs. Absent on purpose: the text of
//! the values, which `authz-core` escapes and bounds when it fills a record.

use serde::{Deserialize, Serialize};

/// The version of the format of a [`Record`].
///
/// A reader refuses a greater one. Within a version, members are only added.
pub const FORMAT: u32 = 1;

/// The outcome of a record about objects that were hidden.
pub const HIDDEN: &str = "hidden";

/// One decision, written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The version of the format.
    pub format: u32,
    /// When: RFC 3339, in UTC.
    pub at: String,
    /// `granted`, the outcome of the denial in one word, or [`HIDDEN`].
    pub outcome: String,
    /// The id of the function.
    pub function: String,
    /// Its attribute: `requires` or `manual`.
    pub kind: String,
    /// The id of the policy it stands under.
    pub policy: String,
    /// What it required: a hash of the requirement, as
    /// [`Requirement::fingerprint`](crate::Requirement::fingerprint) makes it.
    pub requirement: String,
    /// The method of the request, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The template of the route, such as `/orders/{id}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// The id of the trace that the request belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// The id of the span in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<String>,
    /// Who asked, if somebody is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<Who>,
    /// What they held, if somebody is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
    /// What was lacking, if that was the reason of a denial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Lacking>,
    /// The reason of a denial in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What a stricter rule would have denied: `shadow = …`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shadow: Option<Shadowed>,
    /// What the function found and did not show, with the outcome [`HIDDEN`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<HiddenObjects>,
    /// For how many decisions of its kind this one stands.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub one_in: u32,
}

/// Who asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// The issuer; a subject is unique within it only.
    pub issuer: String,
    /// The subject.
    pub subject: String,
    /// The tenant on whose behalf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// What vouches for that: `access_token`, `introspection`, `authenticator`, or in tests `test`.
    pub by: String,
    /// The first half of the SHA-256 of the credential's id (`jti`), to tell one from another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

/// What an identity held when it was decided about: enough to decide again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The roles that the credentials name; what these include came with them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// The scopes that the credentials name, or that the roles grant where scopes come from these; what
    /// they include came with them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// Whether the scopes are those that the roles granted then, so that under other grants there would be
    /// others.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub scopes_of_roles: bool,
    /// Whether more than one factor was used.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mfa: bool,
    /// Whether the credentials were bound to their sender, who proved it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bound: bool,
    /// The authentication context class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// The methods of authentication.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// How many seconds ago the log-in was, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_age: Option<u64>,
}

/// What an identity lacked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lacking {
    /// Roles of which each was needed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Scopes of which each was needed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// Authentication context classes of which each was needed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acr: Vec<String>,
    /// Whether another factor was needed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mfa: bool,
    /// Whether credentials bound to their sender were needed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bound: bool,
    /// The greatest age of the log-in, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u64>,
    /// What the identity had and must not have, in the words of the attribute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded: Option<String>,
    /// The fields of the input that this was lacking for; none where it was for the call itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}

/// A denial that was not made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shadowed {
    /// The rule that would have denied.
    pub rule: String,
    /// What it would have found lacking.
    pub missing: Lacking,
}

/// Objects that stayed sealed: the function was called, and they are not the caller's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HiddenObjects {
    /// The type of the objects: `crate::module::Order`.
    pub resource: String,
    /// How many.
    pub count: usize,
}

/// The line that says how many decisions are not in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// The version of the format.
    pub format: u32,
    /// When that was noticed: RFC 3339, in UTC.
    pub at: String,
    /// How many there were since the last such line.
    pub dropped: u64,
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_one(number: &u32) -> bool {
    *number == 1
}
