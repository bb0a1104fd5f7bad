//! The claims of a token whose signature is good (RFC 7519 section 4, RFC 9068 section 2.2).
//!
//! One pass finds every claim of interest; each is then read as its one JSON type. A claim of
//! another type is an error and never "absent". Absent on purpose: `act` (RFC 8693) and
//! `authorization_details` (RFC 9396), which grant nothing here.

use super::confirmation::Confirmation;
use super::error::{JsonFault, Part, TokenError};
use super::json::{self, Text, Value};
use super::mapping::{ClaimMapping, RoleClaim, TenantRule};

/// The most places where roles are looked for.
pub(crate) const ROLE_CLAIM_LIMIT: usize = 8;

/// The last second of the year 9999. A later time is a mistake, such as milliseconds, or an attempt
/// at a token that lives for ever.
const LATEST: u64 = 253_402_300_799;

/// The claims of interest, where they stand.
#[derive(Default)]
pub(crate) struct Claims<'a> {
    issuer: Option<Value<'a>>,
    subject: Option<Value<'a>>,
    audience: Option<Value<'a>>,
    stand_in_audience: Option<Value<'a>>,
    expires_at: Option<Value<'a>>,
    not_before: Option<Value<'a>>,
    issued_at: Option<Value<'a>>,
    token_id: Option<Value<'a>>,
    tenant: Option<Value<'a>>,
    session_id: Option<Value<'a>>,
    /// With its rank among the claims that could have it.
    client: Option<(usize, Value<'a>)>,
    auth_time: Option<Value<'a>>,
    acr: Option<Value<'a>>,
    amr: Option<Value<'a>>,
    scopes: Option<Value<'a>>,
    confirmation: Option<Value<'a>>,
    /// By the whole name, and by the first segment of the path.
    roles: [(Option<Value<'a>>, Option<Value<'a>>); ROLE_CLAIM_LIMIT],
}

/// The fault of the JSON, or of what it says.
pub(crate) struct Fault(TokenError);

impl From<JsonFault> for Fault {
    fn from(fault: JsonFault) -> Self {
        Self(TokenError::Json { part: Part::Payload, fault })
    }
}

impl From<TokenError> for Fault {
    fn from(error: TokenError) -> Self {
        Self(error)
    }
}

impl From<Fault> for TokenError {
    fn from(fault: Fault) -> Self {
        fault.0
    }
}

/// When a token is valid.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    /// Seconds since 1970.
    pub(crate) now: u64,
    /// Seconds.
    pub(crate) leeway: u64,
    /// Seconds since `iat`.
    pub(crate) max_age: Option<u64>,
}

impl Times {
    /// The first second in which a token that was issued then is too old.
    fn too_old_from(self, issued_at: u64) -> Option<u64> {
        let age = self.max_age?;
        Some(issued_at.saturating_add(age).saturating_add(self.leeway).saturating_add(1))
    }
}

/// The times of a token that is valid now, in seconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Validity {
    pub(crate) issued_at: u64,
    pub(crate) expires_at: u64,
    /// The first second in which the verifier refuses it.
    pub(crate) until: u64,
}

/// The times of an opaque token that is valid now, in seconds since 1970.
#[cfg(feature = "remote")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpaqueValidity {
    pub(crate) issued_at: Option<u64>,
    pub(crate) expires_at: Option<u64>,
    /// The first second in which the verifier refuses it.
    pub(crate) until: u64,
}

/// The `iss` of claims that nobody has verified, to choose the issuer and for nothing else.
pub(crate) fn unverified_issuer(payload: &str) -> Result<Text<'_>, TokenError> {
    enum Stop<'a> {
        Found(Value<'a>),
        Fault(JsonFault),
    }
    impl From<JsonFault> for Stop<'_> {
        fn from(fault: JsonFault) -> Self {
            Self::Fault(fault)
        }
    }
    let stop = json::object(
        payload,
        |name, value| {
            if name.is("iss") { Err(Stop::Found(value)) } else { Ok(()) }
        },
    );
    match stop {
        Err(Stop::Found(value)) => string("iss", value),
        Err(Stop::Fault(fault)) => Err(Fault::from(fault).into()),
        Ok(()) => Err(TokenError::missing("iss")),
    }
}

