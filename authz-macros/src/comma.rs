//! The commas between parts and options, and going on behind the next one after a fault.

use syn::Token;
use syn::parse::ParseStream;

use crate::diag::Errors;

/// Parses the comma behind an argument, or notes what stands there instead.
pub(crate) fn parse_comma(input: ParseStream<'_>, errors: &mut Errors) {
    if input.is_empty() {
        return;
    }
    if input.peek(Token![,]) {
        let comma: Option<Token![,]> = input.parse().ok();
        if input.peek(Token![,])
            && let Some(comma) = comma
        {
            errors.at(comma.span, "nothing stands between two commas; remove one");
            skip_commas(input);
        }
        return;
    }
    let found = input.cursor().token_tree().map(|(token, _)| token.to_string()).unwrap_or_default();
    let hint = match found.as_str() {
        "|" => "; for alternatives write `any(..., ...)`".to_owned(),
        "&" => "; parts side by side are all required: write a comma".to_owned(),
        _ => String::new(),
    };
    errors.push(input.error(format!("expected `,` before `{}`{hint}", shortened(&found))));
    skip_to_comma(input);
    skip_commas(input);
}

/// Skips what can't be read, up to the next comma.
pub(crate) fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.parse::<proc_macro2::TokenTree>().is_err() {
            return;
        }
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= 40 {
        return text.to_owned();
    }
    text.chars().take(40).chain(['…']).collect()
}

fn skip_commas(input: ParseStream<'_>) {
    while input.peek(Token![,]) {
        if input.parse::<Token![,]>().is_err() {
            return;
        }
    }
}
