//! Attacks by signed claims.

use authz_core::token::TokenError;
use serde_json::{Value, json};

use crate::support::{base64url, with, without};
use crate::{Attack, FIRST, NOW, World, claims, claims_and, claims_with, header};

pub(crate) fn attacks_on_the_claims(world: &World) -> Vec<Attack> {
    let mut list = Vec::new();
    let honest = || world.honest();
    let claim = |name: &str, value: Value| world.sign(&header(), &with(claims(), name, value));

    for name in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"] {
        attack!(list, format!("no {name}"), world.sign(&header(), &without(claims(), name)),
            TokenError::MissingClaim { .. }, beside honest());
        for value in [json!(null), json!({}), json!(true), json!([1])] {
            attack!(list, format!("{name}: {value}"), claim(name, value),
                TokenError::ClaimType { .. }, beside honest());
        }
    }
    for name in ["iss", "aud", "sub", "client_id", "jti", "scope"] {
        attack!(list, format!("{name}: 1"), claim(name, json!(1)),
            TokenError::ClaimType { .. }, beside honest());
    }
    for name in ["sub", "client_id", "jti"] {
        attack!(list, format!("{name} is empty"), claim(name, "".into()),
            TokenError::ClaimType { .. }, beside claim(name, "x".into()));
    }

    for value in [
        "\"1900000000\"",
        "-1",
        "-0",
        "1e18",
        "18446744073709551615",
        "18446744073709551616",
        "9223372036854775807",
        "1800000300000",
        "[]",
    ] {
        for name in ["exp", "iat", "nbf"] {
            let text = if name == "nbf" {
                claims_and(&format!(r#""nbf":{value}"#))
            } else {
                claims_with(name, value)
            };
            attack!(list, format!("{name}: {value}"), world.sign_text(text),
                TokenError::ClaimType { .. }, beside world.sign_text(claims_with("exp", "1800000300.5")));
        }
    }
    attack!(list, "exp is now", claim("exp", json!(NOW)), TokenError::Expired,
        beside claim("exp", json!(NOW + 1)));
    attack!(list, "exp: 0", claim("exp", json!(0)), TokenError::Expired, beside honest());
    attack!(list, "nbf in the future", claim("nbf", json!(NOW + 1)), TokenError::NotYetValid,
        beside claim("nbf", json!(NOW)));
    attack!(list, "iat in the future", claim("iat", json!(NOW + 1)), TokenError::IssuedInFuture,
        beside claim("iat", json!(NOW)));

    attack!(list, "iss in an array", claim("iss", json!([FIRST])), TokenError::ClaimType { .. },
        beside honest());
    for iss in ["https://first.test/", "HTTPS://first.test", "https://first.test.evil.test", ""] {
        attack!(list, format!("iss `{iss}`"), claim("iss", iss.into()), TokenError::UnknownIssuer,
            beside honest());
    }
    for aud in [
        json!([]),
        json!("other"),
        json!(["other"]),
        json!("Shop"),
        json!("shop2"),
        json!("shop other"),
        json!(""),
    ] {
        attack!(list, format!("aud: {aud}"), claim("aud", aud), TokenError::Audience,
            beside claim("aud", json!(["other", "shop"])));
    }
    for aud in [json!(["shop", 1]), json!([["shop"]]), json!({ "shop": 1 })] {
        attack!(list, format!("aud: {aud}"), claim("aud", aud), TokenError::ClaimType { .. },
            beside honest());
    }
    for (name, value) in [
        ("scope", json!(["write:orders"])),
        ("scope", json!(null)),
        ("scope", json!({})),
        ("roles", json!("admin")),
        ("roles", json!([1])),
        ("roles", json!(null)),
        ("auth_time", json!("1")),
        ("acr", json!(["gold"])),
        ("amr", json!("mfa")),
    ] {
        attack!(list, format!("{name}: {value}"), claim(name, value), TokenError::ClaimType { .. },
            beside claim("roles", json!(["clerk"])));
    }
    let digest = base64url([7; 32]);
    for cnf in [json!({ "jkt": digest }), json!({ "x5t#S256": digest })] {
        attack!(list, format!("cnf: {cnf}"), claim("cnf", cnf), TokenError::SenderConstrained,
            beside honest());
    }
    for cnf in [json!({}), json!({ "kid": "x" }), json!({ "jkt": digest, "jwk": {} })] {
        attack!(list, format!("cnf: {cnf}"), claim("cnf", cnf), TokenError::Confirmation,
            beside honest());
    }
    for cnf in [json!({ "jkt": "x" }), json!({ "x5t#S256": "x" }), json!([]), json!(null)] {
        attack!(list, format!("cnf: {cnf}"), claim("cnf", cnf), TokenError::ClaimType { .. },
            beside honest());
    }
    list
}
