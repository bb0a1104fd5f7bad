//! Every single step away from a requirement.

use authz_core::manifest::Requirement;

/// Names one step up or down from each.
const NEAR: [(&str, &[&str]); 8] = [
    ("admin", &["manager"]),
    ("manager", &["admin", "clerk", "auditor"]),
    ("clerk", &["manager", "auditor", "guest"]),
    ("auditor", &["manager", "clerk"]),
    ("guest", &["clerk"]),
    ("read:orders", &["write:orders", "pay:orders"]),
    ("write:orders", &["read:orders", "pay:orders"]),
    ("pay:orders", &["read:orders"]),
];

/// The requirements that differ from this one by one step anywhere in it, with what the step is.
pub fn mutations(of: &Requirement) -> Vec<(String, Requirement)> {
    let mut mutations = within(of);
    for more in [
        Requirement::Role("admin".to_owned()),
        Requirement::Role("clerk".to_owned()),
        Requirement::Role("guest".to_owned()),
        Requirement::Scope("read:orders".to_owned()),
        Requirement::Scope("pay:orders".to_owned()),
        Requirement::Mfa,
        Requirement::Bound,
        Requirement::Acr("gold".to_owned()),
        Requirement::MaxAge(300),
        Requirement::Not(Box::new(Requirement::Mfa)),
        Requirement::Not(Box::new(Requirement::Role("auditor".to_owned()))),
    ] {
        mutations.push((format!("also {more}"), Requirement::All(vec![of.clone(), more.clone()])));
        mutations.push((format!("or {more}"), Requirement::Any(vec![of.clone(), more])));
    }
    mutations.push(("removed".to_owned(), Requirement::Authenticated));
    mutations
}

fn within(of: &Requirement) -> Vec<(String, Requirement)> {
    let mut mutations = Vec::new();
    let mut step = |what: String, to: Requirement| mutations.push((what, to));
    match of {
        Requirement::Role(name) => {
            for other in near(name) {
                step(format!("{name} to {other}"), Requirement::Role((*other).to_owned()));
            }
        }
        Requirement::Scope(name) => {
            for other in near(name) {
                step(format!("{name} to {other}"), Requirement::Scope((*other).to_owned()));
            }
        }
        Requirement::Mfa => step("mfa to bound".to_owned(), Requirement::Bound),
        Requirement::Bound => step("bound to mfa".to_owned(), Requirement::Mfa),
        Requirement::Acr(class) => {
            let other = if class == "gold" { "silver" } else { "gold" };
            step(format!("{class} to {other}"), Requirement::Acr(other.to_owned()));
        }
        Requirement::MaxAge(age) => {
            for other in [age / 2, age - 1, age + 1, age * 2] {
                step(format!("{age}s to {other}s"), Requirement::MaxAge(other));
            }
        }
        Requirement::All(parts) => {
            step(format!("{of} to any"), Requirement::Any(parts.clone()));
            in_parts(parts, |what, parts| step(what, Requirement::All(parts)));
        }
        Requirement::Any(parts) => {
            step(format!("{of} to all"), Requirement::All(parts.clone()));
            in_parts(parts, |what, parts| step(what, Requirement::Any(parts)));
        }
        Requirement::Not(part) => {
            step(format!("without not({part})"), Requirement::Authenticated);
            step(format!("not({part}) to {part}"), (**part).clone());
            for (what, part) in within(part) {
                step(what, Requirement::Not(Box::new(part)));
            }
        }
        Requirement::Rule { requires, .. } => mutations.extend(within(requires)),
        Requirement::Anyone | Requirement::Authenticated => {}
    }
    mutations.push((format!("not({of})"), Requirement::Not(Box::new(of.clone()))));
    mutations
}

/// Each part changed, and each left out.
fn in_parts(parts: &[Requirement], mut step: impl FnMut(String, Vec<Requirement>)) {
    for (place, part) in parts.iter().enumerate() {
        let with = |changed: Option<Requirement>| {
            let (before, after) = parts.split_at(place);
            before.iter().cloned().chain(changed).chain(after.iter().skip(1).cloned()).collect()
        };
        for (what, changed) in within(part) {
            step(what, with(Some(changed)));
        }
        if parts.len() > 1 {
            step(format!("without {part}"), with(None));
        }
    }
}

fn near(name: &str) -> &'static [&'static str] {
    NEAR.iter().find(|(one, _)| *one == name).map(|(_, near)| *near).unwrap()
}
