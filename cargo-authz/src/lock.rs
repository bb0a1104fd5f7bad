//! Reads `authz.lock`; [`Manifest::to_lock`] describes and writes it.
//!
//! INVARIANT: [`parse`] refuses what [`write()`] would not have written, so that two locks are equal
//! exactly if they say the same.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use authz_core::manifest::{
    Field, Function, LOCK_FORMAT, Manifest, Name, Object, Policy, Requirement, Resource,
};
use serde::Deserialize;

use crate::failure::Failure;
use crate::words;

/// The greatest lock that is read, in bytes.
pub const MAX_SIZE: u64 = 64 << 20;

/// The text of the lock.
#[must_use]
pub fn write(manifest: &Manifest) -> String {
    manifest.to_lock()
}

/// Reads the lock at `path`.
///
/// # Errors
///
/// When there is none, or it is not as [`write()`] writes it.
pub fn read(path: &Path) -> Result<Manifest, Failure> {
    let length = match std::fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Failure::NoLock { path: path.to_owned() });
        }
        Err(error) => return Err(Failure::unreadable(path, error)),
    };
    if length > MAX_SIZE {
        let what = format!("`{}`", path.display());
        let remedy = "a lock of 10,000 functions has about 2 MiB; is it a lock?";
        return Err(Failure::TooLarge { what, found: length, limit: MAX_SIZE, remedy });
    }
    let bytes = std::fs::read(path).map_err(|error| Failure::unreadable(path, error))?;
    let text = String::from_utf8(bytes).map_err(|_| edited(path, "it is not UTF-8".to_owned()))?;
    parse(&text, path)
}

/// Reads the text of a lock; `path` is named in errors.
///
/// # Errors
///
/// When the text is not as [`write()`] writes it.
pub fn parse(text: &str, path: &Path) -> Result<Manifest, Failure> {
    // An editor or git may have made the ends of lines those of Windows.
    let text = text.replace("\r\n", "\n");
    let conflict =
        |line: &str| ["<<<<<<< ", "=======", ">>>>>>> "].iter().any(|mark| line.starts_with(mark));
    if let Some(line) = text.lines().position(conflict) {
        return Err(Failure::Conflict { path: path.to_owned(), line: line + 1 });
    }
    check_format(&text, path)?;
    let raw: RawLock = toml::from_str(&text).map_err(|error| {
        let place = error.span().map(|span| line_of(&text, span.start));
        let place = place.map(|line| format!("line {line}: ")).unwrap_or_default();
        edited(path, format!("{place}{}", error.message().to_lowercase()))
    })?;
    let manifest = raw.manifest().map_err(|reason| edited(path, reason))?;
    let written = write(&manifest);
    if written != text {
        let line =
            written.lines().zip(text.lines()).take_while(|(left, right)| left == right).count();
        return Err(edited(path, format!("line {} is not as it was written", line + 1)));
    }
    Ok(manifest)
}

/// Finds a newer format first: what else is in the file can't be judged then.
fn check_format(text: &str, path: &Path) -> Result<(), Failure> {
    let format = text
        .lines()
        .find_map(|line| line.strip_prefix("format = ")?.trim().parse::<u64>().ok())
        .ok_or_else(|| edited(path, "it names no `format`".to_owned()))?;
    if format > LOCK_FORMAT.into() {
        let what = format!("`{}`", path.display());
        return Err(Failure::Newer { what, found: format, known: LOCK_FORMAT.into() });
    }
    Ok(())
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

fn edited(path: &Path, reason: String) -> Failure {
    Failure::EditedLock { path: path.to_owned(), reason }
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
        Ok(Manifest { format: authz_core::manifest::FORMAT, policies, functions, resources })
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
