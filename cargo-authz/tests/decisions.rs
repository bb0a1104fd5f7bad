//! Logs of decisions as a user hands them in: what is decided otherwise now, what is held and not needed,
//! and one clear sentence for each log that is not whole.

#![expect(clippy::unwrap_used, reason = "a test that finds something else has failed")]
#![expect(clippy::indexing_slicing, reason = "the places are those that the test wrote")]

mod support;

use std::path::{Path, PathBuf};

use authz_core::audit::{HIDDEN, Held, HiddenObjects, Lacking, Record, Who};
use authz_manifest::{Manifest, Object, Requirement};
use serde_json::{Value, json};
use support::{folder, printed, program, records, run, shop};

fn write(folder: &Path, name: &str, manifest: &Manifest) {
    std::fs::write(folder.join(name), program(&records(manifest))).unwrap();
}

/// A decision about `shop::service::FUNCTION`: for roles and scopes, by a client.
fn decision(
    outcome: &str,
    function: &str,
    roles: &[&str],
    scopes: &[&str],
    client: &str,
) -> Record {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Record {
        format: 1,
        at: "2026-11-28T08:00:00.000000Z".to_owned(),
        outcome: outcome.to_owned(),
        function: format!("shop::service::{function}"),
        kind: "requires".to_owned(),
        policy: "shop::policy::Policy".to_owned(),
        requirement: "0123456789abcdef".to_owned(),
        method: None,
        route: None,
        trace: None,
        span: None,
        who: Some(Who {
            issuer: "https://id.example.com".to_owned(),
            subject: "ann".to_owned(),
            tenant: None,
            client: Some(client.to_owned()),
            by: "access_token".to_owned(),
            credential: None,
        }),
        held: Some(Held {
            roles: names(roles),
            scopes: names(scopes),
            mfa: true,
            auth_age: Some(120),
            ..Held::default()
        }),
        missing: None,
        detail: None,
        shadow: None,
        hidden: None,
        one_in: 1,
    }
}

fn nobody(function: &str) -> Record {
    let denied = decision("no_credentials", function, &[], &[], "");
    Record { who: None, held: None, ..denied }
}

/// Some of a list of orders stayed hidden from the caller, beside the grant.
fn hidden(count: usize) -> Record {
    let resource = "shop::service::Order".to_owned();
    let denied = decision(HIDDEN, "list", &["clerk"], &["write:orders"], "till");
    Record { hidden: Some(HiddenObjects { resource, count }), ..denied }
}

fn replayed(decisions: u64) -> String {
    format!("{decisions} decision{} replayed\n", if decisions == 1 { "" } else { "s" })
}

fn lines(records: &[Record]) -> String {
    records.iter().map(|record| serde_json::to_string(record).unwrap() + "\n").collect()
}

/// A day of the shop.
fn day() -> Vec<Record> {
    let (reader, writer) = (["read:orders"], ["write:orders"]);
    let mut day = vec![
        decision("granted", "list", &["clerk"], &writer, "till"),
        decision("granted", "list", &["manager"], &writer, "till"),
        decision("granted", "cancel", &["clerk"], &writer, "till"),
        decision("granted", "list", &["auditor"], &reader, "books"),
        decision("granted", "me", &["auditor"], &reader, "books"),
        decision("granted", "refund", &["manager"], &writer, "back-office"),
        decision("insufficient_scope", "refund", &["clerk"], &writer, "till"),
        decision("insufficient_scope", "list", &["clerk"], &[], "till"),
        nobody("list"),
        nobody("me"),
        decision("granted", "gone", &["clerk"], &writer, "till"),
        decision("insufficient_scope", "gone", &[], &writer, "till"),
    ];
    // A refund of the evening, by a log-in that is older and still good; and one that stands for many.
    let mut evening = decision("granted", "refund", &["manager"], &writer, "back-office");
    evening.at = String::from("2026-11-28T20:00:00.000000Z");
    evening.held.as_mut().unwrap().auth_age = Some(250);
    day.push(evening);
    day.push(Record { one_in: 100, ..day[0].clone() });
    day
}

