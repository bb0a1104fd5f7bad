//! Scopes that come from roles: with `--scopes-of-roles` every answer counts what roles grant, and without it an
//! answer that would be another one says so.

#![expect(clippy::unwrap_used, reason = "a test that finds something else has failed")]

mod support;

use std::path::{Path, PathBuf};

use authz_manifest::Manifest;
use support::{folder, printed, program, records, run, shop};

const NOTE: &str = "scopes count as a token names them; where they come from roles, `--scopes-of-roles` counts what roles grant\n";

/// A folder with the shop, its lock, and the shop after a change.
fn ready(name: &str, change: fn(&mut Manifest)) -> PathBuf {
    let folder = folder(name);
    let mut changed = shop();
    change(&mut changed);
    for (name, manifest) in [("shop", &shop()), ("changed", &changed)] {
        std::fs::write(folder.join(name), program(&records(manifest))).unwrap();
    }
    let (_, told, code) = printed(&run(&folder, &["lock", "--program", "shop"]));
    assert_eq!(code, 0, "{told}");
    folder
}

fn asked(folder: &Path, command: &str) -> (String, String, i32) {
    let words: Vec<_> = command.split(' ').collect();
    printed(&run(folder, &words))
}

#[test]
fn what_roles_grant_counts_where_scopes_come_from_them() {
    let folder = ready("scopes-answers", |_| ());
    let (text, said, code) = asked(&folder, "why --role clerk list --program shop");
    assert_eq!((said.as_str(), code), (NOTE, 1), "{text}");
    let (text, said, code) =
        asked(&folder, "why --role clerk list --scopes-of-roles --program shop");
    assert_eq!((said.as_str(), code), ("", 0), "{text}");
    // What is shown is what is written.
    assert!(
        text.contains("needs   scope = \"read:orders\"") && text.contains("passes  role clerk"),
        "{text}"
    );

    let (text, said, _) = asked(&folder, "who list --program shop");
    assert!(text.contains("passes  scope read:orders\n") && said == NOTE, "{text}{said}");
    let (text, said, _) = asked(&folder, "who list --scopes-of-roles --program shop");
    assert!(
        text.contains("passes  role auditor\n  passes  role clerk\n") && said.is_empty(),
        "{text}{said}"
    );
    // An answer that no scope is in says nothing of them.
    assert_eq!(asked(&folder, "who me --program shop").1, "");
    assert_eq!(asked(&folder, "why health --program shop").1, "");

    let page = asked(&folder, "report --output - --program shop").0;
    assert!(page.contains("<li><code>clerk</code> grants <code>write:orders</code>"), "{page}");
    assert!(
        page.contains("<li><code>write:orders</code> includes <code>read:orders</code>"),
        "{page}"
    );
    let row = |page: &str| {
        page.rsplit("<tr").find(|row| row.contains("shop::service::list")).unwrap().to_owned()
    };
    assert_eq!(row(&page).matches('●').count(), 0);
    let page = asked(&folder, "report --scopes-of-roles --output - --program shop").0;
    assert_eq!(row(&page).matches('●').count(), 4, "{}", row(&page));
    assert!(row(&page).contains("scope = &quot;read:orders&quot;"));
    // Nobody asks both ways at once.
    assert_eq!(asked(&folder, "can --scope read:orders --scopes-of-roles --program shop").2, 2);
}

/// For every set of roles, what is reached with what they grant, named by a token, and counted by itself.
#[test]
fn to_count_grants_is_to_name_them() {
    let folder = ready("scopes-sets", |_| ());
    for set in 0..16_u32 {
        let roles: Vec<_> = ["admin", "manager", "clerk", "auditor"]
            .into_iter()
            .enumerate()
            .filter(|(place, _)| set & (1 << place) != 0)
            .map(|(_, role)| role)
            .collect();
        let given = roles.iter().flat_map(|role| ["--role", role]).collect::<Vec<_>>().join(" ");
        let granted: Vec<_> =
            roles
                .iter()
                .map(|role| {
                    if *role == "auditor" { "--scope read:orders" } else { "--scope write:orders" }
                })
                .collect();
        let ask = |more: &str| {
            let command = format!("can --mfa --auth-age 1m {given} {more} --program shop");
            let words: Vec<_> = command.split_whitespace().collect();
            printed(&run(&folder, &words)).0
        };
        assert_eq!(ask("--scopes-of-roles"), ask(&granted.join(" ")), "{roles:?}");
    }
}

#[test]
fn a_new_grant_widens_what_its_scope_opens() {
    let folder = ready("scopes-grant", |shop| {
        shop.policies[0].roles[3].grants.push("write:orders".to_owned());
    });
    let (text, said, code) = asked(&folder, "check --program changed");
    assert_eq!((said.as_str(), code), (NOTE, 1), "{text}");
    assert!(
        text.starts_with("policy: role `auditor` now grants `write:orders`\n\n1 in the policy\n"),
        "{text}"
    );
    let (text, said, code) = asked(&folder, "check --scopes-of-roles --program changed");
    assert_eq!((said.as_str(), code), ("", 1), "{text}");
    // An auditor who is a clerk in no other way calls off nothing, and what else asks for the scope asks for more.
    assert!(text.starts_with("policy: role `auditor` now grants `write:orders`\n"), "{text}");
    let folder = ready("scopes-lost", |shop| shop.policies[0].roles[3].grants.clear());
    let (text, _, code) = asked(&folder, "check --scopes-of-roles --program changed");
    assert_eq!(code, 1);
    let list = "shop::service::list: narrowed by the policy, only with role clerk. No longer allowed: role auditor\n";
    assert!(text.contains(list), "{text}");
    let (text, _, _) = asked(&folder, "diff changed shop --scopes-of-roles");
    let list = "shop::service::list: widened by the policy, without role clerk. Newly allowed: role auditor\n";
    assert!(text.contains(list), "{text}");
    // Nothing of what is not counted makes a difference.
    let (text, said, code) = asked(&folder, "check --scopes-of-roles --program shop");
    assert_eq!((text.as_str(), code), ("", 0), "{said}");
}
