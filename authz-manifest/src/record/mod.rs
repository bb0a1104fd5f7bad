//! The records of a section, read into the model of the manifest.
//!
//! The format is described in `authz_core::registry`. A reader of hostile bytes: every length is
//! checked against what is there, memory is taken by the number of bytes and not on the word of a number
//! (`budget`), and nesting has a limit. Absent on purpose: guessing. What can't be read is an error with its offset.

mod budget;

use std::collections::{BTreeMap, BTreeSet};

use budget::{Budget, UsedUp};

use crate::manifest::{
    FORMAT, Field, Function, Manifest, Name, Object, Policy, Requirement, Resource,
};

/// The greatest nesting of a requirement. JSON readers stop at 128, and each level takes two.
pub const MAX_DEPTH: usize = 56;

/// The greatest number of records.
pub const MAX_RECORDS: usize = 1_000_000;

/// The greatest number of roles or scopes of a policy: what they include together grows with its square.
pub const MAX_NAMES: usize = 4096;

const MAGIC: &[u8] = b"authz";
const VERSION: u8 = 1;

/// The error of a section that can't be read, with its place.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the section `.authz` is damaged at byte {offset}: {fault}")]
pub struct Damage {
    /// The place, in bytes from the start of the section.
    pub offset: usize,
    /// The fault.
    pub fault: Fault,
}

/// The fault of a section.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// A record of a format that is not known here.
    #[error("a record of the unknown format {0}")]
    Version(u8),
    /// Two policies of one id: which one a function stands under can't be told.
    #[error("two policies `{0}`")]
    TwoPolicies(String),
    /// Anything else, in words.
    #[error("{0}")]
    Malformed(String),
}

/// The manifest in these sections, in its order.
///
/// A manifest without functions is no error here: the caller knows the file to name.
///
/// # Errors
///
/// [`Damage`] at the first record that can't be read, with the offset in its section.
pub fn decode(sections: &[impl AsRef<[u8]>]) -> Result<Manifest, Damage> {
    let mut policies = Vec::new();
    let mut functions = Vec::new();
    let mut resources = Vec::new();
    let mut ids = BTreeSet::new();
    let bytes = sections.iter().map(|section| section.as_ref().len());
    let budget = Budget::of(bytes.fold(0, usize::saturating_add));
    for section in sections {
        let mut reader = Reader { bytes: section.as_ref(), offset: 0, budget: &budget };
        while reader.skip_padding() {
            if policies.len() + functions.len() + resources.len() >= MAX_RECORDS {
                return Err(reader.malformed(format!("more than {MAX_RECORDS} records")));
            }
            match reader.record()? {
                (b'p', mut body) => {
                    let offset = body.offset;
                    let policy = body.policy()?;
                    if !ids.insert(policy.id.clone()) {
                        return Err(Damage { offset, fault: Fault::TwoPolicies(policy.id) });
                    }
                    policies.push(policy);
                }
                (b'f', mut body) => functions.push((body.offset, body.function()?)),
                (b'o', mut body) => resources.push((body.offset, body.resource()?)),
                // A kind that later tools know: nothing in it can concern a function of this one.
                _ => {}
            }
        }
    }
    assemble(policies, functions, resources, &budget)
}

