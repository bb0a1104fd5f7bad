//! The access token of a request, from its `Authorization` header alone, and who sent it.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use tracing::Instrument as _;

use super::head::RequestHead;
use crate::denied::{Cause, Denied, Realm, Scheme};
use crate::identity::Identity;
use crate::policy::Policy;
use crate::spans;
use crate::token::{ProofError, Refusal, TokenError, Unproved, Unproven, Verifier};

/// Why there is no token to verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoToken {
    /// No credentials, or credentials of a scheme that is not ours.
    Absent,
    /// Credentials meant for us that can't be read.
    Malformed(&'static str),
}

/// The bearer token in `headers`, whose text is a token68 (RFC 9110 section 11.2).
///
/// RFC 6750 section 3.1 tells apart a request that "lacks any authentication information" and one
/// that is malformed or "includes multiple credentials". Another scheme counts as the former: the
/// client did not know that a bearer token is wanted, and the plain challenge tells it.
pub(crate) fn bearer(headers: &HeaderMap) -> Result<&str, NoToken> {
    token68(credentials(headers, false)?.text)
}

/// What stands in `Authorization`.
struct Credentials<'a> {
    scheme: Scheme,
    /// What stands behind the scheme, whatever it is.
    text: &'a [u8],
}

/// The credentials of our schemes: `Bearer`, and `DPoP` where proofs of it are checked.
fn credentials(headers: &HeaderMap, dpop: bool) -> Result<Credentials<'_>, NoToken> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Err(NoToken::Absent);
    };
    if values.next().is_some() {
        return Err(NoToken::Malformed("more than one Authorization header"));
    }

    let (scheme, rest) = split(value);
    let scheme = if scheme.eq_ignore_ascii_case(b"Bearer") {
        Scheme::Bearer
    } else if dpop && scheme.eq_ignore_ascii_case(b"DPoP") {
        Scheme::Dpop
    } else {
        return Err(NoToken::Absent);
    };

    match skip_spaces(rest) {
        // What a front end sends that has no token yet: it "lacks any authentication information" (RFC
        // 6750 section 3.1).
        [] => Err(NoToken::Absent),
        text if text.len() < rest.len() => Ok(Credentials { scheme, text }),
        _ => Err(NoToken::Malformed("no space after the scheme")),
    }
}

/// Whether there are credentials of whatever scheme: `Bearer` and `DPoP` alone are none.
pub(crate) fn are_there(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => false,
        (Some(_), Some(_)) => true,
        (Some(value), None) => {
            let (scheme, rest) = split(value);
            let ours = [&b"Bearer"[..], b"DPoP"];
            let is_ours = ours.iter().any(|name| scheme.eq_ignore_ascii_case(name));
            !is_ours || !skip_spaces(rest).is_empty()
        }
    }
}

/// The scheme, and what stands behind it.
fn split(value: &HeaderValue) -> (&[u8], &[u8]) {
    let value = value.as_bytes();
    let end = value.iter().position(|byte| !is_scheme_byte(*byte)).unwrap_or(value.len());
    value.split_at(end)
}

fn token68(token: &[u8]) -> Result<&str, NoToken> {
    match std::str::from_utf8(token) {
        Ok(token) if is_token68(token.as_bytes()) => Ok(token),
        _ => Err(NoToken::Malformed("characters that can't stand in a bearer token")),
    }
}

/// The characters of a token (RFC 9110 section 5.6.2), of which a scheme consists.
fn is_scheme_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn skip_spaces(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|byte| *byte != b' ').unwrap_or(text.len());
    text.split_at(start).1
}

