//! The model of the manifest: what every guarded function of a program asks for.
//!
//! Shared by the running program, which fills it from its registry, and by readers of the link section
//! of a built file and of `authz.lock`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::age::Age;
use crate::digest::digest;

/// The version of the format of a [`Manifest`].
///
/// A reader refuses a greater one. Within a version, members are only added.
pub const FORMAT: u32 = 1;

/// What every guarded function of a program asks for.
///
/// Policies, functions and resources are sorted by id, then by place, so that equal programs have equal
/// manifests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the format.
    pub format: u32,
    /// The vocabularies.
    pub policies: Vec<Policy>,
    /// The guarded functions.
    pub functions: Vec<Function>,
    /// The types with `#[derive(Resource)]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<Resource>,
}

/// One policy: its roles and its scopes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// `crate::module::Policy`.
    pub id: String,
    /// The roles, in the order of declaration.
    pub roles: Vec<Name>,
    /// The scopes, in the order of declaration.
    pub scopes: Vec<Name>,
}

/// One role or scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// The name in tokens.
    pub name: String,
    /// The variant of the enum.
    pub variant: String,
    /// The documentation of the variant.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub doc: String,
    /// The names it includes directly.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub includes: Vec<String>,
    /// For a role, the roles that nobody may hold together with it; on the earlier of the two.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excludes: Vec<String>,
    /// For a role, the scopes it grants directly.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<String>,
}

/// One guarded function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    /// `crate::module::function`; in an `impl` that carries `#[requires]`,
    /// `crate::module::Type::function` or `crate::module::Type::Trait::function`.
    pub id: String,
    /// The id of the policy it stands under.
    pub policy: String,
    /// The source file, as the compiler names it.
    pub file: String,
    /// The line of the attribute.
    pub line: u32,
    /// The attribute: `requires`, `public` or `manual`.
    pub kind: String,
    /// What it asks for.
    pub requirement: Requirement,
    /// The reason given for `public` and `manual`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The route it declares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// A named rule whose denials are logged and not made. Nobody is denied by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shadow: Option<Requirement>,
    /// The first line of its documentation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
    /// What it checks of the objects that it opens, if it opens any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Object>,
}

/// What a function checks of the objects that it opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Object {
    /// Whose objects it opens: [`OWNER`](Self::OWNER) or [`ANY`](Self::ANY).
    pub check: String,
    /// Who is not held to it, and sees the objects of any owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub any_owner: Option<Requirement>,
}

impl Object {
    /// An object opens to its owner, in its tenant.
    pub const OWNER: &'static str = "owner";
    /// An object opens to every caller in its tenant.
    pub const ANY: &'static str = "any";

    /// `object = owner`, with its `any_owner`.
    #[must_use]
    pub fn owner(any_owner: Option<Requirement>) -> Self {
        Self { check: Self::OWNER.to_owned(), any_owner }
    }

    /// `object = any`.
    #[must_use]
    pub fn any() -> Self {
        Self { check: Self::ANY.to_owned(), any_owner: None }
    }

    /// In the words of the attribute: `object = owner`, `any_owner(role = "auditor")`.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        let any_owner = self.any_owner.as_ref();
        let any_owner = any_owner.map(|any| format!("any_owner({})", any.in_words().join(", ")));
        std::iter::once(format!("object = {}", self.check)).chain(any_owner).collect()
    }
}

/// One resource: whose it is, and which of its fields are for whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// `crate::module::Order`.
    pub id: String,
    /// The id of the policy that its fields stand under, where one is not for everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The source file, as the compiler names it.
    pub file: String,
    /// The line of the `#[derive]`.
    pub line: u32,
    /// The field that names its owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The field that names the issuer of the owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The field that names its tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The fields that are not for everybody, in the order of the struct.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

/// A field that is not for everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The name of the field in the struct.
    pub name: String,
    /// What it takes to see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<Requirement>,
    /// What it takes to set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write: Option<Requirement>,
}

impl Resource {
    /// Whose it is, in the words of the attribute: `owner = "customer_id"`, `tenant = "org_id"`.
    #[must_use]
    pub fn whose(&self) -> Vec<String> {
        [("owner", &self.owner), ("issuer", &self.issuer), ("tenant", &self.tenant)]
            .into_iter()
            .filter_map(|(key, field)| Some(format!("{key} = {:?}", field.as_ref()?)))
            .collect()
    }
}

impl Field {
    /// In the words of the attribute: `read(role = "manager")`, `write(role = "manager")`.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        [("read", &self.read), ("write", &self.write)]
            .into_iter()
            .filter_map(|(key, mask)| Some((key, mask.as_ref()?)))
            .map(|(key, mask)| format!("{key}({})", mask.in_words().join(", ")))
            .collect()
    }
}

