//! What a reviewer is told of a change: the difference first, a move as a move, one cause once, and for a scanner
//! a file that it takes.

#![expect(clippy::unwrap_used, reason = "a test that finds something else has failed")]
#![expect(clippy::panic, reason = "a test that finds something else has failed")]
#![expect(clippy::indexing_slicing, reason = "the places are those that the test wrote")]

mod support;

use std::path::{Path, PathBuf};

use authz_manifest::{Field, Function, Manifest, Object, Requirement, Resource};
use cargo_authz::drift::{Change, ChangeKind, Drift};
use serde_json::{Value, json};
use support::{folder, printed, program, records, run, shop};

fn drift(change: impl Fn(&mut Manifest)) -> Drift {
    let mut now = shop();
    change(&mut now);
    now.functions.sort_by(|left, right| left.id.cmp(&right.id));
    Drift::between(&shop(), &now).unwrap()
}

fn only(drift: &Drift) -> &Change {
    let [change] = drift.functions.as_slice() else { panic!("{drift:?}") };
    change
}

fn role(name: &str) -> Requirement {
    Requirement::Role(name.to_owned())
}

fn parts(function: &mut Function) -> &mut Vec<Requirement> {
    let Requirement::All(parts) = &mut function.requirement else { panic!("no parts") };
    parts
}

#[test]
fn a_verdict_says_the_difference() {
    for (change, expected) in [
        (
            (|refund| drop(parts(refund).remove(2))) as fn(&mut Function),
            "widened, without a second factor",
        ),
        (
            |refund| parts(refund)[3] = Requirement::MaxAge(900),
            "widened, with a log-in over 5m old",
        ),
        (|refund| parts(refund)[0] = role("clerk"), "widened, without role manager"),
        (|refund| drop(parts(refund).remove(4)), "widened, also with an acr"),
        (
            |refund| parts(refund)[3] = Requirement::MaxAge(60),
            "narrowed, only with a log-in at most 1m old",
        ),
        (|refund| parts(refund)[0] = role("admin"), "narrowed, only with role admin"),
        (
            |refund| parts(refund).push(Requirement::Bound),
            "narrowed, only with a token bound to its sender",
        ),
        (
            |refund| parts(refund)[2] = Requirement::Bound,
            "both widened and narrowed, without a second factor, only with a token bound to its sender",
        ),
        (|refund| parts(refund).push(Requirement::Any(Vec::new())), "narrowed"),
        (|refund| refund.route = Some("PUT /refunds".to_owned()), "route changed"),
        (|refund| parts(refund).reverse(), "same meaning"),
    ] {
        let drift = drift(|shop| change(&mut shop.functions[4]));
        assert_eq!(only(&drift).headline(), expected);
    }
}

#[test]
fn what_opens_to_callers_without_a_token_comes_first() {
    let open = |function: &mut Function| {
        function.kind = "public".to_owned();
        function.requirement = Requirement::Anyone;
        function.reason = Some("a catalogue, of sorts".to_owned());
    };
    let drift = drift(|shop| {
        parts(&mut shop.functions[0]).pop();
        open(&mut shop.functions[2]);
        let mut new = Function { id: "shop::zebra".to_owned(), ..shop.functions[4].clone() };
        new.route = None;
        open(&mut new);
        shop.functions.push(new);
    });
    let groups = drift.groups();
    let told: Vec<_> = groups.iter().map(|group| group.first().unwrap().headline()).collect();
    assert_eq!(
        told,
        [
            "open to callers without a token",
            "new, and open to callers without a token",
            "widened, without scope write:orders",
        ]
    );
    assert!(!drift.only_narrows());
}