impl<'a> Claims<'a> {
    /// Finds the claims of interest. `typed` tells that the header made this an access token.
    ///
    /// In place, since a value of this size is costly to hand out.
    pub(crate) fn find(
        &mut self,
        payload: &'a str,
        mapping: &ClaimMapping,
        typed: bool,
    ) -> Result<(), TokenError> {
        let mut required = 0;
        json::object(payload, |name, value| {
            let name = &*name.unescape();
            self.registered(name, value, mapping, typed)?;
            self.mapped(name, value, mapping)?;
            if !mapping.required.is_empty() {
                required += required_values(name, value, mapping)?;
            }
            Ok::<_, Fault>(())
        })?;
        if required != mapping.required.len() {
            let last = mapping.required.last().map(|(claim, _)| &**claim);
            return Err(TokenError::missing(last.unwrap_or_default()));
        }
        Ok(())
    }

    fn registered(
        &mut self,
        name: &str,
        value: Value<'a>,
        mapping: &ClaimMapping,
        typed: bool,
    ) -> Result<(), TokenError> {
        let place = match name {
            "iss" => &mut self.issuer,
            "sub" => &mut self.subject,
            "aud" => &mut self.audience,
            "exp" => &mut self.expires_at,
            "nbf" => &mut self.not_before,
            "iat" => &mut self.issued_at,
            "auth_time" => &mut self.auth_time,
            "sid" => &mut self.session_id,
            "acr" => &mut self.acr,
            "amr" => &mut self.amr,
            "cnf" => &mut self.confirmation,
            // ID tokens and logout tokens, where the header does not tell them apart.
            "at_hash" | "c_hash" | "events" if !typed => return Err(other_kind(name)),
            "nonce" if !typed && mapping.required.is_empty() => return Err(other_kind(name)),
            _ => return Ok(()),
        };
        *place = Some(value);
        Ok(())
    }

    fn mapped(
        &mut self,
        name: &str,
        value: Value<'a>,
        mapping: &ClaimMapping,
    ) -> Result<(), TokenError> {
        if name == &*mapping.token_id {
            self.token_id = Some(value);
        }
        if let Some(TenantRule::Claim(claim)) = &mapping.tenant
            && name == &**claim
        {
            self.tenant = Some(value);
        }
        if name == &*mapping.scopes {
            self.scopes = Some(value);
        }
        if mapping.audience.as_deref() == Some(name) {
            self.stand_in_audience = Some(value);
        }
        if let Some(rank) = mapping.client.iter().position(|claim| **claim == *name) {
            // Of the wrong type is wrong, also where another claim is preferred.
            filled(name, value)?;
            if self.client.is_none_or(|(other, _)| rank < other) {
                self.client = Some((rank, value));
            }
        }
        for (claim, (whole, first)) in mapping.roles.iter().zip(&mut self.roles) {
            if *claim.whole == *name {
                *whole = Some(value);
            } else if claim.path.first().is_some_and(|segment| **segment == *name) {
                *first = Some(value);
            }
        }
        Ok(())
    }

    /// `iss`: one string, compared exactly.
    pub(crate) fn require_issuer(&self, issuer: &str) -> Result<(), TokenError> {
        let value = self.issuer.ok_or_else(|| TokenError::missing("iss"))?;
        if string("iss", value)?.is(issuer) { Ok(()) } else { Err(TokenError::UnknownIssuer) }
    }

    /// `iss` of an introspection: absent, or this one (RFC 7662 section 2.2).
    #[cfg(feature = "remote")]
    pub(crate) fn allow_issuer(&self, issuer: &str) -> Result<(), TokenError> {
        if self.issuer.is_none() { Ok(()) } else { self.require_issuer(issuer) }
    }

