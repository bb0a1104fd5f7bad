//! One-time codes by time: RFC 6238 with HMAC-SHA-1, 30 seconds and six digits, which is what apps
//! read without asking.
//!
//! Of our own, because a code has to be accepted once: that takes the step it belongs to, and not
//! only whether it is right.

use aws_lc_rs::{constant_time, hmac};

/// How long a code is shown, in seconds.
const STEP: i64 = 30;
/// How many steps a clock may be off, either way.
const WINDOW: i64 = 1;

/// The code of one step (RFC 4226 section 5.3).
pub(crate) fn code(seed: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, seed);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag.last().copied().unwrap_or_default() & 0xf);
    let bytes = tag.get(offset..offset + 4).unwrap_or_default();
    let number = bytes.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}

/// The step of a code that is right now, or was a step ago, or will be.
///
/// All three are compared, in constant time.
pub(crate) fn step_of(seed: &[u8], typed: &str, now: i64) -> Option<i64> {
    let typed: String = typed.chars().filter(|one| !one.is_whitespace()).collect();
    let current = now.div_euclid(STEP);
    let mut found = None;
    for step in current - WINDOW..=current + WINDOW {
        let right = code(seed, step);
        if constant_time::verify_slices_are_equal(right.as_bytes(), typed.as_bytes()).is_ok() {
            found = Some(step);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{code, step_of};

    const SEED: &[u8] = b"12345678901234567890";

    #[test]
    fn the_vectors_of_rfc_6238() {
        // Appendix B, SHA1, the last six of eight digits.
        for (time, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(SEED, time / 30), expected);
        }
    }

    #[test]
    fn the_vectors_of_rfc_4226() {
        let expected = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489",
        ];
        for (step, expected) in (0..).zip(expected) {
            assert_eq!(code(SEED, step), expected);
        }
    }

    #[test]
    fn one_step_off_is_right_and_two_are_wrong() {
        let now = 1_800_000_000;
        for (off, right) in [(-60, false), (-30, true), (0, true), (30, true), (60, false)] {
            let typed = code(SEED, (now + off) / 30);
            assert_eq!(step_of(SEED, &typed, now).is_some(), right, "{off}");
        }
        let spaced = code(SEED, now / 30);
        let spaced = format!(" {} {} ", spaced.split_at(3).0, spaced.split_at(3).1);
        assert_eq!(step_of(SEED, &spaced, now), Some(now / 30));
        for wrong in ["", "0", "0000000", "abcdef", "\u{660}\u{660}\u{660}\u{660}\u{660}\u{660}"] {
            assert_eq!(step_of(SEED, wrong, now), None);
        }
    }
}
