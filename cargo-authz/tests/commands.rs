//! The commands as a user runs them: their words in golden files, their exit codes, and one clear
//! sentence for each bad input.

#![expect(clippy::unwrap_used, reason = "a test that finds something else has failed")]
#![expect(clippy::indexing_slicing, reason = "the places are those that the test wrote")]

mod support;

use std::path::Path;
use std::process::Command;

use authz_manifest::{Field, Function, Manifest, Name, Object, Policy, Requirement, Resource};
use support::{folder, printed, program, records, run, shop};

/// The shop after a change in which each verdict is seen.
fn changed() -> Manifest {
    let mut shop = shop();
    let functions = &mut shop.functions;
    let parts = |requirement: &mut Requirement, change: fn(&mut Vec<Requirement>)| {
        if let Requirement::All(parts) = requirement {
            change(parts);
        }
    };
    // cancel: the other way round, and the same. health: public no more. list: open to everybody.
    parts(&mut functions[0].requirement, |parts| parts.reverse());
    functions[1].kind = String::from("requires");
    functions[1].reason = None;
    functions[1].requirement = Requirement::Authenticated;
    functions[2].kind = String::from("public");
    functions[2].requirement = Requirement::Anyone;
    functions[2].reason = Some("a catalogue, of sorts".to_owned());
    // refund: another class, and an older log-in.
    parts(&mut functions[4].requirement, |parts| {
        parts[3] = Requirement::MaxAge(900);
        parts[4] = Requirement::Acr("gold".to_owned());
    });
    // me is gone, ship is new.
    functions[3] = Function {
        id: "shop::service::ship".to_owned(),
        line: 60,
        kind: "requires".to_owned(),
        requirement: Requirement::Role("clerk".to_owned()),
        reason: None,
        route: Some("POST /orders/{id}/ship".to_owned()),
        ..functions[3].clone()
    };
    shop
}

fn write(folder: &Path, name: &str, manifest: &Manifest) {
    std::fs::write(folder.join(name), program(&records(manifest))).unwrap();
}

/// A folder with the program `shop`, its lock, and the program `changed`.
fn ready(name: &str) -> std::path::PathBuf {
    let folder = folder(name);
    write(&folder, "shop", &shop());
    write(&folder, "changed", &changed());
    let (_, said, code) = printed(&run(&folder, &["lock", "--program", "shop"]));
    assert_eq!((said.as_str(), code), ("wrote `authz.lock`: 5 functions\n", 0));
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
fn the_manifest_is_a_list_to_read_or_json() {
    let folder = ready("commands-manifest");
    assert_eq!(golden("manifest", &folder, &["manifest", "--program", "shop"]), 0);
    let json = run(&folder, &["manifest", "--program", "shop", "--format", "json"]);
    assert_eq!(serde_json::from_slice::<Manifest>(&json.stdout).unwrap(), shop());
}

#[test]
fn a_lock_is_written_once_and_the_program_it_was_written_for_passes() {
    let folder = ready("commands-lock");
    let lock = std::fs::read_to_string(folder.join("authz.lock")).unwrap();
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("lock", lock);
    });
    let (_, said, _) = printed(&run(&folder, &["authz", "lock", "--program", "shop"]));
    assert_eq!(said, "`authz.lock` is up to date: 5 functions\n");
    let (text, said, code) = printed(&run(&folder, &["check", "--program", "shop"]));
    assert_eq!((text.as_str(), code), ("", 0));
    assert_eq!(said, "5 functions require what `authz.lock` says\n");
}

#[test]
fn a_change_is_told_in_every_format_with_its_verdict_and_its_witness() {
    let folder = ready("commands-check");
    for format in ["human", "json", "github", "sarif", "markdown"] {
        let arguments = ["check", "--program", "changed", "--format", format];
        assert_eq!(golden(&format!("check-{format}"), &folder, &arguments), 1, "{format}");
    }
}

#[test]
fn a_change_of_the_policy_changes_what_functions_mean() {
    let folder = ready("commands-policy");
    let mut shop = shop();
    let name = |name: &str, includes: &[&str]| Name {
        name: name.to_owned(),
        variant: String::new(),
        doc: String::new(),
        includes: includes.iter().map(|name| (*name).to_owned()).collect(),
        excludes: Vec::new(),
        grants: Vec::new(),
    };
    // An intern who is a manager, and a manager who is no auditor any more.
    shop.policies[0].roles.push(name("intern", &["manager"]));
    shop.policies[0].roles[1].includes.pop();
    write(&folder, "shop", &shop);
    assert_eq!(golden("check-policy", &folder, &["check", "--program", "shop"]), 1);
}

