//! The command line.

use std::path::PathBuf;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};

use crate::command::{self, Answer};
use crate::failure::Failure;
use crate::program::Source;
use crate::words;

/// Shows what a built program lets whom do, and what a change does to it.
///
/// The program's file is read and never run: debug or release, stripped, optimized across crates,
/// or built for another target.
#[derive(Debug, Parser)]
#[command(name = "cargo-authz", bin_name = "cargo authz", version, after_long_help = EXIT_CODES)]
#[command(max_term_width = 80)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  the answer is yes, or there was nothing to find
  1  the answer is no: the program differs from the lock or decides otherwise
     than its log, an identity does not pass, a lint denies
  2  the command line is wrong
  3  the build failed
  4  a file can't be read
  5  the build made no program
  6  the file is no program
  7  the program has no records
  8  no guarded function was found
  9  the records are damaged
 10  something is of a newer version
 11  there is no lock
 12  the lock is not as it was written, or the file is no lock
 13  the lock has a merge conflict
 14  the lock is that of another program
 15  a file is beyond the limit of its size
 16  there is no such function, role or scope
 17  a name, an id or the choice of a program is ambiguous
 18  a requirement is too complex to decide
 19  a file can't be written
 20  a configuration or a document can't be used
 21  a log has no decision in it";

#[derive(Debug, Subcommand)]
enum Command {
    Manifest(ManifestArgs),
    Lock(LockArgs),
    Check(CheckArgs),
    Diff(DiffArgs),
    Who(WhoArgs),
    Can(CanArgs),
    Why(WhyArgs),
    Lint(LintArgs),
    Report(ReportArgs),
    Openapi(OpenapiArgs),
    Replay(ReplayArgs),
    Usage(UsageArgs),
    Completions(CompletionsArgs),
}

impl Cli {
    /// Does what the command line asks for.
    ///
    /// # Errors
    ///
    /// Whatever keeps the command from an answer; see [`Failure`].
    pub fn answer(self) -> Result<Answer, Failure> {
        match self.command {
            Command::Manifest(args) => command::manifest(&args),
            Command::Lock(args) => command::lock(&args),
            Command::Check(args) => command::check(&args),
            Command::Diff(args) => command::diff(&args),
            Command::Who(args) => command::who(&args),
            Command::Can(args) => command::can(&args),
            Command::Why(args) => command::why(&args),
            Command::Lint(args) => command::lint(&args),
            Command::Report(args) => command::report(&args),
            Command::Openapi(args) => command::openapi(&args),
            Command::Replay(args) => command::replay(&args),
            Command::Usage(args) => command::usage(&args),
            Command::Completions(args) => Ok(completions(args.shell)),
        }
    }
}

/// How a list is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// For reading.
    #[default]
    Human,
    /// For programs.
    Json,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Report {
    /// For reading.
    #[default]
    Human,
    /// For programs.
    Json,
    /// Annotations on the lines of a pull request on GitHub.
    Github,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// A comment on a pull request.
    Markdown,
}

/// Print what every guarded function needs.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo authz manifest
  cargo authz manifest --release --format json > manifest.json
  cargo authz manifest --program target/aarch64-unknown-linux-gnu/release/orders")]
pub struct ManifestArgs {
    /// How to print it; `json` follows the schema `manifest.schema.json`.
    #[arg(long, value_enum, default_value_t)]
    pub format: Form,
    #[command(flatten)]
    pub(crate) source: Source,
}

/// Write `authz.lock`: who may call what, to be read in review.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo authz lock
  cargo authz lock --package orders --lock review/orders.lock")]
pub struct LockArgs {
    /// Where the lock is [default: `authz.lock` beside the `Cargo.toml` of the package].
    #[arg(long, value_name = "FILE")]
    pub lock: Option<PathBuf>,
    /// Write the lock of each package that has a program with guarded functions.
    #[arg(long, conflicts_with_all = ["lock", "program", "package", "bin", "lib", "example"])]
    pub workspace: bool,
    #[command(flatten)]
    pub(crate) source: Source,
}

/// Compare the program with `authz.lock`, and exit with 1 where they differ.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo authz check
  cargo authz check --workspace
  cargo authz check --allow-narrowing
  cargo authz check --format github      in a workflow: marks the lines
  cargo authz check --format sarif > authz.sarif")]
pub struct CheckArgs {
    /// Exit with 0 where nobody can do anything that the lock doesn't let them do.
    #[arg(long)]
    pub allow_narrowing: bool,
    /// How to print what changed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Report,
    /// Where the lock is [default: `authz.lock` beside the `Cargo.toml` of the package].
    #[arg(long, value_name = "FILE")]
    pub lock: Option<PathBuf>,
    /// Compare each package that has a program with guarded functions.
    #[arg(long, conflicts_with_all = ["lock", "program", "package", "bin", "lib", "example"])]
    pub workspace: bool,
    /// Count scopes as roles grant them, and not as a token names them.
    #[arg(long)]
    pub scopes_of_roles: bool,
    #[command(flatten)]
    pub(crate) source: Source,
}

