//! `replay`: what was decided, decided again.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use authz_manifest::{Function, Manifest};
use serde::Serialize;

use super::{Answer, side, too_complex, vocabulary};
use crate::cli::{Form, ReplayArgs};
use crate::decisions::{self, Asked, Log, Tally};
use crate::failure::Failure;
use crate::identity::Caller;
use crate::meaning::{self, Edit, Vocabulary};
use crate::output::{BOLD, DIM, GREEN, RED, YELLOW, counted};
use crate::program;

/// The version of the form for programs. Within a version, members are only added.
const FORMAT: u32 = 2;

/// Decides again what a log says.
///
/// # Errors
///
/// When there is no program to read, or the log can't be used.
pub fn replay(args: &ReplayArgs) -> Result<Answer, Failure> {
    let manifest = program::load(&args.source)?.manifest;
    let log = decisions::read(&args.log, &manifest)?;
    let replayed = Replayed::of(&manifest, &log)?;
    let finding = !(replayed.flips.is_empty() && replayed.gone.is_empty());
    if args.format == Form::Json {
        return Ok(Answer { finding, ..Answer::json(&replayed) });
    }
    let mut notes = vec![format!("{} replayed", counted(replayed.decisions, "decision"))];
    notes.extend(log.notes());
    Ok(Answer { text: replayed.text(), note: Some(notes.join("\n")), finding })
}

#[derive(Serialize)]
struct Replayed<'a> {
    format: u32,
    decisions: u64,
    hidden: u64,
    refused_fields: u64,
    dropped: u64,
    flips: Vec<Flip<'a>>,
    gone: Vec<Gone<'a>>,
}

/// Decisions about one function that would be made otherwise now.
#[derive(Serialize)]
struct Flip<'a> {
    function: &'a Function,
    was: &'static str,
    now: &'static str,
    decisions: u64,
    callers: Vec<Flipped<'a>>,
}

#[derive(Serialize)]
struct Flipped<'a> {
    caller: &'a Caller,
    decisions: u64,
    first: &'a str,
    last: &'a str,
    clients: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    would_pass: Option<Vec<Edit>>,
}

/// A function that the program has not.
#[derive(Serialize)]
struct Gone<'a> {
    function: &'a str,
    granted: u64,
    denied: u64,
}

/// Who asked, and whether the scopes came from the roles.
type Asking<'a> = (&'a Caller, bool);
/// What flips, by function and by who asked.
type Flips<'a> = BTreeMap<(bool, &'a str), BTreeMap<Asking<'a>, Vec<(&'a Asked, &'a Tally)>>>;

impl<'a> Replayed<'a> {
    fn of(manifest: &'a Manifest, log: &'a Log) -> Result<Self, Failure> {
        let mut known: BTreeMap<&str, (&Function, Vocabulary)> = BTreeMap::new();
        for function in &manifest.functions {
            known.insert(&function.id, (function, vocabulary(manifest, function)?));
        }
        let (mut flips, mut gone) = (Flips::new(), BTreeMap::<&str, Gone<'_>>::new());
        for (asked, tally) in &log.asked {
            let Some((function, vocabulary)) = known.get(asked.function.as_str()) else {
                let none = Gone { function: &asked.function, granted: 0, denied: 0 };
                let entry = gone.entry(&asked.function).or_insert(none);
                let count = if asked.granted { &mut entry.granted } else { &mut entry.denied };
                *count = count.saturating_add(tally.decisions);
                continue;
            };
            let caller = match &asked.caller {
                Caller::Somebody(identity) => Cow::Owned(Caller::Somebody(
                    decisions::today(vocabulary, identity, asked.scopes_of_roles).into_owned(),
                )),
                nobody @ Caller::Nobody => Cow::Borrowed(nobody),
            };
            let now = vocabulary.permits(&function.kind, &function.requirement, &caller);
            if now != asked.granted {
                let callers = flips.entry((now, &function.id)).or_default();
                callers
                    .entry((&asked.caller, asked.scopes_of_roles))
                    .or_default()
                    .push((asked, tally));
            }
        }
        let mut told = Vec::with_capacity(flips.len());
        for ((granted, id), callers) in flips {
            if let Some((function, vocabulary)) = known.get(id) {
                told.push(Flip::of(function, vocabulary, granted, callers)?);
            }
        }
        let decisions = log.count(|_| true);
        let gone = gone.into_values().collect();
        Ok(Self {
            format: FORMAT,
            decisions,
            hidden: log.hidden,
            refused_fields: log.refused_fields,
            dropped: log.dropped,
            flips: told,
            gone,
        })
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for flip in &self.flips {
            flip.write(&mut text);
        }
        for Gone { function, granted, denied } in &self.gone {
            let rest = format!("gone. {granted} granted, {denied} denied");
            let _ = writeln!(text, "{BOLD}{function}{BOLD:#}: {DIM}{rest}{DIM:#}");
        }
        let sum = |now: &str| {
            let flips = self.flips.iter().filter(|flip| flip.now == now);
            flips.map(|flip| flip.decisions).fold(0, u64::saturating_add)
        };
        let gone = self.gone.iter().map(|gone| gone.granted.saturating_add(gone.denied));
        let counts = [
            (sum("denied"), "granted and would be denied"),
            (sum("granted"), "denied and would be granted"),
            (gone.fold(0, u64::saturating_add), "about functions that are gone"),
        ];
        let counts: Vec<_> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, words)| format!("{count} {words}"))
            .collect();
        if !counts.is_empty() {
            let _ = writeln!(text, "\n{BOLD}{}{BOLD:#}", counts.join(", "));
        }
        text
    }
}

