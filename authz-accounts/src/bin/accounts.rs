//! `accounts`: looks at the audit trail and the names of a database from outside of the service.

use std::io::Write as _;
use std::process::ExitCode;

use authz_accounts::{Error, Names, Trail};
use clap::{Parser, Subcommand};

/// Looks at the audit trail and the names of accounts.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Cli {
    /// The database: a SQLite file, or `postgres://…`.
    #[arg(long, global = true, default_value = "accounts.db")]
    database: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Checks every record against the one before it; fails if one was changed, taken out or put in.
    VerifyAudit {
        /// The end of the trail as it was before, `NUMBER:HASH`, kept elsewhere: fails too if the
        /// trail does not go through it any more.
        #[arg(long, value_name = "NUMBER:HASH", value_parser = end)]
        through: Option<(i64, String)>,
    },
    /// Prints the records as JSON lines, oldest first.
    ExportAudit {
        /// Begins after this record.
        #[arg(long, value_name = "NUMBER", default_value_t = 0)]
        after: i64,
    },
    /// Lists names that nobody could choose today, and those that look the same; fails if there are any.
    /// Nothing is changed.
    ReviewNames,
}

fn end(text: &str) -> Result<(i64, String), String> {
    let wrong = || format!("`{text}` is no end of a trail; write `NUMBER:HASH`, as it is printed");
    let (number, hash) = text.split_once(':').ok_or_else(wrong)?;
    Ok((number.parse().map_err(|_| wrong())?, hash.to_owned()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

async fn run(cli: Cli) -> Result<bool, Box<dyn std::error::Error>> {
    if matches!(cli.command, Command::ReviewNames) {
        return review(&Names::open(&cli.database).await.map_err(reason)?).await;
    }
    let trail = Trail::open(&cli.database).await.map_err(reason)?;
    match cli.command {
        Command::ReviewNames => Ok(true),
        Command::VerifyAudit { through } => verify(&trail, through).await,
        Command::ExportAudit { after } => export(&trail, after).await,
    }
}

async fn review(names: &Names) -> Result<bool, Box<dyn std::error::Error>> {
    let report = names.review().await.map_err(reason)?;
    for (name, character) in &report.refused {
        let (name, character) = (shown(name), character.escape_unicode());
        println!("refused today: `{name}`, for `{character}`");
    }
    for names in &report.alike {
        let names: Vec<_> = names.iter().map(|name| format!("`{}`", shown(name))).collect();
        println!("look the same: {}", names.join(", "));
    }
    let (refused, alike) = (report.refused.len(), report.alike.len());
    println!("{} names: {refused} refused today, {alike} groups that look the same", report.names);
    Ok(refused == 0 && alike == 0)
}

/// A name with everything but letters, digits and signs of ASCII as an escape.
fn shown(name: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || character.is_ascii_graphic();
    let escaped = |character: char| match character {
        seen if plain(seen) => seen.to_string(),
        hidden => hidden.escape_unicode().to_string(),
    };
    name.chars().map(escaped).collect()
}

async fn verify(
    trail: &Trail,
    through: Option<(i64, String)>,
) -> Result<bool, Box<dyn std::error::Error>> {
    let mut report = trail.verify().await.map_err(reason)?;
    if let Some((number, hash)) = through {
        let there = trail.read(number.saturating_sub(1), 1).await.map_err(reason)?;
        if there.first().is_none_or(|record| record.seq != number || record.hash != hash) {
            report.faults.push(format!("record {number} is not the one whose hash was kept"));
        }
    }
    for fault in &report.faults {
        println!("fault: {fault}");
    }
    println!("{} records; the trail ends at {}:{}", report.records, report.seq, report.hash);
    Ok(report.faults.is_empty())
}

async fn export(trail: &Trail, mut after: i64) -> Result<bool, Box<dyn std::error::Error>> {
    let mut output = std::io::stdout().lock();
    loop {
        let records = trail.read(after, 500).await.map_err(reason)?;
        let Some(last) = records.last() else { return Ok(true) };
        after = last.seq;
        for record in &records {
            serde_json::to_writer(&mut output, record)?;
            output.write_all(b"\n")?;
        }
    }
}

/// Whoever calls this runs the service and is told why.
fn reason(error: Error) -> Box<dyn std::error::Error> {
    match error {
        Error::Unavailable { source } => source,
        other => Box::new(other),
    }
}