/// Compare two locks, manifests, programs or git revisions of the lock; exits with 1 where they
/// differ.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo authz diff main HEAD
  cargo authz diff v1.0:services/orders/authz.lock services/orders/authz.lock
  cargo authz diff old/orders target/release/orders --format markdown")]
pub struct DiffArgs {
    /// What it was: a lock, a manifest as JSON, a built file, or a git revision (`main`,
    /// `v1.0:services/orders/authz.lock`).
    #[arg(value_name = "BEFORE")]
    pub before: String,
    /// What it is.
    #[arg(value_name = "NOW")]
    pub now: String,
    /// Exit with 0 where nobody can do anything that was not possible before.
    #[arg(long)]
    pub allow_narrowing: bool,
    /// How to print what changed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Report,
    /// The lock that a revision without a path means; where there is none of this name, all that lie below are.
    #[arg(long, value_name = "FILE", default_value = "authz.lock")]
    pub lock: PathBuf,
    /// Count scopes as roles grant them, and not as a token names them.
    #[arg(long)]
    pub scopes_of_roles: bool,
}

/// Print who may call a function: the identities of which no weaker one passes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo authz who refund
  cargo authz who orders::service::refund --format json")]
pub struct WhoArgs {
    /// The function, or the end of its path; a field as `Order.cost (read)`.
    pub function: String,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Form,
    /// Count scopes as roles grant them, and not as a token names them.
    #[arg(long)]
    pub scopes_of_roles: bool,
    #[command(flatten)]
    pub(crate) source: Source,
}

/// Print everything that an identity reaches.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo authz can --role clerk --scope write:orders
  cargo authz can --role manager --scope write:orders --mfa --auth-age 4m
  cargo authz can --nobody               what is open without a token
  cargo authz can --role clerk --scopes-of-roles")]
pub struct CanArgs {
    /// Somebody without a token.
    #[arg(long, conflicts_with_all = ["roles", "scopes", "mfa", "bound", "acr", "auth_age"])]
    pub nobody: bool,
    #[command(flatten)]
    pub(crate) who: IdentityArgs,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Form,
    /// Count scopes as roles grant them, and not as a token names them.
    #[arg(long, conflicts_with = "scopes")]
    pub scopes_of_roles: bool,
    #[command(flatten)]
    pub(crate) source: Source,
}

/// Print the smallest change of an identity that a function would let pass; exits with 1 where the
/// identity does not pass as it is.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo authz why --role clerk refund
  cargo authz why --role manager --scope write:orders --mfa refund")]
pub struct WhyArgs {
    /// The function, or the end of its path; a field as `Order.cost (read)`.
    pub function: String,
    #[command(flatten)]
    pub(crate) who: IdentityArgs,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Form,
    /// Count scopes as roles grant them, and not as a token names them.
    #[arg(long, conflicts_with = "scopes")]
    pub scopes_of_roles: bool,
    #[command(flatten)]
    pub(crate) source: Source,
}

/// Look for what is probably not meant; exits with 1 where a lint of level `deny` finds something.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo authz lint
  cargo authz lint --deny-warnings --format github
  cargo authz lint --explain implied-part

Levels and exceptions stand in `authz.toml` beside the `Cargo.toml` of the package:
  [lints]
  never-required = { level = \"allow\" }
  mutation-by-read = { level = \"deny\", except = [\"shop::service::search\"] }")]
pub struct LintArgs {
    /// Print the page of a lint.
    #[arg(long, value_name = "LINT", conflicts_with = "list")]
    pub explain: Option<String>,
    /// List the lints.
    #[arg(long)]
    pub list: bool,
    /// Exit with 1 where any lint finds something.
    #[arg(long)]
    pub deny_warnings: bool,
    /// How to print what is found.
    #[arg(long, value_enum, default_value_t)]
    pub format: Report,
    /// The configuration [default: `authz.toml` beside the `Cargo.toml` of the package].
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) source: Source,
}

/// Write one page that shows who reaches what: roles against functions, with search and filters,
/// the hierarchy, what is public, and what changed since the lock.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo authz report
  cargo authz report --output - > review/access.html")]
pub struct ReportArgs {
    /// Where the page goes; `-` is the standard output.
    #[arg(short, long, value_name = "FILE", default_value = "authz-report.html")]
    pub output: PathBuf,
    /// The lock to compare with [default: `authz.lock` beside the `Cargo.toml`, if it is there].
    #[arg(long, value_name = "FILE")]
    pub lock: Option<PathBuf>,
    /// Count scopes as roles grant them, and not as a token names them.
    #[arg(long)]
    pub scopes_of_roles: bool,
    #[command(flatten)]
    pub(crate) source: Source,
}

/// Print an OpenAPI 3.1 document with the security of every declared route; exits with 1 where a
/// document of your own has an operation that no function declares.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo authz openapi > security.json
  cargo authz openapi --document openapi.json > secured.json")]
