//! Writes the security of an OpenAPI document that utoipa made, out of the manifest (feature
//! `utoipa`).
//!
//! The same document as from `cargo authz openapi`, made by the program itself. Absent on purpose:
//! parameters and bodies, which utoipa knows and the manifest does not.

mod callers;

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, OpenApi};

use crate::manifest::{Function, Manifest, ManifestError, manifest};
use callers::{Caller, weakest};

/// The name of the one security scheme.
const SCHEME: &str = "bearer";

/// Writes into `document` what each of its operations asks for, by the manifest of the running
/// program; returns the operations that no function declares, such as `GET /orders`.
///
/// An operation is known by the `route = "POST /orders"` of an attribute; the names of captures may
/// differ. Its `security` lists the weakest callers that pass, each an alternative: a bearer token
/// with these scopes and these roles, written `role:manager`. What OpenAPI has no word for (a second
/// factor, the age of a log-in, a `not`) stands in `x-authz-requires`, in the words of the attribute.
/// What the document says beside that stays.
///
/// # Errors
///
/// [`ManifestError::Empty`] when no function is registered.
///
/// # Examples
///
/// ```
/// # mod policy {
/// #     use authz_core::{Roles, Scopes};
/// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
/// #     pub enum Role { Clerk }
/// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
/// #     pub enum Scope { #[scope("write:orders")] WriteOrders }
/// #     authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
/// # }
/// use utoipa::openapi::path::{HttpMethod, Operation, PathItem};
/// use utoipa::openapi::{InfoBuilder, OpenApiBuilder, PathsBuilder};
///
/// #[authz_core::requires(scope = "write:orders", route = "POST /orders")]
/// async fn place_order() {}
///
/// # fn main() -> Result<(), authz_core::manifest::ManifestError> {
/// let orders = PathItem::new(HttpMethod::Post, Operation::new());
/// let paths = PathsBuilder::new().path("/orders", orders);
/// let mut document =
///     OpenApiBuilder::new().info(InfoBuilder::new().title("Shop")).paths(paths).build();
///
/// let undeclared = authz_core::openapi::secure(&mut document)?;
/// assert!(undeclared.is_empty());
///
/// let document = serde_json::to_value(&document).unwrap();
/// let security = &document["paths"]["/orders"]["post"]["security"];
/// assert_eq!(security, &serde_json::json!([{ "bearer": ["write:orders"] }]));
/// # Ok(())
/// # }
/// ```
pub fn secure(document: &mut OpenApi) -> Result<Vec<String>, ManifestError> {
    Ok(secure_by(document, &manifest()?))
}

/// As [`secure`], by a manifest that is at hand, such as one that was stored.
#[must_use = "these operations have no security of ours"]
pub fn secure_by(document: &mut OpenApi, manifest: &Manifest) -> Vec<String> {
    let mut undeclared = Vec::new();
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            let declared = manifest.functions.iter().find(|it| it.declares(&method, path));
            match declared {
                Some(function) => secure_operation(operation, manifest, function),
                None => undeclared.push(format!("{method} {path}")),
            }
        }
    }
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("Scopes by their name, roles as `role:name`."))
        .build();
    document
        .components
        .get_or_insert_with(Components::default)
        .add_security_scheme(SCHEME, SecurityScheme::Http(scheme));
    undeclared
}

/// The operations of a path, each with its method.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (String, &mut Operation)> {
    let usual = [
        ("GET", &mut item.get),
        ("PUT", &mut item.put),
        ("POST", &mut item.post),
        ("DELETE", &mut item.delete),
        ("OPTIONS", &mut item.options),
        ("HEAD", &mut item.head),
        ("PATCH", &mut item.patch),
        ("TRACE", &mut item.trace),
        ("QUERY", &mut item.query),
    ];
    let usual = usual
        .into_iter()
        .filter_map(|(method, operation)| Some((method.to_owned(), operation.as_mut()?)));
    let others = item.additional_operations.iter_mut();
    usual.chain(others.map(|(method, operation)| (method.to_uppercase(), operation)))
}

fn secure_operation(operation: &mut Operation, manifest: &Manifest, function: &Function) {
    operation.security = Some(alternatives(manifest, function));
    let extensions = operation.extensions.get_or_insert_default();
    extensions.insert("x-authz-requires".to_owned(), function.needs().into());
}

/// The callers that pass, as OpenAPI lists them. None at all overrides what the document says for all:
/// open to everybody.
fn alternatives(manifest: &Manifest, function: &Function) -> Vec<SecurityRequirement> {
    if function.kind == "public" {
        return Vec::new();
    }
    let policy = manifest.policies.iter().find(|policy| policy.id == function.policy);
    let callers = policy.and_then(|policy| weakest(&function.requirement, policy));
    let alternative = |caller: &Caller<'_>| SecurityRequirement::new(SCHEME, caller.names());
    let mut alternatives: Vec<_> = callers.iter().flatten().map(alternative).collect();
    let mut seen = 0;
    while seen < alternatives.len() {
        let (before, after) = alternatives.split_at(seen);
        if after.first().is_some_and(|alternative| before.contains(alternative)) {
            alternatives.remove(seen);
        } else {
            seen += 1;
        }
    }
    // Where nobody passes, or too many kinds of callers do, at least a token is asked.
    if alternatives.is_empty() {
        alternatives.push(SecurityRequirement::new::<_, [&str; 0], _>(SCHEME, []));
    }
    alternatives
}