/// Puts the names where the records have indices.
fn assemble(
    mut policies: Vec<Policy>,
    functions: Vec<(usize, RawFunction)>,
    resources: Vec<(usize, RawResource)>,
    budget: &Budget,
) -> Result<Manifest, Damage> {
    policies.sort_by(|left, right| left.id.cmp(&right.id));
    let by_id: BTreeMap<_, _> =
        policies.iter().map(|policy| (policy.id.as_str(), policy)).collect();
    let mut named = Vec::with_capacity(functions.len());
    for (offset, raw) in functions {
        let fault = |text: String| Damage { offset, fault: Fault::Malformed(text) };
        let policy = by_id.get(raw.function.policy.as_str()).ok_or_else(|| {
            fault(format!(
                "`{}` stands under the policy `{}`, which has no record",
                raw.function.id, raw.function.policy
            ))
        })?;
        let id = &raw.function.id;
        let unnamed = |what: &str| {
            let text = format!("`{id}` {what} a name that its policy has not");
            move |unnamed: Unnamed| fault(unnamed.or(text))
        };
        let requirement = raw.requirement.named(policy, budget).map_err(unnamed("requires"))?;
        let object = raw.object.map(|object| object.named(policy, budget)).transpose();
        let object = object.map_err(unnamed("has in `any_owner`"))?;
        let shadow = raw.shadow.map(|shadow| shadow.named(policy, budget)).transpose();
        let shadow = shadow.map_err(unnamed("has in `shadow`"))?;
        named.push(Function { requirement, shadow, object, ..raw.function });
    }
    named.sort_by(|left, right| {
        (&left.id, &left.file, left.line).cmp(&(&right.id, &right.file, right.line))
    });
    let resources = resources.into_iter().map(|(offset, raw)| {
        let fault = |text: String| Damage { offset, fault: Fault::Malformed(text) };
        raw.named(&by_id, budget).map_err(fault)
    });
    let mut resources = resources.collect::<Result<Vec<_>, _>>()?;
    resources.sort_by(|left, right| {
        (&left.id, &left.file, left.line).cmp(&(&right.id, &right.file, right.line))
    });
    Ok(Manifest { format: FORMAT, policies, functions: named, resources })
}

/// A resource whose fields still ask for indices in place of names.
struct RawResource {
    resource: Resource,
    fields: Vec<RawField>,
}

struct RawField {
    name: String,
    read: Option<RawRequirement>,
    write: Option<RawRequirement>,
}

impl RawResource {
    fn named(
        self,
        policies: &BTreeMap<&str, &Policy>,
        budget: &Budget,
    ) -> Result<Resource, String> {
        let Self { resource, fields } = self;
        let Some(id) = &resource.policy else {
            // Without names there is nothing to look up.
            return Ok(resource);
        };
        let policy = policies.get(id.as_str()).ok_or_else(|| {
            format!("`{}` stands under the policy `{id}`, which has no record", resource.id)
        })?;
        let named = |mask: Option<RawRequirement>, field: &str| match mask {
            Some(mask) => mask.named(policy, budget).map(Some).map_err(|unnamed| {
                let text =
                    format!("`{}.{field}` asks for a name that its policy has not", resource.id);
                unnamed.or(text)
            }),
            None => Ok(None),
        };
        let fields = fields.into_iter().map(|RawField { name, read, write }| {
            Ok(Field { read: named(read, &name)?, write: named(write, &name)?, name })
        });
        let fields = fields.collect::<Result<_, String>>()?;
        Ok(Resource { fields, ..resource })
    }
}

/// A function whose requirement still has indices for names.
struct RawFunction {
    function: Function,
    requirement: RawRequirement,
    object: Option<RawObject>,
    shadow: Option<RawRequirement>,
}

/// Whose objects are opened.
enum RawObject {
    Owner,
    OwnerUnless(RawRequirement),
    Any,
}

/// Why an index gets no name.
enum Unnamed {
    /// The policy has not so many.
    NoName,
    /// The memory for names is used up.
    UsedUp,
}

impl Unnamed {
    /// The fault in words: the given ones where there is no such name.
    fn or(self, text: String) -> String {
        match self {
            Self::NoName => text,
            Self::UsedUp => UsedUp::WORDS.to_owned(),
        }
    }
}

impl From<UsedUp> for Unnamed {
    fn from(_: UsedUp) -> Self {
        Self::UsedUp
    }
}

impl RawObject {
    fn named(self, policy: &Policy, budget: &Budget) -> Result<Object, Unnamed> {
        Ok(match self {
            Self::Owner => Object::owner(None),
            Self::OwnerUnless(any) => Object::owner(Some(any.named(policy, budget)?)),
            Self::Any => Object::any(),
        })
    }
}