#[expect(
    clippy::needless_bitwise_bool,
    reason = "without branches the loop works on many bytes at once"
)]
fn is_token68(text: &[u8]) -> bool {
    let padding = text.iter().rev().take_while(|byte| **byte == b'=').count();
    let (text, _) = text.split_at(text.len() - padding);
    !text.is_empty()
        && text.iter().fold(true, |fine, byte| {
            let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
            let digit = byte.wrapping_sub(b'0') < 10;
            let mark = matches!(*byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/');
            fine & (letter | digit | mark)
        })
}

impl<P: Policy> Verifier<P> {
    /// The identity behind a request: by the authenticators that this verifier comes
    /// [`after`](Self::after), or by its access token (RFC 6750 section 2.1), with the proof that a
    /// token asks for which is bound to its sender (RFC 9449, RFC 8705).
    ///
    /// The routers of this crate do this by themselves. It is here for a middleware of your own,
    /// or a framework without a module here: put the identity into the extensions of the request
    /// and the guards find it.
    ///
    /// # Errors
    ///
    /// [`Denied`], to be answered with its status, challenge and problem: 401 without credentials
    /// or with some that are not valid, 400 with credentials that can't be read, 403 for a request
    /// that another site made a browser send, 429 for a source that failed too often, 503 where nobody
    /// can tell. An answer needs its [`dpop_nonce`](Denied::dpop_nonce) and its
    /// [`retry_after`](Denied::retry_after) too, if there is one.
    ///
    /// # Examples
    ///
    /// ```
    /// use authz_core::http::RequestHead;
    /// use authz_core::token::Verifier;
    /// use authz_core::{Denied, Policy};
    /// use http::Request;
    ///
    /// async fn identify<P: Policy, B>(
    ///     verifier: &Verifier<P>,
    ///     request: &mut Request<B>,
    /// ) -> Result<(), Denied> {
    ///     let identity = verifier.authenticate(RequestHead::of(request)).await?;
    ///     request.extensions_mut().insert(identity);
    ///     Ok(())
    /// }
    /// ```
    pub async fn authenticate(&self, head: RequestHead<'_>) -> Result<Identity<P>, Denied> {
        self.limit().admit(head)?;
        let answer = self.identify(head).await.map(|identity| self.recorded(identity));
        self.limit().count(head, answer)
    }

    /// As [`authenticate`](Self::authenticate), from whatever source.
    async fn identify(&self, head: RequestHead<'_>) -> Result<Identity<P>, Denied> {
        if let Some(before) = self.before() {
            match before.authenticate(head).instrument(spans::authenticate()).await {
                Ok(Some(identity)) => return self.taken(identity),
                Ok(None) => {}
                Err(refusal) => return Err(refusal.denied(self.realm())),
            }
        }
        if let Some(answer) = self.token_now(head) {
            return answer;
        }
        let (scheme, token) = self.token_of(head.headers())?;
        let refuse = |error| refused(self.realm(), scheme, error);
        let unproven = self.verify_unproven(token).await.map_err(refuse)?;
        match (scheme, self.proofs()) {
            (Scheme::Dpop, Some(proofs)) => {
                let proven = unproven.by_proof(self, proofs, token, head).await;
                proven.map_err(|error| self.unproved(error))
            }
            _ => unproven.by_bearer(self, head).map_err(refuse),
        }
    }

    /// The token of a request, and how it was sent.
    fn token_of<'h>(&self, headers: &'h HeaderMap) -> Result<(Scheme, &'h str), Denied> {
        let found = credentials(headers, self.proofs().is_some())
            .and_then(|credentials| Ok((credentials.scheme, token68(credentials.text)?)));
        found.map_err(|fault| no_token(self.realm(), fault))
    }

    #[cold]
    fn unproved(&self, error: Unproved) -> Denied {
        let error = match error {
            Unproved::Token(error) => return refused(self.realm(), Scheme::Dpop, error),
            Unproved::Proof(error) => error,
        };
        let realm = self.realm().clone();
        Denied::new(match error {
            ProofError::Unavailable { .. } => Cause::Unavailable { reason: error.to_string() },
            ProofError::Nonce => {
                // INVARIANT: base64url, so this is always a value.
                let nonce = self.proof_nonce().and_then(|nonce| HeaderValue::try_from(nonce).ok());
                match nonce {
                    Some(nonce) => Cause::NonceWanted { realm, nonce },
                    None => Cause::InvalidProof { realm, reason: error },
                }
            }
            reason => Cause::InvalidProof { realm, reason },
        })
    }

    /// As [`authenticate`](Self::authenticate), without waiting for anything; `None` where there
    /// is somebody to be asked.
    #[cfg_attr(
        not(any(
            feature = "actix",
            feature = "axum",
            feature = "testing",
            feature = "tonic",
            feature = "tower",
            test
        )),
        expect(dead_code, reason = "for the frameworks behind features")
    )]
    pub(crate) fn authenticate_now(
        &self,
        head: RequestHead<'_>,
    ) -> Option<Result<Identity<P>, Denied>> {
        if self.before().is_some() {
            return None;
        }
        if let Err(denied) = self.limit().admit(head) {
            return Some(Err(denied));
        }
        let answer = self.token_now(head)?.map(|identity| self.recorded(identity));
        Some(self.limit().count(head, answer))
    }

    /// The answer to a bearer token; `None` where it has to be waited for, as for the look whether a
    /// proof was used before.
    fn token_now(&self, head: RequestHead<'_>) -> Option<Result<Identity<P>, Denied>> {
        let credentials = match credentials(head.headers(), self.proofs().is_some()) {
            Ok(Credentials { scheme: Scheme::Bearer, text }) => text,
            Ok(_) => return None,
            Err(fault) => return Some(Err(no_token(self.realm(), fault))),
        };
        // What is remembered was looked at, byte by byte, when it was verified.
        if let Some(known) = self.remembered(credentials) {
            return Some(self.sent_as_bearer(known, head));
        }
        let token = match token68(credentials) {
            Ok(token) => token,
            Err(fault) => return Some(Err(no_token(self.realm(), fault))),
        };
        match self.attempt_anew(token) {
            Ok(unproven) => Some(self.sent_as_bearer(Ok(unproven), head)),
            Err(Refusal::Token(error)) => Some(self.sent_as_bearer(Err(error), head)),
            Err(_) => None,
        }
    }

    #[inline]
    fn sent_as_bearer(
        &self,
        verified: Result<Unproven<P>, TokenError>,
        head: RequestHead<'_>,
    ) -> Result<Identity<P>, Denied> {
        verified
            .and_then(|unproven| unproven.by_bearer(self, head))
            .map_err(|error| refused(self.realm(), Scheme::Bearer, error))
    }
}