#[test]
fn what_lets_nobody_in_may_be_allowed() {
    let folder = ready("commands-narrowing");
    let mut narrower = shop();
    narrower.functions[2].requirement =
        Requirement::All(vec![narrower.functions[2].requirement.clone(), Requirement::Mfa]);
    narrower.functions.remove(3);
    write(&folder, "narrower", &narrower);
    let code = |arguments: &[&str]| printed(&run(&folder, arguments)).2;
    assert_eq!(code(&["check", "--program", "narrower"]), 1);
    assert_eq!(code(&["check", "--program", "narrower", "--allow-narrowing"]), 0);
    assert_eq!(code(&["check", "--program", "changed", "--allow-narrowing"]), 1);
    // A new function is something that could not be done.
    narrower.functions.push(Function { id: "shop::z".to_owned(), ..shop().functions[2].clone() });
    write(&folder, "narrower", &narrower);
    assert_eq!(code(&["check", "--program", "narrower", "--allow-narrowing"]), 1);
}

/// A change of the policy that no requirement tells of: scopes may be derived from roles, and the
/// body of a `manual` function may ask for anything.
#[test]
fn a_policy_that_gives_is_no_narrowing() {
    let folder = ready("commands-giving");
    let code = |change: fn(&mut Manifest)| {
        let mut changed = shop();
        change(&mut changed);
        write(&folder, "giving", &changed);
        let (text, said, code) =
            printed(&run(&folder, &["check", "--program", "giving", "--allow-narrowing"]));
        assert!(text.contains("in the policy"), "{text}{said}");
        code
    };
    let grant = |shop: &mut Manifest| {
        shop.policies[0].roles[3].grants.push("write:orders".to_owned());
    };
    assert_eq!(code(grant), 1);
    assert_eq!(code(|shop| shop.policies[0].roles[3].grants.clear()), 0);
    // Under the hierarchy of the scopes it was granted before.
    assert_eq!(code(|shop| shop.policies[0].roles[2].grants.push("read:orders".to_owned())), 0);
    // Nothing asks for the auditor but the body of `me`.
    let include: fn(&mut Manifest) = |shop| {
        shop.policies[0].roles.iter_mut().for_each(|role| role.grants.clear());
        shop.policies[0].roles[2].includes.push("auditor".to_owned());
    };
    assert_eq!(code(include), 1);
    assert_eq!(
        code(|shop| {
            shop.functions.retain(|function| function.kind != "manual");
            shop.policies[0].roles.iter_mut().for_each(|role| role.grants.clear());
            shop.policies[0].roles[2].includes.push("auditor".to_owned());
        }),
        0
    );
}

#[test]
fn questions_about_identities_are_answered() {
    let folder = ready("commands-identities");
    let ask = |name: &str, arguments: &[&str]| {
        golden(name, &folder, &[arguments, &["--program", "shop"]].concat())
    };
    assert_eq!(ask("who-cancel", &["who", "cancel"]), 0);
    assert_eq!(ask("who-refund", &["who", "shop::refund"]), 0);
    assert_eq!(ask("who-refund-json", &["who", "refund", "--format", "json"]), 0);
    assert_eq!(ask("who-health", &["who", "health"]), 0);
    assert_eq!(ask("can-clerk", &["can", "--role", "clerk", "--scope", "write:orders"]), 0);
    assert_eq!(ask("can-nobody", &["can", "--nobody"]), 0);
    assert_eq!(ask("can-json", &["can", "--role", "clerk", "--format", "json"]), 0);
    assert_eq!(ask("why-clerk", &["why", "--role", "clerk", "refund"]), 1);
    assert_eq!(ask("why-json", &["why", "--role", "clerk", "refund", "--format", "json"]), 1);
    let manager = ["--role", "manager", "--scope", "write:orders", "--mfa", "--auth-age", "4m"];
    assert_eq!(ask("why-manager", &[&["why", "refund"], &manager[..]].concat()), 0);
    let bronze = [&["why", "refund", "--acr", "bronze"], &manager[..]].concat();
    assert_eq!(ask("why-bronze", &bronze), 1);
}

