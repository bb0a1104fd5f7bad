//! Whether the time of a refused log-in tells whose names are known (SP 800-63B-4 section 3.2.2, ASVS
//! V6.3.8): a statistical test with a verdict, for a quiet machine.
//!
//! `cargo bench -p authz-accounts --features testing --bench timing`
//!
//! Log-ins of somebody and of nobody are mixed at random, each from a source of its own and with a wrong
//! password. Of each kind the slowest twentieth is left out, which is the machine's, and Welch's
//! t-test compares the rest, as dudect does (Reparaz and others, 2017): beyond 4.5 the two are told
//! apart by whoever measures as often, as exactly and as near. Twice: with today's cost of a password,
//! which is what a caller sees, and with next to none, where only our own work is left.
//!
//! On a quiet machine with two cores: with today's cost t = 0.1, not told apart; with next to no cost
//! t = 5.5, somebody 15 us later, which is the counter of the account being written. To see these
//! through a hash of 26 ms takes some 300,000 log-ins of one name, and the hundredth makes it nobody's.
//!
//! Not a test: its answer depends on the machine, so it fails nothing. What a test can tell, it does:
//! `everything_that_is_wrong_has_one_answer`.
#![expect(clippy::unwrap_used, reason = "a measurement that can't be set up has nothing to tell")]
#![expect(clippy::print_stdout, reason = "the verdict is for who has asked")]

use std::time::{Duration, Instant};

use authz_accounts::{Accounts, Builder, Source};

mod policy {
    use authz_core::{Roles, Scopes};

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
    pub(crate) enum Role {
        Clerk,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
    pub(crate) enum Scope {
        #[scope("read:orders")]
        ReadOrders,
    }

    authz_core::policy!(pub(crate) Policy { roles: Role, scopes: Scope });
}

use policy::Policy;

const PASSWORD: &str = "plinth gravel otter mandolin";
/// Beyond this, dudect calls two kinds of runs different.
const THRESHOLD: f64 = 4.5;

#[tokio::main]
async fn main() {
    let cheap = Accounts::<Policy>::builder().danger_password_cost(64, 1);
    measure("with today's cost of a password", Accounts::<Policy>::builder(), 400).await;
    measure("with next to no cost", cheap, 4_000).await;
}

/// Tries `number` log-ins of somebody and of nobody, and says what their times tell.
async fn measure(title: &str, builder: Builder, number: usize) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("accounts.db");
    let accounts: Accounts<Policy> = builder.open(file.to_str().unwrap()).await.unwrap();
    // Each account is tried fifty times: the hundredth failure would make it nobody's.
    let known = number.div_ceil(50);
    for one in 0..known {
        let source = Source::named(&format!("new {one}"));
        accounts.sign_up(&format!("somebody{one}"), PASSWORD, &source).await.unwrap();
    }
    let (mut somebody, mut nobody) = (Vec::new(), Vec::new());
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for attempt in 0..2 * number {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let is_known =
            random.is_multiple_of(2) && somebody.len() < number || nobody.len() >= number;
        let kind = if is_known { "somebody" } else { "nobody00" };
        let name = format!("{kind}{}", attempt % known);
        let source = Source::named(&attempt.to_string());
        let start = Instant::now();
        let refused = accounts.log_in(&name, "wrong", &source).await.is_err();
        let time = start.elapsed();
        assert!(refused, "the password is wrong");
        if is_known { somebody.push(time) } else { nobody.push(time) }
    }
    let (somebody, nobody) = (Times::of(somebody), Times::of(nobody));
    let t = somebody.welch(&nobody);
    println!("{title}, {number} log-ins of each kind:");
    println!("  somebody: median {:.1} us, mean {:.1} us", somebody.median, somebody.mean);
    println!("  nobody:   median {:.1} us, mean {:.1} us", nobody.median, nobody.mean);
    let verdict = if t.abs() < THRESHOLD { "not told apart" } else { "told apart" };
    println!("  t = {t:.2}, beyond {THRESHOLD} is a difference: {verdict}\n");
}

/// The times of one kind, in microseconds.
struct Times {
    median: f64,
    mean: f64,
    /// The variance of the mean.
    uncertainty: f64,
}

impl Times {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        times.truncate(times.len() - times.len() / 20);
        let times: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e6).collect();
        let count = f64::from(u32::try_from(times.len()).unwrap());
        let mean = times.iter().sum::<f64>() / count;
        let variance = times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (count - 1.0);
        let median = *times.get(times.len() / 2).unwrap();
        Self { median, mean, uncertainty: variance / count }
    }

    /// Welch's t.
    fn welch(&self, other: &Self) -> f64 {
        (self.mean - other.mean) / (self.uncertainty + other.uncertainty).sqrt()
    }
}
