//! What becomes of a resource with masked fields; and thousands of wrong ones: none makes the macro
//! panic, and of what is accepted no mask was overlooked.

use std::panic;

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::{DeriveInput, File};

use super::robustness::{Random, spoil};
use crate::resource;

#[test]
fn a_resource_with_masked_fields() {
    let expanded = resource::derive(quote! {
        #[derive(Debug, Resource)]
        #[resource(owner = "customer", tenant = "org", policy = shop::policy)]
        #[serde(rename_all = "camelCase", crate = "other::serde")]
        pub struct Order {
            pub customer: String,
            pub(crate) org: u64,
            /// The documentation stays with the resource.
            #[resource(read(role = "manager", mfa))]
            #[serde(with = "hexadecimal")]
            pub unit_cost: u32,
            #[resource(read(any(role = "auditor", rule = Fresh)), write(role = Role::Manager))]
            #[serde(rename = "kind", default = "plain", skip_serializing_if = "String::is_empty")]
            r#type: String,
            #[resource(write(scope = "write:orders"))]
            #[serde(deserialize_with = "whole")]
            discount: Option<u8>,
            #[serde(serialize_with = "lines", skip_serializing_if = "Vec::is_empty")]
            lines: Vec<u8>,
        }
    });
    let file: File = syn::parse2(expanded).expect("the expansion is a list of items");
    let text = prettyplease::unparse(&file);
    for forbidden in ["unsafe", "unwrap", "expect(", "panic", "todo!", "std::", "compile_error"] {
        assert!(!text.contains(forbidden), "`{forbidden}` in\n{text}");
    }
    insta::assert_snapshot!(text);
}

/// Right resources, as words.
const RIGHT: &[&str] = &[
    r#"# [ resource ( owner = "customer" ) ] struct Order { customer : String , # [ resource ( read ( role = "manager" ) ) ] cost : u32 , }"#,
    r#"struct Change { # [ serde ( default ) ] # [ resource ( write ( any ( role = "manager" , mfa ) ) ) ] discount : u8 , note : String }"#,
    r#"# [ resource ( tenant = "org" , policy = crate :: policy ) ] # [ serde ( rename_all = "camelCase" ) ] struct Price { org : String , # [ resource ( read ( role = Role :: Manager ) , write ( not ( acr = "bronze" ) ) ) ] cents : Option < u32 > , # [ resource ( write ( rule = Fresh , max_age = "5m" ) ) ] # [ serde ( with = "x" , default = "y" ) ] rate : f32 }"#,
    r#"# [ resource ( owner = "customer" , issuer = "at" ) ] struct Note { customer : u64 , at : String , # [ resource ( read ( bound ) ) ] # [ serde ( flatten ) ] text : Text , # [ resource ( read ( authenticated , mfa ) ) ] wrong : u8 }"#,
];

#[test]
fn wrong_resources_are_refused_or_taken_at_their_word() {
    let mut random = Random(0x5eed);
    let (mut refused, mut accepted) = (0, 0);
    while refused + accepted < 6_000 {
        let right = RIGHT[random.below(RIGHT.len())];
        let mut words: Vec<String> = right.split(' ').map(str::to_owned).collect();
        for _ in 0..=random.below(3) {
            spoil(&mut words, &mut random);
        }
        let text = words.join(" ");
        // What is no item never reaches a derive.
        let Ok(tokens) = text.parse::<TokenStream>() else { continue };
        if syn::parse2::<DeriveInput>(tokens.clone()).is_err() {
            continue;
        }
        if judge(&tokens, &text) {
            accepted += 1;
        } else {
            refused += 1;
        }
    }
    assert!(refused > 3_000, "only {refused} were refused");
    assert!(accepted > 100, "only {accepted} were accepted, so little was compared");
}

/// Whether the resource was accepted; panics if it was not refused and a mask was overlooked.
fn judge(tokens: &TokenStream, text: &str) -> bool {
    let Ok(expanded) = panic::catch_unwind(|| resource::derive(tokens.clone())) else {
        panic!("the macro panicked at: {text}")
    };
    let printed = expanded.to_string();
    assert!(syn::parse2::<File>(expanded).is_ok(), "no list of items from: {text}");
    if printed.contains("compile_error") {
        assert!(!printed.contains("Some (& self"), "shown beside an error: {text}");
        return false;
    }
    let (reads, writes) = written(tokens);
    for (rule, count) in [("enum __Read", reads), ("enum __Write", writes)] {
        assert_eq!(printed.matches(rule).count(), count, "`{rule}` of: {text}");
    }
    assert_eq!(printed.matches("Some (& self").count(), reads, "shown to some alone: {text}");
    assert_eq!(printed.matches(". came ()").count(), writes, "asked whether it came: {text}");
    true
}

/// How many fields have a `read(…)`, and how many a `write(…)`, as they stand in the source.
fn written(tokens: &TokenStream) -> (usize, usize) {
    let item: DeriveInput = syn::parse2(tokens.clone()).expect("an item");
    let syn::Data::Struct(data) = item.data else { panic!("accepted, and no struct") };
    let attributes = data.fields.iter().flat_map(|field| &field.attrs);
    let ours = attributes.filter(|attribute| attribute.path().is_ident("resource"));
    let text: String = ours.map(|attribute| attribute.meta.to_token_stream().to_string()).collect();
    let count = |key: &str| text.split([' ', '(', ')', ',']).filter(|word| *word == key).count();
    (count("read"), count("write"))
}
