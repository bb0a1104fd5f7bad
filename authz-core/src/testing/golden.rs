//! Files that a test compares, and writes when it is asked to.

use std::fmt::Write as _;
use std::path::Path;

/// Whether files are to be written.
#[derive(Clone, Copy)]
pub(super) struct Update {
    /// `AUTHZ_UPDATE=1` is in the environment.
    pub(super) asked: bool,
    /// Nobody reads there what is written.
    pub(super) in_ci: bool,
}

impl Update {
    pub(super) fn from_environment() -> Self {
        let asked = std::env::var_os("AUTHZ_UPDATE").is_some_and(|value| value == "1");
        let in_ci =
            std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");
        Self { asked, in_ci }
    }
}

/// The text of a file, with the line ends of this platform's checkout taken off.
pub(super) fn read(path: &Path) -> std::io::Result<String> {
    std::fs::read_to_string(path).map(|text| text.replace("\r\n", "\n"))
}

/// Fails unless the file says what is expected, or is written anew.
///
/// # Errors
///
/// With what differs from `whose` and what to do about it.
pub(super) fn compare(
    path: &Path,
    expected: &str,
    update: Update,
    (whose, remedy): (&str, &str),
) -> Result<(), String> {
    let found = read(path);
    if found.as_ref().is_ok_and(|found| found == expected) {
        return Ok(());
    }
    let shown = path.display();
    if update.asked && update.in_ci {
        return Err(format!(
            "`{shown}` differs from {whose}, and AUTHZ_UPDATE writes nothing where CI is set: write \
             it where somebody reads the difference"
        ));
    }
    if update.asked {
        return std::fs::write(path, expected)
            .map_err(|error| format!("can't write `{shown}`: {error}"));
    }
    match found {
        Err(error) => Err(format!("can't read `{shown}`: {error}; {remedy}")),
        Ok(found) => Err(format!(
            "`{shown}` differs from {whose}; {remedy}\n{}",
            difference(&found, expected)
        )),
    }
}

/// The stanzas that are in one text only.
fn difference(found: &str, expected: &str) -> String {
    let stanzas = |text: &str| text.split("\n\n").map(str::to_owned).collect::<Vec<_>>();
    let (found, expected) = (stanzas(found), stanzas(expected));
    let mut text = String::new();
    let mut list = |sign: char, these: &[String], others: &[String]| {
        for line in these.iter().filter(|stanza| !others.contains(stanza)).flat_map(|it| it.lines())
        {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{sign} {line}");
        }
    };
    list('-', &found, &expected);
    list('+', &expected, &found);
    text
}