/// The shop, with a refund that wants more, a list that wants less, and an account page for everybody.
fn changed() -> Manifest {
    let mut shop = shop();
    shop.functions[2].requirement = Requirement::Any(vec![
        Requirement::Scope("read:orders".to_owned()),
        Requirement::Role("clerk".to_owned()),
    ]);
    shop.functions[3].kind = String::from("public");
    shop.functions[3].requirement = Requirement::Anyone;
    shop.functions[4].requirement = Requirement::All(vec![
        shop.functions[4].requirement.clone(),
        Requirement::Role("admin".to_owned()),
    ]);
    shop
}

fn ready(name: &str) -> PathBuf {
    let folder = folder(name);
    write(&folder, "shop", &shop());
    write(&folder, "changed", &changed());
    std::fs::write(folder.join("day.jsonl"), lines(&day())).unwrap();
    folder
}

fn golden(name: &str, folder: &Path, arguments: &[&str]) -> i32 {
    let (text, said, code) = printed(&run(folder, arguments));
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, format!("{text}---\n{said}")));
    code
}

#[test]
fn what_would_be_decided_otherwise_now_is_told_with_who_is_hit() {
    let folder = ready("decisions-replay");
    let on = |log: &'static str, program: &'static str| ["replay", log, "--program", program];
    assert_eq!(golden("replay", &folder, &on("day.jsonl", "changed")), 1);
    let json = [&on("day.jsonl", "changed")[..], &["--format", "json"]].concat();
    assert_eq!(golden("replay-json", &folder, &json), 1);

    // By the requirements that it was decided by, only what is gone is told; and then nothing.
    let of_the_day: Vec<_> =
        day().into_iter().filter(|record| !record.function.ends_with("gone")).collect();
    std::fs::write(folder.join("known.jsonl"), lines(&of_the_day)).unwrap();
    let (text, said, code) = printed(&run(&folder, &on("known.jsonl", "shop")));
    assert_eq!((text.as_str(), said, code), ("", replayed(111), 0));
    let (text, _, code) = printed(&run(&folder, &on("day.jsonl", "shop")));
    assert_eq!(
        text,
        "shop::service::gone: gone. 1 granted, 1 denied\n\n2 about functions that are gone\n"
    );
    assert_eq!(code, 1);
}

/// What the manual shows of the tool is what it prints of this day.
#[test]
fn the_manual_shows_what_is_printed() {
    let folder = ready("decisions-manual");
    let page = include_str!("../../authz-core/src/docs/decisions.md").replace("\r\n", "\n");
    let mut shown = 0;
    for (command, program) in [("replay", "changed"), ("usage", "shop")] {
        let line = format!("```console\n$ cargo authz {command} decisions.jsonl\n");
        let (_, rest) = page.split_once(&line).unwrap();
        let (said, _) = rest.split_once("```").unwrap();
        let (text, ..) = printed(&run(&folder, &[command, "day.jsonl", "--program", program]));
        assert!(text.contains(said), "{said}\nis not in\n{text}");
        shown += said.lines().count();
    }
    assert!(shown > 15, "{shown}");
}

#[test]
fn a_change_of_the_hierarchy_flips_decisions_too() {
    let folder = ready("decisions-hierarchy");
    let mut flat = shop();
    flat.policies[0].scopes[1].includes.clear();
    write(&folder, "flat", &flat);
    let (text, _, code) = printed(&run(&folder, &["replay", "day.jsonl", "--program", "flat"]));
    assert!(
        text.contains("shop::service::list: was granted, would be denied. 102 decisions"),
        "{text}"
    );
    assert!(text.contains("would pass with scope read:orders"), "{text}");
    assert_eq!(code, 1);
}

