//! Passwords: which are good enough, and how they are kept.
//!
//! The rules are those of NIST SP 800-63B-4 section 3.1.1.2 (ASVS 5.0 V6.2):
//!
//! | rule | here |
//! |---|---|
//! | at least 15 characters where it is the only factor, 8 beside another | characters are code points; whoever has an app may choose a shorter one, and keeps the app while it is so |
//! | at least 64 characters accepted | up to 1024 |
//! | no rules of composition, no change by the calendar | there are none |
//! | normalized before hashing | NFC: a password typed on another keyboard is the same |
//! | all of it verified | nothing is cut off |
//! | compared with a block list, and the reason told | common passwords and words (those of `zxcvbn`), runs and repetitions, the account's name and the service's; a list of breaches by [`BreachList`] |
//! | salted and hashed by a hash that is slow | Argon2id, 19 MiB, 2 passes (OWASP; RFC 9106 section 4), 128 bits of salt |
//! | keyed with a secret kept elsewhere | [`Builder::pepper`](crate::Builder::pepper) |
//!
//! A hash is made in one of few places, and the queue in front of them is short: a flood of
//! log-ins is answered with 503 before it takes the machine's memory. Where the parameters have
//! risen since, the password is hashed again when its owner logs in.
//!
//! [`advice`] is for a meter beside the field. It decides nothing.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use aws_lc_rs::digest;
use data_encoding::HEXUPPER;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;
use zxcvbn::matching::patterns::MatchPattern;

use crate::error::Error;

/// The longest password that is looked at, in characters.
const LENGTH_LIMIT: usize = 1024;
/// The longest password that is compared with patterns: `zxcvbn` reads no more.
const PATTERN_LIMIT: usize = 100;

/// What is repeated counts as easy where so few guesses find it.
const EASY_PART: u64 = 10_000;

/// What is wrong with a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordFault {
    /// It has too few characters.
    #[error("a password needs at least {needed} characters")]
    TooShort {
        /// How many it needs.
        needed: usize,
    },
    /// It has more than 1024 characters.
    #[error("a password has at most 1024 characters")]
    TooLong,
    /// It is among the first that anybody would try.
    #[error("this password is among the first that are tried: {reason}")]
    Blocked {
        /// What it is.
        reason: &'static str,
    },
    /// It was found in a breach.
    #[error("this password was published in a breach of another service")]
    Breached,
}

/// How long passwords have to be, and how they are hashed.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// Characters where the password is the only factor.
    pub(crate) alone: usize,
    /// Characters beside a second factor.
    pub(crate) beside: usize,
}

impl Default for Rules {
    fn default() -> Self {
        Self { alone: 15, beside: 8 }
    }
}

/// A password as it is hashed.
pub(crate) struct Password(Zeroizing<String>);

impl Password {
    /// `None` where it is longer than any password here.
    pub(crate) fn read(text: &str) -> Option<Self> {
        if text.len() > LENGTH_LIMIT * 4 {
            return None;
        }
        let text: Zeroizing<String> = Zeroizing::new(text.nfc().collect());
        (text.chars().count() <= LENGTH_LIMIT).then_some(Self(text))
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    pub(crate) fn characters(&self) -> usize {
        self.0.chars().count()
    }

    /// Refuses a new password that is too short, or that is on the block list. `context` are
    /// words that are easy to guess for this account.
    pub(crate) fn check(&self, needed: usize, context: &[&str]) -> Result<(), PasswordFault> {
        if self.characters() < needed {
            return Err(PasswordFault::TooShort { needed });
        }
        match blocked(&self.0, context) {
            Some(reason) => Err(PasswordFault::Blocked { reason }),
            None => Ok(()),
        }
    }
}

/// Why the whole password is on the block list.
fn blocked(password: &str, context: &[&str]) -> Option<&'static str> {
    let lower = password.to_lowercase();
    if context.iter().any(|word| *word == lower) {
        return Some("it is a name that belongs to this account");
    }
    if password.chars().count() > PATTERN_LIMIT {
        return None;
    }
    let found = zxcvbn::zxcvbn(password, context);
    let [whole] = found.sequence() else {
        return None;
    };
    match &whole.pattern {
        MatchPattern::Dictionary(word) if !word.reversed && !word.l33t => {
            Some("it is a common password or a word")
        }
        MatchPattern::Repeat(part) if part.base_guesses < EASY_PART => Some("it repeats itself"),
        MatchPattern::Sequence(_) => Some("it is a run of neighbours, such as abcdef"),
        MatchPattern::Spatial(_) => Some("it is a row of the keyboard"),
        _ => None,
    }
}

