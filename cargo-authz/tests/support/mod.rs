//! Programs to read, made here: records written a second time from the description of their
//! format, and files of several formats around them.

#![allow(dead_code, reason = "each test uses its part")]
#![expect(clippy::unwrap_used, reason = "a test that finds something else has failed")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use authz_manifest::{Function, Manifest, Name, Policy, Requirement, Resource};
use object::write::{Object, StandardSegment};
use object::{Architecture, BinaryFormat, Endianness, SectionKind};

/// The records of a manifest, as they lie in the section.
pub fn records(manifest: &Manifest) -> Vec<u8> {
    let mut bytes = Vec::new();
    for policy in &manifest.policies {
        record(&mut bytes, b'p', policy_body(policy));
    }
    for function in &manifest.functions {
        let policy = manifest.policies.iter().find(|policy| policy.id == function.policy);
        record(&mut bytes, b'f', function_body(function, policy.unwrap()));
    }
    for resource in &manifest.resources {
        let named = |policy: &&Policy| Some(&policy.id) == resource.policy.as_ref();
        record(&mut bytes, b'o', resource_body(resource, manifest.policies.iter().find(named)));
    }
    bytes
}

fn record(bytes: &mut Vec<u8>, kind: u8, body: Vec<u8>) {
    bytes.extend(b"authz\x01");
    bytes.push(kind);
    number(bytes, body.len());
    bytes.extend(body);
}

fn policy_body(policy: &Policy) -> Vec<u8> {
    let mut body = Vec::new();
    text(&mut body, &policy.id);
    for names in [&policy.roles, &policy.scopes] {
        number(&mut body, names.len());
        for name in names {
            text(&mut body, &name.name);
            text(&mut body, &name.variant);
            text(&mut body, &name.doc);
            number(&mut body, name.includes.len());
            name.includes.iter().for_each(|other| number(&mut body, index(names, other)));
        }
    }
    let grants: Vec<_> = policy
        .roles
        .iter()
        .flat_map(|role| role.grants.iter().map(|scope| (role.name.clone(), scope.clone())))
        .collect();
    number(&mut body, grants.len());
    for (role, scope) in grants {
        number(&mut body, index(&policy.roles, &role));
        number(&mut body, index(&policy.scopes, &scope));
    }
    let exclusions: Vec<_> = policy
        .roles
        .iter()
        .flat_map(|role| role.excludes.iter().map(|other| (role.name.clone(), other.clone())))
        .collect();
    number(&mut body, exclusions.len());
    for (left, right) in exclusions {
        number(&mut body, index(&policy.roles, &left));
        number(&mut body, index(&policy.roles, &right));
    }
    body
}

fn function_body(function: &Function, policy: &Policy) -> Vec<u8> {
    let mut body = Vec::new();
    text(&mut body, &function.id);
    text(&mut body, &function.policy);
    text(&mut body, &function.file);
    number(&mut body, function.line as usize);
    body.extend(function.kind.bytes().next());
    text(&mut body, function.reason.as_deref().unwrap_or_default());
    text(&mut body, function.route.as_deref().unwrap_or_default());
    text(&mut body, function.doc.as_deref().unwrap_or_default());
    requirement(&mut body, &function.requirement, policy);
    match function.object.as_ref().map(|object| (object.check.as_str(), &object.any_owner)) {
        None => body.push(b'-'),
        Some(("any", _)) => body.push(b'*'),
        Some((_, None)) => body.push(b'o'),
        Some((_, Some(any_owner))) => {
            body.push(b'w');
            requirement(&mut body, any_owner, policy);
        }
    }
    if let Some(shadow) = &function.shadow {
        requirement(&mut body, shadow, policy);
    }
    body
}

fn resource_body(resource: &Resource, policy: Option<&Policy>) -> Vec<u8> {
    let mut body = Vec::new();
    text(&mut body, &resource.id);
    text(&mut body, resource.policy.as_deref().unwrap_or_default());
    text(&mut body, &resource.file);
    number(&mut body, resource.line as usize);
    for field in [&resource.owner, &resource.issuer, &resource.tenant] {
        text(&mut body, field.as_deref().unwrap_or_default());
    }
    number(&mut body, resource.fields.len());
    for field in &resource.fields {
        text(&mut body, &field.name);
        for mask in [&field.read, &field.write] {
            match mask {
                None => body.push(b'-'),
                Some(mask) => requirement(&mut body, mask, policy.unwrap()),
            }
        }
    }
    body
}

fn requirement(body: &mut Vec<u8>, tree: &Requirement, policy: &Policy) {
    match tree {
        Requirement::Anyone => body.push(b'*'),
        Requirement::Authenticated => body.push(b'a'),
        Requirement::Mfa => body.push(b'm'),
        Requirement::Bound => body.push(b'b'),
        Requirement::Role(name) => {
            body.push(b'r');
            number(body, index(&policy.roles, name));
        }
        Requirement::Scope(name) => {
            body.push(b's');
            number(body, index(&policy.scopes, name));
        }
        Requirement::Acr(class) => {
            body.push(b'c');
            text(body, class);
        }
        Requirement::MaxAge(seconds) => {
            body.push(b't');
            body.extend(seconds.to_le_bytes());
        }
        Requirement::All(parts) | Requirement::Any(parts) => {
            body.push(if matches!(tree, Requirement::All(_)) { b'&' } else { b'|' });
            number(body, parts.len());
            for part in parts {
                requirement(body, part, policy);
            }
        }
        Requirement::Not(part) => {
            body.push(b'!');
            requirement(body, part, policy);
        }
        Requirement::Rule { name, requires } => {
            body.push(b'=');
            text(body, name);
            requirement(body, requires, policy);
        }
    }
}

fn index(names: &[Name], wanted: &str) -> usize {
    names.iter().position(|name| name.name == wanted).unwrap()
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    number(bytes, text.len());
    bytes.extend(text.as_bytes());
}

fn number(bytes: &mut Vec<u8>, number: usize) {
    bytes.extend(u32::try_from(number).unwrap().to_le_bytes());
}

/// An object file of a format, with a section of these bytes.
pub fn object(format: BinaryFormat, architecture: Architecture, bytes: &[u8]) -> Vec<u8> {
    let mut object = Object::new(format, architecture, Endianness::Little);
    let (segment, name) = match format {
        BinaryFormat::MachO => (object.segment_name(StandardSegment::Data).to_vec(), "__authz"),
        _ => (Vec::new(), ".authz"),
    };
    let section = object.add_section(segment, name.into(), SectionKind::Data);
    object.append_section_data(section, bytes, 1);
    object.write().unwrap()
}

/// A program with these records.
pub fn program(bytes: &[u8]) -> Vec<u8> {
    object(BinaryFormat::Elf, Architecture::X86_64, bytes)
}

/// A small shop, whose manifest the tests change.
pub fn shop() -> Manifest {
    serde_json::from_str(include_str!("shop.json")).unwrap()
}

/// A folder of a test's own, empty at first.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs `cargo-authz` in a folder.
pub fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cargo-authz"))
        .args(arguments)
        .current_dir(folder)
        .env("CARGO_TERM_COLOR", "never")
        .env_remove("CARGO")
        .env_remove("CARGO_TARGET_DIR")
        .output()
        .unwrap()
}

/// What it printed, and its exit code.
pub fn printed(output: &Output) -> (String, String, i32) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr), output.status.code().unwrap())
}