/// Every way in which a function is the same one elsewhere, and those in which it is another.
#[test]
fn a_move_is_told_as_one_with_what_it_hides() {
    let moved = |change: fn(&mut Function)| drift(|shop| change(&mut shop.functions[4]));
    // By its route, under another name.
    let pure = moved(|refund| refund.id = "shop::money::give_back".to_owned());
    let change = only(&pure);
    assert_eq!(
        (change.kind, change.headline().as_str()),
        (ChangeKind::Moved, "moved, same meaning")
    );
    assert_eq!(change.moved_from(), Some("shop::service::refund"));
    assert!(pure.only_narrows());
    let (removed, added) = change.lines();
    assert_eq!(
        (removed[0].as_str(), added[0].as_str()),
        ("fn shop::service::refund", "fn shop::money::give_back")
    );
    // By the end of its path.
    let by_end = drift(|shop| shop.functions[0].id = "shop::orders::cancel".to_owned());
    assert_eq!(only(&by_end).moved_from(), Some("shop::service::cancel"));
    // With a part that is lost on the way.
    let widened = moved(|refund| {
        refund.id = "shop::money::refund".to_owned();
        parts(refund).remove(2);
    });
    assert_eq!(only(&widened).headline(), "moved and widened, without a second factor");
    assert!(!widened.only_narrows());

    // Another route is another function, even with the same end.
    let other = moved(|refund| {
        refund.id = "shop::money::refund".to_owned();
        refund.route = Some("DELETE /everything".to_owned());
    });
    assert_eq!(
        other.functions.iter().map(|it| it.kind).collect::<Vec<_>>(),
        [ChangeKind::New, ChangeKind::Gone]
    );
    // So is another name without a route, and one of two.
    let renamed = drift(|shop| shop.functions[0].id = "shop::service::call_off".to_owned());
    assert_eq!(renamed.functions.len(), 2);
    let two = drift(|shop| {
        let twin = Function { id: "shop::b::cancel".to_owned(), ..shop.functions[0].clone() };
        shop.functions[0].id = "shop::a::cancel".to_owned();
        shop.functions.push(twin);
    });
    assert_eq!(two.functions.len(), 3);
    assert!(!two.only_narrows());
    // The longer end decides where the last name alone does not.
    let mut before = shop();
    before.functions = ["a::x::list", "a::y::list"]
        .map(|id| Function { id: id.to_owned(), route: None, ..before.functions[2].clone() })
        .into();
    let mut now = before.clone();
    for function in &mut now.functions {
        function.id = function.id.replace("a::", "b::");
    }
    let both = Drift::between(&before, &now).unwrap();
    let from: Vec<_> = both.functions.iter().map(|it| (it.moved_from(), it.id())).collect();
    assert_eq!(from, [(Some("a::x::list"), "b::x::list"), (Some("a::y::list"), "b::y::list")]);
}

#[test]
fn one_cause_is_named_once_with_the_functions_under_it() {
    let drift = drift(|shop| {
        let clerk = shop.policies[0].roles.iter_mut().find(|role| role.name == "clerk").unwrap();
        clerk.includes.push("manager".to_owned());
        shop.policies[0].roles[1].includes.retain(|name| name != "clerk");
    });
    let words: Vec<_> = drift.policies.iter().map(ToString::to_string).collect();
    assert_eq!(
        words,
        ["role `clerk` now includes `manager`", "role `manager` no longer includes `clerk`"]
    );
    let groups = drift.groups();
    let ids: Vec<Vec<_>> = groups
        .iter()
        .map(|group| group.changes.iter().map(|change| change.id()).collect())
        .collect();
    assert_eq!(ids, [["shop::service::cancel", "shop::service::refund"]]);
    let told: Vec<_> = groups[0].changes.iter().map(|change| change.headline()).collect();
    assert_eq!(
        told,
        [
            "widened by the policy, with a log-in over 1h old",
            "widened by the policy, without role manager"
        ]
    );
}

fn order(owner: &str) -> Resource {
    Resource {
        id: "shop::Order".to_owned(),
        policy: None,
        file: "src/shop.rs".to_owned(),
        line: 5,
        owner: Some(owner.to_owned()),
        issuer: None,
        tenant: None,
        fields: Vec::new(),
    }
}

