//! The JSON schema of the manifest describes what is really written, and nothing looser.

#![expect(clippy::unwrap_used, reason = "a test that finds something else has failed")]

mod support;

use serde_json::{Value, json};

fn schema() -> jsonschema::Validator {
    let text = include_str!("../../authz-core/manifest.schema.json");
    jsonschema::validator_for(&serde_json::from_str(text).unwrap()).unwrap()
}

fn shop() -> Value {
    serde_json::to_value(support::shop()).unwrap()
}

#[test]
fn manifests_are_as_the_schema_says() {
    let schema = schema();
    schema.validate(&shop()).unwrap();

    let output = std::process::Command::new(env!("CARGO_BIN_EXE_cargo-authz"))
        .args(["manifest", "--format", "json", "--package", "authz-programs"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let real: Value = serde_json::from_slice(&output.stdout).unwrap();
    schema.validate(&real).unwrap();
}

#[test]
fn every_kind_of_requirement_is_described() {
    let schema = schema();
    let with = |requirement: Value| {
        let mut shop = shop();
        *shop.pointer_mut("/functions/0/requirement").unwrap() = requirement;
        schema.is_valid(&shop)
    };
    for requirement in [
        json!("anyone"),
        json!("authenticated"),
        json!("mfa"),
        json!("bound"),
        json!({ "role": "clerk" }),
        json!({ "scope": "read:orders" }),
        json!({ "acr": "gold" }),
        json!({ "max_age": 0 }),
        json!({ "all": [{ "any": ["mfa", { "not": "mfa" }] }] }),
        json!({ "rule": { "name": "shop::Refund", "requires": { "role": "clerk" } } }),
    ] {
        assert!(with(requirement.clone()), "{requirement}");
        serde_json::from_value::<authz_manifest::Requirement>(requirement).unwrap();
    }
    for wrong in [
        json!("nobody"),
        json!({}),
        json!({ "role": 1 }),
        json!({ "role": "clerk", "scope": "read:orders" }),
        json!({ "max_age": -1 }),
        json!({ "all": "mfa" }),
        json!({ "rule": { "name": "shop::Refund" } }),
    ] {
        assert!(!with(wrong.clone()), "{wrong}");
    }
}

#[test]
fn what_is_missing_or_newer_is_refused() {
    let schema = schema();
    let edited = |pointer: &str, value: Value| {
        let mut shop = shop();
        *shop.pointer_mut(pointer).unwrap() = value;
        schema.is_valid(&shop)
    };
    assert!(!edited("/format", json!(2)));
    assert!(!edited("/functions", json!([])));
    assert!(!edited("/functions/0/kind", json!("open")));
    assert!(!edited("/functions/0/kind", json!("public")), "a public function without a reason");
    let object = |value: Value| {
        let mut shop = shop();
        let function = shop.pointer_mut("/functions/2").and_then(Value::as_object_mut).unwrap();
        function.insert("object".to_owned(), value);
        schema.is_valid(&shop)
    };
    assert!(object(json!({ "check": "owner", "any_owner": { "role": "auditor" } })));
    assert!(object(json!({ "check": "any" })));
    assert!(!object(json!({ "check": "tenant" })) && !object(json!({})));
    assert!(!object(json!({ "check": "owner", "any_owner": "auditor" })));
    assert!(!edited("/policies/0/roles/0", json!({ "name": "admin" })));
    let resource = |field: Value| {
        let mut shop = shop();
        let resource = json!({
            "id": "shop::Order", "policy": "shop::policy::Policy", "file": "src/shop.rs", "line": 7,
            "owner": "customer", "fields": [field],
        });
        shop.as_object_mut().unwrap().insert("resources".to_owned(), json!([resource]));
        let read = serde_json::from_value::<authz_manifest::Manifest>(shop.clone());
        schema.is_valid(&shop) && read.is_ok_and(|read| json!(read) == shop)
    };
    assert!(resource(json!({ "name": "cost", "read": { "role": "manager" } })));
    assert!(resource(json!({ "name": "cost", "read": "mfa", "write": { "role": "manager" } })));
    assert!(!resource(json!({ "name": "cost" })) && !resource(json!({ "read": "mfa" })));
    assert!(!resource(json!({ "name": "cost", "write": "manager" })));
    let mut later = shop();
    later.as_object_mut().unwrap().insert("new".to_owned(), json!(1));
    assert!(schema.is_valid(&later), "members are added within a format");
}