/// How good a password is, for a meter beside the field.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Advice {
    /// From 0, guessed at once, to 4.
    pub score: u8,
    /// What would make it better.
    pub suggestions: Vec<String>,
}

/// How good `password` is, where `context` are words that are easy to guess for its owner.
///
/// SP 800-63B-4 section 3.1.1.2 asks to offer guidance. Nothing is decided by it.
///
/// # Examples
///
/// ```
/// use authz_accounts::password::advice;
///
/// assert!(advice("password1234567", &[]).score < 2);
/// assert_eq!(advice("plinth gravel otter mandolin", &[]).score, 4);
/// ```
#[must_use]
pub fn advice(password: &str, context: &[&str]) -> Advice {
    let password: String = password.chars().take(PATTERN_LIMIT).collect();
    let found = zxcvbn::zxcvbn(&password, context);
    let suggestions = found.feedback().map(|feedback| {
        let warning = feedback.warning().map(|warning| warning.to_string());
        warning.into_iter().chain(feedback.suggestions().iter().map(ToString::to_string)).collect()
    });
    Advice { score: found.score().into(), suggestions: suggestions.unwrap_or_default() }
}

/// A list of passwords that were published in breaches, asked by the beginning of a hash.
///
/// The list learns five characters of the SHA-1 of the password, which hundreds of passwords
/// share. The range search of Have I Been Pwned is such a list; with the HTTP client of your
/// service, `range` is one `GET https://api.pwnedpasswords.com/range/{prefix}`.
pub trait BreachList: Send + Sync + 'static {
    /// The lines `<35 further characters>:<count>` for the hashes that begin with `prefix`.
    fn range<'a>(&'a self, prefix: &'a str) -> Range<'a>;
}

/// What a [`BreachList`] answers, later. An error is an answer of 503: a new password is not
/// accepted unseen.
pub type Range<'a> = Pin<
    Box<dyn Future<Output = Result<String, Box<dyn std::error::Error + Send + Sync>>> + Send + 'a>,
>;

impl Password {
    pub(crate) async fn is_breached(&self, list: &dyn BreachList) -> Result<bool, Error> {
        let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, self.0.as_bytes());
        let hash = HEXUPPER.encode(hash.as_ref());
        let Some((prefix, rest)) = hash.split_at_checked(5) else {
            return Ok(false);
        };
        let lines = list.range(prefix).await.map_err(Error::unavailable)?;
        Ok(lines.lines().any(|line| {
            // A count of 0 is padding, so that the length of the answer tells nothing.
            let (suffix, count) = line.split_once(':').unwrap_or((line, "1"));
            suffix.trim().eq_ignore_ascii_case(rest) && count.trim() != "0"
        }))
    }
}

/// What a hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) kibibytes: u32,
    pub(crate) passes: u32,
}

impl Default for Cost {
    /// The first choice of OWASP's Password Storage Cheat Sheet.
    fn default() -> Self {
        Self { kibibytes: 19 * 1024, passes: 2 }
    }
}

/// Hashes passwords in few places at a time.
#[derive(Clone)]
pub(crate) struct Hasher {
    cost: Cost,
    pepper: Arc<Zeroizing<Vec<u8>>>,
    /// Places in the queue and at work together.
    admitted: Arc<Semaphore>,
    /// Places at work.
    working: Arc<Semaphore>,
}

/// What a comparison with a hash found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Wrong,
    Right,
    /// Right, and the hash was made with other parameters than today's.
    Outdated,
}

