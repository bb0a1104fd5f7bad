//! What a caller is answered: as the manifest promises it, and as a response says it.
//!
//! Absent on purpose: [`Denied`](crate::Denied) and what makes its challenge. The promise is worked
//! out from the requirement, and the response is read from its bytes.

use std::collections::BTreeSet;
use std::fmt;

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, StatusCode};

use super::tree::Need;
use super::vocabulary::Vocabulary;

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Answer {
    /// The handler is called.
    Passes,
    Refused(Refusal),
}

/// A status and what the challenge beside it says.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Refusal {
    pub(super) status: u16,
    /// RFC 6750 section 3.1, RFC 9470 section 3.
    pub(super) error: Option<String>,
    pub(super) scopes: BTreeSet<String>,
    pub(super) acr_values: BTreeSet<String>,
    /// Seconds.
    pub(super) max_age: Option<String>,
}

impl Refusal {
    /// A request without credentials gets no error code (RFC 6750 section 3.1).
    pub(super) fn no_credentials() -> Self {
        Self { status: 401, ..Self::default() }
    }

    /// Whatever is wrong with a token, the answer is one.
    pub(super) fn invalid_token() -> Self {
        Self { status: 401, error: Some("invalid_token".to_owned()), ..Self::default() }
    }

    /// What has to be answered to a caller who lacks this: what a log-in mends is a 401 that asks for
    /// one, a token that is not bound is no token for this, and anything else a 403.
    pub(super) fn lacking(need: &Need, vocabulary: &Vocabulary) -> Self {
        let log_in = need.is_log_in();
        let (status, error) = match () {
            () if log_in => (401, "insufficient_user_authentication"),
            () if need.is_binding() => (401, "invalid_token"),
            () => (403, "insufficient_scope"),
        };
        let scopes = need.scopes.iter().map(|scope| vocabulary.scopes.name(*scope).to_owned());
        Self {
            status,
            error: Some(error.to_owned()),
            scopes: scopes.collect(),
            acr_values: if log_in { need.acr.clone() } else { BTreeSet::new() },
            max_age: need.max_age.filter(|_| log_in).map(|seconds| seconds.to_string()),
        }
    }

    /// What a response says.
    pub(super) fn read(status: StatusCode, headers: &HeaderMap) -> Self {
        let challenge = headers.get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
        let mut refusal = Self { status: status.as_u16(), ..Self::default() };
        let words = |text: String| text.split(' ').map(str::to_owned).collect();
        for (name, value) in parameters(challenge.unwrap_or_default()) {
            match name.as_str() {
                "error" => refusal.error = Some(value),
                "scope" => refusal.scopes = words(value),
                "acr_values" => refusal.acr_values = words(value),
                "max_age" => refusal.max_age = Some(value),
                _ => {}
            }
        }
        refusal
    }
}

/// The parameters of the first challenge (RFC 9110 section 11.6.1).
fn parameters(challenge: &str) -> Vec<(String, String)> {
    let mut parameters = Vec::new();
    let Some((_scheme, mut rest)) = challenge.split_once(' ') else { return parameters };
    loop {
        rest = rest.trim_start_matches([' ', ',']);
        let Some((name, after)) = rest.split_once('=') else { return parameters };
        // The next challenge begins with its scheme.
        if name.contains(' ') {
            return parameters;
        }
        let (value, after) = if let Some(quoted) = after.strip_prefix('"') {
            unquote(quoted)
        } else {
            let (value, after) = after.split_at(after.find(',').unwrap_or(after.len()));
            (value.trim_end().to_owned(), after)
        };
        parameters.push((name.to_owned(), value));
        rest = after;
    }
}

/// A quoted-string without its first quote (RFC 9110 section 5.6.4), and what stands behind it.
fn unquote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => value.extend(characters.next()),
            _ => value.push(character),
        }
    }
    (value, characters.as_str())
}

/// `403 insufficient_scope, scope write:orders`
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        if let Some(error) = &self.error {
            write!(f, " {error}")?;
        }
        for scope in &self.scopes {
            write!(f, ", scope {scope}")?;
        }
        for class in &self.acr_values {
            write!(f, ", acr {class}")?;
        }
        if let Some(seconds) = &self.max_age {
            write!(f, ", max_age {seconds}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passes => f.write_str("passes"),
            Self::Refused(refusal) => refusal.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::header::WWW_AUTHENTICATE;
    use http::{HeaderMap, HeaderValue, StatusCode};

    use super::{Refusal, parameters};

    fn read(challenge: &'static str) -> String {
        let headers =
            HeaderMap::from_iter([(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))]);
        Refusal::read(StatusCode::UNAUTHORIZED, &headers).to_string()
    }

    #[test]
    fn the_first_challenge_is_read() {
        assert_eq!(read(r#"Bearer realm="api""#), "401");
        assert_eq!(read(r#"Bearer realm="api", DPoP realm="api", error="no""#), "401");
        assert_eq!(
            read(
                r#"Bearer error="insufficient_user_authentication", error_description="a, b=c", scope="b a", acr_values="gold silver", max_age=300"#
            ),
            "401 insufficient_user_authentication, scope a, scope b, acr gold, acr silver, max_age 300"
        );
    }

    #[test]
    fn what_is_quoted_is_unquoted_and_no_text_is_endless() {
        assert_eq!(
            parameters(r#"Bearer a="x\"y\\", b=1 , c"#),
            [("a".to_owned(), r#"x"y\"#.to_owned()), ("b".to_owned(), "1".to_owned()),]
        );
        for text in
            ["", "Bearer", "Bearer ", "Bearer =", "Bearer a=\"", "Bearer a=\"\\", "Bearer ,,"]
        {
            parameters(text);
        }
    }
}
