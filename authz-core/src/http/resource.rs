//! What a client needs to know to get a token for this service (RFC 9728).
//!
//! Absent on purpose: roles, which nobody can ask an authorization server for, and scopes that no
//! function asks for.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::manifest::{Manifest, Requirement};
use crate::policy::Policy;
use crate::token::{PROOF_ALGORITHMS, Verifier};

/// Where metadata of a protected resource is found (RFC 9728 section 3).
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// The metadata of a protected resource: RFC 9728 section 2.
///
/// The scopes are those that the functions of the manifest ask for. With the features `axum` and
/// `actix`, a function `protected_resource` serves it.
///
/// # Examples
///
/// ```
/// use authz_core::http::ProtectedResource;
/// use authz_core::manifest::Manifest;
/// use authz_core::token::Verifier;
/// use authz_core::Policy;
///
/// fn metadata<P: Policy>(verifier: &Verifier<P>, manifest: &Manifest) -> ProtectedResource {
///     ProtectedResource::new("https://api.example.com/orders", verifier, manifest)
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProtectedResource {
    /// The address of the service: what a client compares with where it found this.
    pub resource: String,
    /// The issuers whose tokens are accepted.
    pub authorization_servers: Vec<String>,
    /// The scopes that some function asks for, sorted.
    pub scopes_supported: BTreeSet<String>,
    /// How a token is sent: in the `Authorization` header alone.
    pub bearer_methods_supported: [&'static str; 1],
    /// The algorithms of DPoP proofs; empty where none are taken.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub dpop_signing_alg_values_supported: &'static [&'static str],
    /// Whether a token can be bound to the certificate of a client.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub tls_client_certificate_bound_access_tokens: bool,
}

impl ProtectedResource {
    /// The metadata of the service at the address `resource`, an `https` address without a fragment
    /// (RFC 9728 section 1.2).
    #[must_use]
    pub fn new<P: Policy>(resource: &str, verifier: &Verifier<P>, manifest: &Manifest) -> Self {
        let mut scopes_supported = BTreeSet::new();
        let functions = manifest.functions.iter();
        for function in functions.filter(|function| function.policy == P::RECORD.id()) {
            add_scopes(&function.requirement, &mut scopes_supported);
        }
        Self {
            resource: resource.to_owned(),
            authorization_servers: verifier.issuers().map(str::to_owned).collect(),
            scopes_supported,
            bearer_methods_supported: ["header"],
            dpop_signing_alg_values_supported: match verifier.proofs() {
                Some(_) => &PROOF_ALGORITHMS,
                None => &[],
            },
            tls_client_certificate_bound_access_tokens: verifier.takes_certificates(),
        }
    }

    /// The path of the metadata on the host of the service: the well-known one, then the path of the
    /// service (RFC 9728 section 3.1).
    #[must_use]
    pub fn path(&self) -> String {
        let path = self.resource.parse::<http::Uri>().map(|uri| uri.path().to_owned());
        let path = path.unwrap_or_default();
        format!("{WELL_KNOWN}{}", path.trim_end_matches('/'))
    }
}

/// A scope that must not be held is not one to ask for.
fn add_scopes(requirement: &Requirement, scopes: &mut BTreeSet<String>) {
    match requirement {
        Requirement::Scope(name) => {
            scopes.insert(name.clone());
        }
        Requirement::All(parts) | Requirement::Any(parts) => {
            for part in parts {
                add_scopes(part, scopes);
            }
        }
        Requirement::Rule { requires, .. } => add_scopes(requires, scopes),
        Requirement::Anyone
        | Requirement::Authenticated
        | Requirement::Role(_)
        | Requirement::Mfa
        | Requirement::Bound
        | Requirement::Acr(_)
        | Requirement::MaxAge(_)
        | Requirement::Not(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::ProtectedResource;
    use crate::fixture::policy::Policy;
    use crate::fixture::verifier;
    use crate::manifest::Manifest;
    use crate::policy::Policy as _;

    fn manifest() -> Manifest {
        let function = |policy: &str, requirement: serde_json::Value| {
            json!({
                "id": "f", "policy": policy, "file": "f.rs", "line": 1, "kind": "requires",
                "requirement": requirement,
            })
        };
        let ours = Policy::RECORD.id();
        serde_json::from_value(json!({
            "format": 1, "policies": [],
            "functions": [
                function(ours, json!({"all": [{"scope": "write"}, {"role": "clerk"}, "mfa"]})),
                function(ours, json!({"any": [{"scope": "admin"}, {"not": {"scope": "never"}}]})),
                function(ours, json!({"rule": {"name": "r", "requires": {"scope": "by-rule"}}})),
                function(ours, json!({"scope": "write"})),
                function(ours, json!("anyone")),
                function("another::Policy", json!({"scope": "another"})),
            ],
        }))
        .unwrap()
    }

    #[test]
    fn it_names_what_can_be_asked_for_and_nothing_else() {
        let resource = ProtectedResource::new("https://a.example/orders", &verifier(), &manifest());
        assert_eq!(
            serde_json::to_value(&resource).unwrap(),
            json!({
                "resource": "https://a.example/orders",
                "authorization_servers": ["https://issuer.example"],
                "scopes_supported": ["admin", "by-rule", "write"],
                "bearer_methods_supported": ["header"],
            })
        );
    }

    #[test]
    fn it_is_found_where_clients_look() {
        for (resource, path) in [
            ("https://a.example", "/.well-known/oauth-protected-resource"),
            ("https://a.example/", "/.well-known/oauth-protected-resource"),
            ("https://a.example/orders", "/.well-known/oauth-protected-resource/orders"),
            ("https://a.example/v1/orders/", "/.well-known/oauth-protected-resource/v1/orders"),
        ] {
            let resource = ProtectedResource::new(resource, &verifier(), &manifest());
            assert_eq!(resource.path(), path);
        }
    }
}
