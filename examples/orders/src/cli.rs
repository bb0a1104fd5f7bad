//! The command line.

use std::net::SocketAddr;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

/// A small order service whose access rules are checked by the compiler.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Cli {
    /// Where to listen.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// What to do instead.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do instead of serving.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print a token that the service accepts.
    Token(TokenArgs),
}

/// What a token says.
#[derive(Clone, Debug, Args)]
pub struct TokenArgs {
    /// The subject.
    #[arg(long)]
    pub sub: String,
    /// A role; may be given several times.
    #[arg(long = "role", value_name = "ROLE")]
    pub roles: Vec<String>,
    /// A scope; may be given several times.
    #[arg(long = "scope", value_name = "SCOPE")]
    pub scopes: Vec<String>,
    /// How long the token lives: `30s`, `5m`, `1h`, `2d`.
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = duration)]
    pub expires_in: Duration,
    /// How long ago the subject logged in: `30s`, `10m`; without it the token doesn't tell.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub auth_age: Option<Duration>,
    /// The subject used a second factor.
    #[arg(long)]
    pub mfa: bool,
    /// The audience.
    #[arg(long, default_value = crate::token::AUDIENCE)]
    pub audience: String,
    /// The issuer.
    #[arg(long, default_value = crate::token::ISSUER)]
    pub issuer: String,
}

fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a time; write `30s`, `5m`, `1h` or `2d`");
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let factor = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let number: u64 = text.strip_suffix(unit).unwrap_or_default().parse().map_err(|_| wrong())?;
    number.checked_mul(factor).map(Duration::from_secs).ok_or_else(wrong)
}
