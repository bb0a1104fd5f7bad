//! Writes `authz.lock`: one function or resource a stanza.
//!
//! INVARIANT: the lock says all that decides who may call what, and nothing that moves without
//! that: no lines, no files, no documentation.

use std::fmt::Write as _;

use crate::manifest::{Field, Function, Manifest, Policy, Requirement, Resource};
use crate::text::is_hidden;

/// The greatest version of the lock that [`Manifest::to_lock`] writes.
///
/// Within a version nothing changes: whatever is new makes a new version, and an older tool says
/// that it is too old. A lock is of the version that first had all that it says: 3 if there is a resource,
/// else 2 if a function has a shadow, and 1 otherwise.
pub const LOCK_FORMAT: u32 = 3;

const HEAD: &str = "\
# Who may call what. `cargo authz lock` writes this file, and `cargo authz check` compares it with
# the program: change the code, write the lock anew, and read the difference in review.
";

impl Manifest {
    /// The text of `authz.lock`, as `cargo authz lock` writes it.
    #[must_use]
    pub fn to_lock(&self) -> String {
        let shadows = self.functions.iter().any(|function| function.shadow.is_some());
        let format = match (self.resources.is_empty(), shadows) {
            (false, _) => LOCK_FORMAT,
            (true, true) => 2,
            (true, false) => 1,
        };
        let mut text = format!("{HEAD}format = {format}\n");
        for policy in &self.policies {
            write_policy(&mut text, policy);
        }
        let several = self.policies.len() > 1;
        for function in &self.functions {
            write_function(&mut text, function, several);
        }
        for resource in &self.resources {
            write_resource(&mut text, resource, several);
        }
        text
    }
}

fn write_policy(text: &mut String, policy: &Policy) {
    for (kind, names) in [("roles", &policy.roles), ("scopes", &policy.scopes)] {
        push(text, format_args!("\n[policy.{}.{kind}]\n", key(&policy.id)));
        let mut names: Vec<_> = names.iter().collect();
        names.sort_by(|left, right| left.name.cmp(&right.name));
        for name in names {
            let mut members = Vec::new();
            for (member, others) in [
                ("includes", &name.includes),
                ("excludes", &name.excludes),
                ("grants", &name.grants),
            ] {
                let mut others: Vec<_> = others.iter().map(|other| quoted(other)).collect();
                others.sort();
                if !others.is_empty() {
                    members.push(format!("{member} = [{}]", others.join(", ")));
                }
            }
            let value = if members.is_empty() {
                "{}".to_owned()
            } else {
                format!("{{ {} }}", members.join(", "))
            };
            push(text, format_args!("{} = {value}\n", key(&name.name)));
        }
    }
}

fn write_function(text: &mut String, function: &Function, several_policies: bool) {
    push(text, format_args!("\n[[function]]\nid = {}\n", quoted(&function.id)));
    if several_policies {
        push(text, format_args!("policy = {}\n", quoted(&function.policy)));
    }
    if let Some(route) = &function.route {
        push(text, format_args!("route = {}\n", quoted(route)));
    }
    let reason = function.reason.as_deref().unwrap_or_default();
    if function.kind != "requires" {
        push(text, format_args!("{} = {}\n", function.kind, quoted(reason)));
        return;
    }
    if let Some(shadow) = &function.shadow {
        push(text, format_args!("shadow = {}\n", quoted(&shadow.to_string())));
    }
    write_parts(text, "requires", &function.requirement);
    if let Some(object) = &function.object {
        push(text, format_args!("object = {}\n", quoted(&object.check)));
        if let Some(any_owner) = &object.any_owner {
            write_parts(text, "any_owner", any_owner);
        }
    }
}

fn write_resource(text: &mut String, resource: &Resource, several_policies: bool) {
    push(text, format_args!("\n[[resource]]\nid = {}\n", quoted(&resource.id)));
    if let Some(policy) = resource.policy.as_ref().filter(|_| several_policies) {
        push(text, format_args!("policy = {}\n", quoted(policy)));
    }
    for (key, field) in
        [("owner", &resource.owner), ("issuer", &resource.issuer), ("tenant", &resource.tenant)]
    {
        if let Some(field) = field {
            push(text, format_args!("{key} = {}\n", quoted(field)));
        }
    }
    let mut fields: Vec<_> = resource.fields.iter().collect();
    fields.sort_by(|left, right| left.name.cmp(&right.name));
    for Field { name, read, write } in fields {
        push(text, format_args!("\n[resource.fields.{}]\n", key(name)));
        for (key, mask) in [("read", read), ("write", write)] {
            if let Some(mask) = mask {
                write_parts(text, key, mask);
            }
        }
    }
}

fn write_parts(text: &mut String, key: &str, requirement: &Requirement) {
    match parts(requirement).as_slice() {
        [single] => push(text, format_args!("{key} = [{}]\n", quoted(single))),
        parts => {
            push(text, format_args!("{key} = [\n"));
            for part in parts {
                push(text, format_args!("    {},\n", quoted(part)));
            }
            text.push_str("]\n");
        }
    }
}

fn push(text: &mut String, more: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = text.write_fmt(more);
}

/// The parts that have to hold together, each in its words.
fn parts(requirement: &Requirement) -> Vec<String> {
    match requirement {
        Requirement::All(parts) if parts.len() > 1 => {
            parts.iter().map(ToString::to_string).collect()
        }
        single => vec![single.to_string()],
    }
}

/// A name as a key of TOML: bare where it may be.
fn key(name: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !name.is_empty() && name.bytes().all(bare) { name.to_owned() } else { basic(name) }
}

/// A text as a string of TOML: without escapes where it may be.
fn quoted(text: &str) -> String {
    let plain = |character: char| character != '\'' && !is_hidden(character);
    if text.contains(['"', '\\']) && text.chars().all(plain) {
        format!("'{text}'")
    } else {
        basic(text)
    }
}

fn basic(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            // Whoever reads the lock in review sees every character of it.
            hidden if is_hidden(hidden) => match u32::from(hidden) {
                short @ ..=0xffff => push(&mut quoted, format_args!("\\u{short:04X}")),
                long => push(&mut quoted, format_args!("\\U{long:08X}")),
            },
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