/// A folder with the shop, which opens orders, and what became of it.
fn opening(name: &str) -> PathBuf {
    let folder = folder(name);
    let mut before = shop();
    before.resources = vec![order("customer")];
    before.functions[2].object = Some(Object::owner(Some(role("auditor"))));
    let mut now = before.clone();
    now.resources = vec![order("seller")];
    now.functions[0].object = Some(Object::any());
    now.functions[3].kind = String::from("public");
    now.functions[3].requirement = Requirement::Anyone;
    let export = Function {
        id: "shop::service::export".to_owned(),
        object: Some(Object::any()),
        route: None,
        ..before.functions[2].clone()
    };
    now.functions.insert(1, export);
    now.policies[0].roles[2].grants.push("read:orders".to_owned());
    for (name, manifest) in [("before", &before), ("now", &now)] {
        std::fs::write(folder.join(name), program(&records(manifest))).unwrap();
    }
    let (_, told, code) = printed(&run(&folder, &["lock", "--program", "before"]));
    assert_eq!(code, 0, "{told}");
    folder
}

fn text(folder: &Path, command: &str) -> String {
    let words: Vec<_> = command.split(' ').collect();
    printed(&run(folder, &words)).0
}

#[test]
fn whose_objects_a_caller_sees_is_in_every_answer() {
    let folder = opening("changes-objects");
    let list = text(&folder, "who list --program before");
    assert!(
        list.contains("sees    own objects\n  any owner's  role auditor, scope read:orders\n"),
        "{list}"
    );
    let export = text(&folder, "who export --program now");
    assert!(export.contains("sees    the objects of any owner\n"), "{export}");
    assert!(!text(&folder, "who refund --program now").contains("sees"));
    let who: Value =
        serde_json::from_str(&text(&folder, "who list --program now --format json")).unwrap();
    assert_eq!(who["sees_any_owner"], json!([{ "roles": ["auditor"], "scopes": ["read:orders"] }]));

    let clerk = text(&folder, "can --role clerk --scope read:orders --program now");
    assert!(clerk.contains("shop::service::list, own objects "), "{clerk}");
    assert!(clerk.contains("shop::service::export, the objects of any owner "), "{clerk}");
    let auditor = text(&folder, "can --role auditor --scope read:orders --program now");
    assert!(auditor.contains("shop::service::list, the objects of any owner "), "{auditor}");
    let can: Value = serde_json::from_str(&text(
        &folder,
        "can --role clerk --scope read:orders --program now --format json",
    ))
    .unwrap();
    let sees: Vec<_> =
        can["reaches"].as_array().unwrap().iter().map(|it| it["sees"].as_str()).collect();
    assert_eq!(sees, [Some("the objects of any owner"), None, Some("own objects"), None]);

    let page = text(&folder, "report --output - --program now");
    let row = page.rsplit("<tr").find(|row| row.contains("shop::service::list")).unwrap();
    assert_eq!(row.matches("the objects of any owner").count(), 3, "{row}");
    assert_eq!(row.matches("own objects").count(), 2, "{row}");

    let check = text(&folder, "check --program now");
    let export = "shop::service::export: new. Allowed: scope read:orders. Sees the objects of any owner: scope read:orders\n";
    assert!(check.contains(export), "{check}");
    let owner = "resource `shop::Order` was owner = \"customer\", and is owner = \"seller\"; opened to its owner by \
                 `shop::service::list`\n";
    assert!(check.contains(owner), "{check}");
}