pub struct OpenapiArgs {
    /// Write the security into this document, and print that.
    #[arg(long, value_name = "FILE")]
    pub document: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) source: Source,
}

/// Decide again what a log of decisions says was decided, by what the program requires now; exits with
/// 1 where an answer is another one.
///
/// A caller counts with the roles and scopes that the credentials named, under the hierarchies of now, and
/// where scopes came from roles, with those that the roles grant now. What a log does not tell is not decided
/// again: scopes of a token that counted within what roles grant count as they were held, a name that the
/// policy had not then is not there, and whose an object was depends on the object.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo authz replay decisions.jsonl
  cargo authz replay yesterday.jsonl --package orders --format json")]
pub struct ReplayArgs {
    /// The log, as `authz_core::audit::JsonLines` writes it.
    #[arg(value_name = "LOG")]
    pub log: PathBuf,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Form,
    #[command(flatten)]
    pub(crate) source: Source,
}

/// Print which roles and scopes callers hold and never needed, by a log of decisions, and the smaller
/// grant that would do.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo authz usage decisions.jsonl
  cargo authz usage decisions.jsonl --package orders --format json")]
pub struct UsageArgs {
    /// The log, as `authz_core::audit::JsonLines` writes it.
    #[arg(value_name = "LOG")]
    pub log: PathBuf,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Form,
    #[command(flatten)]
    pub(crate) source: Source,
}

/// Who is asked about.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Identity")]
pub struct IdentityArgs {
    /// A role that the token names; may be given several times.
    #[arg(long = "role", value_name = "ROLE")]
    pub roles: Vec<String>,
    /// A scope that the token names; may be given several times.
    #[arg(long = "scope", value_name = "SCOPE")]
    pub scopes: Vec<String>,
    /// A second factor was used.
    #[arg(long)]
    pub mfa: bool,
    /// The token is bound to its sender, by a key (DPoP) or a certificate.
    #[arg(long)]
    pub bound: bool,
    /// The authentication context class of the token.
    #[arg(long, value_name = "CLASS")]
    pub acr: Option<String>,
    /// How long ago the log-in was: `30s`, `5m`, `1h`, `2d`.
    #[arg(long, value_name = "TIME", value_parser = words::seconds)]
    pub auth_age: Option<u64>,
    /// The policy that the names are of, where the program has several.
    #[arg(long, value_name = "ID")]
    pub policy: Option<String>,
}

/// Print the completions of a shell, in bash and zsh for `cargo authz` too.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  source <(cargo authz completions bash)     in ~/.bashrc
  cargo authz completions zsh > ~/.zfunc/_cargo-authz")]
struct CompletionsArgs {
    shell: clap_complete::Shell,
}

fn completions(shell: clap_complete::Shell) -> Answer {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "cargo-authz", &mut bytes);
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    // The completions of cargo for zsh look for `_cargo-authz` by themselves; those for bash do not.
    if shell == clap_complete::Shell::Bash {
        // The generator takes the hyphen for one between commands in half of the names.
        text = text.replace("cargo__subcmd__authz", "cargo__authz");
        text.push_str(include_str!("command/cargo.bash"));
    }
    Answer::of(text)
}

#[cfg(test)]
mod tests {
    use super::{Cli, EXIT_CODES};
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound_and_every_command_has_examples() {
        Cli::command().debug_assert();
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.starts_with("Example"), "{}", command.get_name());
        }
    }

    #[test]
    fn every_page_of_help_fits_a_terminal() {
        let mut cli = Cli::command();
        cli.build();
        let names: Vec<_> =
            cli.get_subcommands().map(|command| command.get_name().to_owned()).collect();
        let mut pages = vec![cli.render_help().to_string(), cli.render_long_help().to_string()];
        for name in names {
            if let Some(command) = cli.find_subcommand_mut(&name) {
                pages.push(command.render_help().to_string());
                pages.push(command.render_long_help().to_string());
            }
        }
        for line in pages.iter().flat_map(|page| page.lines()) {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }

    /// What cargo takes as well is a page of its own: the short help has what is asked for every day.
    #[test]
    fn the_short_help_folds_the_options_of_cargo() {
        let mut cli = Cli::command();
        cli.build();
        let check = cli.find_subcommand_mut("check");
        let Some(check) = check else { return assert!(check.is_some()) };
        let (short, long) = (check.render_help().to_string(), check.render_long_help().to_string());
        for option in ["--no-default-features", "--target", "--offline", "--manifest-path"] {
            assert!(!short.contains(option) && long.contains(option), "{option}");
        }
        assert!(short.contains("--package") && short.contains("--release"));
        assert!(short.contains("`--help` has the options of `cargo build`"), "{short}");
    }

    #[test]
    fn every_exit_code_is_told() {
        let told = |code: u8| EXIT_CODES.contains(&format!("{code:>2}  "));
        assert!((0..=21).all(told));
        assert!(!told(22));
    }
}