#[test]
fn a_bound_token_is_asked_for_and_told_as_a_second_factor_is() {
    let folder = folder("commands-bound");
    let mut bound = shop();
    write(&folder, "shop", &bound);
    bound.functions[4].requirement =
        Requirement::All(vec![Requirement::Role("manager".to_owned()), Requirement::Bound]);
    write(&folder, "bound", &bound);
    let ask = |name: &str, arguments: &[&str]| {
        golden(name, &folder, &[arguments, &["refund", "--program", "bound"]].concat())
    };
    assert_eq!(ask("who-bound", &["who"]), 0);
    assert_eq!(ask("who-bound-json", &["who", "--format", "json"]), 0);
    assert_eq!(ask("why-bound-is-missing", &["why", "--role", "manager"]), 1);
    assert_eq!(ask("why-bound", &["why", "--role", "manager", "--bound"]), 0);
    let nobody = [&["why", "--nobody", "--bound"][..], &["refund", "--program", "bound"]].concat();
    assert_eq!(printed(&run(&folder, &nobody)).2, 2, "nobody has no token");
    assert_eq!(golden("diff-bound", &folder, &["diff", "bound", "shop"]), 1);
}

#[test]
fn whose_objects_are_opened_is_told_with_every_verdict() {
    let folder = folder("commands-objects");
    let unless = |role: &str| Object::owner(Some(Requirement::Role(role.to_owned())));
    let mut before = shop();
    before.functions[0].object = Some(Object::owner(None));
    before.functions[2].object = Some(unless("auditor"));
    before.functions[4].object = Some(unless("admin"));
    let mut now = before.clone();
    now.functions[0].object = Some(unless("manager"));
    now.functions[2].object = None;
    now.functions[4].object = Some(Object::owner(None));
    write(&folder, "before", &before);
    write(&folder, "now", &now);
    assert_eq!(golden("objects-manifest", &folder, &["manifest", "--program", "before"]), 0);
    for format in ["human", "json", "markdown"] {
        let arguments = ["diff", "before", "now", "--format", format];
        assert_eq!(golden(&format!("objects-{format}"), &folder, &arguments), 1, "{format}");
    }
}

#[test]
fn whom_a_field_is_for_is_told_with_every_verdict() {
    let folder = folder("commands-fields");
    let role = |name: &str| Some(Requirement::Role(name.to_owned()));
    let mut before = shop();
    let field = |name: &str, read, write| Field { name: name.to_owned(), read, write };
    before.resources = vec![Resource {
        id: "shop::Order".to_owned(),
        policy: Some(before.policies[0].id.clone()),
        file: "src/shop.rs".to_owned(),
        line: 7,
        owner: Some("customer".to_owned()),
        issuer: None,
        tenant: Some("org".to_owned()),
        fields: vec![
            field("cost", role("manager"), None),
            field("discount", None, role("manager")),
            field("note", role("auditor"), role("clerk")),
        ],
    }];
    let mut now = before.clone();
    now.resources[0].owner = Some("seller".to_owned());
    now.resources[0].fields[0].read = role("clerk");
    now.resources[0].fields[1].write = None;
    now.resources[0].fields[1].read = role("admin");
    write(&folder, "before", &before);
    write(&folder, "now", &now);
    assert_eq!(golden("fields-manifest", &folder, &["manifest", "--program", "before"]), 0);
    let ask = |name: &str, arguments: &[&str]| {
        golden(name, &folder, &[arguments, &["--program", "before"]].concat())
    };
    assert_eq!(ask("fields-who", &["who", "Order.cost (read)"]), 0);
    assert_eq!(ask("fields-why", &["why", "Order.note (write)", "--role", "auditor"]), 1);
    assert_eq!(ask("fields-unknown", &["who", "Order.cost (write)"]), 16);
    for format in ["human", "json", "markdown", "github", "sarif"] {
        let arguments = ["diff", "before", "now", "--format", format];
        assert_eq!(golden(&format!("fields-{format}"), &folder, &arguments), 1, "{format}");
    }
}

#[test]
fn anything_can_be_compared_with_anything() {
    let folder = ready("commands-diff");
    let json = run(&folder, &["manifest", "--program", "shop", "--format", "json"]).stdout;
    std::fs::write(folder.join("shop.json"), json).unwrap();
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"])
            .args(arguments)
            .current_dir(&folder)
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}");
    };
    git(&["init"]);
    git(&["add", "authz.lock"]);
    git(&["commit", "--message", "Agree on who may call what"]);
    let code = |before: &str, now: &str| printed(&run(&folder, &["diff", before, now])).2;
    for before in ["authz.lock", "shop.json", "shop", "HEAD", "main:authz.lock"] {
        assert_eq!(code(before, "shop"), 0, "{before}");
        assert_eq!(code(before, "changed"), 1, "{before}");
    }
    assert_eq!(code("no-such-thing", "shop"), 16);
    assert_eq!(code("--help-me", "shop"), 2);
    assert_eq!(golden("diff", &folder, &["diff", "HEAD", "changed"]), 1);
}

