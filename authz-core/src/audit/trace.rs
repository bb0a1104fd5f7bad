//! The trace that a request belongs to (W3C Trace Context).

use std::fmt;

use http::HeaderMap;

/// A trace, and the span in it that a request belongs to.
///
/// # Examples
///
/// ```
/// use authz_core::audit::Trace;
///
/// let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// let trace = Trace::from_traceparent(header).unwrap();
/// assert_eq!(trace.id(), "4bf92f3577b34da6a3ce929d0e0e4736");
/// assert_eq!(trace.span(), "00f067aa0ba902b7");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    id: u128,
    span: u64,
}

impl Trace {
    /// A trace by its numbers; those of a library for tracing are big-endian bytes or these.
    ///
    /// `None` where one is zero, which stands for no trace.
    #[must_use]
    pub const fn new(id: u128, span: u64) -> Option<Self> {
        if id == 0 || span == 0 { None } else { Some(Self { id, span }) }
    }

    /// What the header field `traceparent` says; `None` for what is none.
    #[must_use]
    pub fn from_traceparent(value: &str) -> Option<Self> {
        Self::of_bytes(value.as_bytes())
    }

    /// The trace that the request says it belongs to.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        Self::of_bytes(headers.get("traceparent")?.as_bytes())
    }

    pub(crate) fn of_bytes(value: &[u8]) -> Option<Self> {
        let (version, rest) = value.split_at_checked(3)?;
        let (id, rest) = rest.split_at_checked(33)?;
        let (span, rest) = rest.split_at_checked(17)?;
        let (flags, rest) = rest.split_at_checked(2)?;
        // A later version may say more behind a further dash, and nothing in front of it.
        let known = version == b"00-" && rest.is_empty();
        let later =
            version != b"ff-" && version != b"00-" && (rest.is_empty() || rest.starts_with(b"-"));
        hex(version.strip_suffix(b"-")?)?;
        hex(flags)?;
        let (id, span) = (hex(id.strip_suffix(b"-")?)?, hex(span.strip_suffix(b"-")?)?);
        if known || later { Self::new(id, u64::try_from(span).ok()?) } else { None }
    }

    /// The id of the trace: 32 digits.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{:032x}", self.id)
    }

    /// The id of the span: 16 digits.
    #[must_use]
    pub fn span(&self) -> String {
        format!("{:016x}", self.span)
    }
}

/// The form of `traceparent`.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-01", self.id, self.span)
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trace({self})")
    }
}

/// Lower-case digits alone, as the specification has it.
fn hex(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0_u128, |number, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u128::from(value))
    })
}

#[cfg(test)]
mod tests {
    use super::Trace;

    #[test]
    fn what_is_no_traceparent_is_no_trace() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(Trace::from_traceparent(good).unwrap().to_string(), good);
        for later in [good.replace("00-4", "cc-4"), good.replace("00-4", "cc-4") + "-more"] {
            assert!(Trace::from_traceparent(&later).is_some(), "{later}");
        }
        for wrong in [
            String::new(),
            "00".to_owned(),
            good.replace("00-4", "ff-4"),
            good.replace("00-4", "0g-4"),
            good.to_owned() + "-more",
            good.replace("-01", "-0"),
            good.replace("-01", "-zz"),
            good.replace("4bf9", "4BF9"),
            good.replace("4bf9", "+bf9"),
            good.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            good.replace("00f067aa0ba902b7", &"0".repeat(16)),
            good.replace("-00f0", " 00f0"),
        ] {
            assert_eq!(Trace::from_traceparent(&wrong), None, "{wrong}");
        }
    }
}
