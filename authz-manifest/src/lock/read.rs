//! Reads `authz.lock`, which [`Manifest::to_lock`] writes.
//!
//! INVARIANT: [`parse`] refuses what [`Manifest::to_lock`] would not have written, so that two locks are
//! equal exactly if they say the same.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use serde::Deserialize;

use super::LOCK_FORMAT;
use crate::ids::SharedId;
use crate::manifest::{
    FORMAT, Field, Function, Manifest, Name, Object, Policy, Requirement, Resource,
};
use crate::record::MAX_NAMES;
use crate::words;

/// The greatest lock that is read, in bytes: one of 10,000 functions has about 2 MiB, and reading takes thirty times
/// that.
pub const MAX_SIZE: u64 = 16 << 20;

/// The error of a lock that can't be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// There is no such file.
    #[error("there is no lock")]
    Missing,
    /// The system can't read the file.
    #[error("it can't be read: {0}")]
    Unreadable(std::io::Error),
    /// The file is greater than [`MAX_SIZE`].
    #[error("it has {0} bytes, and the limit is {MAX_SIZE}")]
    TooLarge(u64),
    /// A newer version wrote it.
    #[error("it has format {0}, and formats up to {LOCK_FORMAT} are known here")]
    Newer(u64),
    /// Both sides of a merge are in it.
    #[error("it has a merge conflict in line {line}")]
    Conflict {
        /// The first line of the conflict.
        line: usize,
    },
    /// It is no lock at all.
    #[error("it is no lock: {0}")]
    NotALock(String),
    /// It is not as [`Manifest::to_lock`] writes it.
    #[error("it was changed after it was written: {0}")]
    Edited(String),
    /// An id names several functions or resources.
    #[error("{0}")]
    SharedId(SharedId),
}

/// Reads the lock at `path`.
///
/// # Errors
///
/// When there is none, or it is not as [`Manifest::to_lock`] writes it.
pub fn read(path: &Path) -> Result<Manifest, LockError> {
    let length = match std::fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(LockError::Missing);
        }
        Err(error) => return Err(LockError::Unreadable(error)),
    };
    if length > MAX_SIZE {
        return Err(LockError::TooLarge(length));
    }
    let bytes = std::fs::read(path).map_err(LockError::Unreadable)?;
    let text =
        String::from_utf8(bytes).map_err(|_| LockError::NotALock("it is not UTF-8".to_owned()))?;
    parse(&text)
}

/// Reads the text of a lock.
///
/// # Errors
///
/// When the text is not as [`Manifest::to_lock`] writes it.
pub fn parse(text: &str) -> Result<Manifest, LockError> {
    // An editor or git may have made the ends of lines those of Windows.
    let text = text.replace("\r\n", "\n");
    let conflict =
        |line: &str| ["<<<<<<< ", "=======", ">>>>>>> "].iter().any(|mark| line.starts_with(mark));
    if let Some(line) = text.lines().position(conflict) {
        return Err(LockError::Conflict { line: line + 1 });
    }
    check_format(&text)?;
    let raw: RawLock = toml::from_str(&text).map_err(|error| {
        let place = error.span().map(|span| line_of(&text, span.start));
        let place = place.map(|line| format!("line {line}: ")).unwrap_or_default();
        LockError::Edited(format!("{place}{}", error.message().to_lowercase()))
    })?;
    let manifest = raw.manifest().map_err(LockError::Edited)?;
    let written = manifest.to_lock();
    if written != text {
        let line =
            written.lines().zip(text.lines()).take_while(|(left, right)| left == right).count();
        return Err(LockError::Edited(format!("line {} is not as it was written", line + 1)));
    }
    match manifest.shared_id() {
        Some(shared) => Err(LockError::SharedId(shared)),
        None => Ok(manifest),
    }
}