/// Makes the files that something is wrong with.
fn bad_files(folder: &Path) {
    std::fs::write(folder.join("text"), "no program").unwrap();
    let without = object::write::Object::new(
        object::BinaryFormat::Elf,
        object::Architecture::X86_64,
        object::Endianness::Little,
    );
    std::fs::write(folder.join("without"), without.write().unwrap()).unwrap();
    write(folder, "empty", &Manifest { functions: Vec::new(), ..shop() });
    let mut bytes = records(&shop());
    bytes.truncate(bytes.len() - 3);
    std::fs::write(folder.join("cut"), program(&bytes)).unwrap();
    bytes[5] = 7;
    std::fs::write(folder.join("newer"), program(&bytes)).unwrap();
    let mut two = shop();
    two.policies.push(Policy { id: "zoo".to_owned(), ..two.policies[0].clone() });
    write(folder, "two", &two);
    two.policies[1].id = String::from("shop::policy::Policy");
    std::fs::write(folder.join("twice"), program(&records(&two))).unwrap();
    let mut twins = shop();
    twins.functions.push(Function { line: 70, ..shop().functions[2].clone() });
    twins.functions.sort_by(|left, right| left.id.cmp(&right.id));
    std::fs::write(folder.join("twins.lock"), cargo_authz::lock::write(&twins)).unwrap();
    std::fs::write(folder.join("twins.json"), serde_json::to_string(&twins).unwrap()).unwrap();
    write(folder, "twins", &twins);
    let mut grown = shop();
    grown.policies[0].roles[2].grants.clear();
    write(folder, "two-of-one-name", &grown);
    let mut zoo = shop();
    for function in &mut zoo.functions {
        function.id = function.id.replace("shop::", "zoo::");
    }
    std::fs::write(folder.join("zoo.lock"), cargo_authz::lock::write(&zoo)).unwrap();
    std::fs::write(folder.join("Cargo.lock"), "version = 4\n").unwrap();
    for name in ["huge.lock", "huge"] {
        std::fs::File::create(folder.join(name)).unwrap().set_len(1 << 30).unwrap();
    }
    std::fs::write(folder.join("later.json"), r#"{"format":2}"#).unwrap();
}

/// What is wrong, the sentence that says so, and its exit code.
#[test]
fn a_bad_input_is_told_in_one_sentence_with_a_code_of_its_own() {
    let folder = ready("commands-bad");
    bad_files(&folder);
    let lock = std::fs::read_to_string(folder.join("authz.lock")).unwrap();
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let on = |name: &str| words(&format!("manifest --program {name}"));
    let with_lock = |name: &str, text: &str| {
        std::fs::write(folder.join(name), text).unwrap();
        words(&format!("check --program shop --lock {name}"))
    };

    let cases: Vec<(i32, Vec<String>)> = vec![
        (4, on("nothing")),
        (6, on("text")),
        (6, on("huge")),
        (6, on(".")),
        (7, on("without")),
        (8, on("empty")),
        (9, on("cut")),
        (17, on("twice")),
        (10, on("newer")),
        (10, with_lock("newer.lock", &lock.replace("format = 1", "format = 4\nnew = true"))),
        (10, words("diff later.json shop")),
        (11, words("check --program shop --lock none.lock")),
        (12, with_lock("comment.lock", &format!("{lock}# mine\n"))),
        (12, with_lock("key.lock", &lock.replace("public =", "pubic ="))),
        (12, with_lock("word.lock", &lock.replace("\"mfa\"", "\"mfe\""))),
        (12, with_lock("name.lock", &lock.replace("role = \"manager\"", "role = \"boss\""))),
        (12, with_lock("syntax.lock", &lock.replace("[[function]]", "[[function]"))),
        (12, with_lock("order.lock", &lock.replace("::cancel", "::zz"))),
        (12, with_lock("nothing.lock", "")),
        (
            13,
            with_lock(
                "merge.lock",
                &lock.replace("\"mfa\"", "<<<<<<< HEAD\n\"mfa\"\n=======\n>>>>>>> b"),
            ),
        ),
        (12, with_lock("latin.lock", "no lock at all")),
        (12, words("lock --program shop --lock Cargo.lock")),
        (14, words("check --program shop --lock zoo.lock")),
        (14, words("lock --program shop --lock zoo.lock")),
        (15, words("check --program shop --lock huge.lock")),
        (16, words("who refunds --program shop")),
        (16, words("can --role klerk --program shop")),
        (16, words("can --scope nothing:like:it --program shop")),
        (17, words("manifest --program shop --program two-of-one-name")),
        (17, words("can --role clerk --program two")),
        (17, on("twins")),
        (17, words("lock --program twins --lock never.lock")),
        (17, words("check --program twins --lock twins.lock")),
        (17, words("check --program shop --lock twins.lock")),
        (17, words("diff twins.lock twins.lock")),
        (17, words("diff twins.json twins.json")),
        (17, words("replay twins.json --program twins")),
        (17, words("usage twins.json --program twins")),
        (19, words("lock --program shop --lock no/such/folder/authz.lock")),
        (2, words("check --no-such-option")),
        (2, words("can --auth-age 5 --program shop")),
    ];
    let mut told = String::new();
    for (expected, arguments) in cases {
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let (text, said, code) = printed(&run(&folder, &arguments));
        assert_eq!((code, text.as_str()), (expected, ""), "{arguments:?}: {said}");
        let first = said.lines().next().unwrap();
        told.push_str(&[arguments.join(" "), format!("  {code}: {first}\n")].join("\n"));
        if code > 2 {
            assert_eq!(said.lines().count(), 1, "{said}");
        }
    }
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("bad-input", told);
    });
}

