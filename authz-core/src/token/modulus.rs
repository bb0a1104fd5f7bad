//! RSA moduli that are no product of two random primes, told from the modulus alone: those with a tiny
//! factor (SP 800-89 section 5.3.3), and those with the fingerprint of ROCA (CVE-2017-15361).
//!
//! The primes of that generator are powers of 65537 modulo each small prime, and so are their products
//! (Nemec and others, "The Return of Coppersmith's Attack", 2017). Of the moduli of other generators, one
//! in 2^154 looks so by chance.
//!
//! Absent on purpose: whether the two primes are close to each other, and whether they are two at all.
//! Both need arithmetic with large numbers.

use super::key_error::KeyError;

/// Primes below 752, as in SP 800-89.
const PRIMES: [u64; 133] = {
    let mut primes = [2; 133];
    let (mut found, mut candidate) = (1, 3);
    while found < primes.len() {
        let mut divisor = 3;
        while divisor * divisor <= candidate && candidate % divisor != 0 {
            divisor += 2;
        }
        if divisor * divisor > candidate {
            #[expect(clippy::indexing_slicing, reason = "judged while it is compiled")]
            {
                primes[found] = candidate;
            }
            found += 1;
        }
        candidate += 2;
    }
    primes
};

/// The last prime that the smallest keys of the faulty generator have in their structure; longer keys
/// have more of them.
const LAST_OF_FINGERPRINT: u64 = 167;

/// Refuses the modulus, big-endian, of a key that can be broken.
pub(crate) fn require_sound(modulus: &[u8], key: &str) -> Result<(), KeyError> {
    let residues = residues(modulus);
    if let Some((factor, _)) = residues.iter().find(|(_, residue)| *residue == 0) {
        return Err(KeyError::RsaFactor { key: key.into(), factor: *factor });
    }
    if has_fingerprint(&residues) {
        return Err(KeyError::RsaFingerprint { key: key.into() });
    }
    Ok(())
}

/// Each of [`PRIMES`], with what is left of the big-endian number after a division by it.
fn residues(number: &[u8]) -> Vec<(u64, u64)> {
    // Three of these primes make a divisor below 2^30, so that a third of the divisions do. A processor
    // overlaps those of one word with each other, and could not those of one divisor.
    let divisors = PRIMES.chunks(3).map(|primes| (primes, primes.iter().product::<u64>()));
    let mut rests: Vec<_> = divisors.map(|(primes, divisor)| (primes, divisor, 0)).collect();
    let (first, words) = number.as_rchunks::<4>();
    let first = first.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
    let words = words.iter().map(|word| u64::from(u32::from_be_bytes(*word)));
    for word in std::iter::once(first).chain(words) {
        for (_, divisor, rest) in &mut rests {
            *rest = (*rest << 32 | word) % *divisor;
        }
    }
    let rests = rests.into_iter();
    rests
        .flat_map(|(primes, _, rest)| primes.iter().map(move |prime| (*prime, rest % prime)))
        .collect()
}

/// Whether the number is a power of 65537 modulo the product of the odd primes of the fingerprint.
///
/// It is one modulo each prime then, and the exponents, each of which is known up to the order of
/// 65537, agree with each other. The first of both alone is true of one random number in 2^27.
fn has_fingerprint(residues: &[(u64, u64)]) -> bool {
    let mut exponents: Vec<(u64, u64)> = Vec::new();
    let odd = residues.iter().filter(|(prime, _)| *prime != 2);
    for (prime, residue) in odd.take_while(|(prime, _)| *prime <= LAST_OF_FINGERPRINT) {
        let Some((exponent, order)) = logarithm(*residue, *prime) else {
            return false;
        };
        let agrees = |(other, of): &(u64, u64)| {
            exponent.abs_diff(*other).is_multiple_of(common_divisor(order, *of))
        };
        if !exponents.iter().all(agrees) {
            return false;
        }
        exponents.push((exponent, order));
    }
    true
}

/// The exponent to which 65537 is the number, and the order of 65537, modulo a prime.
fn logarithm(number: u64, prime: u64) -> Option<(u64, u64)> {
    let (mut power, mut order, mut exponent) = (1, 0, None);
    loop {
        if power == number {
            exponent = Some(order);
        }
        power = power * 65537 % prime;
        order += 1;
        if power == 1 {
            return exponent.map(|exponent| (exponent, order));
        }
    }
}