    /// `exp`, `nbf` and `iat` of an introspection: as far as they are there. Without `exp` the answer
    /// counts for `ttl` seconds.
    #[cfg(feature = "remote")]
    pub(crate) fn allow_time(&self, times: Times, ttl: u64) -> Result<OpaqueValidity, TokenError> {
        let Times { now, leeway, max_age } = times;
        let read = |name, value: Option<_>| value.map(|value| seconds(name, value)).transpose();
        let expires_at = read("exp", self.expires_at)?;
        let issued_at = read("iat", self.issued_at)?;
        let latest_past = now.saturating_add(leeway);
        let until = expires_at.map_or(now.saturating_add(ttl), |at| at.saturating_add(leeway));
        if expires_at.is_some() && now >= until {
            return Err(TokenError::Expired);
        }
        if read("nbf", self.not_before)?.is_some_and(|time| time > latest_past) {
            return Err(TokenError::NotYetValid);
        }
        if issued_at.is_some_and(|time| time > latest_past) {
            return Err(TokenError::IssuedInFuture);
        }
        let too_old = match issued_at {
            Some(time) => times.too_old_from(time),
            // What does not tell its age is too old.
            None => max_age.map(|_| 0),
        };
        if too_old.is_some_and(|too_old| now >= too_old) {
            return Err(TokenError::TooOld);
        }
        let until = too_old.map_or(until, |too_old| too_old.min(until));
        Ok(OpaqueValidity { issued_at, expires_at, until })
    }

    /// `aud`: a string or an array of strings, of which one is a name of this service.
    pub(crate) fn require_audience(
        &self,
        accepted: &[Box<str>],
        mapping: &ClaimMapping,
    ) -> Result<(), TokenError> {
        const EXPECTED: &str = "a string or an array of strings";
        let (claim, value) = match (self.audience, &mapping.audience, self.stand_in_audience) {
            (Some(value), _, _) => ("aud", value),
            (None, Some(claim), Some(value)) => (&**claim, value),
            (None, Some(claim), None) => return Err(TokenError::missing(claim)),
            (None, None, _) => return Err(TokenError::missing("aud")),
        };
        let is_ours = |name: Text<'_>| accepted.iter().any(|ours| name.is(ours));
        let mut found = false;
        match value {
            Value::String(name) => found = is_ours(name),
            Value::Array(names) => names.elements(|name| match name {
                Value::String(name) => {
                    found |= is_ours(name);
                    Ok(())
                }
                _ => Err(Fault(TokenError::mistyped(claim, EXPECTED))),
            })?,
            _ => return Err(TokenError::mistyped(claim, EXPECTED)),
        }
        if found { Ok(()) } else { Err(TokenError::Audience) }
    }

    /// `exp`, `nbf` and `iat`.
    ///
    /// RFC 7519 section 4.1.4 says "before": a token whose `exp` is now has expired.
    pub(crate) fn require_time(&self, times: Times) -> Result<Validity, TokenError> {
        let expires_at = seconds("exp", required("exp", self.expires_at)?)?;
        let issued_at = seconds("iat", required("iat", self.issued_at)?)?;
        let not_before = self.not_before.map(|value| seconds("nbf", value)).transpose()?;
        let Times { now, leeway, .. } = times;
        let latest_past = now.saturating_add(leeway);
        if now >= expires_at.saturating_add(leeway) {
            return Err(TokenError::Expired);
        }
        if not_before.is_some_and(|time| time > latest_past) {
            return Err(TokenError::NotYetValid);
        }
        if issued_at > latest_past {
            return Err(TokenError::IssuedInFuture);
        }
        let too_old = times.too_old_from(issued_at);
        if too_old.is_some_and(|too_old| now >= too_old) {
            return Err(TokenError::TooOld);
        }
        let expired = expires_at.saturating_add(leeway);
        Ok(Validity {
            issued_at,
            expires_at,
            until: too_old.map_or(expired, |too_old| too_old.min(expired)),
        })
    }