/// A requirement with indices for names.
enum RawRequirement {
    Role(usize),
    Scope(usize),
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Rule(String, Box<Self>),
    /// A leaf without a name.
    Other(Requirement),
}

impl RawRequirement {
    fn named(self, policy: &Policy, budget: &Budget) -> Result<Requirement, Unnamed> {
        let parts = |parts: Vec<Self>| {
            budget.take::<Requirement>(parts.len())?;
            parts.into_iter().map(|part| part.named(policy, budget)).collect::<Result<Vec<_>, _>>()
        };
        let single = |part: Self| {
            budget.take::<Requirement>(1)?;
            part.named(policy, budget).map(Box::new)
        };
        let name = |names: &[Name], index: usize| {
            let name = names.get(index).ok_or(Unnamed::NoName)?;
            budget.copy(&name.name).map_err(Unnamed::from)
        };
        Ok(match self {
            Self::Role(index) => Requirement::Role(name(&policy.roles, index)?),
            Self::Scope(index) => Requirement::Scope(name(&policy.scopes, index)?),
            Self::All(all) => Requirement::All(parts(all)?),
            Self::Any(any) => Requirement::Any(parts(any)?),
            Self::Not(part) => Requirement::Not(single(*part)?),
            Self::Rule(name, requires) => Requirement::Rule { name, requires: single(*requires)? },
            Self::Other(requirement) => requirement,
        })
    }
}

/// Bytes, read from the front, and where they start in the section.
struct Reader<'a> {
    bytes: &'a [u8],
    offset: usize,
    budget: &'a Budget,
}

impl<'a> Reader<'a> {
    /// Whether another record follows, behind the zero bytes that a linker may put in between.
    fn skip_padding(&mut self) -> bool {
        let padding = self.bytes.iter().take_while(|byte| **byte == 0).count();
        self.bytes = self.bytes.get(padding..).unwrap_or_default();
        self.offset += padding;
        !self.bytes.is_empty()
    }

    fn record(&mut self) -> Result<(u8, Self), Damage> {
        let start = self.offset;
        if self.take(MAGIC.len())? != MAGIC {
            let text = "a record starts with `authz`, and here are other bytes".to_owned();
            return Err(Damage { offset: start, fault: Fault::Malformed(text) });
        }
        let version = self.byte()?;
        if version != VERSION {
            return Err(Damage { offset: start, fault: Fault::Version(version) });
        }
        let kind = self.byte()?;
        let length = self.count()?;
        let offset = self.offset;
        Ok((kind, Reader { bytes: self.take(length)?, offset, budget: self.budget }))
    }

    fn function(&mut self) -> Result<RawFunction, Damage> {
        let id = self.text()?;
        let policy = self.text()?;
        let file = self.text()?;
        let line = self.number()?;
        let kind = match self.byte()? {
            b'r' => "requires",
            b'p' => "public",
            b'm' => "manual",
            other => return Err(self.malformed(format!("unknown kind of function {other:#04x}"))),
        };
        let reason = self.text()?;
        let route = self.text()?;
        let doc = self.text()?;
        let requirement = self.requirement(0)?;
        let object = self.object()?;
        // Only a rule is a shadow. A record without one ends here, or goes on with what later tools know.
        let shadow = match self.bytes.first() {
            Some(b'=') => Some(self.requirement(0)?),
            _ => None,
        };
        let filled = |text: String| Some(text).filter(|text| !text.is_empty());
        let function = Function {
            id,
            policy,
            file,
            line,
            kind: kind.to_owned(),
            // In place of the one with indices, until the policy is known.
            requirement: Requirement::Anyone,
            reason: filled(reason),
            route: filled(route),
            shadow: None,
            doc: filled(doc),
            object: None,
        };
        Ok(RawFunction { function, requirement, object, shadow })
    }

