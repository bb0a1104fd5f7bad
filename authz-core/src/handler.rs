//! Whether a handler is the function whose proof it takes.
//!
//! The type of a function has the path of the function, and the type that stands for it in `Guard<f>` is
//! printed beside the function and has its name: so both have one path, wherever they stand. A closure, a
//! function pointer and a function that took another one's proof have another. Absent on purpose: the id of
//! the record, which knows nothing of functions inside functions.

use std::any::type_name;

use crate::registry::Function;

/// Refuses a handler `H` that takes the proof of another function than itself.
///
/// # Panics
///
/// If the paths of `H` and of the marker `R` differ in more than the generic arguments of `H`.
#[track_caller]
pub(crate) fn require_own<H, R>(function: &'static Function) {
    let handler = type_name::<H>();
    assert!(
        is_own(handler, type_name::<R>()),
        "the handler `{handler}` takes the proof of `{}`, and says nothing itself about who may call it; put \
         `#[requires(...)]`, `#[public(...)]` or `#[manual(...)]` on the handler, which is a function of \
         its own",
        function.id()
    );
}

/// Whether the one is `a::f` or `a::f<b::T>` where the other is `a::f`.
fn is_own(handler: &str, marker: &str) -> bool {
    handler.strip_prefix(marker).is_some_and(|rest| rest.is_empty() || is_arguments(rest))
}

/// Whether it is one list in angle brackets and nothing else.
fn is_arguments(text: &str) -> bool {
    if !text.starts_with('<') {
        return false;
    }
    let mut depth = 0_usize;
    let mut before = ' ';
    let mut characters = text.chars().peekable();
    let mut quoted = false;
    while let Some(character) = characters.next() {
        match character {
            // A character as a const argument: `'>'`.
            '\'' if quoted => quoted = false,
            '\'' => {
                let mut ahead = characters.clone();
                let escaped = ahead.next() == Some('\\');
                quoted = escaped || ahead.next() == Some('\'');
            }
            _ if quoted => {}
            '<' => depth += 1,
            '>' if before != '-' => {
                if depth <= 1 {
                    return depth == 1 && characters.peek().is_none();
                }
                depth -= 1;
            }
            _ if depth == 0 => return false,
            _ => {}
        }
        before = character;
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::is_own;

    #[test]
    fn a_path_is_own_with_and_without_arguments() {
        for handler in [
            "shop::refund",
            "shop::refund<u8>",
            "shop::refund<a::B<C>, D>",
            "shop::refund<fn(u8) -> u8>",
            "shop::refund<alloc::boxed::Box<dyn Fn(u8) -> a::B<u8>>>",
            "shop::refund<'>', u8>",
            "shop::refund<'<'>",
            "shop::refund<'\\'', u8>",
            "shop::refund<'\\u{3e}'>",
            "shop::refund<'_>",
            "shop::refund<'_, &'static str>",
        ] {
            assert!(is_own(handler, "shop::refund"), "{handler}");
        }
        assert!(is_own(
            "<shop::Shop<u8> as a::B>::f::refund<u8>",
            "<shop::Shop<u8> as a::B>::f::refund"
        ));
    }

    #[test]
    fn another_path_is_not_own() {
        for handler in [
            "",
            "shop::refund_all",
            "shop::refund::inner",
            "shop::refund<u8>::inner",
            "shop::refund<u8>::inner<u8>",
            "shop::refund<u8>::{{closure}}",
            "shop::refund::{{closure}}",
            "shop::payroll",
            "other::refund",
            "shop::refund<",
            "shop::refund<u8",
            "shop::refund>",
            "shop::refund<<u8>",
            "shop::refund'<>",
            "fn(authz_core::guard::Guard<shop::refund>) -> u8",
        ] {
            assert!(!is_own(handler, "shop::refund"), "{handler}");
        }
    }

    proptest! {
        #[test]
        fn no_name_makes_it_panic(handler in ".*", marker in ".*") {
            let _ = is_own(&handler, &marker);
        }

        #[test]
        fn what_follows_a_path_is_its_arguments_alone(rest in "[a-z<>:',\\- ]{0,12}") {
            let own = is_own(&format!("a::f{rest}"), "a::f");
            prop_assert!(!own || rest.is_empty() || rest.starts_with('<') && rest.ends_with('>'));
        }
    }
}
