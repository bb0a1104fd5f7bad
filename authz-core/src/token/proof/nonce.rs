//! Nonces that this service hands out for proofs (RFC 9449 sections 8 and 9), without remembering
//! them: a nonce is a MAC over the time in which it was made.

use aws_lc_rs::hmac;
use base64::Engine as _;

use super::super::compact::BASE64URL;

/// How long the same nonce is handed out, in seconds. It is good for up to twice as long.
const PERIOD: u64 = 300;

/// What is signed beside the time, so that a secret with other uses signs nothing for them.
const PURPOSE: &[u8] = b"authz DPoP nonce 1";

/// The nonces of one secret. Services that share the secret take each other's.
pub(crate) struct Nonces {
    key: hmac::Key,
}

impl Nonces {
    pub(crate) fn new(secret: &[u8]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, secret) }
    }

    /// The nonce to be used now.
    pub(crate) fn current(&self, now: u64) -> String {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(PURPOSE);
        context.update(&(now / PERIOD).to_be_bytes());
        BASE64URL.encode(context.sign())
    }

    /// Whether a nonce is one of this period, of the last, or of the next, which another node may
    /// have begun. The comparison takes constant time.
    pub(crate) fn is_good(&self, nonce: &str, now: u64) -> bool {
        let Ok(tag) = BASE64URL.decode(nonce) else {
            return false;
        };
        let period = now / PERIOD;
        let around = period.saturating_sub(1)..=period.saturating_add(1);
        around.fold(false, |good, period| {
            let message = [PURPOSE, &period.to_be_bytes()].concat();
            good | hmac::verify(&self.key, &message, &tag).is_ok()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Nonces, PERIOD};

    #[test]
    fn a_nonce_is_good_for_one_to_two_periods() {
        let nonces = Nonces::new(&[1; 32]);
        let start = 1_800_000_000 / PERIOD * PERIOD;
        let nonce = nonces.current(start);
        assert_eq!(nonce.len(), 43);
        assert_eq!(nonces.current(start + PERIOD - 1), nonce);
        assert_ne!(nonces.current(start + PERIOD), nonce);
        for (now, good) in [
            (start - PERIOD - 1, false),
            (start - PERIOD, true),
            (start, true),
            (start + 2 * PERIOD - 1, true),
            (start + 2 * PERIOD, false),
        ] {
            assert_eq!(nonces.is_good(&nonce, now), good, "{now}");
        }
    }

    #[test]
    fn nobody_else_makes_one() {
        let nonces = Nonces::new(&[1; 32]);
        let other = Nonces::new(&[2; 32]).current(0);
        for nonce in ["", "x", "AAAA", &other, &format!("{}=", nonces.current(0))] {
            assert!(!nonces.is_good(nonce, 0), "{nonce}");
        }
        // Services with one secret understand each other.
        assert!(Nonces::new(&[1; 32]).is_good(&nonces.current(0), 0));
    }
}
