//! What names an owner or a tenant in an object.
//!
//! Absent on purpose: conversions. Nothing is folded, trimmed or parsed: two texts are the same name
//! or they are not.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

/// A field that names an owner, an issuer or a tenant.
///
/// Texts are compared byte for byte, numbers with their decimal digits; `None` names nobody. Implement
/// it for an id type of your own.
///
/// # Examples
///
/// ```
/// use authz_core::object::Id;
///
/// struct CustomerId(String);
///
/// impl Id for CustomerId {
///     fn is(&self, name: &str) -> bool {
///         self.0 == name
///     }
/// }
///
/// assert!(CustomerId("ann".to_owned()).is("ann"));
/// assert!(7_u64.is("7") && !7_u64.is("07"));
/// assert!(!None::<String>.is("ann"));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be compared with a subject or a tenant",
    label = "names an owner, an issuer or a tenant, and is neither text nor a number",
    note = "write `impl authz_core::object::Id for {Self}`, which says when it is the same name"
)]
pub trait Id {
    /// Whether this is `name`, exactly.
    #[must_use]
    fn is(&self, name: &str) -> bool;
}

impl Id for str {
    #[inline]
    fn is(&self, name: &str) -> bool {
        self == name
    }
}

macro_rules! text {
    ($($text:ty),*) => {
        $(#[diagnostic::do_not_recommend]
        impl Id for $text {
            #[inline]
            fn is(&self, name: &str) -> bool {
                **self == *name
            }
        })*
    };
}

text!(String, Box<str>, Arc<str>, Rc<str>, Cow<'_, str>);

#[diagnostic::do_not_recommend]
impl<I: Id + ?Sized> Id for &I {
    #[inline]
    fn is(&self, name: &str) -> bool {
        (**self).is(name)
    }
}

#[diagnostic::do_not_recommend]
impl<I: Id> Id for Option<I> {
    #[inline]
    fn is(&self, name: &str) -> bool {
        self.as_ref().is_some_and(|id| id.is(name))
    }
}

macro_rules! number {
    ($($number:ty),*) => {
        $(#[diagnostic::do_not_recommend]
        impl Id for $number {
            #[inline]
            fn is(&self, name: &str) -> bool {
                u64::try_from(*self).is_ok_and(|number| is_decimal(number, name))
            }
        })*
    };
}

number!(u32, u64, i32, i64);

/// Whether the text is the number as it would be written: no sign, no zero in front.
fn is_decimal(number: u64, text: &str) -> bool {
    let mut left = number;
    let mut digits = text.bytes().rev();
    loop {
        // A digit is less than ten.
        let digit = u8::try_from(left % 10).unwrap_or_default();
        if digits.next() != Some(b'0' + digit) {
            return false;
        }
        left /= 10;
        if left == 0 {
            return digits.next().is_none();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Id;

    #[test]
    fn a_number_is_its_digits_and_no_other_text() {
        for number in [0, 7, 10, 1_234, u64::MAX] {
            assert!(number.is(&number.to_string()));
            for other in ["", "+7", "07", "7 ", " 7", "-7", "7.0", "０", "18446744073709551616"] {
                assert!(!number.is(other), "{number} is not `{other}`");
            }
        }
        assert!(7_i32.is("7") && 7_u32.is("7") && 7_i64.is("7"));
        assert!(!(-7_i64).is("-7"), "a negative number names nobody");
    }

    #[test]
    fn text_is_the_same_bytes() {
        let (owned, boxed): (String, Box<str>) = ("Ann".into(), "Ann".into());
        assert!(owned.is("Ann") && boxed.is("Ann") && "Ann".is("Ann") && Some("Ann").is("Ann"));
        for other in ["ann", "Ann ", "An", "", "Annn"] {
            assert!(!owned.is(other));
        }
    }
}