/// What a token names by itself stays, whatever else included it then.
#[test]
fn under_a_smaller_hierarchy_a_caller_has_what_the_credentials_named() {
    let folder = ready("decisions-smaller-hierarchy");
    let mut flat = shop();
    let policy = &mut flat.policies[0];
    for name in policy.roles.iter_mut().chain(&mut policy.scopes) {
        name.includes.clear();
    }
    write(&folder, "flat", &flat);
    let both = ["read:orders", "write:orders"];
    let named = [
        decision("granted", "list", &["clerk"], &both, "till"),
        decision("granted", "list", &["clerk"], &["write:orders"], "back-office"),
    ];
    std::fs::write(folder.join("named.jsonl"), lines(&named)).unwrap();
    let (text, said, code) =
        printed(&run(&folder, &["replay", "named.jsonl", "--program", "flat"]));
    assert!(text.contains("list: was granted, would be denied. 1 decision"), "{text}");
    assert!(text.contains("by back-office\n"), "{text}");
    assert_eq!((said, code), (replayed(2), 1));
}

/// Of an account, or of a token whose issuer lets roles grant scopes: they are not its own.
fn of_roles(mut record: Record) -> Record {
    record.held.as_mut().unwrap().scopes_of_roles = true;
    record
}

#[test]
fn scopes_that_came_from_roles_are_those_that_the_roles_grant_now() {
    let folder = ready("decisions-grants");
    let writer = ["write:orders"];
    let listed = decision("granted", "list", &["clerk"], &writer, "till");
    let refused = decision("insufficient_scope", "list", &["admin"], &[], "back-office");
    let day = [of_roles(listed.clone()), listed, of_roles(refused)];
    std::fs::write(folder.join("grants.jsonl"), lines(&day)).unwrap();
    // Clerks are not granted anything any more; admins, who were not, read.
    let mut other = shop();
    for role in &mut other.policies[0].roles {
        role.grants.clear();
        role.includes.clear();
    }
    let admin = other.policies[0].roles.iter_mut().find(|role| role.name == "admin").unwrap();
    admin.grants.push("read:orders".to_owned());
    write(&folder, "other", &other);
    let (text, said, code) =
        printed(&run(&folder, &["replay", "grants.jsonl", "--program", "other"]));
    let flipped = |was: &str, now: &str| {
        format!("shop::service::list: was {was}, would be {now}. 1 decision\n")
    };
    assert!(text.contains(&flipped("granted", "denied")), "{text}");
    assert!(text.contains("would pass with scope read:orders\n"), "{text}");
    assert!(text.contains(&flipped("denied", "granted")), "{text}");
    assert_eq!((said, code), (replayed(3), 1));

    // The role is what is needed of a caller who has nothing else.
    std::fs::write(folder.join("account.jsonl"), lines(&day[..1])).unwrap();
    let (text, ..) = printed(&run(&folder, &["usage", "account.jsonl", "--program", "shop"]));
    assert_eq!(
        text,
        "till https://id.example.com, 1 grant of 1 function\n  holds   role clerk\n  needs all of it\n        \
         1 shop::service::list: needs role clerk\n"
    );
}

#[test]
fn what_is_held_and_not_needed_is_told_for_each_client_and_each_function() {
    let folder = ready("decisions-usage");
    let ask = ["usage", "day.jsonl", "--program", "shop"];
    assert_eq!(golden("usage", &folder, &ask), 0);
    assert_eq!(golden("usage-json", &folder, &[&ask[..], &["--format", "json"]].concat()), 0);
}

