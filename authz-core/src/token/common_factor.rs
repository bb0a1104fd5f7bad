//! Two RSA keys with a prime in common: whoever divides one modulus by the other has both private keys.
//! Generators that begin with too little randomness make them (Heninger and others, "Mining Your Ps and
//! Qs").
//!
//! Only odd numbers get here: an even modulus was refused before.

use super::key::Key;
use super::key_error::KeyError;

/// As many RSA keys of a set are compared, each with each: enough for any issuer, and what it costs
/// stays below that of fetching the set.
const COMPARED: usize = 16;

/// Refuses a set in which two different moduli are divisible by one prime.
pub(crate) fn refuse(keys: &[Key]) -> Result<(), KeyError> {
    let moduli = keys.iter().enumerate().filter_map(|(position, key)| {
        Some((label(key, position), key.modulus.as_deref()?, number(key.modulus.as_deref()?)))
    });
    let moduli: Vec<_> = moduli.take(COMPARED).collect();
    let mut rest = &*moduli;
    while let [(key, modulus, value), others @ ..] = rest {
        // The same modulus twice is one key for two algorithms.
        let shares = |(_, other, number): &&(String, &[u8], Number)| {
            other != modulus && !are_coprime(value.clone(), number.clone())
        };
        if let Some((other, ..)) = others.iter().find(shares) {
            return Err(KeyError::RsaCommonFactor {
                key: key.as_str().into(),
                other: other.as_str().into(),
            });
        }
        rest = others;
    }
    Ok(())
}

fn label(key: &Key, position: usize) -> String {
    match &key.kid {
        Some(kid) => format!("key `{kid}`"),
        None => format!("key {}", position + 1),
    }
}

/// Digits of 64 bits, the lowest first; the highest is not zero.
type Number = Vec<u64>;

fn number(big_endian: &[u8]) -> Number {
    let (first, rest) = big_endian.as_rchunks::<8>();
    let first = first.iter().fold(0, |digit, byte| digit << 8 | u64::from(*byte));
    let mut number: Number = rest.iter().rev().map(|digit| u64::from_be_bytes(*digit)).collect();
    number.push(first);
    trim(&mut number);
    number
}

/// Whether 1 is the greatest common divisor of two odd numbers: the difference of the two, halved until
/// it is odd, takes the place of the greater one until they are equal.
fn are_coprime(mut one: Number, mut other: Number) -> bool {
    while one != other {
        let is_less =
            one.len().cmp(&other.len()).then_with(|| one.iter().rev().cmp(other.iter().rev()));
        if is_less.is_lt() {
            std::mem::swap(&mut one, &mut other);
        }
        subtract(&mut one, &other);
        halve(&mut one);
    }
    one == [1]
}

/// Takes the smaller number from the greater one.
fn subtract(from: &mut Number, smaller: &[u64]) {
    let mut borrow = false;
    let digits = smaller.iter().copied().chain(std::iter::repeat(0));
    for (digit, taken) in from.iter_mut().zip(digits) {
        let (difference, first) = digit.overflowing_sub(taken);
        let (difference, second) = difference.overflowing_sub(borrow.into());
        *digit = difference;
        borrow = first | second;
    }
    trim(from);
}

/// Divides a number that is not zero by 2 until it is odd.
fn halve(number: &mut Number) {
    let zeros = number.iter().take_while(|digit| **digit == 0).count();
    number.drain(..zeros);
    let bits = number.first().map_or(0, |digit| digit.trailing_zeros());
    if bits > 0 {
        let mut above = 0;
        for digit in number.iter_mut().rev() {
            let low = *digit << (64 - bits);
            *digit = *digit >> bits | above;
            above = low;
        }
        trim(number);
    }
}

fn trim(number: &mut Number) {
    while number.last() == Some(&0) {
        number.pop();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{are_coprime, number};

    fn divisor(one: u128, other: u128) -> u128 {
        if other == 0 { one } else { divisor(other, one % other) }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn numbers_are_coprime_as_euclid_says(one: u128, other: u128, bits in 0_u32..128, factor in 0_u128..9) {
            let (one, other) = (one >> bits | 1, other | 1);
            for other in [other, (other >> 64).wrapping_mul(factor) | 1, one.wrapping_mul(factor | 1)] {
                let coprime = are_coprime(number(&one.to_be_bytes()), number(&other.to_be_bytes()));
                prop_assert_eq!(coprime, divisor(one, other) == 1, "{} {}", one, other);
            }
        }
    }
}