#[cold]
fn no_token(realm: &Realm, fault: NoToken) -> Denied {
    let realm = realm.clone();
    Denied::new(match fault {
        NoToken::Absent => Cause::NoCredentials { realm },
        NoToken::Malformed(reason) => Cause::Malformed { realm, reason: reason.into() },
    })
}

#[cold]
fn refused(realm: &Realm, scheme: Scheme, reason: TokenError) -> Denied {
    if reason.is_unavailable() {
        return Denied::new(Cause::Unavailable { reason: reason.to_string() });
    }
    Denied::new(Cause::InvalidToken { realm: realm.clone(), scheme, reason })
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Request, StatusCode};

    use super::{AUTHORIZATION, NoToken, are_there, bearer};
    use crate::fixture::{TOKEN, verifier};
    use crate::http::RequestHead;

    fn headers(values: &[&[u8]]) -> HeaderMap {
        values
            .iter()
            .map(|value| (AUTHORIZATION, HeaderValue::from_bytes(value).unwrap()))
            .collect()
    }

    #[test]
    fn the_scheme_is_case_insensitive_and_may_be_followed_by_spaces() {
        for value in ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c"] {
            assert_eq!(bearer(&headers(&[value.as_bytes()])), Ok("a.b.c"));
        }
        assert_eq!(bearer(&headers(&[b"Bearer -._~+/09Az=="])), Ok("-._~+/09Az=="));
    }

    #[test]
    fn no_header_and_another_scheme_are_no_credentials() {
        assert_eq!(bearer(&HeaderMap::new()), Err(NoToken::Absent));
        for value in [
            &b""[..],
            b" ",
            b"Basic dXNlcjpwYXNz",
            b"DPoP a.b.c",
            b"Bearers a.b.c",
            b"Bear a.b.c",
            b"a.b.c",
            b"Basic \xff",
            b"Bearer",
            b"bearer ",
            b"Bearer   ",
        ] {
            assert_eq!(bearer(&headers(&[value])), Err(NoToken::Absent), "{value:?}");
        }
    }

    #[test]
    fn a_scheme_of_ours_alone_is_no_credentials() {
        for bare in [&b"Bearer"[..], b"bearer ", b"DPoP", b"dpop   "] {
            assert!(!are_there(&headers(&[bare])), "{bare:?}");
            assert!(are_there(&headers(&[bare, bare])), "two headers can't be read");
        }
        for value in [&b"Bearer a"[..], b"Bearer\t", b"DPoP a", b"Basic ", b"Negotiate", b""] {
            assert!(are_there(&headers(&[value])), "{value:?}");
        }
        assert!(!are_there(&HeaderMap::new()));
    }

    #[test]
    fn unreadable_bearer_credentials_are_malformed() {
        for value in [
            &b"Bearer\ta.b.c"[..],
            b"Bearer\t",
            b"Bearer \t",
            b"Bearer,",
            b"Bearer, a.b.c",
            b"Bearer a b",
            b"Bearer a.b.c ",
            b"Bearer a.b.c, Bearer d.e.f",
            b"Bearer a\tb",
            b"Bearer =",
            b"Bearer a=b",
            b"Bearer \"a.b.c\"",
            b"Bearer a.\xff.c",
            b"Bearer a.\xc3\xa4.c",
        ] {
            let headers = headers(&[value]);
            let found = bearer(&headers);
            assert!(matches!(found, Err(NoToken::Malformed(_))), "{value:?}");
        }
    }

    #[test]
    fn two_authorization_headers_are_malformed_also_if_one_is_ours() {
        for second in [&b"Bearer a.b.c"[..], b"Basic dXNlcjpwYXNz", b"Bearer ", b""] {
            let headers = headers(&[b"Bearer a.b.c", second]);
            let found = bearer(&headers);
            assert!(matches!(found, Err(NoToken::Malformed(_))));
        }
    }

    #[test]
    fn a_token_in_the_query_or_a_cookie_is_not_looked_for() {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", HeaderValue::from_static("access_token=a.b.c"));
        assert_eq!(bearer(&headers), Err(NoToken::Absent));
    }

    #[tokio::test]
    async fn both_ways_to_authenticate_agree() {
        let verifier = verifier();
        let good = format!("Bearer {TOKEN}");
        for (value, expected) in [
            (good.as_str(), None),
            ("Bearer a.b.c", Some(StatusCode::UNAUTHORIZED)),
            ("Basic abc", Some(StatusCode::UNAUTHORIZED)),
            ("Bearer a b", Some(StatusCode::BAD_REQUEST)),
        ] {
            let request = Request::builder().header(AUTHORIZATION, value).body(()).unwrap();
            let later = verifier.authenticate(RequestHead::of(&request)).await;
            let now = verifier.authenticate_now(RequestHead::of(&request)).unwrap();
            assert_eq!(later.err().map(|denied| denied.status()), expected);
            assert_eq!(now.err().map(|denied| denied.status()), expected);
        }
    }
}