#[test]
fn a_program_reads_what_changed_as_values() {
    let folder = opening("changes-json");
    let drift: Value =
        serde_json::from_str(&text(&folder, "check --program now --format json")).unwrap();
    assert_eq!(
        drift["policies"],
        json!([{
            "policy": "shop::policy::Policy", "kind": "role", "name": "clerk",
            "relation": "grants", "other": "read:orders", "new": true,
            "text": "role `clerk` now grants `read:orders`",
        }])
    );
    assert_eq!(drift["resources"][0]["functions"], json!(["shop::service::list"]));
    let me = drift["functions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["id"] == "shop::service::me")
        .unwrap();
    assert_eq!(
        (&me["newly_allowed"], &me["verdict"]),
        (&json!({ "anonymous": true }), &json!("exposed"))
    );
    let nobody: Value =
        serde_json::from_str(&text(&folder, "can --nobody --program now --format json")).unwrap();
    assert_eq!(nobody["caller"], json!({ "anonymous": true }));
}

/// The schema of the standard, and what code scanning on GitHub says it needs: every rule declared, one physical
/// location below a relative path for each result, a fingerprint, and no more results than it takes.
#[test]
fn a_scanner_takes_every_sarif_file() {
    let mut schema: Value =
        serde_json::from_str(include_str!("support/sarif.schema.json")).unwrap();
    // A bracket is missing in this expression; no log here has a language.
    for of in ["run", "toolComponent"] {
        schema["definitions"][of]["properties"]["language"]["pattern"] = json!("");
    }
    let schema = jsonschema::validator_for(&schema).unwrap();
    let folder = opening("changes-sarif");
    let mut gone = shop();
    gone.functions.truncate(2);
    gone.functions[0].file = "src/with space.rs".to_owned();
    gone.functions[0].requirement = Requirement::Mfa;
    gone.policies[0].roles.retain(|role| role.name != "admin");
    gone.resources = vec![Resource {
        policy: Some(gone.policies[0].id.clone()),
        fields: vec![Field { name: "cost".to_owned(), read: Some(role("manager")), write: None }],
        ..order("seller")
    }];
    std::fs::write(folder.join("gone"), program(&records(&gone))).unwrap();
    let mut seen = Vec::new();
    for command in [
        "check --program now",
        "check --program gone",
        "diff now gone",
        "lint --program now",
        "diff now now",
    ] {
        let log: Value =
            serde_json::from_str(&text(&folder, &format!("{command} --format sarif"))).unwrap();
        schema.validate(&log).unwrap();
        let run = &log["runs"][0];
        let rules: Vec<_> = run["tool"]["driver"]["rules"]
            .as_array()
            .unwrap()
            .iter()
            .map(|rule| rule["id"].clone())
            .collect();
        let results = run["results"].as_array().unwrap();
        let mut prints: Vec<_> = results
            .iter()
            .map(|it| it["partialFingerprints"]["primaryLocationLineHash"].to_string())
            .collect();
        for result in results {
            assert!(rules.contains(&result["ruleId"]), "{result}");
            assert_eq!(result["locations"].as_array().map(Vec::len), Some(1), "{result}");
            let place = &result["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            assert!(
                !uri.is_empty() && !uri.starts_with('/') && !uri.contains([' ', '\\', ':']),
                "{result}"
            );
            assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
            assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
            seen.push((
                result["ruleId"].as_str().unwrap().to_owned(),
                uri.to_owned(),
                place["region"]["startLine"].clone(),
            ));
        }
        prints.sort();
        prints.dedup();
        assert_eq!(prints.len(), results.len(), "{command}");
    }
    let lock = std::fs::read_to_string(folder.join("authz.lock")).unwrap();
    let line = |text: &str| json!(lock.lines().position(|line| line.contains(text)).unwrap() + 1);
    // What is gone stands in the lock, and so does what changed in a policy.
    for (rule, uri, line) in [
        ("access/gone", "authz.lock", line("id = \"shop::service::refund\"")),
        ("access/policy", "authz.lock", line("[policy.\"shop::policy::Policy\".")),
        ("access/resource", "src/shop.rs", json!(5)),
        ("access/both", "src/with%20space.rs", json!(30)),
        ("access/new", "src/service.rs", json!(10)),
    ] {
        assert!(
            seen.contains(&(rule.to_owned(), uri.to_owned(), line.clone())),
            "{rule} {uri} {line}: {seen:?}"
        );
    }
}

/// A circle of roles is nothing that a macro writes; a file may say it all the same.
#[test]
fn roles_that_include_each_other_are_asked_for_all_the_same() {
    let folder = folder("changes-circle");
    let mut circle = shop();
    circle.policies[0].roles[2].includes.push("manager".to_owned());
    circle.functions.truncate(1);
    circle.functions[0].requirement = Requirement::All(vec![role("manager"), role("clerk")]);
    std::fs::write(folder.join("circle"), program(&records(&circle))).unwrap();
    let who = text(&folder, "who cancel --program circle");
    assert!(who.contains("passes  role clerk\n"), "{who}");
}