    fn resource(&mut self) -> Result<RawResource, Damage> {
        let filled = |text: String| Some(text).filter(|text| !text.is_empty());
        let id = self.text()?;
        let policy = filled(self.text()?);
        let file = self.text()?;
        let line = self.number()?;
        let [owner, issuer, tenant] = [self.text()?, self.text()?, self.text()?].map(filled);
        let fields = self.list(|reader| {
            let name = reader.text()?;
            let (read, write) = (reader.mask()?, reader.mask()?);
            Ok(RawField { name, read, write })
        })?;
        if policy.is_none() && !fields.is_empty() {
            return Err(self.malformed(format!("`{id}` has masks and names no policy")));
        }
        let resource =
            Resource { id, policy, file, line, owner, issuer, tenant, fields: Vec::new() };
        Ok(RawResource { resource, fields })
    }

    fn mask(&mut self) -> Result<Option<RawRequirement>, Damage> {
        if self.bytes.first() == Some(&b'-') {
            self.byte()?;
            return Ok(None);
        }
        self.requirement(0).map(Some)
    }

    /// A record from before there were such checks ends here. A check that is not known is no check that
    /// can be left out: the manifest would say another thing than what is enforced.
    fn object(&mut self) -> Result<Option<RawObject>, Damage> {
        if self.bytes.is_empty() {
            return Ok(None);
        }
        match self.byte()? {
            b'-' => Ok(None),
            b'o' => Ok(Some(RawObject::Owner)),
            b'w' => Ok(Some(RawObject::OwnerUnless(self.requirement(0)?))),
            b'*' => Ok(Some(RawObject::Any)),
            other => Err(self.malformed(format!("unknown check of objects {other:#04x}"))),
        }
    }

    fn requirement(&mut self, depth: usize) -> Result<RawRequirement, Damage> {
        if depth > MAX_DEPTH {
            return Err(self.malformed(format!("nesting is deeper than {MAX_DEPTH}")));
        }
        Ok(match self.byte()? {
            b'*' => RawRequirement::Other(Requirement::Anyone),
            b'a' => RawRequirement::Other(Requirement::Authenticated),
            b'm' => RawRequirement::Other(Requirement::Mfa),
            b'b' => RawRequirement::Other(Requirement::Bound),
            b'c' => RawRequirement::Other(Requirement::Acr(self.text()?)),
            b't' => RawRequirement::Other(Requirement::MaxAge(self.seconds()?)),
            b'r' => RawRequirement::Role(self.count()?),
            b's' => RawRequirement::Scope(self.count()?),
            b'&' => RawRequirement::All(self.parts(depth)?),
            b'|' => RawRequirement::Any(self.parts(depth)?),
            b'!' => RawRequirement::Not(self.part(depth)?),
            b'=' => RawRequirement::Rule(self.text()?, self.part(depth)?),
            other => return Err(self.malformed(format!("unknown requirement {other:#04x}"))),
        })
    }

    fn part(&mut self, depth: usize) -> Result<Box<RawRequirement>, Damage> {
        self.budget.take::<RawRequirement>(1).map_err(|UsedUp| self.used_up())?;
        self.requirement(depth + 1).map(Box::new)
    }

    fn parts(&mut self, depth: usize) -> Result<Vec<RawRequirement>, Damage> {
        self.list(|reader| reader.requirement(depth + 1))
    }

    fn policy(&mut self) -> Result<Policy, Damage> {
        let id = self.text()?;
        let mut roles = self.names()?;
        let scopes = self.names()?;
        for (role, scope) in self.list(|reader| Ok((reader.count()?, reader.count()?)))? {
            let (Some(role), Some(scope)) = (roles.get_mut(role), scopes.get(scope)) else {
                return Err(self.malformed("a grant of a name that is not there".to_owned()));
            };
            let granted = self.budget.copy(&scope.name).map_err(|UsedUp| self.used_up())?;
            role.grants.push(granted);
        }
        // A record from before there were exclusions ends here.
        let pairs = if self.bytes.is_empty() {
            Vec::new()
        } else {
            self.list(|reader| Ok((reader.count()?, reader.count()?)))?
        };
        for (left, right) in pairs {
            let name = roles.get(right).map(|role| self.budget.copy(&role.name));
            let (Some(left), Some(right)) = (roles.get_mut(left), name) else {
                return Err(self.malformed("an exclusion of a role that is not there".to_owned()));
            };
            let right = right.map_err(|UsedUp| self.used_up())?;
            left.excludes.push(right);
        }
        Ok(Policy { id, roles, scopes })
    }