/// The promise of `usage`: whoever gets the smaller grant does all that was done, and no name of it can go.
#[test]
fn the_smaller_grant_lets_every_recorded_call_pass_and_has_nothing_to_spare() {
    use cargo_authz::decisions::{Call, Grant, smallest};
    use cargo_authz::identity::{Caller, Identity};
    use cargo_authz::meaning::Vocabulary;

    let shop = shop();
    let vocabulary = Vocabulary::new(&shop.policies[0]);
    let subsets = |names: &[&str]| {
        (0..1_usize << names.len())
            .map(|bits| {
                let held = names.iter().enumerate().filter(move |(bit, _)| bits >> bit & 1 == 1);
                held.map(|(_, name)| (*name).to_owned()).collect()
            })
            .collect::<Vec<std::collections::BTreeSet<String>>>()
    };
    let mut tried = 0;
    for roles in subsets(&["admin", "manager", "clerk", "auditor"]) {
        for scopes in subsets(&["read:orders", "write:orders"]) {
            let identity = Identity {
                roles: roles.clone(),
                scopes,
                mfa: true,
                age: Some(300),
                ..Identity::default()
            };
            let passes = |function: &authz_manifest::Function, grant: &Grant| {
                let identity = Identity {
                    roles: grant.roles.clone(),
                    scopes: grant.scopes.clone(),
                    ..identity.clone()
                };
                vocabulary.permits(
                    &function.kind,
                    &function.requirement,
                    &Caller::Somebody(identity),
                )
            };
            let call = |function| Call { function, identity: &identity, scopes_of_roles: false };
            let all = Grant::of(shop.functions.iter().take(1).map(call));
            let passing = shop.functions.iter().filter(|function| passes(function, &all));
            let calls: Vec<_> = passing.map(call).collect();
            let smaller = smallest(&vocabulary, &calls);
            assert!(calls.iter().all(|call| passes(call.function, &smaller)), "{smaller:?}");
            for name in smaller.roles.iter().chain(&smaller.scopes) {
                let mut less = smaller.clone();
                less.roles.remove(name);
                less.scopes.remove(name);
                assert!(
                    !calls.iter().all(|call| passes(call.function, &less)),
                    "{name} of {smaller:?}"
                );
            }
            tried += calls.len();
        }
    }
    assert!(tried > 100, "{tried}");
}

/// The call itself was allowed: neither a denial that would be a grant, nor a grant to be used.
#[test]
fn a_field_that_was_refused_is_counted_and_decides_nothing() {
    let folder = ready("decisions-fields");
    let granted = decision("granted", "list", &["auditor"], &["read:orders"], "books");
    let mut refused =
        decision("insufficient_scope", "list", &["auditor"], &["read:orders"], "books");
    let fields = vec!["discount".to_owned()];
    refused.missing =
        Some(Lacking { roles: vec!["manager".to_owned()], fields, ..Lacking::default() });
    let asked = |records: &[Record], command: &[&str]| {
        std::fs::write(folder.join("fields.jsonl"), lines(records)).unwrap();
        let of_the_shop = ["fields.jsonl", "--program", "shop"];
        printed(&run(&folder, &[command, &of_the_shop].concat()))
    };
    let day = [granted.clone(), refused.clone(), granted, refused.clone()];
    let said = "2 calls brought fields that the caller may not set: the call was allowed, and what came \
                with it is not decided again\n";
    let (text, notes, code) = asked(&day, &["replay"]);
    // Nothing flips, though what the function asks for is met.
    assert_eq!((text.as_str(), code), ("", 0));
    assert!(notes.contains("2 decisions replayed") && notes.ends_with(said), "{notes}");
    let (_, notes, code) = asked(&[refused], &["usage"]);
    assert_eq!(code, 21);
    assert!(
        notes.contains("it tells of objects and fields that were refused, and of no call"),
        "{notes}"
    );
}

