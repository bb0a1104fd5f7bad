//! Why a command gives no answer, and the exit code that says so to a script.
//!
//! Absent on purpose: findings. A drift or a lint is an answer, and ends with code 1.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The code of a command whose answer is "no": drift, an identity that does not pass, a lint.
pub const FINDING: u8 = 1;

/// Why there is no answer. Each kind has a code of its own ([`Failure::code`]).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The command line asks for something that does not go together.
    #[error("{0}")]
    Usage(String),
    /// Cargo did not build the program.
    #[error("{0}")]
    Build(String),
    /// A file can't be read.
    #[error("can't read `{}`: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The build made no program.
    #[error("{0}")]
    NoProgram(String),
    /// A file that is no program.
    #[error(
        "`{}` is no program: {reason}; give the executable, the library or the object that the \
         build made",
        path.display()
    )]
    NotAProgram {
        /// The file.
        path: PathBuf,
        /// What its reader says.
        reason: String,
    },
    /// A program without a section of records.
    #[error(
        "`{}` has no section `.authz`: it was built without authz-core, or something removed the \
         section after linking; `strip` keeps it, `objcopy` and packers may not",
        path.display()
    )]
    NoSection {
        /// The file.
        path: PathBuf,
    },
    /// A section without a guarded function.
    #[error(
        "no guarded function found in `{}`: is the crate with the handlers linked into this \
         program, and do they carry `#[requires]`, `#[public]` or `#[manual]`?",
        path.display()
    )]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A record that can't be read.
    #[error("the section `.authz` of `{}` is damaged at byte {offset}: {reason}; build again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The place in the section, in bytes from its start.
        offset: usize,
        /// What is wrong there.
        reason: String,
    },
    /// Something written by a newer version.
    #[error(
        "{what} has format {found}, and this cargo-authz knows formats up to {known}; install a \
         newer one: `cargo install cargo-authz`"
    )]
    Newer {
        /// What was read.
        what: String,
        /// Its format.
        found: u64,
        /// The newest format that is known here.
        known: u64,
    },
    /// There is no lock.
    #[error("there is no `{}`; `cargo authz lock` writes it", path.display())]
    NoLock {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A file that is no lock.
    #[error("`{}` is no lock of `cargo authz`: {reason}; name the right one with `--lock`", path.display())]
    NotALock {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A lock that is not as `cargo authz lock` writes it.
    #[error(
        "`{}` is not as `cargo authz lock` writes it, but changed by hand or in a merge: {reason}; \
         `cargo authz lock` writes it anew",
        path.display()
    )]
    EditedLock {
        /// The lock.
        path: PathBuf,
        /// What is wrong with it, and where.
        reason: String,
    },
    /// A lock with both sides of a merge in it.
    #[error(
        "`{}` has a merge conflict in line {line}; resolve the conflict in the code, then \
         `cargo authz lock` writes the lock of the result",
        path.display()
    )]
    Conflict {
        /// The lock.
        path: PathBuf,
        /// The first line of the conflict.
        line: usize,
    },
    /// A lock and a program that have nothing in common.
    #[error("{0}")]
    OtherProgram(String),
    /// A file beyond a limit.
    #[error("{what} has {found} bytes, and the limit is {limit}: {remedy}")]
    TooLarge {
        /// What was read.
        what: String,
        /// Its size.
        found: u64,
        /// The limit.
        limit: u64,
        /// What to do.
        remedy: &'static str,
    },
    /// A name that the program has not.
    #[error("{0}")]
    Unknown(String),
    /// Several things that a name or a command could mean.
    #[error("{0}")]
    Ambiguous(String),
    /// A requirement that can't be decided within the limit of memory.
    #[error(
        "what `{function}` requires is too complex to decide exactly; split it into named rules \
         or into several functions"
    )]
    TooComplex {
        /// The function.
        function: String,
    },
    /// A file can't be written.
    #[error("can't write `{}`: {error}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// A log without a decision in it: nothing was asked, and "nothing would change" is no answer.
    #[error(
        "`{}` has no decision in it: {reason}; is it what `authz_core::audit::JsonLines` writes?",
        path.display()
    )]
    NoDecision {
        /// The log.
        path: PathBuf,
        /// What it has instead.
        reason: String,
    },
    /// A configuration or a document that can't be used.
    #[error("`{}` can't be used: {reason}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl Failure {
    /// The exit code: one for each kind, and none of them 0 or [`FINDING`].
    #[must_use]
    pub const fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Build(_) => 3,
            Self::Unreadable { .. } => 4,
            Self::NoProgram(_) => 5,
            Self::NotAProgram { .. } => 6,
            Self::NoSection { .. } => 7,
            Self::Empty { .. } => 8,
            Self::Damaged { .. } => 9,
            Self::Newer { .. } => 10,
            Self::NoLock { .. } => 11,
            Self::EditedLock { .. } | Self::NotALock { .. } => 12,
            Self::Conflict { .. } => 13,
            Self::OtherProgram(_) => 14,
            Self::TooLarge { .. } => 15,
            Self::Unknown(_) => 16,
            Self::Ambiguous(_) => 17,
            Self::TooComplex { .. } => 18,
            Self::Unwritable { .. } => 19,
            Self::Unusable { .. } => 20,
            Self::NoDecision { .. } => 21,
        }
    }

    pub(crate) fn unreadable(path: &Path, error: std::io::Error) -> Self {
        Self::Unreadable { path: path.to_owned(), error }
    }

    pub(crate) fn unwritable(path: &Path, error: std::io::Error) -> Self {
        Self::Unwritable { path: path.to_owned(), error }
    }
}

impl From<&Failure> for ExitCode {
    fn from(failure: &Failure) -> Self {
        Self::from(failure.code())
    }
}