/// Every pair of a role and its scope is a way in, in an order that no decision diagram is small in.
#[test]
fn a_requirement_that_can_not_be_decided_is_said_to_be_one() {
    let folder = ready("commands-complex");
    let mut shop = shop();
    let policy = &mut shop.policies[0];
    let names = |model: &Name, kind: &str| -> Vec<Name> {
        let name = |number| Name { name: format!("{kind}{number}"), ..Name::clone(model) };
        (0..24).map(name).collect()
    };
    let model =
        Name { includes: vec![], excludes: vec![], grants: vec![], ..policy.roles[0].clone() };
    (policy.roles, policy.scopes) = (names(&model, "role"), names(&model, "scope"));
    let roles = policy.roles.iter().map(|role| Requirement::Role(role.name.clone()));
    let scopes = policy.scopes.iter().map(|scope| Requirement::Scope(scope.name.clone()));
    let pairs =
        roles.clone().zip(scopes.clone()).map(|(role, scope)| Requirement::All(vec![role, scope]));
    let complex = Requirement::All(vec![
        Requirement::Any(roles.chain(scopes).collect()),
        Requirement::Any(pairs.collect()),
    ]);
    shop.functions.retain(|function| function.kind == "requires");
    shop.functions.truncate(1);
    shop.functions[0].requirement = complex;
    write(&folder, "complex", &shop);
    let id = shop.functions[0].id.clone();
    let (text, said, code) = printed(&run(&folder, &["who", &id, "--program", "complex"]));
    assert_eq!((text.as_str(), code), ("", 18), "{said}");
    assert!(said.contains(&id) && said.contains("is too complex to decide exactly"), "{said}");
}

