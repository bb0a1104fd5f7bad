//! `cargo authz`: reads the command line, answers, and says with its exit code how it went.

use std::io::Write as _;
use std::process::ExitCode;

use cargo_authz::cli::Cli;
use cargo_authz::failure::FINDING;
use cargo_authz::text;
use clap::Parser as _;

fn main() -> ExitCode {
    match Cli::parse_from(arguments()).answer() {
        Ok(answer) => {
            // Whoever closes the pipe has read enough.
            let _ = anstream::stdout().write_all(answer.text.as_bytes());
            if let Some(note) = answer.note {
                anstream::eprintln!("{}", text::lines(&note));
            }
            if answer.finding { ExitCode::from(FINDING) } else { ExitCode::SUCCESS }
        }
        Err(failure) => {
            anstream::eprintln!(
                "\u{1b}[1m\u{1b}[31merror\u{1b}[0m: {}",
                text::lines(&failure.to_string().replace('\n', " "))
            );
            ExitCode::from(&failure)
        }
    }
}

/// The command line without the word that cargo puts in front of it.
fn arguments() -> Vec<std::ffi::OsString> {
    let mut arguments: Vec<_> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|first| first == "authz") {
        arguments.remove(1);
    }
    arguments
}
