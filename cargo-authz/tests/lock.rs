//! The lock says everything that decides, reads back as what it was written from, and changes with
//! any change of a requirement; so does the verdict.

#![expect(clippy::unwrap_used, reason = "a test that finds something else has failed")]

mod support;

use authz_manifest::text::is_hidden;
use authz_manifest::{Field, Function, Manifest, Object, Requirement, Resource};
use cargo_authz::drift::ChangeKind::{self, Gone, Narrowed, New, Same, Widened};
use cargo_authz::drift::Drift;
use cargo_authz::lock;
use support::shop;

/// The same, as a lock has it: without what moves.
fn locked(manifest: &Manifest) -> Manifest {
    lock::parse(&lock::write(manifest), "authz.lock".as_ref()).unwrap()
}

#[test]
fn a_lock_reads_back_as_what_it_was_written_from() {
    let read = locked(&shop());
    assert_eq!(lock::write(&read), lock::write(&shop()));
    let told = |function: &Function| {
        (
            function.id.clone(),
            function.policy.clone(),
            function.kind.clone(),
            function.requirement.clone(),
            function.object.clone(),
            function.reason.clone(),
            function.route.clone(),
        )
    };
    let expected: Vec<_> = shop().functions.iter().map(told).collect();
    assert_eq!(read.functions.iter().map(told).collect::<Vec<_>>(), expected);
    assert!(Drift::between(&read, &shop()).unwrap().is_empty());
}

#[test]
fn what_moves_without_a_change_of_access_is_not_in_the_lock() {
    let mut moved = shop();
    for function in &mut moved.functions {
        function.line += 100;
        function.file = "src/elsewhere.rs".to_owned();
        function.doc = None;
    }
    moved.policies.iter_mut().for_each(|policy| policy.roles.reverse());
    assert_eq!(lock::write(&moved), lock::write(&shop()));
    assert!(Drift::between(&locked(&shop()), &moved).unwrap().is_empty());
}

/// Every requirement that comes of exchanging one part of this one, or leaving it out.
fn mutations(requirement: &Requirement) -> Vec<Requirement> {
    let not = |part: &Requirement| Requirement::Not(Box::new(part.clone()));
    match requirement {
        Requirement::All(parts) => mutated_parts(parts).map(Requirement::All).collect(),
        Requirement::Any(parts) => mutated_parts(parts).map(Requirement::Any).collect(),
        Requirement::Not(part) => mutations(part).iter().map(not).collect(),
        Requirement::Rule { requires, .. } => mutations(requires),
        Requirement::MaxAge(age) => {
            vec![Requirement::MaxAge(age + 1), Requirement::MaxAge(age - 1)]
        }
        leaf => vec![not(leaf), Requirement::Acr("new".to_owned())],
    }
}

fn mutated_parts(parts: &[Requirement]) -> impl Iterator<Item = Vec<Requirement>> {
    parts.iter().enumerate().flat_map(move |(place, part)| {
        let with = move |new: Option<Requirement>| {
            let mut parts = parts.to_vec();
            parts.splice(place..=place, new);
            parts
        };
        mutations(part).into_iter().map(Some).chain([None]).map(with)
    })
}

#[test]
fn any_other_requirement_changes_the_lock_and_the_verdict() {
    let original = shop();
    let text = lock::write(&original);
    let mut count = 0;
    for (place, function) in original.functions.iter().enumerate() {
        for requirement in mutations(&function.requirement) {
            if function.kind != "requires" {
                continue;
            }
            let mut mutated = original.clone();
            mutated.functions.get_mut(place).unwrap().requirement = requirement.clone();
            assert_ne!(lock::write(&mutated), text, "{requirement:?}");
            let drift = Drift::between(&locked(&original), &mutated).unwrap();
            assert_eq!(drift.functions.len(), 1, "{requirement:?}: {drift:?}");
            let change = drift.functions.first().unwrap();
            assert_eq!(change.id(), function.id);
            assert_ne!(change.kind, Same, "{requirement:?}");
            count += 1;
        }
    }
    assert!(count > 20, "{count}");
}

#[test]
fn any_other_reason_kind_route_or_name_changes_the_lock() {
    let text = lock::write(&shop());
    let edits: [fn(&mut Manifest); 9] = [
        |shop| shop.functions[1].reason = Some("another".to_owned()),
        |shop| shop.functions[2].route = Some("GET /".to_owned()),
        |shop| shop.functions[1].kind = "manual".to_owned(),
        |shop| shop.functions[0].id.push('x'),
        |shop| shop.policies[0].roles[0].includes.clear(),
        |shop| shop.policies[0].roles[2].grants.clear(),
        |shop| shop.policies[0].roles[2].excludes.push("auditor".to_owned()),
        |shop| shop.functions[2].shadow = Some(stricter()),
        |shop| shop.policies[0].id.push('x'),
    ];
    for (place, edit) in edits.into_iter().enumerate() {
        let mut edited = shop();
        edit(&mut edited);
        assert_ne!(lock::write(&edited), text, "{place}");
        // A function whose policy has another name than before stands under none.
        if place < 8 {
            assert!(!Drift::between(&locked(&shop()), &edited).unwrap().is_empty(), "{place}");
        }
    }
}

