//! The tree inside an access attribute: `role = …`, `scope = …`, `all(…)`, `any(…)`, `not(…)`.
//!
//! One tree is parsed here; `check` judges its shape, `expand` prints it twice: as the compiled
//! check and as const data.

use std::fmt;

use proc_macro2::Span;
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::spanned::Spanned as _;
use syn::{Error, Ident, LitStr, Path, Result, Token, parenthesized};

use crate::comma::{parse_comma, skip_to_comma};
use crate::diag::{Errors, did_you_mean, one_of, shown};

/// One node of the tree, with the span of its key.
#[derive(Clone)]
pub(crate) struct Part {
    pub(crate) key: Ident,
    pub(crate) kind: PartKind,
}

#[derive(Clone)]
pub(crate) enum PartKind {
    Role(Name),
    Scope(Name),
    Authenticated,
    Mfa,
    Bound,
    Acr(LitStr),
    /// As written, and in seconds.
    MaxAge(LitStr, u64),
    All(Vec<Part>),
    Any(Vec<Part>),
    Not(Box<Part>),
    /// A rule by path.
    Rule(Path),
    /// Could not be read; the fault is noted.
    Faulty,
}

/// A role or a scope: its wire name, or the path to its variant.
#[derive(Clone)]
pub(crate) enum Name {
    Wire(LitStr),
    Variant(Path),
}

/// Every word that may begin a part.
pub(crate) const KEYS: &[&str] = &[
    "role",
    "scope",
    "authenticated",
    "mfa",
    "bound",
    "acr",
    "max_age",
    "all",
    "any",
    "not",
    "rule",
];

/// How deep `all`, `any` and `not` may nest; more is a mistake, and would be a deep recursion.
const MAX_DEPTH: usize = 32;

/// Parses what follows `key`, which was just read.
pub(crate) fn parse_part(
    key: Ident,
    input: ParseStream<'_>,
    depth: usize,
    errors: &mut Errors,
) -> Result<Part> {
    let kind = match key.to_string().as_str() {
        "role" => PartKind::Role(parse_name(&key, input)?),
        "scope" => PartKind::Scope(parse_name(&key, input)?),
        "authenticated" => parse_bare(&key, PartKind::Authenticated, input)?,
        "mfa" => parse_bare(&key, PartKind::Mfa, input)?,
        "bound" => parse_bare(&key, PartKind::Bound, input)?,
        "acr" => PartKind::Acr(parse_class(&key, input)?),
        "max_age" => parse_age(&key, input)?,
        "all" => PartKind::All(parse_group(&key, input, depth, errors)?),
        "any" => PartKind::Any(parse_group(&key, input, depth, errors)?),
        "not" => parse_not(&key, input, depth, errors)?,
        "rule" => PartKind::Rule(parse_rule(&key, input)?),
        _ => return Err(unknown_key(&key)),
    };
    Ok(Part { key, kind })
}

fn unknown_key(key: &Ident) -> Error {
    let word = key.to_string();
    let hint = match word.as_str() {
        "and" => "; write `all(...)`".to_owned(),
        "or" => "; write `any(...)`".to_owned(),
        "roles" | "any_role" => "; write `any(role = \"...\", role = \"...\")`".to_owned(),
        "scopes" => "; write `scope = \"...\", scope = \"...\"`, which asks for both".to_owned(),
        word => did_you_mean(word, KEYS),
    };
    Error::new(key.span(), format!("unknown requirement `{word}`; expected {}{hint}", one_of(KEYS)))
}

fn parse_name(key: &Ident, input: ParseStream<'_>) -> Result<Name> {
    parse_equals(key, "\"...\"", input)?;
    if input.peek(LitStr) {
        let name: LitStr = input.parse()?;
        require_text(key, &name)?;
        return Ok(Name::Wire(name));
    }
    if input.peek(Ident::peek_any) || input.peek(Token![::]) {
        let path: Path = input.parse().map_err(|_| wrong_name(key, input))?;
        if path.segments.len() < 2 && path.leading_colon.is_none() {
            return Err(bare_name(key, &path));
        }
        return Ok(Name::Variant(path));
    }
    Err(wrong_name(key, input))
}

