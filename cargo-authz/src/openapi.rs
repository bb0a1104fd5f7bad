//! The `security` of an OpenAPI 3.1 document, out of routes and requirements.
//!
//! An operation lists the weakest callers that pass, each an alternative: a bearer token with these
//! scopes and, as OpenAPI 3.1 allows for a scheme of type `http`, these roles, written
//! `role:manager`. What the document has no word for (a second factor, a bound token, the age of a log-in, a
//! `not`) stands in `x-authz-requires` in the attribute's words. Absent on purpose: parameters and
//! bodies, which the manifest does not know; and alternatives beyond the first hundred, in place of which a
//! token is asked for.

use authz_manifest::{Function, Manifest};
use serde_json::{Map, Value, json};

use crate::drift::no_policy;
use crate::failure::Failure;
use crate::identity::Caller;
use crate::meaning::{Side, TooComplex, Vocabulary, minimal};

/// The name of the one security scheme.
const SCHEME: &str = "bearer";

/// What was done to a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Secured {
    /// The document, with the security of every operation that is known.
    pub document: Value,
    /// Operations of the document that no function declares, such as `GET /orders`.
    pub unknown: Vec<String>,
}

/// A document with every declared route and nothing but its security.
///
/// # Errors
///
/// When a requirement is too complex to decide.
pub fn document(title: &str, manifest: &Manifest) -> Result<Value, Failure> {
    let mut paths = Map::new();
    for function in &manifest.functions {
        let Some((method, path)) = route(function) else { continue };
        let operations = paths.entry(described(path)).or_insert_with(|| json!({}));
        let mut operation = json!({
            "operationId": function.id,
            "responses": { "default": { "description": "See the service." } },
        });
        if let (Some(doc), Some(members)) = (&function.doc, operation.as_object_mut()) {
            members.insert("summary".to_owned(), json!(doc));
        }
        secure_operation(&mut operation, manifest, function)?;
        if let Some(operations) = operations.as_object_mut() {
            operations.insert(method.to_lowercase(), operation);
        }
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": { "title": title, "version": "0" },
        "paths": paths,
    });
    add_scheme(&mut document);
    Ok(document)
}

/// Writes the security of every declared route into a document.
///
/// # Errors
///
/// When a requirement is too complex to decide.
pub fn secure(mut document: Value, manifest: &Manifest) -> Result<Secured, Failure> {
    let mut unknown = Vec::new();
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (path, operations) in paths.into_iter().flatten() {
        let operations = operations.as_object_mut().into_iter().flatten();
        for (method, operation) in
            operations.filter(|(member, _)| METHODS.contains(&member.as_str()))
        {
            let declared =
                manifest.functions.iter().find(|function| function.declares(method, path));
            match declared {
                Some(function) => secure_operation(operation, manifest, function)?,
                None => unknown.push(format!("{} {path}", method.to_uppercase())),
            }
        }
    }
    add_scheme(&mut document);
    Ok(Secured { document, unknown })
}

/// The members of a path that are operations.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

fn route(function: &Function) -> Option<(&str, &str)> {
    function.route.as_deref()?.split_once(' ')
}

/// The path as OpenAPI writes it, which has no capture of many segments.
fn described(path: &str) -> String {
    path.replace("{*", "{")
}

fn secure_operation(
    operation: &mut Value,
    manifest: &Manifest,
    function: &Function,
) -> Result<(), Failure> {
    let security = alternatives(manifest, function)?;
    if let Some(members) = operation.as_object_mut() {
        members.insert("security".to_owned(), security);
        members.insert("x-authz-requires".to_owned(), json!(function.needs()));
    }
    Ok(())
}

fn alternatives(manifest: &Manifest, function: &Function) -> Result<Value, Failure> {
    let policy = manifest.policies.iter().find(|policy| policy.id == function.policy);
    let vocabulary = Vocabulary::new(policy.ok_or_else(|| no_policy(function))?);
    let public = function.kind == "public";
    let side = Side { vocabulary: &vocabulary, public, requirement: &function.requirement };
    let passing = minimal(side)
        .map_err(|TooComplex| Failure::TooComplex { function: function.id.clone() })?;
    if passing.count > passing.listed.len() as u64 {
        // Some of them would say that the others don't pass.
        return Ok(json!([{ SCHEME: [] }]));
    }
    let mut alternatives: Vec<Value> = Vec::new();
    for caller in passing.listed {
        // An empty list overrides what the document says for all: open to everybody.
        let Caller::Somebody(identity) = caller else { return Ok(json!([])) };
        let roles = identity.roles.iter().map(|role| format!("role:{role}"));
        let names: Vec<_> = identity.scopes.iter().cloned().chain(roles).collect();
        let alternative = json!({ SCHEME: names });
        if !alternatives.contains(&alternative) {
            alternatives.push(alternative);
        }
    }
    // Of a function that nobody can call, at least a token is asked.
    if alternatives.is_empty() {
        alternatives.push(json!({ SCHEME: [] }));
    }
    Ok(Value::Array(alternatives))
}

fn add_scheme(document: &mut Value) {
    let scheme = json!({
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "Scopes by their name, roles as `role:name`.",
    });
    let Some(document) = document.as_object_mut() else { return };
    let components = document.entry("components").or_insert_with(|| json!({}));
    let Some(components) = components.as_object_mut() else { return };
    let schemes = components.entry("securitySchemes").or_insert_with(|| json!({}));
    if let Some(schemes) = schemes.as_object_mut() {
        schemes.insert(SCHEME.to_owned(), scheme);
    }
}
