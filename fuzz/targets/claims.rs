//! The mapping of claims. An input is a digit, which chooses the mapping, and the payload of a token.
//!
//! Roles and scopes are those that a plain reading of the claims gives, the same with every reading,
//! and each claim is found by its name.
#![no_main]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use authz_core::Identity;
use authz_core::token::{ClaimMapping, Issuer, ScopeSource, Verifier};
use authz_fuzz::{
    HEADER, Policy, Role, Scope, at_once, builder, issuer, require_audience, require_time, sign,
};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// A mapping, and where it says that names are.
struct Mapped {
    verifier: Verifier<Policy>,
    /// Names of claims, and paths where there is none of that name.
    roles: &'static [(&'static str, &'static [&'static str])],
    scopes: &'static str,
    own: bool,
}

const ROLES: (&str, &[&str]) = ("roles", &[]);

static MAPPINGS: LazyLock<[Mapped; 7]> = LazyLock::new(|| {
    let mapped = |mapping, roles, scopes| mapped(issuer().claims(mapping), roles, scopes);
    [
        mapped(ClaimMapping::rfc9068(), &[ROLES], "scope"),
        mapped(
            ClaimMapping::keycloak("shop.api"),
            &[
                ("realm_access.roles", &["realm_access", "roles"]),
                ("resource_access.shop.api.roles", &["resource_access", "shop.api", "roles"]),
            ],
            "scope",
        ),
        mapped(
            ClaimMapping::auth0("https://example.com/roles"),
            &[("https://example.com/roles", &[])],
            "scope",
        ),
        mapped(ClaimMapping::okta().roles_from("groups"), &[("groups", &[])], "scp"),
        mapped(ClaimMapping::entra_id(), &[ROLES], "scp"),
        mapped(ClaimMapping::cognito(), &[("cognito:groups", &[])], "scope"),
        own(),
    ]
});

fn mapped(
    issuer: Issuer,
    roles: &'static [(&'static str, &'static [&'static str])],
    scopes: &'static str,
) -> Mapped {
    let verifier = builder().issuer(issuer).build().unwrap();
    Mapped { verifier, roles, scopes, own: false }
}

/// With names of its own, and scopes within what the roles grant.
fn own() -> Mapped {
    let mapping = ClaimMapping::rfc9068()
        .role_prefix("shop-")
        .role_named("boss", "admin")
        .scope_named("w", "write:orders");
    let issuer = issuer().claims(mapping).scope_source(ScopeSource::ClaimWithinRoleGrants);
    Mapped { own: true, ..mapped(issuer, &[ROLES], "scope") }
}

impl Mapped {
    fn roles(&self, claims: &Value) -> BTreeSet<&'static str> {
        let places = self.roles.iter().filter_map(|(whole, path)| {
            let first = claims.get(whole);
            first.or_else(|| path.split_first().and_then(|_| at_path(claims, path)))
        });
        let names = places.flat_map(|place| place.as_array().expect("an array of roles").iter());
        names.flat_map(|name| self.role(name.as_str().expect("a role"))).copied().collect()
    }

    /// A role with those that it includes.
    fn role(&self, name: &str) -> &'static [&'static str] {
        let name = match name {
            "boss" if self.own => "admin",
            name if self.own => name.strip_prefix("shop-").unwrap_or_default(),
            name => name,
        };
        match name {
            "admin" => &["admin", "auditor", "clerk"],
            "auditor" => &["auditor"],
            "clerk" => &["clerk"],
            _ => &[],
        }
    }

    fn scopes(&self, claims: &Value, roles: &BTreeSet<&str>) -> BTreeSet<&'static str> {
        let names: Vec<&str> = match claims.get(self.scopes) {
            None => Vec::new(),
            Some(Value::String(names)) => names.split(' ').collect(),
            Some(Value::Array(names)) => names.iter().map(|name| name.as_str().unwrap()).collect(),
            Some(other) => panic!("accepted as scopes: {other}"),
        };
        let claimed = names.into_iter().flat_map(|name| match name {
            "w" if self.own => &["read:orders", "write:orders"][..],
            "write:orders" => &["read:orders", "write:orders"],
            "read:orders" => &["read:orders"],
            _ => &[],
        });
        let granted = |scope: &str| {
            roles.contains("clerk") || scope == "read:orders" && roles.contains("auditor")
        };
        claimed.copied().filter(|scope| !self.own || granted(scope)).collect()
    }
}

fn at_path<'a>(claims: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(claims, |value, segment| value.get(segment))
}

fn roles(identity: &Identity<Policy>) -> BTreeSet<&'static str> {
    let name = |role| match role {
        Role::Admin => "admin",
        Role::Clerk => "clerk",
        Role::Auditor => "auditor",
    };
    identity.roles().map(name).collect()
}

fn scopes(identity: &Identity<Policy>) -> BTreeSet<&'static str> {
    let name = |scope| match scope {
        Scope::ReadOrders => "read:orders",
        Scope::WriteOrders => "write:orders",
    };
    identity.scopes().map(name).collect()
}

fuzz_target!(|text: &str| {
    let Some((digit, payload)) = text.split_at_checked(1) else {
        return;
    };
    let Some(mapped) = digit.parse().ok().and_then(|number: usize| MAPPINGS.get(number)) else {
        return;
    };
    let token = sign(HEADER, payload);
    let Ok(identity) = at_once(mapped.verifier.verify(&token)) else {
        assert!(at_once(mapped.verifier.verify(&token)).is_err(), "refused, and then accepted");
        return;
    };
    let claims: Value = identity.claims().expect("accepted, and no JSON to others");
    require_audience(claims.get("aud").unwrap_or_else(|| &claims["client_id"]));
    require_time(&claims);
    let again = at_once(mapped.verifier.verify(&token)).expect("accepted, and then refused");
    assert_eq!(format!("{identity:?}"), format!("{again:?}"));
    assert_eq!(Some(identity.subject()), claims["sub"].as_str());
    assert_eq!(identity.session_id(), claims.get("sid").and_then(Value::as_str));
    assert_eq!(identity.acr(), claims.get("acr").and_then(Value::as_str));
    let expected = mapped.roles(&claims);
    assert_eq!(roles(&identity), expected);
    assert_eq!(scopes(&identity), mapped.scopes(&claims, &expected));
    for (name, value) in claims.as_object().expect("an object") {
        assert_eq!(identity.claim::<Value>(name).as_ref(), Some(value), "{name}");
    }
    assert!(!identity.is_bound(), "bound, and accepted alone");
});