/// Finds a newer format first: what else is in the file can't be judged then.
fn check_format(text: &str) -> Result<(), LockError> {
    let format = text
        .lines()
        .find_map(|line| line.strip_prefix("format = ")?.trim().parse::<u64>().ok())
        .ok_or_else(|| LockError::NotALock("it names no `format`".to_owned()))?;
    if format > LOCK_FORMAT.into() {
        return Err(LockError::Newer(format));
    }
    Ok(())
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLock {
    #[serde(rename = "format")]
    _format: u32,
    #[serde(default)]
    policy: BTreeMap<String, RawPolicy>,
    #[serde(default)]
    function: Vec<RawFunction>,
    #[serde(default)]
    resource: Vec<RawResource>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPolicy {
    roles: BTreeMap<String, RawName>,
    scopes: BTreeMap<String, RawName>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawName {
    #[serde(default)]
    includes: Vec<String>,
    #[serde(default)]
    excludes: Vec<String>,
    #[serde(default)]
    grants: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFunction {
    id: String,
    policy: Option<String>,
    route: Option<String>,
    shadow: Option<String>,
    requires: Option<Vec<String>>,
    object: Option<String>,
    any_owner: Option<Vec<String>>,
    public: Option<String>,
    manual: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawResource {
    id: String,
    policy: Option<String>,
    owner: Option<String>,
    issuer: Option<String>,
    tenant: Option<String>,
    #[serde(default)]
    fields: BTreeMap<String, RawField>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawField {
    read: Option<Vec<String>>,
    write: Option<Vec<String>>,
}

impl RawLock {
    fn manifest(self) -> Result<Manifest, String> {
        let single = match self.policy.keys().collect::<Vec<_>>().as_slice() {
            [single] => Some((*single).clone()),
            _ => None,
        };
        for (id, RawPolicy { roles, scopes }) in &self.policy {
            if roles.len().max(scopes.len()) > MAX_NAMES {
                return Err(format!("`{id}` has more than {MAX_NAMES} names of one kind"));
            }
        }
        let policies: Vec<_> = self.policy.into_iter().map(|(id, raw)| raw.policy(id)).collect();
        let names: HashMap<_, _> =
            policies.iter().map(|policy| (policy.id.as_str(), Known::of(policy))).collect();
        let mut functions = Vec::with_capacity(self.function.len());
        for raw in self.function {
            let function = raw.function(single.as_deref())?;
            let names = names
                .get(function.policy.as_str())
                .ok_or_else(|| format!("`{}` names a policy that is not there", function.id))?;
            for requirement in function.shadow.iter().chain([&function.requirement]) {
                names.check(requirement).map_err(|name| {
                    format!("`{}` requires `{name}`, which its policy has not", function.id)
                })?;
            }
            let any_owner = function.object.as_ref().and_then(|object| object.any_owner.as_ref());
            any_owner.map_or(Ok(()), |any| names.check(any)).map_err(|name| {
                format!("`{}` says `any_owner` of `{name}`, which its policy has not", function.id)
            })?;
            functions.push(function);
        }
        if !functions.is_sorted_by(|left, right| left.id <= right.id) {
            return Err("its functions are not in order".to_owned());
        }
        let mut resources = Vec::with_capacity(self.resource.len());
        for raw in self.resource {
            let resource = raw.resource(single.as_deref())?;
            check_masks(&resource, &names)?;
            resources.push(resource);
        }
        if !resources.is_sorted_by(|left, right| left.id <= right.id) {
            return Err("its resources are not in order".to_owned());
        }
        Ok(Manifest { format: FORMAT, policies, functions, resources })
    }
}

fn check_masks(resource: &Resource, names: &HashMap<&str, Known<'_>>) -> Result<(), String> {
    let Some(policy) = &resource.policy else { return Ok(()) };
    let names = names
        .get(policy.as_str())
        .ok_or_else(|| format!("`{}` names a policy that is not there", resource.id))?;
    for field in &resource.fields {
        for mask in field.read.iter().chain(&field.write) {
            names.check(mask).map_err(|name| {
                format!(
                    "`{}.{}` asks for `{name}`, which its policy has not",
                    resource.id, field.name
                )
            })?;
        }
    }
    Ok(())
}

/// The names of a policy.
struct Known<'a> {
    roles: HashSet<&'a str>,
    scopes: HashSet<&'a str>,
}

impl<'a> Known<'a> {
    fn of(policy: &'a Policy) -> Self {
        let names = |names: &'a [Name]| names.iter().map(|name| name.name.as_str()).collect();
        Self { roles: names(&policy.roles), scopes: names(&policy.scopes) }
    }

    /// Finds a name in a requirement that the policy has not.
    fn check<'b>(&self, requirement: &'b Requirement) -> Result<(), &'b str> {
        let has = |names: &HashSet<&str>, name: &'b str| {
            if names.contains(name) { Ok(()) } else { Err(name) }
        };
        match requirement {
            Requirement::Role(name) => has(&self.roles, name),
            Requirement::Scope(name) => has(&self.scopes, name),
            Requirement::All(parts) | Requirement::Any(parts) => {
                parts.iter().try_for_each(|part| self.check(part))
            }
            Requirement::Not(part) | Requirement::Rule { requires: part, .. } => self.check(part),
            _ => Ok(()),
        }
    }
}

impl RawPolicy {
    fn policy(self, id: String) -> Policy {
        let names = |names: BTreeMap<String, RawName>| {
            let name = |(name, raw): (String, RawName)| Name {
                name,
                variant: String::new(),
                doc: String::new(),
                includes: raw.includes,
                excludes: raw.excludes,
                grants: raw.grants,
            };
            names.into_iter().map(name).collect()
        };
        Policy { id, roles: names(self.roles), scopes: names(self.scopes) }
    }
}

impl RawFunction {
    fn function(self, single_policy: Option<&str>) -> Result<Function, String> {
        let policy = self.policy.or_else(|| single_policy.map(str::to_owned));
        let policy = policy.ok_or_else(|| format!("`{}` names no policy", self.id))?;
        let (kind, requirement, reason) = match (self.requires, self.public, self.manual) {
            (Some(parts), None, None) => ("requires", requirement(&self.id, &parts)?, None),
            (None, Some(reason), None) => ("public", Requirement::Anyone, Some(reason)),
            (None, None, Some(reason)) => ("manual", Requirement::Authenticated, Some(reason)),
            _ => {
                return Err(format!(
                    "`{}` has not one of `requires`, `public` and `manual`",
                    self.id
                ));
            }
        };
        let object = object(&self.id, self.object.as_deref(), self.any_owner.as_deref())?;
        let shadow = match self.shadow {
            Some(rule) => Some(self::requirement(&self.id, &[rule])?),
            None => None,
        };
        Ok(Function {
            id: self.id,
            policy,
            file: String::new(),
            line: 0,
            kind: kind.to_owned(),
            requirement,
            reason,
            route: self.route,
            shadow,
            doc: None,
            object,
        })
    }
}

impl RawResource {
    fn resource(self, single_policy: Option<&str>) -> Result<Resource, String> {
        let Self { id, policy, owner, issuer, tenant, fields } = self;
        let policy =
            policy.or_else(|| single_policy.filter(|_| !fields.is_empty()).map(str::to_owned));
        if policy.is_none() && !fields.is_empty() {
            return Err(format!("`{id}` names no policy"));
        }
        let fields = fields.into_iter().map(|(name, raw)| {
            let mask = |parts: Option<Vec<String>>| {
                parts.map(|parts| requirement(&format!("{id}.{name}"), &parts)).transpose()
            };
            let (read, write) = (mask(raw.read)?, mask(raw.write)?);
            Ok(Field { name, read, write })
        });
        let fields = fields.collect::<Result<Vec<_>, String>>()?;
        Ok(Resource { id, policy, file: String::new(), line: 0, owner, issuer, tenant, fields })
    }
}

fn object(
    id: &str,
    check: Option<&str>,
    any_owner: Option<&[String]>,
) -> Result<Option<Object>, String> {
    match (check, any_owner) {
        (None, None) => Ok(None),
        (Some(Object::OWNER), any_owner) => {
            let any_owner = any_owner.map(|parts| requirement(id, parts)).transpose()?;
            Ok(Some(Object::owner(any_owner)))
        }
        (Some(Object::ANY), None) => Ok(Some(Object::any())),
        (Some(Object::ANY), Some(_)) => {
            Err(format!("`{id}` has `any_owner` beside `object = any`"))
        }
        (Some(other), _) => Err(format!("`{id}` has the unknown check `object = {other:?}`")),
        (None, Some(_)) => Err(format!("`{id}` has `any_owner` without `object`")),
    }
}

fn requirement(id: &str, parts: &[String]) -> Result<Requirement, String> {
    let mut parts = parts
        .iter()
        .map(|part| {
            words::parse(part).map_err(|fault| format!("`{id}` requires `{part}`: {fault}"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    match parts.len() {
        1 => parts.pop().ok_or_else(String::new),
        _ => Ok(Requirement::All(parts)),
    }
}