impl Function {
    /// Whether it declares this route, under whatever names of captures.
    ///
    /// A document of an API names them as it likes: `/orders/{id}` is `/orders/{order}`, and
    /// `/files/{*path}` is `/files/{path}`.
    #[must_use]
    pub fn declares(&self, method: &str, path: &str) -> bool {
        let route = self.route.as_deref().and_then(|route| route.split_once(' '));
        route.is_some_and(|(verb, place)| {
            verb.eq_ignore_ascii_case(method) && nameless(place) == nameless(path)
        })
    }

    /// The route it declares, if it does, without the names of captures, which mean nothing: `GET /orders/{}`.
    #[must_use]
    pub fn nameless_route(&self) -> Option<String> {
        self.route.as_deref().map(nameless)
    }

    /// What it needs, in a line, in the words of the attribute.
    #[must_use]
    pub fn needs(&self) -> String {
        let reason = self.reason.as_deref().unwrap_or_default();
        match self.kind.as_str() {
            "requires" => {
                let object = self.object.iter().flat_map(Object::in_words);
                let words: Vec<_> = self.requirement.in_words().into_iter().chain(object).collect();
                words.join(", ")
            }
            "manual" => format!("authenticated, and the body decides the rest ({reason})"),
            kind => format!("{kind} ({reason})"),
        }
    }
}

impl Requirement {
    /// A hash of what is required, by its words: 16 digits, the beginning of their SHA-256. Records of
    /// decisions name a requirement by it.
    ///
    /// # Examples
    ///
    /// ```
    /// use authz_manifest::Requirement;
    ///
    /// let requirement = Requirement::Role("clerk".into());
    /// assert_eq!(requirement.fingerprint(), "4b4a49fcb756f855");
    /// ```
    #[must_use]
    pub fn fingerprint(&self) -> String {
        format!("{:016x}", digest(&self.to_string()) >> 64)
    }

    /// The parts that have to hold together, each in the words of the attribute.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        match self {
            Self::All(parts) if parts.len() > 1 => parts.iter().map(ToString::to_string).collect(),
            single => vec![single.to_string()],
        }
    }
}

/// The path without the names of its captures, which mean nothing.
fn nameless(path: &str) -> String {
    let mut parts = path.split('{');
    let mut nameless = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        nameless.push_str("{}");
        nameless.push_str(part.split_once('}').map_or("", |(_, rest)| rest));
    }
    nameless
}

/// A requirement as data that owns its names.
///
/// # Examples
///
/// ```
/// use authz_manifest::Requirement;
///
/// let requirement: Requirement =
///     serde_json::from_str(r#"{"all":[{"role":"clerk"},"mfa",{"max_age":300}]}"#)?;
/// assert_eq!(
///     requirement,
///     Requirement::All(vec![
///         Requirement::Role("clerk".into()),
///         Requirement::Mfa,
///         Requirement::MaxAge(300),
///     ]),
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    /// Nothing: `#[public]`.
    Anyone,
    /// Any verified identity.
    Authenticated,
    /// A role.
    Role(String),
    /// A scope.
    Scope(String),
    /// More than one factor.
    Mfa,
    /// Credentials that are bound to their sender, who proved it.
    Bound,
    /// An authentication context class.
    Acr(String),
    /// The greatest age of the authentication, in seconds.
    MaxAge(u64),
    /// Every part.
    All(Vec<Self>),
    /// At least one part.
    Any(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
    /// A named rule.
    Rule {
        /// `crate::module::Rule`.
        name: String,
        /// What it stands for.
        requires: Box<Self>,
    },
}

/// The words of the attribute. A named rule has what it stands for beside its name, since the name
/// alone does not tell: `rule("shop::Refund", mfa)`.
impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anyone => f.write_str("public"),
            Self::Authenticated => f.write_str("authenticated"),
            Self::Role(name) => write!(f, "role = {name:?}"),
            Self::Scope(name) => write!(f, "scope = {name:?}"),
            Self::Mfa => f.write_str("mfa"),
            Self::Bound => f.write_str("bound"),
            Self::Acr(class) => write!(f, "acr = {class:?}"),
            Self::MaxAge(seconds) => write!(f, "max_age = \"{}\"", Age(*seconds)),
            Self::All(parts) => write_parts(f, "all", parts),
            Self::Any(parts) => write_parts(f, "any", parts),
            Self::Not(part) => write!(f, "not({part})"),
            Self::Rule { name, requires } => write!(f, "rule({name:?}, {requires})"),
        }
    }
}

fn write_parts(f: &mut fmt::Formatter<'_>, word: &str, parts: &[Requirement]) -> fmt::Result {
    write!(f, "{word}(")?;
    for (position, part) in parts.iter().enumerate() {
        let separator = if position == 0 { "" } else { ", " };
        write!(f, "{separator}{part}")?;
    }
    f.write_str(")")
}
