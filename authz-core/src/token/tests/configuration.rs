//! Mistakes in the configuration come out of `build`, with the field and the remedy.

use std::time::Duration;

use super::support::{Policy, builder, issuer, secret_keys};
use crate::token::{ClaimMapping, ConfigError, Issuer, Verifier, VerifierBuilder};

fn refusal(builder: VerifierBuilder<Policy>) -> ConfigError {
    builder.build().expect_err("the configuration is wrong")
}

fn mapped(mapping: ClaimMapping) -> ConfigError {
    refusal(builder().issuer(issuer().claims(mapping)))
}

#[test]
fn of_several_issuers_each_says_which_roles_it_can_grant() {
    let other = || Issuer::new("https://other.example.com", secret_keys());
    let all = || ClaimMapping::rfc9068().all_roles();
    let both = |first: ClaimMapping, second: ClaimMapping| {
        builder().issuer(issuer().claims(first)).issuer(other().claims(second)).build()
    };
    let unsaid = ConfigError::RolesOfSeveralIssuers { issuer: "https://other.example.com".into() };
    assert_eq!(both(all(), ClaimMapping::rfc9068()).unwrap_err(), unsaid);
    let renamed = ClaimMapping::rfc9068().role_named("boss", "admin");
    assert_eq!(both(all(), renamed).unwrap_err(), unsaid);
    for said in [
        all(),
        ClaimMapping::rfc9068().only_roles(["clerk"]),
        ClaimMapping::rfc9068().role_prefix("other-"),
        ClaimMapping::rfc9068().no_roles(),
        ClaimMapping::okta(),
    ] {
        assert!(both(all(), said).is_ok());
    }
    assert!(builder().issuer(other()).build().is_ok(), "a single issuer needs not say it");
}

#[test]
fn an_issuer_and_an_audience_are_needed() {
    assert_eq!(refusal(builder()), ConfigError::NoIssuer);
    assert_eq!(refusal(builder().issuer(Issuer::new("", secret_keys()))), ConfigError::EmptyIssuer);
    assert!(matches!(
        refusal(builder().issuer(issuer()).issuer(issuer())),
        ConfigError::DuplicateIssuer { .. }
    ));
    let bare = || Verifier::<Policy>::builder();
    assert!(matches!(refusal(bare().issuer(issuer())), ConfigError::NoAudience { .. }));
    assert_eq!(refusal(bare().issuer(issuer()).audience("")), ConfigError::EmptyAudience);
    assert_eq!(refusal(builder().issuer(issuer().audience(""))), ConfigError::EmptyAudience);
    assert!(bare().issuer(issuer().audience("a")).build().is_ok());
}

#[test]
fn limits_are_within_reason() {
    let builder = || builder().issuer(issuer());
    assert!(builder().leeway(Duration::from_mins(1)).build().is_ok());
    assert_eq!(
        refusal(builder().leeway(Duration::from_secs(61))),
        ConfigError::Leeway { seconds: 61 }
    );
    assert!(builder().danger_leeway(Duration::from_hours(1)).build().is_ok());
    assert_eq!(
        refusal(builder().max_token_age(Duration::from_millis(900))),
        ConfigError::MaxTokenAge
    );
    for bytes in [0, 1024 * 1024 + 1] {
        assert_eq!(
            refusal(builder().max_token_length(bytes)),
            ConfigError::MaxTokenLength { bytes }
        );
    }
    for realm in ["", "a\"b", "a\\b", "a\nb", "é"] {
        assert_eq!(refusal(builder().realm(realm)), ConfigError::Realm);
    }
    let verifier = builder().realm("the orders").build().unwrap();
    assert_eq!(verifier.realm().name(), "the orders");
}

#[test]
fn metadata_are_where_a_client_may_fetch_them() {
    let builder = || builder().issuer(issuer());
    let hostile = [
        "",
        "https://",
        "http://a.example/x",
        "https://a.example/x#y",
        "https://a b",
        "https://a\"b",
    ];
    for url in hostile {
        assert_eq!(
            refusal(builder().resource_metadata(url)),
            ConfigError::ResourceMetadata { url: url.into() }
        );
    }
    let url = "https://api.example.com/.well-known/oauth-protected-resource";
    let verifier = builder().resource_metadata(url).build().unwrap();
    assert_eq!(verifier.realm().metadata(), Some(url));
    assert_eq!(builder().build().unwrap().realm().metadata(), None);
}

#[test]
fn names_of_the_policy_are_checked_with_a_hint() {
    let mapping = ClaimMapping::rfc9068;
    assert_eq!(
        mapped(mapping().role_named("x", "clerc")).to_string(),
        "`role_named` of the issuer `https://id.example.com` names the unknown role `clerc`; \
         did you mean `clerk`?"
    );
    assert!(
        mapped(mapping().scope_named("x", "write:order"))
            .to_string()
            .ends_with("unknown scope `write:order`; did you mean `write:orders`?")
    );
    assert!(
        mapped(mapping().only_roles(["zzzzzzzz"]))
            .to_string()
            .ends_with("unknown role `zzzzzzzz`: expected a name of `Role`")
    );
    assert!(matches!(
        mapped(mapping().role_named("x", "clerk").role_named("x", "admin")),
        ConfigError::DuplicateName { .. }
    ));
}

#[test]
fn a_mapping_names_claims() {
    let mapping = ClaimMapping::rfc9068;
    for (wrong, field) in [
        (mapping().client_from(""), "client_from"),
        (mapping().token_id_from(""), "token_id_from"),
        (mapping().scopes_from(""), "scopes_from"),
        (mapping().roles_from(""), "roles_from"),
        (mapping().roles_from("a..b"), "roles_from"),
        (mapping().roles_from_claim(""), "roles_from"),
        (mapping().role_named("", "clerk"), "role_named"),
        (mapping().scope_named("", "read:orders"), "scope_named"),
        (mapping().role_prefix(""), "role_prefix"),
        (mapping().mfa_by_acr([]), "mfa_by_acr"),
        (mapping().mfa_by_acr([""]), "mfa_by_acr"),
        (mapping().require("", "x"), "require"),
    ] {
        match mapped(wrong) {
            ConfigError::EmptyName { field: found, .. } => assert_eq!(found, field),
            other => panic!("{field}: {other}"),
        }
    }
    assert!(matches!(
        mapped(mapping().roles_from("resource_access.{client}.roles")),
        ConfigError::NoClient { .. }
    ));
    assert!(matches!(mapped(ClaimMapping::keycloak("")), ConfigError::EmptyName { .. }));
    let many = (0..8).fold(mapping(), |mapping, index| mapping.roles_from(&format!("r{index}")));
    assert!(matches!(mapped(many), ConfigError::TooManyRoleClaims { limit: 8, .. }));
}