/// The list of the shop, opening these objects.
fn opening(object: Option<Object>) -> Manifest {
    let mut shop = shop();
    shop.functions.get_mut(2).unwrap().object = object;
    shop
}

fn unless(role: &str) -> Object {
    Object::owner(Some(Requirement::Role(role.to_owned())))
}

#[test]
fn whose_objects_are_opened_is_in_the_lock_and_in_the_verdict() {
    let own = || Some(Object::owner(None));
    let all = [None, own(), Some(unless("auditor")), Some(unless("manager")), Some(Object::any())];
    for object in &all {
        let manifest = opening(object.clone());
        assert_eq!(locked(&manifest).functions.get(2).unwrap().object, *object);
        assert!(Drift::between(&locked(&manifest), &manifest).unwrap().is_empty());
    }
    let texts: std::collections::BTreeSet<_> =
        all.iter().map(|object| lock::write(&opening(object.clone()))).collect();
    assert_eq!(texts.len(), all.len());

    let kind = |before: Option<Object>, now: Option<Object>| {
        let drift = Drift::between(&locked(&opening(before)), &opening(now)).unwrap();
        assert_eq!(drift.functions.len(), 1);
        drift.functions.first().unwrap().kind
    };
    for (before, now, expected) in [
        (own(), None, Widened),
        (Some(unless("auditor")), None, Widened),
        (own(), Some(Object::any()), Widened),
        (own(), Some(unless("auditor")), Widened),
        // `manager` includes `auditor`.
        (Some(unless("manager")), Some(unless("auditor")), Widened),
        (Some(unless("auditor")), Some(unless("manager")), Narrowed),
        (None, own(), Narrowed),
        (Some(Object::any()), Some(unless("auditor")), Narrowed),
        (None, Some(Object::any()), Same),
        (Some(Object::any()), None, Same),
    ] {
        assert_eq!(kind(before.clone(), now.clone()), expected, "{before:?} {now:?}");
    }
    assert_eq!(kind(Some(unless("auditor")), Some(unless("clerk"))), ChangeKind::Both);
}

