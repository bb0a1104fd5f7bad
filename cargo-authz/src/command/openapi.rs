//! `openapi`: the security of an API, for whoever documents it.

use std::path::Path;

use serde_json::Value;

use super::Answer;
use crate::cli::OpenapiArgs;
use crate::failure::Failure;
use crate::openapi::{Secured, document, secure};
use crate::{lock, program, text};

/// Prints a document with the security of every declared route.
///
/// # Errors
///
/// When there is no program to read, or the document can't be used.
pub fn openapi(args: &OpenapiArgs) -> Result<Answer, Failure> {
    let program = program::load(&args.source)?;
    let without = program.manifest.functions.iter().filter(|it| it.route.is_none()).count();
    let note = match without {
        0 => None,
        1 => Some("1 function declares no route".to_owned()),
        without => Some(format!("{without} functions declare no route")),
    };
    let Some(path) = &args.document else {
        let title = program.files.first().and_then(|file| file.file_stem()).unwrap_or_default();
        let document = document(&title.to_string_lossy(), &program.manifest)?;
        return Ok(Answer { note, ..Answer::json(&document) });
    };
    let Secured { document, unknown } = secure(read(path)?, &program.manifest)?;
    let listed = unknown.iter().map(|operation| {
        format!("`{}` is in the document, and no function declares it", text::shown(operation))
    });
    let note: Vec<_> = listed.chain(note).collect();
    let note = (!note.is_empty()).then(|| note.join("\n"));
    Ok(Answer { note, finding: !unknown.is_empty(), ..Answer::json(&document) })
}

fn read(path: &Path) -> Result<Value, Failure> {
    let length = path.metadata().map_err(|error| Failure::unreadable(path, error))?.len();
    if length > lock::MAX_SIZE {
        let what = format!("`{}`", path.display());
        let remedy = "is it an OpenAPI document?";
        return Err(Failure::TooLarge { what, found: length, limit: lock::MAX_SIZE, remedy });
    }
    let text = std::fs::read_to_string(path).map_err(|error| Failure::unreadable(path, error))?;
    let unusable = |reason: String| Failure::Unusable { path: path.to_owned(), reason };
    let document: Value =
        serde_json::from_str(&text).map_err(|error| unusable(format!("it is no JSON: {error}")))?;
    let version = document.get("openapi").and_then(Value::as_str).unwrap_or_default();
    if !version.starts_with("3.1.") || !document.get("paths").is_some_and(Value::is_object) {
        return Err(unusable("it is no OpenAPI 3.1 document with `paths`".to_owned()));
    }
    Ok(document)
}
