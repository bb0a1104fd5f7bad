//! The access tokens of the known providers, as they document them.

use serde_json::{Value, json};

use super::support::{AUDIENCE, ISSUER, NOW, Role, Scope, issuer, token, verifier};
use crate::identity::Identity;
use crate::token::{ClaimMapping, TokenError};

type Judged = Result<Identity<super::support::Policy>, TokenError>;

fn judge(mapping: ClaimMapping, header: &Value, claims: &Value) -> Judged {
    verifier(issuer().claims(mapping)).verify_now(&token(header.to_string(), claims.to_string()))
}

fn jwt() -> Value {
    json!({"alg": "HS256", "typ": "JWT"})
}

fn with(claims: &Value, name: &str, value: &Value) -> Value {
    super::support::with(claims.clone(), name, value.clone())
}

fn without(claims: &Value, name: &str) -> Value {
    let mut claims = claims.clone();
    claims.as_object_mut().unwrap().remove(name).unwrap();
    claims
}

#[test]
fn keycloak() {
    let claims = json!({
        "exp": NOW + 300, "iat": NOW, "auth_time": NOW, "jti": "onrtac:1", "iss": ISSUER,
        "aud": [AUDIENCE, "account"], "sub": "f1c5", "typ": "Bearer", "azp": "shop", "acr": "1",
        "sid": "s", "nonce": "n", "allowed-origins": ["*"],
        "realm_access": {"roles": ["offline_access", "auditor"]},
        "resource_access": {
            "orders.api": {"roles": ["clerk"]},
            "account": {"roles": ["admin"]},
        },
        "scope": "openid read:orders",
    });
    let mapping = || ClaimMapping::keycloak("orders.api");
    let identity = judge(mapping(), &jwt(), &claims).unwrap();
    assert_eq!(identity.client(), Some("shop"));
    assert_eq!(identity.roles().collect::<Vec<_>>(), [Role::Clerk, Role::Auditor]);
    assert!(identity.has_scope(Scope::ReadOrders));
    for kind in ["ID", "Refresh", "bearer", "DPoP"] {
        let other = with(&claims, "typ", &json!(kind));
        assert_eq!(
            judge(mapping(), &jwt(), &other).unwrap_err(),
            TokenError::NotAnAccessToken { claim: "typ".into() }
        );
    }
    assert_eq!(
        judge(mapping(), &jwt(), &without(&claims, "typ")).unwrap_err(),
        TokenError::MissingClaim { claim: "typ".into() }
    );
    let other = ClaimMapping::keycloak("billing");
    let identity = judge(other, &jwt(), &claims).unwrap();
    assert_eq!(identity.roles().collect::<Vec<_>>(), [Role::Auditor]);
}

#[test]
fn auth0() {
    let claims = json!({
        "iss": ISSUER, "sub": "auth0|1", "aud": [AUDIENCE, "https://t.auth0.com/userinfo"],
        "iat": NOW, "exp": NOW + 300, "azp": "shop", "jti": "1",
        "scope": "openid read:orders", "permissions": ["write:orders"],
        "https://example.com/roles": ["clerk"],
    });
    let mapping = || ClaimMapping::auth0("https://example.com/roles");
    let identity = judge(mapping(), &jwt(), &claims).unwrap();
    assert_eq!(identity.client(), Some("shop"));
    assert_eq!(identity.roles().collect::<Vec<_>>(), [Role::Clerk]);
    assert!(!identity.has_scope(Scope::WriteOrders));
    let permissions = mapping().scopes_from_list("permissions");
    let identity = judge(permissions, &jwt(), &claims).unwrap();
    assert!(identity.has_scope(Scope::WriteOrders));
}