fn bare_name(key: &Ident, path: &Path) -> Error {
    let name = path.segments.first().map(|part| part.ident.to_string()).unwrap_or_default();
    let form = if name.starts_with(char::is_uppercase) {
        let vocabulary = if key == "role" { "Role" } else { "Scope" };
        format!("write `{key} = {vocabulary}::{name}`, or its wire name as a string")
    } else {
        format!("write `{key} = \"{name}\"`, or the path to its variant")
    };
    let message = format!("`{name}` is neither a string nor the path to a variant; {form}");
    Error::new_spanned(path, message)
}

fn wrong_name(key: &Ident, input: ParseStream<'_>) -> Error {
    let (example, variant) =
        if key == "role" { ("admin", "Role::Admin") } else { ("read:orders", "Scope::ReadOrders") };
    expected(
        key,
        input,
        format!(
            "`{key}` takes a name: a string such as `{key} = \"{example}\"` or the path to a \
             variant such as `{key} = {variant}`"
        ),
    )
}

/// An error at what stands in the wrong place; at the key, where nothing stands.
pub(crate) fn expected(key: &Ident, input: ParseStream<'_>, message: String) -> Error {
    if input.is_empty() || input.peek(Token![,]) {
        return Error::new(key.span(), message);
    }
    input.error(message)
}

fn parse_bare(key: &Ident, kind: PartKind, input: ParseStream<'_>) -> Result<PartKind> {
    if input.peek(Token![=]) || input.peek(syn::token::Paren) {
        return Err(input.error(format!("`{key}` takes no value; write `{key}` alone")));
    }
    Ok(kind)
}

fn parse_class(key: &Ident, input: ParseStream<'_>) -> Result<LitStr> {
    parse_equals(key, "\"...\"", input)?;
    let class =
        parse_string(key, "an authentication context class such as `acr = \"gold\"`", input)?;
    require_text(key, &class)?;
    // RFC 9470 section 3 puts the classes into a quoted string, separated by spaces.
    if let Some(bad) =
        class.value().chars().find(|c| !c.is_ascii_graphic() || matches!(c, '"' | '\\'))
    {
        return Err(Error::new(
            class.span(),
            format!(
                "`acr = \"...\"` can't contain `{}`: the class is sent in a challenge, where only \
                 printable ASCII without space, `\"` and `\\` may stand (RFC 9470 section 3)",
                shown(bad)
            ),
        ));
    }
    Ok(class)
}

fn parse_age(key: &Ident, input: ParseStream<'_>) -> Result<PartKind> {
    parse_equals(key, "\"5m\"", input)?;
    let age = parse_string(key, "a duration such as `max_age = \"5m\"`", input)?;
    require_text(key, &age)?;
    match seconds(&age.value()) {
        Ok(seconds) => Ok(PartKind::MaxAge(age, seconds)),
        Err(reason) => Err(Error::new(age.span(), reason)),
    }
}

fn parse_rule(key: &Ident, input: ParseStream<'_>) -> Result<Path> {
    parse_equals(key, "Refund", input)?;
    let message = "`rule` takes the path to a rule, without quotes: `rule = Refund`";
    if !input.peek(Ident::peek_any) && !input.peek(Token![::]) {
        return Err(expected(key, input, message.to_owned()));
    }
    Path::parse_mod_style(input).map_err(|_| expected(key, input, message.to_owned()))
}

