//! The security of an OpenAPI document says who passes, and an operation that the program does not
//! know is told.

#![expect(clippy::unwrap_used, reason = "a test that finds something else has failed")]

mod support;

use serde_json::{Value, json};
use support::{folder, printed, program, records, run, shop};

fn ready(name: &str) -> std::path::PathBuf {
    let folder = folder(name);
    let mut shop = shop();
    let cancel = shop.functions.iter_mut().find(|it| it.id.ends_with("cancel")).unwrap();
    cancel.route = Some("DELETE /orders/{id}".to_owned());
    let me = shop.functions.iter_mut().find(|it| it.id.ends_with("::me")).unwrap();
    me.route = Some("GET /files/{*path}".to_owned());
    let mut hidden = me.clone();
    hidden.id.push_str("_hidden");
    hidden.route = None;
    shop.functions.push(hidden);
    std::fs::write(folder.join("shop"), program(&records(&shop))).unwrap();
    folder
}

#[test]
fn a_document_has_every_declared_route_with_the_weakest_callers_that_pass() {
    let folder = ready("openapi-new");
    let (text, said, code) = printed(&run(&folder, &["openapi", "--program", "shop"]));
    assert_eq!((said.as_str(), code), ("1 functions declare no route\n", 0));
    let document: Value = serde_json::from_str(&text).unwrap();
    let security = |pointer: &str| document.pointer(pointer).unwrap().clone();
    assert_eq!(security("/paths/~1health/get/security"), json!([]));
    assert_eq!(security("/paths/~1orders/get/security"), json!([{ "bearer": ["read:orders"] }]));
    assert_eq!(security("/paths/~1files~1{path}/get/security"), json!([{ "bearer": [] }]));
    assert_eq!(
        security("/paths/~1orders~1{id}/delete/security"),
        json!([
            { "bearer": ["write:orders", "role:manager"] },
            { "bearer": ["write:orders", "role:clerk"] },
        ])
    );
    assert_eq!(
        security("/paths/~1orders~1{id}~1refund/post/x-authz-requires"),
        json!(
            "role = \"manager\", scope = \"write:orders\", mfa, max_age = \"5m\", \
             not(acr = \"bronze\")"
        )
    );
    assert_eq!(security("/components/securitySchemes/bearer/scheme"), json!("bearer"));
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("openapi", text);
    });
}

#[test]
fn a_document_of_ones_own_keeps_what_it_says_and_unknown_operations_are_told() {
    let folder = ready("openapi-own");
    let own = json!({
        "openapi": "3.1.0",
        "info": { "title": "Shop", "version": "7" },
        "security": [{ "other": [] }],
        "paths": {
            "/orders/{order}": {
                "parameters": [],
                "delete": { "summary": "Cancels.", "security": [] },
                "get": { "summary": "Shows." },
            },
        },
        "components": { "securitySchemes": { "other": { "type": "mutualTLS" } } },
    });
    std::fs::write(folder.join("own.json"), own.to_string()).unwrap();
    let arguments = ["openapi", "--program", "shop", "--document", "own.json"];
    let (text, said, code) = printed(&run(&folder, &arguments));
    assert_eq!(code, 1);
    assert_eq!(
        said.lines().next(),
        Some("`GET /orders/{order}` is in the document, and no function declares it")
    );
    let document: Value = serde_json::from_str(&text).unwrap();
    let at = |pointer: &str| document.pointer(pointer).cloned();
    let delete = at("/paths/~1orders~1{order}/delete").unwrap();
    assert_eq!(delete.get("summary"), Some(&json!("Cancels.")));
    assert_eq!(delete.get("security").and_then(Value::as_array).map(Vec::len), Some(2));
    assert_eq!(at("/paths/~1orders~1{order}/get"), Some(json!({ "summary": "Shows." })));
    assert_eq!(at("/components/securitySchemes/other/type"), Some(json!("mutualTLS")));
    assert!(at("/components/securitySchemes/bearer").is_some());
    assert_eq!(at("/security"), Some(json!([{ "other": [] }])));
}

#[test]
fn what_is_no_document_is_refused() {
    let folder = ready("openapi-bad");
    for (name, text, code) in [
        ("yaml", "openapi: 3.1.0", 20),
        ("old", r#"{"openapi":"3.0.3","paths":{}}"#, 20),
        ("pathless", r#"{"openapi":"3.1.0"}"#, 20),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
        let output = run(&folder, &["openapi", "--program", "shop", "--document", name]);
        assert_eq!(printed(&output).2, code, "{name}");
    }
    let output = run(&folder, &["openapi", "--program", "shop", "--document", "nothing"]);
    assert_eq!(printed(&output).2, 4);
}