    pub(crate) fn subject(&self) -> Result<Text<'a>, TokenError> {
        filled("sub", required("sub", self.subject)?)
    }

    #[cfg(feature = "remote")]
    pub(crate) fn subject_if_any(&self) -> Result<Option<Text<'a>>, TokenError> {
        self.subject.map(|value| filled("sub", value)).transpose()
    }

    #[cfg(feature = "remote")]
    pub(crate) fn token_id_if_any(
        &self,
        mapping: &ClaimMapping,
    ) -> Result<Option<Text<'a>>, TokenError> {
        self.token_id.map(|value| filled(&mapping.token_id, value)).transpose()
    }

    pub(crate) fn client(&self, mapping: &ClaimMapping) -> Result<Text<'a>, TokenError> {
        let name = |rank: usize| mapping.client.get(rank).map_or("client_id", |name| &**name);
        match self.client {
            Some((rank, value)) => filled(name(rank), value),
            None => Err(TokenError::missing(name(0))),
        }
    }

    pub(crate) fn token_id(&self, mapping: &ClaimMapping) -> Result<Text<'a>, TokenError> {
        let name = &mapping.token_id;
        filled(name, required(name, self.token_id)?)
    }

    /// The tenant that a claim of the mapping names.
    pub(crate) fn tenant(&self, mapping: &ClaimMapping) -> Result<Option<Text<'a>>, TokenError> {
        let (Some(TenantRule::Claim(claim)), Some(value)) = (&mapping.tenant, self.tenant) else {
            return Ok(None);
        };
        filled(claim, value).map(Some)
    }

    /// `sid`: the session at the issuer (OpenID Connect Back-Channel Logout 1.0).
    pub(crate) fn session_id(&self) -> Result<Option<Text<'a>>, TokenError> {
        self.session_id.map(|value| filled("sid", value)).transpose()
    }

    pub(crate) fn auth_time(&self) -> Result<Option<u64>, TokenError> {
        self.auth_time.map(|value| seconds("auth_time", value)).transpose()
    }

    pub(crate) fn acr(&self) -> Result<Option<Text<'a>>, TokenError> {
        self.acr.map(|value| string("acr", value)).transpose()
    }

    /// Hands each method of `amr` to `method`.
    pub(crate) fn each_amr(&self, method: impl FnMut(Text<'a>)) -> Result<(), TokenError> {
        match self.amr {
            Some(value) => strings("amr", value, method),
            None => Ok(()),
        }
    }

    /// `cnf`: what the token is bound to.
    pub(crate) fn confirmation(&self) -> Result<Option<Confirmation>, TokenError> {
        self.confirmation.map(Confirmation::read).transpose()
    }

    /// Hands each scope to `scope`: case-sensitive and whole (RFC 6749 section 3.3).
    pub(crate) fn each_scope(
        &self,
        mapping: &ClaimMapping,
        mut scope: impl FnMut(&str),
    ) -> Result<(), TokenError> {
        let name = &mapping.scopes;
        match self.scopes {
            None => Ok(()),
            Some(Value::String(scopes)) => {
                scopes.unescape().split(' ').filter(|name| !name.is_empty()).for_each(scope);
                Ok(())
            }
            Some(value @ Value::Array(_)) if mapping.scopes_as_list => {
                strings(name, value, |name| scope(&name.unescape()))
            }
            Some(_) if mapping.scopes_as_list => {
                Err(TokenError::mistyped(name, "a string or an array of strings"))
            }
            Some(_) => Err(TokenError::mistyped(name, "a string")),
        }
    }

    /// Hands each role to `role`.
    pub(crate) fn each_role(
        &self,
        mapping: &ClaimMapping,
        mut role: impl FnMut(&str),
    ) -> Result<(), TokenError> {
        for (claim, (whole, first)) in mapping.roles.iter().zip(&self.roles) {
            let value = match (whole, first) {
                (Some(value), _) => Some(*value),
                (None, Some(first)) => at_path(claim, *first)?,
                (None, None) => None,
            };
            if let Some(value) = value {
                strings(&claim.whole, value, |name| role(&name.unescape()))?;
            }
        }
        Ok(())
    }
}