/// `30s`, `5m`, `1h` or `1d` in seconds.
fn seconds(text: &str) -> std::result::Result<u64, String> {
    let wrong = || {
        format!(
            "`{text}` is not a duration; write a whole number and a unit: `30s`, `5m`, `1h` or `1d`"
        )
    };
    let unit = text.chars().last().ok_or_else(wrong)?;
    let factor = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let digits = text.strip_suffix(unit).unwrap_or_default();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    // A hundred years: beyond it a limit limits nothing, and sums could overflow.
    let limit = 100 * 365 * 86_400;
    match digits.parse::<u64>().ok().and_then(|number| number.checked_mul(factor)) {
        Some(0) => Err(format!("a `max_age` of `{text}` lets nobody in; write at least `1s`")),
        Some(seconds) if seconds <= limit => Ok(seconds),
        _ => Err(format!("`{text}` is longer than a hundred years; write a shorter `max_age`")),
    }
}

pub(crate) fn parse_group(
    key: &Ident,
    input: ParseStream<'_>,
    depth: usize,
    errors: &mut Errors,
) -> Result<Vec<Part>> {
    if depth >= MAX_DEPTH {
        return Err(Error::new(
            key.span(),
            format!("`{key}` is nested more than {MAX_DEPTH} deep; split the requirement"),
        ));
    }
    if !input.peek(syn::token::Paren) {
        let message = format!("`{key}` takes its parts in parentheses: `{key}(...)`");
        return Err(expected(key, input, message));
    }
    let content;
    parenthesized!(content in input);
    Ok(parse_parts(&content, depth + 1, errors))
}

/// Parses parts up to the end, noting each fault and going on behind the next comma.
fn parse_parts(input: ParseStream<'_>, depth: usize, errors: &mut Errors) -> Vec<Part> {
    let mut parts = Vec::new();
    while !input.is_empty() {
        let parsed = parse_key(input).and_then(|key| {
            let fallback = key.clone();
            parse_part(key, input, depth, errors).or_else(|error| {
                errors.push(error);
                skip_to_comma(input);
                Ok(Part { key: fallback, kind: PartKind::Faulty })
            })
        });
        match parsed {
            Ok(part) => parts.push(part),
            Err(error) => {
                errors.push(error);
                skip_to_comma(input);
                parts.push(Part {
                    key: Ident::new("faulty", Span::call_site()),
                    kind: PartKind::Faulty,
                });
            }
        }
        parse_comma(input, errors);
    }
    parts
}

/// The word with which a part or an option begins.
pub(crate) fn parse_key(input: ParseStream<'_>) -> Result<Ident> {
    if input.peek(Ident::peek_any) {
        return Ident::parse_any(input);
    }
    if input.peek(LitStr) {
        let name = input.fork().parse::<LitStr>()?.value();
        return Err(input.error(format!(
            "a name needs its key: write `role = \"{name}\"` or `scope = \"{name}\"`"
        )));
    }
    Err(input.error(format!("expected {}", one_of(KEYS))))
}

fn parse_not(
    key: &Ident,
    input: ParseStream<'_>,
    depth: usize,
    errors: &mut Errors,
) -> Result<PartKind> {
    let mut parts = parse_group(key, input, depth, errors)?;
    match (parts.pop(), parts.is_empty()) {
        (Some(part), true) => Ok(PartKind::Not(Box::new(part))),
        (None, _) => Err(Error::new(key.span(), "`not()` is empty; write what must not hold")),
        (Some(_), false) => Err(Error::new(
            key.span(),
            "`not` takes one part; write `not(any(...))` for none of them or `not(all(...))` for \
             not all of them",
        )),
    }
}

/// Parses `=`; `example` shows what stands behind it.
pub(crate) fn parse_equals(key: &Ident, example: &str, input: ParseStream<'_>) -> Result<()> {
    if input.peek(Token![=]) && !input.peek(Token![==]) {
        input.parse::<Token![=]>()?;
        return Ok(());
    }
    Err(expected(key, input, format!("`{key}` needs a value: `{key} = {example}`")))
}

