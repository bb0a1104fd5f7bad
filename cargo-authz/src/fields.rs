//! What it takes to read or write a field of a resource, as if a function asked for it: so whoever compares
//! functions, or asks about one, compares this and asks about it.

use authz_manifest::{Function, Manifest, Requirement, Resource};

/// What may be done with a field, in the words of the attribute.
pub(crate) const VERBS: [&str; 2] = ["read", "write"];

/// The manifest with its masks among the functions: `shop::Order.cost (read)`.
pub(crate) fn among_functions(mut manifest: Manifest) -> Manifest {
    for resource in &manifest.resources {
        for field in &resource.fields {
            let masks = VERBS.into_iter().filter_map(|verb| {
                let requirement = mask(Some(resource), &field.name, verb)?.clone();
                let policy = resource.policy.clone()?;
                Some(as_function(resource, (&field.name, verb), policy, requirement))
            });
            manifest.functions.extend(masks);
        }
    }
    manifest
}

/// What it takes, where it takes something.
pub(crate) fn mask<'a>(
    resource: Option<&'a Resource>,
    name: &str,
    verb: &str,
) -> Option<&'a Requirement> {
    let field = resource?.fields.iter().find(|field| field.name == name)?;
    if verb == "read" { field.read.as_ref() } else { field.write.as_ref() }
}

/// What it takes, as a function.
pub(crate) fn as_function(
    resource: &Resource,
    (name, verb): (&str, &str),
    policy: String,
    requirement: Requirement,
) -> Function {
    Function {
        id: format!("{}.{name} ({verb})", resource.id),
        policy,
        file: resource.file.clone(),
        line: resource.line,
        kind: "requires".to_owned(),
        requirement,
        reason: None,
        route: None,
        shadow: None,
        doc: None,
        object: None,
    }
}