/// Each of five teams has ten roles, and one of each has to agree: 100,000 smallest sets of roles.
#[test]
fn a_requirement_that_very_many_meet_is_counted_and_decided() {
    let folder = ready("commands-many");
    let mut many = shop();
    let model = Name {
        includes: vec![],
        excludes: vec![],
        grants: vec![],
        ..many.policies[0].roles[0].clone()
    };
    let role = |team: usize, place: usize| format!("team{team}-{place}");
    let team = |team: usize| (0..10).map(move |place| role(team, place));
    let roles = (0..5).flat_map(team).map(|name| Name { name, ..model.clone() });
    many.policies[0].roles.extend(roles);
    let requirement = (0..5)
        .map(|number| Requirement::Any(team(number).map(Requirement::Role).collect()))
        .collect();
    let board = Function {
        id: "shop::service::board".to_owned(),
        requirement: Requirement::All(requirement),
        route: Some("POST /board".to_owned()),
        ..many.functions[2].clone()
    };
    many.functions.insert(0, board);
    write(&folder, "many", &many);
    let ask = |arguments: &str| {
        let words: Vec<_> = arguments.split(' ').chain(["--program", "many"]).collect();
        printed(&run(&folder, &words))
    };
    let (text, said, code) = ask("who board");
    assert_eq!(code, 0, "{said}");
    assert_eq!(text.matches("passes  role team0-").count(), 100, "{text}");
    assert!(text.contains("these are 100 of 100000 that hold no more than they need"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&ask("who board --format json").0).unwrap();
    assert_eq!(
        (json["count"].as_u64(), json["passing"].as_array().map(Vec::len)),
        (Some(100_000), Some(100))
    );
    let (text, said, code) = ask("check");
    assert_eq!(code, 1, "{said}");
    let witness = "Allowed: role team0-9, role team1-9, role team2-9, role team3-9, role team4-9";
    assert!(text.contains(&format!("shop::service::board: new. {witness}\n")), "{text}");
    assert_eq!(ask("lint").2, 0);
    // An OpenAPI document says no part of it in place of the whole.
    let document: serde_json::Value = serde_json::from_str(&ask("openapi").0).unwrap();
    assert_eq!(
        document["paths"]["/board"]["post"]["security"],
        serde_json::json!([{ "bearer": [] }])
    );
    assert_eq!(ask("report --output -").2, 0);
}

#[test]
fn what_cargo_does_not_build_is_no_answer() {
    let folder = ready("commands-build");
    std::fs::create_dir_all(folder.join("src")).unwrap();
    let manifest = "[package]\nname = \"bare\"\nedition = \"2024\"\n\n[workspace]\n";
    std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    for (file, source, expected, words) in [
        ("lib.rs", "pub fn broken() { nothing_of_this_name() }", 3, "the build failed"),
        ("lib.rs", "pub fn handler() {}", 5, "the build made no program with a guarded function"),
        ("main.rs", "fn main() {}", 7, "has no section `.authz`"),
    ] {
        std::fs::write(folder.join("src").join(file), source).unwrap();
        let (text, said, code) = printed(&run(&folder, &["manifest"]));
        assert_eq!((text.as_str(), code), ("", expected), "{said}");
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn colours_are_for_terminals() {
    let folder = ready("commands-colour");
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-authz"));
    command.args(["check", "--program", "changed"]).current_dir(&folder);
    let escapes = |command: &mut Command| command.output().unwrap().stdout.contains(&0x1b);
    assert!(!escapes(&mut command));
    assert!(escapes(command.env("CLICOLOR_FORCE", "1")));
    assert!(!escapes(command.env("NO_COLOR", "1")));
}

#[test]
fn completions_name_every_command() {
    let folder = folder("commands-completions");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (text, _, code) = printed(&run(&folder, &["completions", shell]));
        assert_eq!(code, 0);
        for command in
            ["manifest", "lock", "check", "diff", "who", "can", "why", "lint", "report", "openapi"]
        {
            assert!(text.contains(command), "{shell}: {command}");
        }
    }
}

/// As bash calls it: by the function that is registered for `cargo`, which leaves the rest to the one before.
#[test]
fn bash_completes_cargo_authz_and_leaves_cargo_as_it_was() {
    let folder = folder("commands-bash");
    let (script, _, _) = printed(&run(&folder, &["completions", "bash"]));
    std::fs::write(folder.join("authz.bash"), script).unwrap();
    let session = r#"
        before() { COMPREPLY=("cargo does $2"); }
        complete -F before cargo
        source authz.bash
        source authz.bash
        ask() {
            local function=$(complete -p cargo | sed 's/.* -F \([^ ]*\).*/\1/')
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
            "$function" cargo "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            echo "${COMPREPLY[@]}"
        }
        ask cargo authz ch
        ask cargo authz check --allow
        ask cargo authz completions z
        ask cargo bu
        ask cargo auth
    "#;
    let bash = Command::new("bash").args(["-c", session]).current_dir(&folder).output().unwrap();
    let (text, said, _) = printed(&bash);
    assert_eq!(text, "check\n--allow-narrowing\nzsh\ncargo does bu\ncargo does auth\n", "{said}");
}

#[test]
fn nothing_is_written_but_the_lock() {
    let folder = ready("commands-writes");
    let listed = || {
        let mut names: Vec<_> =
            std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = listed();
    for arguments in [
        ["check", "--program", "changed"].as_slice(),
        &["manifest", "--program", "shop"],
        &["who", "refund", "--program", "shop"],
        &["can", "--role", "clerk", "--program", "shop"],
        &["why", "refund", "--program", "shop"],
        &["diff", "shop", "changed"],
    ] {
        run(&folder, arguments);
    }
    assert_eq!(listed(), before);
}