/// Neither a denial that would be a grant, nor a grant of which the client needs something.
#[test]
fn what_stayed_hidden_is_counted_and_decides_nothing() {
    let folder = ready("decisions-hidden");
    let asked = |records: &[Record], arguments: &[&str]| {
        std::fs::write(folder.join("hidden.jsonl"), lines(records)).unwrap();
        let of_the_shop = ["hidden.jsonl", "--program", "shop"];
        printed(&run(&folder, &[&arguments[..1], &of_the_shop, &arguments[1..]].concat()))
    };
    let granted = decision("granted", "list", &["clerk"], &["write:orders"], "till");
    let day = [granted.clone(), hidden(2), granted.clone(), hidden(17)];
    let said = "19 objects were hidden from callers whose they are not: that depends on the objects, and is \
                not decided again\n";
    let (text, notes, code) = asked(&day, &["replay"]);
    assert_eq!((text.as_str(), code), ("", 0));
    assert_eq!(notes, format!("{}{said}", replayed(2)));
    let (text, notes, _) = asked(&day, &["usage"]);
    assert!(text.starts_with("till https://id.example.com, 2 grants of 1 function\n"), "{text}");
    assert_eq!(notes, format!("2 grants of 1 client\n{said}"));
    let (text, _, _) = asked(&day, &["replay", "--format", "json"]);
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&json["decisions"], &json["hidden"]), (&json!(2), &json!(19)));
    let (_, notes, code) = asked(&[granted, hidden(1)], &["replay"]);
    let one = said.replace("19 objects were", "1 object was");
    assert_eq!((notes, code), (format!("{}{one}", replayed(1)), 0));
    // Of nothing else nothing can be decided again.
    let (_, notes, code) = asked(&[hidden(1)], &["replay"]);
    assert_eq!(code, 21);
    assert!(
        notes.contains("it tells of objects and fields that were refused, and of no call"),
        "{notes}"
    );
}

/// A role that only opens the objects of others passes nowhere, and is needed all the same.
#[test]
fn what_shows_the_objects_of_others_is_needed() {
    let folder = ready("decisions-any-owner");
    let mut shop = shop();
    let auditor = Requirement::Role("auditor".to_owned());
    shop.functions[2].object = Some(Object::owner(Some(auditor)));
    write(&folder, "sealed", &shop);
    let reader = ["read:orders"];
    let listed = [
        decision("granted", "list", &["auditor"], &reader, "books"),
        decision("granted", "list", &["clerk"], &reader, "till"),
    ];
    std::fs::write(folder.join("listed.jsonl"), lines(&listed)).unwrap();
    let (text, ..) = printed(&run(&folder, &["usage", "listed.jsonl", "--program", "sealed"]));
    assert_eq!(
        text,
        "books https://id.example.com, 1 grant of 1 function\n  \
         holds   role auditor, scope read:orders\n  \
         needs all of it\n        \
         1 shop::service::list: needs role auditor, scope read:orders\n\
         till https://id.example.com, 1 grant of 1 function\n  \
         holds   role clerk, scope read:orders\n  \
         unused  role clerk\n  \
         enough  scope read:orders\n        \
         1 shop::service::list: needs scope read:orders, not role clerk\n"
    );
}