#[test]
fn a_check_of_objects_that_says_nothing_is_no_lock() {
    let text = lock::write(&opening(Some(unless("auditor"))));
    for (edit, reason) in [
        ("object = \"owner\"\n", "has `any_owner` without `object`"),
        ("\"owner\"", "has the unknown check"),
        ("auditor", "says `any_owner` of `audito`, which its policy has not"),
    ] {
        let edited = match edit {
            "auditor" => text
                .replace("any_owner = ['role = \"auditor\"']", "any_owner = ['role = \"audito\"']"),
            "\"owner\"" => text.replace(edit, "\"ower\""),
            line => text.replace(line, ""),
        };
        assert_ne!(edited, text);
        let error = lock::parse(&edited, "authz.lock".as_ref()).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
    let any = text.replace("object = \"owner\"", "object = \"any\"");
    let error = lock::parse(&any, "authz.lock".as_ref()).unwrap_err().to_string();
    assert!(error.contains("has `any_owner` beside `object = any`"), "{error}");
}

fn stricter() -> Requirement {
    let requires =
        Box::new(Requirement::All(vec![Requirement::Mfa, Requirement::Role("manager".to_owned())]));
    Requirement::Rule { name: "shop::Stricter".to_owned(), requires }
}

fn role(name: &str) -> Requirement {
    Requirement::Role(name.to_owned())
}

/// The shop with an order whose cost takes this to read and to write.
fn masking(read: Option<Requirement>, write: Option<Requirement>) -> Manifest {
    let mut shop = shop();
    let masked = read.is_some() || write.is_some();
    let field = Field { name: "cost".to_owned(), read, write };
    shop.resources = vec![Resource {
        id: "shop::Order".to_owned(),
        policy: shop.policies.first().map(|policy| policy.id.clone()).filter(|_| masked),
        file: "src/shop.rs".to_owned(),
        line: 5,
        owner: Some("customer".to_owned()),
        issuer: None,
        tenant: None,
        fields: if masked { vec![field] } else { Vec::new() },
    }];
    shop
}

#[test]
fn whose_a_resource_is_and_what_its_fields_take_is_in_the_lock() {
    let two = Requirement::All(vec![role("manager"), Requirement::Mfa]);
    let all = [
        shop(),
        masking(None, None),
        masking(Some(role("manager")), None),
        masking(None, Some(role("manager"))),
        masking(Some(role("auditor")), Some(two)),
    ];
    let edits: [fn(&mut Resource); 4] = [
        |order| order.owner = None,
        |order| order.owner = Some("seller".to_owned()),
        |order| order.issuer = Some("at".to_owned()),
        |order| order.tenant = Some("org".to_owned()),
    ];
    let edited = edits.map(|edit| {
        let mut manifest = masking(None, None);
        manifest.resources.iter_mut().for_each(edit);
        manifest
    });
    let all: Vec<_> = all.into_iter().chain(edited).collect();
    let texts: std::collections::BTreeSet<_> = all.iter().map(lock::write).collect();
    assert_eq!(texts.len(), all.len());
    for manifest in &all {
        let read = locked(manifest);
        assert_eq!(lock::write(&read), lock::write(manifest));
        let told =
            |resource: &Resource| Resource { file: String::new(), line: 0, ..resource.clone() };
        let expected: Vec<_> = manifest.resources.iter().map(told).collect();
        assert_eq!(read.resources, expected);
        assert!(Drift::between(&read, manifest).unwrap().is_empty());
        let format = if manifest.resources.is_empty() { "format = 1\n" } else { "format = 3\n" };
        assert!(lock::write(manifest).contains(format));
    }
    // Where fields stand in the struct decides nothing.
    let mut twice = masking(Some(role("manager")), None);
    let order = twice.resources.first_mut().unwrap();
    let second = Field { name: "a".to_owned(), read: None, write: Some(role("clerk")) };
    order.fields.push(second);
    let mut moved = twice.clone();
    moved.resources.first_mut().unwrap().fields.reverse();
    assert_eq!(lock::write(&twice), lock::write(&moved));
}

#[test]
fn whom_a_field_is_for_is_in_the_verdict_with_a_witness() {
    let drift = |before: &Manifest, now: &Manifest| Drift::between(&locked(before), now).unwrap();
    let kinds = |before: &Manifest, now: &Manifest| {
        let drift = drift(before, now);
        drift.functions.iter().map(|it| (it.id().to_owned(), it.kind)).collect::<Vec<_>>()
    };
    let read = |mask: Option<&str>| masking(mask.map(role), None);
    for (before, now, expected) in [
        (Some("manager"), None, Widened),
        (Some("manager"), Some("auditor"), Widened),
        (Some("auditor"), Some("manager"), Narrowed),
        (None, Some("manager"), Narrowed),
    ] {
        let found = kinds(&read(before), &read(now));
        assert_eq!(found, [("shop::Order.cost (read)".to_owned(), expected)], "{before:?} {now:?}");
        let write = |mask: Option<&str>| masking(None, mask.map(role));
        let found = kinds(&write(before), &write(now));
        assert_eq!(
            found,
            [("shop::Order.cost (write)".to_owned(), expected)],
            "{before:?} {now:?}"
        );
    }
    let widened = drift(&read(Some("manager")), &read(None));
    assert!(!widened.only_narrows());
    let change = widened.functions.first().unwrap();
    let witness = change.comparison.newly_allowed.as_ref().unwrap();
    assert_eq!(witness.to_string(), "any identity, whatever it holds");
    assert!(drift(&read(None), &read(Some("manager"))).only_narrows());

    assert_eq!(
        kinds(&shop(), &read(Some("manager"))),
        [("shop::Order.cost (read)".to_owned(), New)]
    );
    assert_eq!(
        kinds(&read(Some("manager")), &shop()),
        [("shop::Order.cost (read)".to_owned(), Gone)]
    );
}

#[test]
fn a_resource_of_somebody_else_is_no_narrowing() {
    let before = masking(None, None);
    let drift = |edit: fn(&mut Vec<Resource>)| {
        let mut now = before.clone();
        edit(&mut now.resources);
        Drift::between(&locked(&before), &now).unwrap()
    };
    let other = drift(|now| now.first_mut().unwrap().owner = Some("seller".to_owned()));
    let words = "resource `shop::Order` was owner = \"customer\", and is owner = \"seller\"";
    let told = |drift: &Drift| drift.resources.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(told(&other), [words]);
    assert!(!other.only_narrows());
    let gone = drift(Vec::clear);
    assert_eq!(told(&gone), ["resource `shop::Order` is gone"]);
    assert!(gone.only_narrows() && !gone.is_empty());
    let new = Drift::between(&locked(&shop()), &before).unwrap();
    assert_eq!(told(&new), ["resource `shop::Order` is new: owner = \"customer\""]);
    assert!(new.only_narrows() && !new.is_empty());
    assert!(drift(|_| ()).is_empty());
}

/// What stands in a shadow denies nobody: to say so, or no longer, changes nothing of who passes.
#[test]
fn a_shadow_is_told_and_never_taken_for_enforced() {
    let mut shadowed = shop();
    shadowed.functions[2].shadow = Some(stricter());
    let text = lock::write(&shadowed);
    assert!(text.contains("format = 2\n"), "{text}");
    assert!(lock::write(&shop()).contains("format = 1\n"));
    assert_eq!(locked(&shadowed).functions[2].shadow, Some(stricter()));
    for (before, now) in [(shop(), shadowed.clone()), (shadowed.clone(), shop())] {
        let drift = Drift::between(&locked(&before), &now).unwrap();
        let [change] = &drift.functions[..] else { panic!("{drift:?}") };
        assert_eq!(change.kind, Same);
        let (removed, added) = change.lines();
        let lines = if before == shadowed { removed } else { added };
        assert_eq!(
            lines,
            [r#"shadow rule("shop::Stricter", all(mfa, role = "manager")), which denies nobody"#]
        );
    }
    // To require what was in the shadow does change who passes.
    let mut enforced = shop();
    enforced.functions[2].requirement =
        Requirement::All(vec![enforced.functions[2].requirement.clone(), stricter()]);
    let drift = Drift::between(&locked(&shadowed), &enforced).unwrap();
    assert_eq!(drift.functions[0].kind, Narrowed);
    // And a name that the policy has not is no less wrong there.
    let strange = text.replace("role = \"manager\"))", "role = \"boss\"))");
    let failure = lock::parse(&strange, std::path::Path::new("authz.lock")).unwrap_err();
    assert!(failure.to_string().contains("requires `boss`"), "{failure}");
}

/// The shop with two lists of orders: of two `impl` blocks whose methods were annotated one by one.
fn twins(requires: [&str; 2]) -> Manifest {
    let mut shop = shop();
    let list = shop.functions.iter().find(|it| it.id.ends_with("list")).unwrap().clone();
    let twin = |(line, required): (u32, &str)| Function {
        line,
        requirement: role(required),
        ..list.clone()
    };
    shop.functions.retain(|it| it.id != list.id);
    shop.functions.extend([10, 20].into_iter().zip(requires).map(twin));
    shop.functions.sort_by(|left, right| left.id.cmp(&right.id));
    shop
}

#[test]
fn two_functions_of_one_id_are_compared_with_nothing() {
    let [before, after] = [twins(["clerk", "admin"]), twins(["admin", "clerk"])];
    for (before, after) in
        [(&before, &after), (&before, &before), (&shop(), &after), (&after, &shop())]
    {
        let failure = Drift::between(before, after).unwrap_err();
        assert_eq!(failure.code(), 17);
        let told = failure.to_string();
        assert!(
            told.contains(
                "`shop::service::list` names 2 functions: src/service.rs:10, src/service.rs:20;"
            ),
            "{told}"
        );
        assert!(told.contains("put `#[requires(...)]` on the `impl` block"), "{told}");
    }
    // Nor are two that are alike: which of them changes later could not be told.
    for twins in [before, twins(["clerk", "clerk"])] {
        let failure = lock::parse(&lock::write(&twins), "authz.lock".as_ref()).unwrap_err();
        assert_eq!(failure.code(), 17);
        assert!(
            failure.to_string().starts_with(
                "`authz.lock` can't be compared with: `shop::service::list` names 2 functions; "
            ),
            "{failure}"
        );
    }
    let mut resources = masking(Some(role("manager")), None);
    let order = resources.resources.first().unwrap().clone();
    resources.resources.push(Resource { line: 9, owner: None, ..order });
    let failure = Drift::between(&resources, &resources).unwrap_err();
    assert!(
        failure
            .to_string()
            .contains("`shop::Order` names 2 resources: src/shop.rs:5, src/shop.rs:9;"),
        "{failure}"
    );
}

#[test]
fn texts_of_any_kind_survive() {
    for text in [
        "",
        "'",
        "\"",
        "\\",
        "'\"",
        "a\nb",
        "\u{7f}\t",
        "\u{202e}\u{e0001}",
        "brönze 🦀",
        "]]] # = {",
    ] {
        let mut manifest = shop();
        let function = manifest.functions.get_mut(1).unwrap();
        function.reason = Some(text.to_owned());
        let function = manifest.functions.get_mut(4).unwrap();
        function.requirement = Requirement::Acr(text.to_owned());
        function.route = Some(text.to_owned());
        let written = lock::write(&manifest);
        assert!(written.chars().all(|one| one == '\n' || !is_hidden(one)), "{written:?}");
        let read = authz_manifest::lock::parse(&written).unwrap();
        let reason = read.functions.get(1).unwrap().reason.clone();
        assert_eq!(reason.as_deref(), Some(text));
        assert_eq!(read.functions.get(4).unwrap().requirement, Requirement::Acr(text.to_owned()));
        assert_eq!(read.functions.get(4).unwrap().route.as_deref(), Some(text));
    }
}
