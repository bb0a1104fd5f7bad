//! Writes the part of a policy's record that lists one vocabulary.
//!
//! INVARIANT: the format documented in `authz-core`'s `registry`. `tests/tests/vocabulary.rs` writes it a second
//! time.

use super::check::Vocabulary;
use syn::ext::IdentExt;

pub(super) fn encode(vocabulary: &Vocabulary) -> Vec<u8> {
    let mut bytes = Vec::new();
    number(&mut bytes, vocabulary.names.len());
    let variants = vocabulary.variants.iter().map(|ident| ident.unraw().to_string());
    for (((name, variant), documentation), includes) in vocabulary
        .names
        .iter()
        .zip(variants)
        .zip(&vocabulary.documentation)
        .zip(&vocabulary.includes)
    {
        text(&mut bytes, name);
        text(&mut bytes, &variant);
        text(&mut bytes, documentation);
        number(&mut bytes, includes.len());
        for included in includes {
            number(&mut bytes, *included);
        }
    }
    bytes
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    number(bytes, text.len());
    bytes.extend_from_slice(text.as_bytes());
}

#[expect(clippy::cast_possible_truncation, reason = "source text is shorter than 4 GiB")]
fn number(bytes: &mut Vec<u8>, number: usize) {
    bytes.extend_from_slice(&(number as u32).to_le_bytes());
}