/// Parses a string literal; `what` says what it stands for.
pub(crate) fn parse_string(key: &Ident, what: &str, input: ParseStream<'_>) -> Result<LitStr> {
    if input.peek(LitStr) {
        return input.parse();
    }
    Err(expected(key, input, format!("`{key}` takes {what}")))
}

/// Refuses an empty string and a suffix such as `"admin"x`.
pub(crate) fn require_text(key: &Ident, text: &LitStr) -> Result<()> {
    if !text.suffix().is_empty() {
        let suffix = text.suffix();
        let message = format!("`{key}` takes a string without a suffix; remove `{suffix}`");
        return Err(Error::new(text.span(), message));
    }
    if text.value().trim().is_empty() {
        return Err(Error::new(
            text.span(),
            format!("`{key} = \"\"` is empty; write a {}", noun(key)),
        ));
    }
    Ok(())
}

fn noun(key: &Ident) -> String {
    match key.to_string().as_str() {
        "acr" => "class of authentication".to_owned(),
        "max_age" => "duration such as `5m`".to_owned(),
        "role" | "scope" => format!("{key} of the policy"),
        _ => key.to_string(),
    }
}

impl Part {
    /// The smallest span that stands for this part.
    pub(crate) fn span(&self) -> Span {
        match &self.kind {
            PartKind::Role(Name::Wire(name)) | PartKind::Scope(Name::Wire(name)) => name.span(),
            PartKind::Role(Name::Variant(path)) | PartKind::Scope(Name::Variant(path)) => {
                path.span()
            }
            PartKind::Acr(class) => class.span(),
            PartKind::Rule(path) => path.span(),
            _ => self.key.span(),
        }
    }
}

/// The part as it would be written; groups without their content.
impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.key;
        match &self.kind {
            PartKind::Role(Name::Wire(name)) | PartKind::Scope(Name::Wire(name)) => {
                write!(f, "{key} = {:?}", name.value())
            }
            PartKind::Role(Name::Variant(path))
            | PartKind::Scope(Name::Variant(path))
            | PartKind::Rule(path) => {
                let path = path.to_token_stream().to_string().replace(' ', "");
                write!(f, "{key} = {path}")
            }
            PartKind::Acr(class) => write!(f, "{key} = {:?}", class.value()),
            PartKind::MaxAge(age, _) => write!(f, "{key} = {:?}", age.value()),
            PartKind::Authenticated | PartKind::Mfa | PartKind::Bound | PartKind::Faulty => {
                write!(f, "{key}")
            }
            PartKind::All(_) | PartKind::Any(_) | PartKind::Not(_) => write!(f, "{key}(...)"),
        }
    }
}

impl Part {
    /// Visits every rule in the part.
    pub(crate) fn each_rule<'a>(&'a self, visit: &mut dyn FnMut(&'a Path)) {
        if let PartKind::Rule(path) = &self.kind {
            visit(path);
        }
        for part in self.inner() {
            part.each_rule(visit);
        }
    }

    /// The parts of a group.
    pub(crate) fn inner(&self) -> &[Self] {
        match &self.kind {
            PartKind::All(inner) | PartKind::Any(inner) => inner,
            PartKind::Not(inner) => std::slice::from_ref(inner),
            _ => &[],
        }
    }

    /// The part as it would be written, groups with their content where that is short.
    pub(crate) fn text(&self) -> String {
        const LIMIT: usize = 72;
        if self.inner().is_empty() {
            return self.to_string();
        }
        let inner: Vec<String> = self.inner().iter().map(Self::text).collect();
        let text = format!("{}({})", self.key, inner.join(", "));
        if text.len() <= LIMIT { text } else { self.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn durations_have_one_number_and_one_unit() {
        for (text, expected) in [("30s", 30), ("5m", 300), ("1h", 3_600), ("2d", 172_800)] {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for text in ["", "5", "m", "5x", "-5m", "5 m", "1h30m", "5M", "1.5h", "0s", "99999999999d"]
        {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