fn common_divisor(one: u64, other: u64) -> u64 {
    if other == 0 { one } else { common_divisor(other, one % other) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LAST_OF_FINGERPRINT, PRIMES, has_fingerprint, logarithm, residues};

    fn primes_of_fingerprint() -> impl Iterator<Item = u64> {
        PRIMES.into_iter().skip(1).take_while(|prime| *prime <= LAST_OF_FINGERPRINT)
    }

    /// The least number, little-endian, that leaves these residues modulo the primes of the fingerprint.
    fn with_residues(residue: impl Fn(u64) -> u64) -> Vec<u8> {
        let (mut number, mut product) = (vec![0_u8; 40], vec![0_u8; 40]);
        product[0] = 1;
        for prime in primes_of_fingerprint() {
            let residue = residue(prime);
            while remainder_of_little_endian(&number, prime) != residue {
                let mut carry = 0;
                for (byte, added) in number.iter_mut().zip(&product) {
                    let sum = u16::from(*byte) + u16::from(*added) + carry;
                    *byte = sum.to_le_bytes()[0];
                    carry = sum >> 8;
                }
            }
            let mut carry = 0;
            for byte in &mut product {
                let digit = u64::from(*byte) * prime + carry;
                *byte = digit.to_le_bytes()[0];
                carry = digit >> 8;
            }
        }
        number
    }

    fn remainder_of_little_endian(number: &[u8], divisor: u64) -> u64 {
        number.iter().rev().fold(0, |rest, byte| (rest << 8 | u64::from(*byte)) % divisor)
    }

    fn is_marked(mut little_endian: Vec<u8>) -> bool {
        little_endian.reverse();
        has_fingerprint(&residues(&little_endian))
    }

    fn power(exponent: u64, prime: u64) -> u64 {
        (0..exponent % (prime - 1)).fold(1, |power, _| power * 65537 % prime)
    }

    #[test]
    fn the_primes_are_those_below_752() {
        let is_prime = |number: &u64| (2..*number).all(|divisor| !number.is_multiple_of(divisor));
        assert_eq!(PRIMES.to_vec(), (2..752).filter(is_prime).collect::<Vec<_>>());
        assert_eq!(primes_of_fingerprint().last(), Some(LAST_OF_FINGERPRINT));
    }

    #[test]
    fn one_number_in_2_to_the_154_has_the_fingerprint_by_chance() {
        let (mut all, mut marked) = (0.0, 0.0);
        let mut known = Vec::new();
        for prime in primes_of_fingerprint() {
            let (_, order) = logarithm(1, prime).unwrap();
            // What the order of this prime adds to the least common multiple of all.
            let least = known.iter().fold(1, |least, of| least_multiple(least, *of));
            known.push(order);
            all += f64::from(u32::try_from(prime - 1).unwrap()).log2();
            let added = least_multiple(least, order) / least;
            marked += f64::from(u32::try_from(added).unwrap()).log2();
        }
        assert!((154.0..155.0).contains(&(all - marked)), "2^{}", all - marked);
    }

    fn least_multiple(one: u128, other: impl Into<u128>) -> u128 {
        let other = other.into();
        let (mut divisor, mut rest) = (one, other);
        while rest != 0 {
            (divisor, rest) = (rest, divisor % rest);
        }
        one / divisor * other
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn residues_are_those_of_a_division(number: u128, length in 1_usize..17) {
            let number = number >> (128 - 8 * length);
            for (prime, residue) in residues(&number.to_be_bytes()[16 - length..]) {
                prop_assert_eq!(u128::from(residue), number % u128::from(prime));
            }
        }

        #[test]
        fn powers_of_65537_have_the_fingerprint(exponent in 0_u64..1 << 20) {
            prop_assert!(is_marked(with_residues(|prime| power(exponent, prime))));
        }

        /// A look at each prime by itself takes these for keys of the generator: modulo most of them
        /// it can be seen whether the exponent is odd.
        #[test]
        fn powers_with_several_exponents_have_not(exponent in 0_u64..1 << 20) {
            let exponent = |prime| if prime == 167 { exponent + 1 } else { exponent };
            prop_assert!(!is_marked(with_residues(|prime| power(exponent(prime), prime))));
        }

        #[test]
        fn other_numbers_have_not(number in prop::collection::vec(any::<u8>(), 256)) {
            prop_assert!(!is_marked(number));
        }
    }
}