impl Hasher {
    pub(crate) fn new(cost: Cost, pepper: Vec<u8>, workers: usize, queue: usize) -> Self {
        let workers = workers.max(1);
        Self {
            cost,
            pepper: Arc::new(Zeroizing::new(pepper)),
            admitted: Arc::new(Semaphore::new(workers + queue)),
            working: Arc::new(Semaphore::new(workers)),
        }
    }

    /// The PHC string of a password.
    pub(crate) async fn hash(&self, password: Password) -> Result<String, Error> {
        let this = self.clone();
        self.work(move || {
            let hash = this.argon2()?.hash_password(password.0.as_bytes());
            Ok(hash.map_err(Error::unavailable)?.to_string())
        })
        .await
    }

    /// Whether `password` is the one of this PHC string.
    pub(crate) async fn verify(&self, password: Password, phc: String) -> Result<Verdict, Error> {
        let this = self.clone();
        self.work(move || {
            let hash = PasswordHash::new(&phc).map_err(Error::unavailable)?;
            let argon2 = this.argon2()?;
            if argon2.verify_password(password.0.as_bytes(), &hash).is_err() {
                return Ok(Verdict::Wrong);
            }
            let params = Params::try_from(&hash).map_err(Error::unavailable)?;
            let made = Cost { kibibytes: params.m_cost(), passes: params.t_cost() };
            Ok(if made == this.cost { Verdict::Right } else { Verdict::Outdated })
        })
        .await
    }

    pub(crate) fn pepper(&self) -> &[u8] {
        &self.pepper
    }

