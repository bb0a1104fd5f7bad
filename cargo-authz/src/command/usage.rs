//! `usage`: what callers hold, and what of it they needed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use authz_manifest::Manifest;
use serde::Serialize;

use super::{Answer, vocabulary};
use crate::cli::{Form, UsageArgs};
use crate::decisions::{self, Call, Grant, Log, smallest};
use crate::failure::Failure;
use crate::identity::Caller;
use crate::meaning::Vocabulary;
use crate::output::{BOLD, DIM, GREEN, YELLOW, counted};
use crate::program;

/// The version of the form for programs. Within a version, members are only added.
const FORMAT: u32 = 1;

/// Prints what callers hold and never needed, and the smaller grant that would do.
///
/// # Errors
///
/// When there is no program to read, or the log can't be used.
pub fn usage(args: &UsageArgs) -> Result<Answer, Failure> {
    let manifest = program::load(&args.source)?.manifest;
    let log = decisions::read(&args.log, &manifest)?;
    let used = Used::of(&manifest, &log)?;
    if args.format == Form::Json {
        return Ok(Answer::json(&used));
    }
    let mut notes = vec![format!(
        "{} of {}",
        counted(used.grants, "grant"),
        counted(used.clients.len() as u64, "client")
    )];
    notes.extend(log.notes());
    Ok(Answer { text: used.text(), note: Some(notes.join("\n")), finding: false })
}

#[derive(Serialize)]
struct Used<'a> {
    format: u32,
    grants: u64,
    hidden: u64,
    refused_fields: u64,
    dropped: u64,
    clients: Vec<Holder<'a>>,
}

/// One client under one policy.
#[derive(Serialize)]
struct Holder<'a> {
    issuer: &'a str,
    client: &'a str,
    policy: &'a str,
    grants: u64,
    held: Grant,
    /// With what it includes, none of these was needed anywhere.
    unused: Grant,
    /// The smaller grant that would do.
    enough: Grant,
    functions: Vec<Called<'a>>,
}

/// One function that a client called.
#[derive(Serialize)]
struct Called<'a> {
    function: &'a str,
    grants: u64,
    needed: Grant,
    unused: Grant,
}

/// A call that was granted, and how often.
type Counted<'a> = (Call<'a>, u64);
/// The calls of each client, by issuer and policy.
type Calls<'a> = BTreeMap<(&'a str, &'a str, &'a str), Vec<Counted<'a>>>;

impl<'a> Used<'a> {
    fn of(manifest: &'a Manifest, log: &'a Log) -> Result<Self, Failure> {
        let by_id: BTreeMap<_, _> =
            manifest.functions.iter().map(|function| (function.id.as_str(), function)).collect();
        let mut calls = Calls::new();
        for (asked, tally) in log.asked.iter().filter(|(asked, _)| asked.granted) {
            let function = by_id.get(asked.function.as_str());
            let (Some(function), Some((issuer, client))) = (function, &asked.client) else {
                continue;
            };
            if let Caller::Somebody(identity) = &asked.caller {
                let of = (issuer.as_str(), client.as_str(), function.policy.as_str());
                let scopes_of_roles = asked.scopes_of_roles;
                let call = Call { function, identity, scopes_of_roles };
                calls.entry(of).or_default().push((call, tally.decisions));
            }
        }
        let mut clients = Vec::with_capacity(calls.len());
        for ((issuer, client, policy), calls) in calls {
            let Some((call, _)) = calls.first() else { continue };
            let vocabulary = vocabulary(manifest, call.function)?;
            clients.push(Holder::of((issuer, client, policy), &vocabulary, &calls));
        }
        let grants = log.count(|asked| asked.granted);
        let Log { hidden, refused_fields, dropped, .. } = *log;
        Ok(Self { format: FORMAT, grants, hidden, refused_fields, dropped, clients })
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for client in &self.clients {
            client.write(&mut text);
        }
        text
    }
}

impl<'a> Holder<'a> {
    fn of(
        (issuer, client, policy): (&'a str, &'a str, &'a str),
        vocabulary: &Vocabulary,
        calls: &[Counted<'a>],
    ) -> Self {
        let held = Grant::of(calls.iter().map(|(call, _)| *call));
        let enough = needed(vocabulary, calls);
        let mut by_function: BTreeMap<&str, Vec<Counted<'a>>> = BTreeMap::new();
        for call in calls {
            by_function.entry(&call.0.function.id).or_default().push(*call);
        }
        let functions = by_function.into_iter().map(|(function, calls)| {
            let held = Grant::of(calls.iter().map(|(call, _)| *call));
            let needed = needed(vocabulary, &calls);
            let unused = unused(vocabulary, &held, &needed);
            Called { function, grants: grants(&calls), needed, unused }
        });
        let functions = functions.collect();
        let unused = unused(vocabulary, &held, &enough);
        Self { issuer, client, policy, grants: grants(calls), held, unused, enough, functions }
    }

    fn write(&self, text: &mut String) {
        let name = if self.client.is_empty() { "no client" } else { self.client };
        let grants = counted(self.grants, "grant");
        let count = counted(self.functions.len() as u64, "function");
        let place = format!("{}, {grants} of {count}", self.issuer);
        let _ = writeln!(text, "{BOLD}{name}{BOLD:#} {DIM}{place}{DIM:#}");
        let _ = writeln!(text, "  holds   {}", self.held.words());
        if self.unused != Grant::default() {
            let _ = writeln!(text, "  {YELLOW}unused{YELLOW:#}  {}", self.unused.words());
        }
        if self.enough == self.held {
            let _ = writeln!(text, "  {GREEN}needs all of it{GREEN:#}");
        } else {
            let _ = writeln!(text, "  {GREEN}enough{GREEN:#}  {}", self.enough.words());
        }
        for Called { function, grants, needed, unused } in &self.functions {
            let rest = if *unused == Grant::default() {
                String::new()
            } else {
                format!(", not {}", unused.words())
            };
            let needed = needed.words();
            let _ = writeln!(text, "  {grants:>7} {function}: {DIM}needs {needed}{rest}{DIM:#}");
        }
    }
}

fn grants(calls: &[Counted<'_>]) -> u64 {
    calls.iter().map(|(_, count)| *count).fold(0, u64::saturating_add)
}

fn needed(vocabulary: &Vocabulary, calls: &[Counted<'_>]) -> Grant {
    let calls: Vec<_> = calls.iter().map(|(call, _)| *call).collect();
    smallest(vocabulary, &calls)
}

/// The names of which neither they nor anything that they include is needed.
fn unused(vocabulary: &Vocabulary, held: &Grant, needed: &Grant) -> Grant {
    let none = |common: BTreeSet<String>| common.is_empty();
    let one = |name: &String| BTreeSet::from([name.clone()]);
    let roles = held.roles.iter();
    let scopes = held.scopes.iter();
    Grant {
        roles: roles
            .filter(|name| none(vocabulary.roles.common(&one(name), &needed.roles)))
            .cloned()
            .collect(),
        scopes: scopes
            .filter(|name| none(vocabulary.scopes.common(&one(name), &needed.scopes)))
            .cloned()
            .collect(),
    }
}
