//! SHA-256 (FIPS 180-4), for fingerprints of what is public.
//!
//! In pure Rust, so that whoever reads a manifest builds no cryptography. Absent on purpose: keys, secrets
//! and constant time. Whatever has to resist an attacker is hashed in `authz-core` by its cryptography.

/// The first half of the SHA-256 of a text.
///
/// # Examples
///
/// ```
/// // The hash of "abc" (FIPS 180-2, appendix B.1) begins with these bytes.
/// assert_eq!(authz_manifest::digest("abc"), 0xba78_16bf_8f01_cfea_4141_40de_5dae_2223);
/// ```
#[must_use]
pub fn digest(text: &str) -> u128 {
    let [a, b, c, d, ..] = sha256(text.as_bytes());
    [a, b, c, d].into_iter().fold(0, |half, word| half << 32 | u128::from(word))
}

fn sha256(message: &[u8]) -> [u32; 8] {
    let (blocks, rest) = message.as_chunks::<64>();
    let mut state = blocks.iter().fold(INITIAL, compress);
    // A one bit, zeros, and the length in bits at the end of a block.
    let mut padded = rest.to_vec();
    padded.push(0x80);
    let zeros = 64 - (padded.len() + 8) % 64;
    padded.resize(padded.len() + zeros % 64, 0);
    padded.extend((message.len() as u64 * 8).to_be_bytes());
    for block in padded.as_chunks::<64>().0 {
        state = compress(state, block);
    }
    state
}

/// Section 6.2.2.
#[expect(clippy::many_single_char_names, reason = "the names of the standard")]
fn compress(state: [u32; 8], block: &[u8; 64]) -> [u32; 8] {
    // The last sixteen words of the message schedule, the oldest first.
    let mut schedule = [0; 16];
    for (word, bytes) in schedule.iter_mut().zip(block.as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = state;
    for constant in ROUND {
        let [word, w1, .., w9, _, _, _, _, w14, _] = schedule;
        let one = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let choice = (e & f) ^ (!e & g);
        let first = [one, choice, constant, word].into_iter().fold(h, u32::wrapping_add);
        let zero = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let majority = (a & b) ^ (a & c) ^ (b & c);
        (h, g, f, e) = (g, f, e, d.wrapping_add(first));
        (d, c, b, a) = (c, b, a, first.wrapping_add(zero).wrapping_add(majority));
        let small_zero = w1.rotate_right(7) ^ w1.rotate_right(18) ^ (w1 >> 3);
        let small_one = w14.rotate_right(17) ^ w14.rotate_right(19) ^ (w14 >> 10);
        schedule.rotate_left(1);
        let next = [small_zero, w9, small_one].into_iter().fold(word, u32::wrapping_add);
        if let Some(last) = schedule.last_mut() {
            *last = next;
        }
    }
    let mut sums = state;
    for (sum, more) in sums.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *sum = sum.wrapping_add(more);
    }
    sums
}

/// The first bits of the fractional parts of the square roots of the first 8 primes (section 5.3.3).
const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// Those of the cube roots of the first 64 primes (section 4.2.2).
const ROUND: [u32; 64] = [
    0x428a_2f98,
    0x7137_4491,
    0xb5c0_fbcf,
    0xe9b5_dba5,
    0x3956_c25b,
    0x59f1_11f1,
    0x923f_82a4,
    0xab1c_5ed5,
    0xd807_aa98,
    0x1283_5b01,
    0x2431_85be,
    0x550c_7dc3,
    0x72be_5d74,
    0x80de_b1fe,
    0x9bdc_06a7,
    0xc19b_f174,
    0xe49b_69c1,
    0xefbe_4786,
    0x0fc1_9dc6,
    0x240c_a1cc,
    0x2de9_2c6f,
    0x4a74_84aa,
    0x5cb0_a9dc,
    0x76f9_88da,
    0x983e_5152,
    0xa831_c66d,
    0xb003_27c8,
    0xbf59_7fc7,
    0xc6e0_0bf3,
    0xd5a7_9147,
    0x06ca_6351,
    0x1429_2967,
    0x27b7_0a85,
    0x2e1b_2138,
    0x4d2c_6dfc,
    0x5338_0d13,
    0x650a_7354,
    0x766a_0abb,
    0x81c2_c92e,
    0x9272_2c85,
    0xa2bf_e8a1,
    0xa81a_664b,
    0xc24b_8b70,
    0xc76c_51a3,
    0xd192_e819,
    0xd699_0624,
    0xf40e_3585,
    0x106a_a070,
    0x19a4_c116,
    0x1e37_6c08,
    0x2748_774c,
    0x34b0_bcb5,
    0x391c_0cb3,
    0x4ed8_aa4a,
    0x5b9c_ca4f,
    0x682e_6ff3,
    0x748f_82ee,
    0x78a5_636f,
    0x84c8_7814,
    0x8cc7_0208,
    0x90be_fffa,
    0xa450_6ceb,
    0xbef9_a3f7,
    0xc671_78f2,
];

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest::{SHA256, digest as reference};

    use super::digest;

    #[test]
    fn every_length_around_the_ends_of_blocks_hashes_as_the_reference_does() {
        for length in (0..260).chain([1_000, 4_096, 65_537]) {
            let text: String = ('a'..='w').cycle().take(length).collect();
            let expected = reference(&SHA256, text.as_bytes());
            let expected = expected.as_ref().first_chunk().copied().map(u128::from_be_bytes);
            assert_eq!(Some(digest(&text)), expected, "{length}");
        }
    }
}