    fn argon2(&self) -> Result<Argon2<'_>, Error> {
        let params = Params::new(self.cost.kibibytes, self.cost.passes, 1, None);
        let params = params.map_err(Error::unavailable)?;
        Argon2::new_with_secret(&self.pepper, Algorithm::Argon2id, Version::V0x13, params)
            .map_err(Error::unavailable)
    }

    /// Does this off the asynchronous threads, when it is its turn.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let busy = |_| Error::unavailable("too many passwords wait to be hashed");
        let admitted = Arc::clone(&self.admitted).try_acquire_owned().map_err(busy)?;
        let working = Arc::clone(&self.working).acquire_owned().await;
        let working = working.map_err(Error::unavailable)?;
        let done = tokio::task::spawn_blocking(move || {
            // A caller that goes away leaves the place taken until the work is done.
            let _places = (admitted, working);
            work()
        });
        done.await.map_err(Error::unavailable)?
    }
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hasher").field("cost", &self.cost).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{BreachList, Cost, Error, Hasher, Password, PasswordFault, Range, Verdict};

    const CHEAP: Cost = Cost { kibibytes: 64, passes: 1 };

    fn password(text: &str) -> Password {
        Password::read(text).unwrap()
    }

    fn fault(text: &str) -> Option<PasswordFault> {
        password(text).check(8, &["ann", "shop"]).err()
    }

    #[test]
    fn characters_are_code_points_and_long_passwords_are_taken() {
        assert_eq!(fault("kf93mdi"), Some(PasswordFault::TooShort { needed: 8 }));
        assert_eq!(
            fault("\u{1f9a6}\u{1f40c}\u{1f9a5}\u{1f433}\u{1f41d}\u{1f98a}\u{1f994}"),
            Some(PasswordFault::TooShort { needed: 8 })
        );
        assert_eq!(fault("kf93mdiw"), None);
        assert_eq!(fault(&"plinth gravel ".repeat(5)), None);
        assert!(Password::read(&"a".repeat(1025)).is_none());
        assert!(Password::read(&"a".repeat(1 << 20)).is_none());
        assert_eq!(password(&"ab c".repeat(256)).characters(), 1024);
    }

    #[test]
    fn what_is_tried_first_is_refused_with_the_reason() {
        let blocked = |text: &str| match fault(text) {
            Some(PasswordFault::Blocked { reason }) => reason,
            other => panic!("`{text}`: {other:?}"),
        };
        assert!(blocked("football").contains("common"));
        assert!(blocked("Password1").contains("common"));
        assert!(blocked("aaaaaaaaaaaaaaaa").contains("repeats"));
        assert!(blocked("passwordpassword").contains("repeats"));
        assert!(blocked("abcdefghijklmnop").contains("run"));
        // No rule of composition: one kind of character is enough.
        assert_eq!(fault("plinthgravelotter"), None);
        let long_name = "a-very-long-name-of-somebody";
        assert!(password(long_name).check(8, &[long_name]).is_err());
    }

    #[tokio::test]
    async fn normal_forms_of_one_password_are_one() {
        let hasher = Hasher::new(CHEAP, Vec::new(), 1, 8);
        let hash = hasher.hash(password("gr\u{fc}n wie das Gras")).await.unwrap();
        let decomposed = password("gru\u{308}n wie das Gras");
        assert_eq!(hasher.verify(decomposed, hash).await.unwrap(), Verdict::Right);
    }

    #[tokio::test]
    async fn every_character_counts_and_the_string_says_what_was_done() {
        let hasher = Hasher::new(Cost::default(), Vec::new(), 1, 8);
        let long = "plinth gravel otter ".repeat(20);
        let hash = hasher.hash(password(&long)).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let other = format!("{}!", long.trim_end());
        assert_eq!(hasher.verify(password(&other), hash.clone()).await.unwrap(), Verdict::Wrong);
        let dearer = Hasher::new(Cost { kibibytes: 20 * 1024, passes: 2 }, Vec::new(), 1, 8);
        assert_eq!(dearer.verify(password(&long), hash).await.unwrap(), Verdict::Outdated);
    }

    #[tokio::test]
    async fn a_stolen_table_is_worthless_without_the_pepper() {
        let peppered = Hasher::new(CHEAP, b"a pepper".to_vec(), 1, 8);
        let hash = peppered.hash(password("plinth gravel")).await.unwrap();
        let without = Hasher::new(CHEAP, Vec::new(), 1, 8);
        let verdict = without.verify(password("plinth gravel"), hash.clone()).await.unwrap();
        assert_eq!(verdict, Verdict::Wrong);
        let verdict = peppered.verify(password("plinth gravel"), hash).await.unwrap();
        assert_eq!(verdict, Verdict::Right);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_flood_is_refused_and_not_queued() {
        let hasher = Hasher::new(Cost { kibibytes: 4096, passes: 2 }, Vec::new(), 1, 3);
        let attempts: Vec<_> = (0..64)
            .map(|_| {
                let hasher = hasher.clone();
                tokio::spawn(async move { hasher.hash(password("plinth gravel")).await })
            })
            .collect();
        let mut refused = 0;
        for attempt in attempts {
            match attempt.await.unwrap() {
                Ok(_) => {}
                Err(Error::Unavailable { .. }) => refused += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
        assert!(refused > 0, "sixty-four at once have no room in a queue of three");
        // Nothing leaks: afterwards there is room again.
        assert!(hasher.hash(password("plinth gravel")).await.is_ok());
    }

    /// A list of one hash.
    struct Breaches(String);

    impl BreachList for Breaches {
        fn range<'a>(&'a self, prefix: &'a str) -> Range<'a> {
            assert_eq!(prefix.len(), 5, "the list learns no more than this");
            Box::pin(async move {
                match self.0.split_once(prefix) {
                    Some(("", rest)) => Ok(format!("{}:0\r\n{rest}:7\r\n", "0".repeat(35))),
                    _ => Err("no such range".into()),
                }
            })
        }
    }

    #[tokio::test]
    async fn a_list_of_breaches_is_asked_by_five_characters() {
        // printf %s 'password' | sha1sum
        let list = Breaches("5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8".to_owned());
        assert!(password("password").is_breached(&list).await.unwrap());
        let padding = Breaches(format!("5BAA6{}", "1".repeat(35)));
        assert!(!password("password").is_breached(&padding).await.unwrap());
        assert!(password("another").is_breached(&list).await.unwrap_err().is_unavailable());
    }
}
