//! Names that generated code uses: the path to the runtime crate and the hash of a wire name.

/// FNV-1a, 64 bit.
///
/// INVARIANT: the same function as in `authz-core`'s `vocabulary::lookup`.
pub(crate) fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