#[test]
fn okta() {
    let claims = json!({
        "ver": 1, "jti": "AT.1", "iss": ISSUER, "aud": AUDIENCE, "iat": NOW, "exp": NOW + 300,
        "cid": "shop", "uid": "u", "scp": ["openid", "write:orders"], "auth_time": NOW,
        "sub": "ada@example.com", "groups": ["clerk"],
    });
    let header = json!({"alg": "HS256"});
    let identity = judge(ClaimMapping::okta(), &header, &claims).unwrap();
    assert_eq!(identity.client(), Some("shop"));
    assert!(identity.has_scope(Scope::WriteOrders));
    assert_eq!(identity.roles().count(), 0);
    let groups = ClaimMapping::okta().roles_from("groups");
    let identity = judge(groups, &header, &claims).unwrap();
    assert!(identity.has_role(Role::Clerk));
}

#[test]
fn entra_id() {
    let claims = json!({
        "aud": AUDIENCE, "iss": ISSUER, "iat": NOW, "nbf": NOW, "exp": NOW + 300,
        "aio": "x", "azp": "shop", "azpacr": "1", "name": "Ada", "oid": "o",
        "preferred_username": "ada@example.com", "rh": "x", "roles": ["App.Clerk"],
        "scp": "read:orders", "sub": "pairwise", "tid": "t", "uti": "u-1", "ver": "2.0",
    });
    let mapping = || ClaimMapping::entra_id().role_named("App.Clerk", "clerk");
    let identity = judge(mapping(), &jwt(), &claims).unwrap();
    assert_eq!(identity.token_id(), Some("u-1"));
    assert_eq!(identity.client(), Some("shop"));
    assert!(identity.has_role(Role::Clerk));
    assert!(identity.has_scope(Scope::ReadOrders));

    let version_1 = with(&without(&claims, "azp"), "appid", &json!("old"));
    let identity = judge(mapping(), &jwt(), &version_1).unwrap();
    assert_eq!(identity.client(), Some("old"));
    let both = with(&claims, "appid", &json!("old"));
    let identity = judge(mapping(), &jwt(), &both).unwrap();
    assert_eq!(identity.client(), Some("shop"));
    let mistyped = with(&claims, "appid", &json!(1));
    assert!(judge(mapping(), &jwt(), &mistyped).is_err());
}

#[test]
fn cognito() {
    let claims = json!({
        "sub": "u", "cognito:groups": ["clerk"], "iss": ISSUER, "version": 2,
        "client_id": AUDIENCE, "origin_jti": "o", "token_use": "access",
        "scope": "openid read:orders", "auth_time": NOW, "exp": NOW + 300, "iat": NOW,
        "jti": "1", "username": "ada",
    });
    let header = json!({"alg": "HS256", "kid": "k"});
    let judge = |claims: &Value| judge(ClaimMapping::cognito(), &header, claims);
    let identity = judge(&claims).unwrap();
    assert!(identity.has_role(Role::Clerk));
    assert_eq!(identity.client(), Some(AUDIENCE));
    assert_eq!(
        judge(&with(&claims, "client_id", &json!("other"))).unwrap_err(),
        TokenError::Audience
    );
    assert_eq!(
        judge(&with(&claims, "token_use", &json!("id"))).unwrap_err(),
        TokenError::NotAnAccessToken { claim: "token_use".into() }
    );
    assert_eq!(judge(&with(&claims, "aud", &json!("other"))).unwrap_err(), TokenError::Audience);
    assert!(judge(&without(&claims, "client_id")).is_err());
}

#[test]
fn the_type_a_provider_documents_is_accepted_and_no_other() {
    let claims = json!({
        "iss": ISSUER, "sub": "u", "aud": AUDIENCE, "iat": NOW, "exp": NOW + 300, "azp": "shop",
        "jti": "1",
    });
    let judge = |typ: &str| {
        let header = json!({"alg": "HS256", "typ": typ});
        judge(ClaimMapping::auth0("r"), &header, &claims)
    };
    assert!(judge("at+jwt").is_ok());
    assert!(judge("JWT").is_ok());
    assert_eq!(judge("logout+jwt").unwrap_err(), TokenError::TokenType);
}