impl<'a> Flip<'a> {
    fn of(
        function: &'a Function,
        vocabulary: &Vocabulary,
        granted: bool,
        callers: BTreeMap<Asking<'a>, Vec<(&'a Asked, &'a Tally)>>,
    ) -> Result<Self, Failure> {
        let mut flipped = Vec::with_capacity(callers.len());
        for ((caller, scopes_of_roles), tallies) in callers {
            let would_pass = match caller {
                Caller::Somebody(identity) if !granted => {
                    let identity = decisions::today(vocabulary, identity, scopes_of_roles);
                    meaning::why(side(vocabulary, function), &identity)
                        .map_err(|_| too_complex(function))?
                }
                _ => None,
            };
            flipped.push(Flipped::of(caller, &tallies, would_pass));
        }
        // Those who are most often hit come first.
        flipped.sort_by_key(|flipped| std::cmp::Reverse(flipped.decisions));
        let decisions = flipped.iter().map(|one| one.decisions).fold(0, u64::saturating_add);
        let (was, now) = if granted { ("denied", "granted") } else { ("granted", "denied") };
        Ok(Self { function, was, now, decisions, callers: flipped })
    }

    fn write(&self, text: &mut String) {
        let Self { function, was, now, decisions, callers } = self;
        let colour = if *now == "granted" { RED } else { YELLOW };
        let rest = format!("was {was}, would be {now}. {}", counted(*decisions, "decision"));
        let _ = writeln!(text, "{BOLD}{}{BOLD:#}: {colour}{rest}{colour:#}", function.id);
        let _ = writeln!(text, "  {DIM}{}:{}{DIM:#}", function.file, function.line);
        let _ = writeln!(text, "  needs   {}", function.needs());
        for Flipped { caller, decisions, first, last, clients, would_pass } in callers {
            let _ = writeln!(text, "  {decisions:>7} {caller}");
            let clients = clients.join(", ");
            let by = if clients.is_empty() { String::new() } else { format!(" by {clients}") };
            let _ = writeln!(text, "          {DIM}{first} to {last}{by}{DIM:#}");
            if let Some(edits) = would_pass {
                let edits: Vec<_> = edits.iter().map(ToString::to_string).collect();
                let _ = writeln!(text, "          {GREEN}would pass{GREEN:#} {}", edits.join(", "));
            }
        }
    }
}

impl<'a> Flipped<'a> {
    fn of(
        caller: &'a Caller,
        tallies: &[(&'a Asked, &'a Tally)],
        would_pass: Option<Vec<Edit>>,
    ) -> Self {
        let mut clients: Vec<_> = tallies
            .iter()
            .filter_map(|(asked, _)| asked.client.as_ref())
            .map(|(_, client)| client.as_str())
            .filter(|client| !client.is_empty())
            .collect();
        clients.sort_unstable();
        clients.dedup();
        let counts = tallies.iter().map(|(_, tally)| tally.decisions);
        Self {
            caller,
            decisions: counts.fold(0, u64::saturating_add),
            // Times of one form: their order is that of their texts.
            first: tallies.iter().map(|(_, tally)| tally.first.as_str()).min().unwrap_or_default(),
            last: tallies.iter().map(|(_, tally)| tally.last.as_str()).max().unwrap_or_default(),
            clients,
            would_pass,
        }
    }
}