#[test]
fn a_log_that_is_not_whole_says_so_in_a_sentence() {
    let folder = ready("decisions-damaged");
    let whole = lines(&day()[..2]);
    let told = |name: &str, text: &[u8]| {
        std::fs::write(folder.join(name), text).unwrap();
        let (_, said, code) = printed(&run(&folder, &["replay", name, "--program", "shop"]));
        (said, code)
    };
    let torn = told("torn.jsonl", &[whole.as_bytes(), &whole.as_bytes()[..40]].concat());
    let (two, four) = (replayed(2), replayed(4));
    assert_eq!(torn.0, format!("{two}the last line has no end and is left out\n"));
    assert_eq!(torn.1, 0);
    // A last line without a line feed that is whole counts.
    assert_eq!(told("ended.jsonl", whole.trim_end().as_bytes()).0, two);
    let foreign = format!("{whole}\n{{\"level\":\"info\"}}\nno JSON\n{{\"format\":1}}\n{whole}");
    assert_eq!(
        told("foreign.jsonl", foreign.as_bytes()).0,
        format!(
            "{four}3 lines are no record of a decision and left out; the first is line 4: missing field `format` at line 1 column 16\n"
        )
    );
    let dropped = "{\"format\":1,\"at\":\"2026-11-28T08:00:00.000000Z\",\"dropped\":17}\n";
    assert_eq!(
        told("dropped.jsonl", format!("{whole}{dropped}{dropped}").as_bytes()).0,
        format!("{two}34 decisions are not in the log: they came too fast for it\n")
    );
    let long = [whole.as_bytes(), &vec![b'x'; 3 << 20], b"\n", whole.as_bytes()].concat();
    assert_eq!(
        told("long.jsonl", &long).0,
        format!(
            "{four}1 line is no record of a decision and left out; the first is line 3: expected value at line 1 column 1\n"
        )
    );

    let newer = told("newer.jsonl", whole.replace("\"format\":1", "\"format\":2").as_bytes());
    assert_eq!(
        (newer.0.as_str(), newer.1),
        (
            "error: line 1 of `newer.jsonl` has format 2, and this cargo-authz knows formats up to 1; \
             install a newer one: `cargo install cargo-authz`\n",
            10
        )
    );
    let hidden = "{\"format\":1,\"at\":\"2026-11-28T08:00:00.000000Z\",\"dropped\":17}\n";
    for (name, text, why) in [
        ("empty.jsonl", &b""[..], "it is empty"),
        (
            "bytes.jsonl",
            b"\xff\xfe\n",
            "line 1 is no record of one: expected value at line 1 column 1",
        ),
        ("shop.log", b"\nhello\n", "line 2 is no record of one: expected value at line 1 column 1"),
        (
            "other.jsonl",
            b"{\"level\":\"info\"}\n",
            "line 1 is no record of one: missing field `format`",
        ),
        ("half.jsonl", b"{\"format\":1,", "its one line has no end"),
        ("lost.jsonl", hidden.as_bytes(), "it says of 17 that they are not in it"),
    ] {
        let (said, code) = told(name, text);
        let is_it = "is it what `authz_core::audit::JsonLines` writes?\n";
        assert!(
            said.starts_with(&format!("error: `{name}` has no decision in it: {why}")),
            "{said}"
        );
        assert!(said.ends_with(is_it), "{said}");
        assert_eq!(code, 21);
    }
    let (_, said, code) = printed(&run(&folder, &["usage", "nothing.jsonl", "--program", "shop"]));
    assert!(said.starts_with("error: can't read `nothing.jsonl`: "), "{said}");
    assert_eq!(code, 4);
}

#[test]
fn a_log_of_a_stranger_does_not_speak_to_the_terminal() {
    let folder = ready("decisions-hostile");
    let escape = "\u{1b}[2J\u{9b}";
    let mut record = decision("granted", "gone", &[escape], &[escape], escape);
    record.function.push_str(escape);
    record.at = String::from(escape);
    let mut flipped = decision("granted", "refund", &[escape], &["write:orders"], escape);
    flipped.held.as_mut().unwrap().acr = Some(escape.to_owned());
    std::fs::write(folder.join("hostile.jsonl"), lines(&[record, flipped])).unwrap();
    for command in ["replay", "usage"] {
        let (text, _, _) = printed(&run(&folder, &[command, "hostile.jsonl", "--program", "shop"]));
        assert!(text.contains(r"\u{"), "{text}");
        assert!(!text.chars().any(|one| one.is_control() && one != '\n'), "{text:?}");
    }
}

#[test]
fn members_that_a_later_version_adds_are_skipped() {
    let folder = ready("decisions-later");
    let mut line: Value = serde_json::to_value(&day()[0]).unwrap();
    line.as_object_mut().unwrap().insert("new".to_owned(), json!({"any": "thing"}));
    std::fs::write(folder.join("later.jsonl"), format!("{line}\n")).unwrap();
    let (_, said, code) = printed(&run(&folder, &["replay", "later.jsonl", "--program", "shop"]));
    assert_eq!((said, code), (replayed(1), 0));
}