/// How many requirements of the mapping this claim meets; one that it fails is an error.
fn required_values(
    name: &str,
    value: Value<'_>,
    mapping: &ClaimMapping,
) -> Result<usize, TokenError> {
    let mut met = 0;
    for (claim, expected) in &mapping.required {
        if **claim == *name {
            if !string(name, value)?.is(expected) {
                return Err(other_kind(name));
            }
            met += 1;
        }
    }
    Ok(met)
}

/// Follows a path whose first segment led to `value`; what is absent has no roles.
fn at_path<'a>(claim: &RoleClaim, value: Value<'a>) -> Result<Option<Value<'a>>, TokenError> {
    let mut value = value;
    for segment in claim.path.iter().skip(1) {
        let Value::Object(object) = value else {
            return Err(TokenError::mistyped(&claim.whole, "a path through objects"));
        };
        let mut found = None;
        object.members(|name, member| {
            if name.is(segment) {
                found = Some(member);
            }
            Ok::<_, Fault>(())
        })?;
        let Some(member) = found else {
            return Ok(None);
        };
        value = member;
    }
    Ok(Some(value))
}

#[cold]
fn other_kind(claim: &str) -> TokenError {
    TokenError::NotAnAccessToken { claim: claim.into() }
}

fn required<'a>(name: &str, value: Option<Value<'a>>) -> Result<Value<'a>, TokenError> {
    value.ok_or_else(|| TokenError::missing(name))
}

fn string<'a>(name: &str, value: Value<'a>) -> Result<Text<'a>, TokenError> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(TokenError::mistyped(name, "a string")),
    }
}

/// A string that names something: it is not empty.
fn filled<'a>(name: &str, value: Value<'a>) -> Result<Text<'a>, TokenError> {
    match value {
        Value::String(text) if !text.is_empty() => Ok(text),
        _ => Err(TokenError::mistyped(name, "a string that is not empty")),
    }
}

fn strings<'a>(
    name: &str,
    value: Value<'a>,
    mut each: impl FnMut(Text<'a>),
) -> Result<(), TokenError> {
    let mistyped = || TokenError::mistyped(name, "an array of strings");
    let Value::Array(array) = value else {
        return Err(mistyped());
    };
    array.elements(|element| match element {
        Value::String(text) => {
            each(text);
            Ok(())
        }
        _ => Err(Fault(mistyped())),
    })?;
    Ok(())
}

/// A `NumericDate` in whole seconds, fractions cut off (RFC 7519 section 2).
pub(crate) fn seconds(name: &str, value: Value<'_>) -> Result<u64, TokenError> {
    match value {
        Value::Number(number) => whole_seconds(number),
        _ => None,
    }
    .ok_or_else(|| TokenError::mistyped(name, "a number of seconds between 1970 and 9999"))
}

fn whole_seconds(number: &str) -> Option<u64> {
    if number.bytes().all(|byte| byte.is_ascii_digit()) {
        return number.parse().ok().filter(|seconds| *seconds <= LATEST);
    }
    // Minus zero is no date either.
    if number.starts_with('-') {
        return None;
    }
    let seconds: f64 = number.parse().ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "between zero and a number far below 2^53"
    )]
    (0.0..=LATEST as f64).contains(&seconds).then_some(seconds as u64)
}

#[cfg(test)]
mod tests {
    use super::{LATEST, whole_seconds};

    #[test]
    fn dates_are_finite_numbers_from_zero() {
        for (number, expected) in [
            ("0", 0),
            ("1800000000", 1_800_000_000),
            ("1800000000.999", 1_800_000_000),
            ("1.8e9", 1_800_000_000),
            ("1.8E+9", 1_800_000_000),
            ("1e-400", 0),
            ("253402300799", LATEST),
        ] {
            assert_eq!(whole_seconds(number), Some(expected), "{number}");
        }
        for number in [
            "-1",
            "-0",
            "-0.0",
            "1e400",
            "1e18",
            "18446744073709551615",
            "18446744073709551616",
            "99999999999999999999999999",
            "1800000000000",
            "253402300800",
            "253402300799.5",
            "",
        ] {
            assert_eq!(whole_seconds(number), None, "{number}");
        }
    }
}
