//! Random secrets, and what is kept of them.

use std::fmt;

use aws_lc_rs::{constant_time, digest, rand};
use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use crate::error::Error;

/// So many bytes of the system's random number generator.
pub(crate) fn random<const LENGTH: usize>() -> Result<Zeroizing<[u8; LENGTH]>, Error> {
    let mut bytes = Zeroizing::new([0; LENGTH]);
    rand::fill(&mut *bytes).map_err(|_| Error::unavailable("no random numbers"))?;
    Ok(bytes)
}

/// A name of 128 random bits that is no secret.
pub(crate) fn random_id() -> Result<String, Error> {
    Ok(BASE64URL_NOPAD.encode(&*random::<16>()?))
}

/// Whether this text of a caller can be a [`random_id`]. PostgreSQL has no text with a zero byte, and
/// what can't be there is no failure of the database.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() == 22
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// A secret of 256 random bits in 43 characters.
pub(crate) fn random_text() -> Result<Zeroizing<String>, Error> {
    Ok(Zeroizing::new(BASE64URL_NOPAD.encode(&*random::<32>()?)))
}

/// SHA-256 of a secret that nobody can guess.
///
/// A slow hash is for passwords. These secrets have 120 random bits or more (SP 800-63B-4 section
/// 3.1.2.2 asks for 112 where the hash is fast), so that a stolen database gives nothing to try.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SecretHash([u8; 32]);

impl SecretHash {
    pub(crate) fn of(secret: &str) -> Self {
        let mut hash = [0; 32];
        let digest = digest::digest(&digest::SHA256, secret.as_bytes());
        for (target, byte) in hash.iter_mut().zip(digest.as_ref()) {
            *target = *byte;
        }
        Self(hash)
    }

    /// As the database has it.
    pub(crate) fn text(&self) -> String {
        BASE64URL_NOPAD.encode(&self.0)
    }

    /// Whether the database has this one, in constant time.
    ///
    /// The look-up by hash tells nothing about a secret; this is for a database that would find
    /// one text by another.
    pub(crate) fn is(&self, text: &str) -> bool {
        constant_time::verify_slices_are_equal(self.text().as_bytes(), text.as_bytes()).is_ok()
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash")
    }
}

#[cfg(test)]
mod tests {
    use super::{SecretHash, random, random_text};

    #[test]
    fn a_secret_has_256_bits_and_comes_once() {
        let (first, second) = (random_text().unwrap(), random_text().unwrap());
        assert_eq!(first.len(), 43);
        assert_ne!(first, second);
        assert_ne!(*random::<32>().unwrap(), [0; 32]);
    }

    #[test]
    fn a_hash_is_its_secret_s_alone() {
        let hash = SecretHash::of("secret");
        assert!(hash.is(&SecretHash::of("secret").text()));
        assert!(!hash.is(&SecretHash::of("Secret").text()));
        assert!(!hash.is("secret"));
    }
}