    fn names(&mut self) -> Result<Vec<Name>, Damage> {
        let raw = self.list(|reader| {
            let (name, variant, doc) = (reader.text()?, reader.text()?, reader.text()?);
            Ok((name, variant, doc, reader.list(Self::count)?))
        })?;
        if raw.len() > MAX_NAMES {
            return Err(self.malformed(format!("more than {MAX_NAMES} names of one kind")));
        }
        let wire: Vec<String> = raw.iter().map(|(name, ..)| name.clone()).collect();
        raw.into_iter()
            .map(|(name, variant, doc, included)| {
                let includes = included
                    .into_iter()
                    .map(|index| {
                        let included = wire.get(index).ok_or_else(|| {
                            self.malformed(format!("`{name}` includes a name that is not there"))
                        })?;
                        self.budget.copy(included).map_err(|UsedUp| self.used_up())
                    })
                    .collect::<Result<Vec<_>, _>>()?;
                Ok(Name { name, variant, doc, includes, excludes: Vec::new(), grants: Vec::new() })
            })
            .collect()
    }

    /// A number of items, then each of them. Every item has a byte or more, so a number that is
    /// too great ends with the bytes, not with the memory.
    fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, Damage>,
    ) -> Result<Vec<T>, Damage> {
        let count = self.count()?;
        if count > self.bytes.len() {
            return Err(self.malformed(format!(
                "a list of {count} items, and {} bytes are left",
                self.bytes.len()
            )));
        }
        self.budget.take::<T>(count).map_err(|UsedUp| self.used_up())?;
        let mut items = Vec::with_capacity(count);
        for _ in 0..count {
            items.push(item(self)?);
        }
        Ok(items)
    }

    fn text(&mut self) -> Result<String, Damage> {
        let offset = self.offset;
        let length = self.count()?;
        let bytes = self.take(length)?;
        self.budget.take::<u8>(length).map_err(|UsedUp| self.used_up())?;
        String::from_utf8(bytes.to_vec()).map_err(|_| Damage {
            offset,
            fault: Fault::Malformed("a text that is not UTF-8".to_owned()),
        })
    }

    fn count(&mut self) -> Result<usize, Damage> {
        let number = self.number()?;
        usize::try_from(number).map_err(|_| self.malformed(format!("the number {number}")))
    }

    fn number(&mut self) -> Result<u32, Damage> {
        self.array().map(u32::from_le_bytes)
    }

    fn seconds(&mut self) -> Result<u64, Damage> {
        self.array().map(u64::from_le_bytes)
    }

    fn byte(&mut self) -> Result<u8, Damage> {
        self.array().map(u8::from_le_bytes)
    }

    fn array<const LENGTH: usize>(&mut self) -> Result<[u8; LENGTH], Damage> {
        let Some((array, rest)) = self.bytes.split_first_chunk() else {
            return Err(self.ended(LENGTH));
        };
        self.bytes = rest;
        self.offset += LENGTH;
        Ok(*array)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Damage> {
        let Some((taken, rest)) = self.bytes.split_at_checked(length) else {
            return Err(self.ended(length));
        };
        self.bytes = rest;
        self.offset += length;
        Ok(taken)
    }

    fn ended(&self, wanted: usize) -> Damage {
        let left = self.bytes.len();
        self.malformed(format!("{wanted} bytes are announced, and {left} are left"))
    }

    fn used_up(&self) -> Damage {
        self.malformed(UsedUp::WORDS.to_owned())
    }

    fn malformed(&self, text: String) -> Damage {
        Damage { offset: self.offset, fault: Fault::Malformed(text) }
    }
}
