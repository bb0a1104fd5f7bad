//! A duration in the words of the attribute: `30s`, `10m`, `2h`, `1d`.

use std::time::Duration;

/// Reads what `max_age = "…"` takes.
///
/// # Panics
///
/// When the text is no such duration: a mistake in a test.
#[track_caller]
pub(super) fn duration(text: &str) -> Duration {
    let read = || {
        let unit = match text.chars().next_back()? {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return None,
        };
        let number = text.get(..text.len() - 1)?;
        // `parse` takes a sign as well, which no attribute does.
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        let number: u64 = number.parse().ok().filter(|_| digits)?;
        number.checked_mul(unit).map(Duration::from_secs)
    };
    match read() {
        Some(duration) => duration,
        None => panic!("`{text}` is no age; write `30s`, `10m`, `2h` or `1d`"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::duration;

    #[test]
    fn each_unit() {
        for (text, seconds) in [("0s", 0), ("90s", 90), ("10m", 600), ("2h", 7_200), ("1d", 86_400)]
        {
            assert_eq!(duration(text), Duration::from_secs(seconds), "{text}");
        }
    }

    #[test]
    fn anything_else_is_a_mistake() {
        for text in ["", "m", "10", "10 m", "+1m", "-1m", "1.5h", "10m ", "1w", "ä", "1ä"] {
            let read = std::panic::catch_unwind(|| duration(text));
            assert!(read.is_err(), "{text}");
        }
    }
}
