//! The claims of the RFC 9068 profile (C1 to C11, P3 to P5 for the payload).

use serde_json::{Value, json};

use super::support::{
    AUDIENCE, HEADER, ISSUER, NOW, Role, Scope, builder, claims, claims_with, claims_without,
    encode, issuer, judge, refusal, sign_with, token, verifier, verify,
};
use crate::token::{
    Algorithm, ClaimMapping, Issuer, JsonFault, KeySet, Part, ScopeSource, TokenError,
};

fn mistyped(error: &TokenError, claim: &str) -> bool {
    matches!(error, TokenError::ClaimType { claim: found, .. } if **found == *claim)
}

#[test]
fn a_token_of_the_profile_becomes_an_identity() {
    let identity = verify(&claims_with(&json!({
        "acr": "gold", "amr": ["pwd", "mfa"], "auth_time": NOW - 60, "org": {"id": 7},
    })))
    .unwrap();
    assert_eq!(identity.issuer(), ISSUER);
    assert_eq!(identity.subject(), "ada");
    assert_eq!(identity.client(), Some("shop"));
    assert_eq!(identity.token_id(), Some("t-1"));
    assert_eq!(identity.acr(), Some("gold"));
    assert_eq!(identity.amr().collect::<Vec<_>>(), ["pwd", "mfa"]);
    assert!(identity.mfa());
    assert!(identity.authenticated_within(60));
    assert!(!identity.authenticated_within(59));
    assert!(!identity.is_client());
    assert_eq!(identity.roles().collect::<Vec<_>>(), [Role::Clerk]);
    assert_eq!(identity.scopes().collect::<Vec<_>>(), [Scope::ReadOrders]);
    assert_eq!(identity.claim::<Value>("org").unwrap()["id"], 7);
}

#[test]
fn the_async_form_says_the_same() {
    let verifier = verifier(issuer());
    let token = token(HEADER, claims().to_string());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let identity = runtime.block_on(verifier.verify(&token)).unwrap();
    assert_eq!(identity.subject(), "ada");
}

#[test]
fn escaped_strings_are_resolved() {
    let payload = claims()
        .to_string()
        .replace("https://id.example.com", r"https:\/\/id.example.com")
        .replace("\"ada\"", r#""\u0061d\"a""#)
        .replace("\"sub\"", r#""\u0073ub""#)
        .replace("clerk", r"\u0063lerk")
        .replace("read:orders", r"read\u003aorders")
        .replace("orders-api", r"orders\u002dapi");
    let identity = verifier(issuer()).verify_now(&token(HEADER, payload)).unwrap();
    assert_eq!(identity.subject(), "ad\"a");
    assert!(identity.has_role(Role::Clerk));
    assert!(identity.has_scope(Scope::ReadOrders));
    assert_eq!(identity.claim::<String>("sub").as_deref(), Some("ad\"a"));
    assert_eq!(
        identity.claim::<String>("client_id").as_deref(),
        Some("shop"),
        "beside such a name"
    );
    assert_eq!(identity.claim::<String>(r"\u0073ub"), None);
}

#[test]
fn typ_is_that_of_an_access_token() {
    let judge = |issuer: Issuer, header: &str| {
        verifier(issuer).verify_now(&token(header, claims().to_string()))
    };
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt"] {
        let header = format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#);
        assert!(judge(issuer(), &header).is_ok());
    }
    let absent = r#"{"alg":"HS256"}"#.to_owned();
    let typed = |typ: &str| format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#);
    for header in [&absent, &typed("JWT"), &typed("jwt")] {
        assert_eq!(judge(issuer(), header).unwrap_err(), TokenError::TokenType);
        assert!(judge(issuer().accept_plain_jwt(), header).is_ok());
        assert!(judge(issuer().danger_accept_any_type(), header).is_ok());
    }
    for typ in ["logout+jwt", "dpop+jwt", "secevent+jwt", ""] {
        let header = typed(typ);
        for issuer in [issuer(), issuer().accept_plain_jwt()] {
            assert_eq!(judge(issuer, &header).unwrap_err(), TokenError::TokenType);
        }
        assert!(judge(issuer().danger_accept_any_type(), &header).is_ok());
    }
}

#[test]
fn tokens_of_another_kind_are_refused_where_typ_does_not_tell() {
    let verifier = verifier(issuer().accept_plain_jwt());
    for claim in ["at_hash", "c_hash", "events", "nonce"] {
        let payload = claims_with(&json!({ claim: "x" })).to_string();
        assert_eq!(
            verifier.verify_now(&token(r#"{"alg":"HS256","typ":"JWT"}"#, &payload)).unwrap_err(),
            TokenError::NotAnAccessToken { claim: claim.into() }
        );
        assert!(verifier.verify_now(&token(HEADER, &payload)).is_ok());
    }
}

#[test]
fn every_claim_of_the_profile_is_required() {
    for claim in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"] {
        assert_eq!(
            refusal(&claims_without(claim)),
            TokenError::MissingClaim { claim: claim.into() }
        );
    }
    for claim in ["scope", "roles"] {
        let identity = verify(&claims_without(claim)).unwrap();
        let (roles, scopes) = (identity.roles().count(), identity.scopes().count());
        assert_eq!(roles + scopes, 1);
    }
}

#[test]
fn a_claim_of_another_type_is_wrong_and_not_absent() {
    let others = [
        json!(null),
        json!(true),
        json!(1),
        json!("x"),
        json!(["x"]),
        json!([1]),
        json!({}),
        json!(""),
    ];
    // Which of the above the claim may be.
    for (claim, allowed) in [
        ("iss", &[3, 7][..]),
        ("sub", &[3]),
        ("client_id", &[3]),
        ("jti", &[3]),
        ("aud", &[3, 4, 7]),
        ("exp", &[2]),
        ("iat", &[2]),
        ("nbf", &[2]),
        ("auth_time", &[2]),
        ("acr", &[3, 7]),
        ("amr", &[4]),
        ("scope", &[3, 7]),
        ("roles", &[4]),
    ] {
        for (index, other) in others.iter().enumerate() {
            let result = verify(&claims_with(&json!({ claim: other })));
            if allowed.contains(&index) {
                let other_reason = result.err().is_none_or(|error| !mistyped(&error, claim));
                assert!(other_reason, "{claim}: {other}");
            } else {
                let error = result.expect_err(claim);
                assert!(mistyped(&error, claim), "{claim}: {other}: {error}");
            }
        }
    }
}

#[test]
fn iss_is_one_exact_string() {
    for other in [
        "https://id.example.com/",
        "https://ID.example.com",
        "https://id.example.co",
        "http://id.example.com",
        "",
    ] {
        assert_eq!(refusal(&claims_with(&json!({"iss": other}))), TokenError::UnknownIssuer);
    }
    assert!(mistyped(&refusal(&claims_with(&json!({"iss": [ISSUER]}))), "iss"));
}

#[test]
fn an_issuer_signs_for_itself_alone() {
    let keys = |byte| {
        KeySet::from_secret(&[byte; 32], Algorithm::Hs256).unwrap().with_kid("same").unwrap()
    };
    let other_name = "https://other.example.com";
    let both = builder()
        .issuer(Issuer::new(ISSUER, keys(1)).claims(ClaimMapping::rfc9068().all_roles()))
        .issuer(Issuer::new(other_name, keys(2)).claims(ClaimMapping::rfc9068().no_roles()))
        .build()
        .unwrap();
    let sign = |byte: u8, issuer: &Value| {
        let header = r#"{"alg":"HS256","typ":"at+jwt","kid":"same"}"#;
        let payload = claims_with(&json!({"iss": issuer})).to_string();
        sign_with(header, payload, |data| super::support::hs256(&[byte; 32], data))
    };
    let first = both.verify_now(&sign(1, &json!(ISSUER))).unwrap();
    let second = both.verify_now(&sign(2, &json!(other_name))).unwrap();
    assert_eq!(first.subject(), second.subject());
    assert_ne!(first.issuer(), second.issuer());
    let refused = |byte, issuer| both.verify_now(&sign(byte, &issuer)).unwrap_err();
    assert_eq!(refused(2, json!(ISSUER)), TokenError::Signature);
    assert_eq!(refused(1, json!(other_name)), TokenError::Signature);
    assert_eq!(refused(1, json!("https://third.example.com")), TokenError::UnknownIssuer);
    assert!(mistyped(&refused(1, json!([ISSUER])), "iss"));
    assert_eq!(
        both.verify_now(&token(HEADER, claims_without("iss").to_string())).unwrap_err(),
        TokenError::MissingClaim { claim: "iss".into() }
    );
    // The first of two counts for the choice only: a name twice is refused after the signature.
    let payload = claims().to_string();
    let twice = payload.replacen('{', &format!("{{\"\\u0069ss\":{},", json!(ISSUER)), 1);
    let header = r#"{"alg":"HS256","typ":"at+jwt","kid":"same"}"#;
    let twice = sign_with(header, twice, |data| super::support::hs256(&[1; 32], data));
    assert_eq!(both.verify_now(&twice).unwrap_err(), payload_fault(JsonFault::Duplicate));
}

#[test]
fn aud_names_this_service() {
    for good in [json!(AUDIENCE), json!([AUDIENCE]), json!(["other", AUDIENCE])] {
        assert!(verify(&claims_with(&json!({"aud": good}))).is_ok());
    }
    for other in [
        json!([]),
        json!("other"),
        json!(["other"]),
        json!("orders-api "),
        json!("Orders-API"),
        json!("orders"),
    ] {
        assert_eq!(refusal(&claims_with(&json!({"aud": other}))), TokenError::Audience);
    }
    for wrong in [json!([AUDIENCE, 1]), json!([null]), json!({"a": AUDIENCE})] {
        assert!(mistyped(&refusal(&claims_with(&json!({"aud": wrong}))), "aud"));
    }
    let own = issuer().audience("a").audience("b");
    for (audience, accepted) in [("a", true), ("b", true), (AUDIENCE, false)] {
        let result = judge(own.clone(), &claims_with(&json!({"aud": audience})));
        assert_eq!(result.is_ok(), accepted, "{audience}");
    }
}

#[test]
fn a_token_lives_from_nbf_to_before_exp() {
    let exact = builder().issuer(issuer()).leeway(std::time::Duration::ZERO).build().unwrap();
    let lenient = verifier(issuer());
    for (claim, time, by_exact, by_lenient) in [
        ("exp", NOW + 1, None, None),
        ("exp", NOW, Some(TokenError::Expired), None),
        ("exp", NOW - 29, Some(TokenError::Expired), None),
        ("exp", NOW - 30, Some(TokenError::Expired), Some(TokenError::Expired)),
        ("exp", 0, Some(TokenError::Expired), Some(TokenError::Expired)),
        ("nbf", NOW, None, None),
        ("nbf", NOW + 30, Some(TokenError::NotYetValid), None),
        ("nbf", NOW + 31, Some(TokenError::NotYetValid), Some(TokenError::NotYetValid)),
        ("iat", NOW, None, None),
        ("iat", 0, None, None),
        ("iat", NOW + 30, Some(TokenError::IssuedInFuture), None),
        ("iat", NOW + 31, Some(TokenError::IssuedInFuture), Some(TokenError::IssuedInFuture)),
    ] {
        let token = token(HEADER, claims_with(&json!({ claim: time })).to_string());
        assert_eq!(exact.verify_now(&token).err(), by_exact, "{claim} {time}");
        assert_eq!(lenient.verify_now(&token).err(), by_lenient, "{claim} {time}");
    }
}

#[test]
fn dates_are_sane_numbers() {
    for wrong in ["1e18", "18446744073709551615", "-1", "1e300", "\"1\"", "null", "1800000000000"] {
        for claim in ["exp", "iat", "nbf", "auth_time"] {
            let mut payload = claims();
            payload.as_object_mut().unwrap().remove(claim);
            let payload = payload.to_string().replacen('{', &format!("{{\"{claim}\":{wrong},"), 1);
            let error = verifier(issuer()).verify_now(&token(HEADER, payload)).unwrap_err();
            assert!(mistyped(&error, claim), "{claim} {wrong}: {error}");
        }
    }
    assert!(verify(&claims_with(&json!({"exp": 1_800_000_300.75, "iat": 1.7e9}))).is_ok());
}

#[test]
fn a_token_can_be_too_old() {
    let verifier = builder()
        .issuer(issuer())
        .leeway(std::time::Duration::ZERO)
        .max_token_age(std::time::Duration::from_mins(1))
        .build()
        .unwrap();
    for (age, expected) in [(60, None), (61, Some(TokenError::TooOld))] {
        let payload = claims_with(&json!({"iat": NOW - age})).to_string();
        assert_eq!(verifier.verify_now(&token(HEADER, payload)).err(), expected);
    }
}

#[test]
fn a_broken_clock_denies() {
    let verifier = crate::token::Verifier::<super::support::Policy>::builder()
        .audience(AUDIENCE)
        .seconds(std::sync::Arc::new(u64::MAX.into()))
        .issuer(issuer())
        .build()
        .unwrap();
    let payload = claims_with(&json!({"exp": 253_402_300_799_u64})).to_string();
    assert_eq!(verifier.verify_now(&token(HEADER, payload)).unwrap_err(), TokenError::Expired);
}

#[test]
fn a_client_is_recognised_as_such() {
    let identity = verify(&claims_with(&json!({"sub": "shop"}))).unwrap();
    assert!(identity.is_client());
}

#[test]
fn scopes_are_whole_words() {
    for (scope, read, write) in [
        ("", false, false),
        ("read:orders", true, false),
        ("write:orders", true, true),
        ("openid  write:orders ", true, true),
        ("write:orders2", false, false),
        ("write:order", false, false),
        ("WRITE:ORDERS", false, false),
        ("write:orders\tread:orders", false, false),
        ("write:orders,read:orders", false, false),
        ("*", false, false),
    ] {
        let identity = verify(&claims_with(&json!({"scope": scope}))).unwrap();
        assert_eq!(identity.has_scope(Scope::ReadOrders), read, "{scope:?}");
        assert_eq!(identity.has_scope(Scope::WriteOrders), write, "{scope:?}");
    }
    let list = json!({"scope": ["write:orders"]});
    assert!(mistyped(&refusal(&claims_with(&list)), "scope"));
    let opted_in = issuer().claims(ClaimMapping::rfc9068().scopes_from_list("scope"));
    let identity = judge(opted_in, &claims_with(&list)).unwrap();
    assert!(identity.has_scope(Scope::WriteOrders));
}

#[test]
fn scp_counts_only_where_it_is_mapped() {
    let claims = claims_with(&json!({"scp": "write:orders"}));
    assert!(!verify(&claims).unwrap().has_scope(Scope::WriteOrders));
    let mapped = issuer().claims(ClaimMapping::rfc9068().scopes_from("scp"));
    let identity = judge(mapped.clone(), &claims).unwrap();
    assert!(identity.has_scope(Scope::WriteOrders));
    let list = claims_with(&json!({"scp": ["write:orders"]}));
    assert!(mistyped(&judge(mapped, &list).unwrap_err(), "scp"));
}

#[test]
fn roles_close_over_the_hierarchy_and_unknown_ones_grant_nothing() {
    for (roles, held) in [
        (json!([]), vec![]),
        (json!(["nobody", "Admin", "admin "]), vec![]),
        (json!(["auditor"]), vec![Role::Auditor]),
        (json!(["admin"]), vec![Role::Admin, Role::Clerk, Role::Auditor]),
    ] {
        let identity = verify(&claims_with(&json!({"roles": roles}))).unwrap();
        assert_eq!(identity.roles().collect::<Vec<_>>(), held);
    }
}

#[test]
fn scopes_can_come_from_roles() {
    let scopes = |source, claims: &Value| {
        let identity = judge(issuer().scope_source(source), claims).unwrap();
        identity.scopes().collect::<Vec<_>>()
    };
    let admin = claims_with(&json!({"roles": ["admin"], "scope": "read:orders"}));
    let auditor = claims_with(&json!({"roles": ["auditor"], "scope": "write:orders"}));
    assert_eq!(scopes(ScopeSource::Claim, &admin), [Scope::ReadOrders]);
    assert_eq!(scopes(ScopeSource::RoleGrants, &admin), [Scope::ReadOrders, Scope::WriteOrders]);
    assert_eq!(scopes(ScopeSource::ClaimWithinRoleGrants, &admin), [Scope::ReadOrders]);
    assert_eq!(scopes(ScopeSource::RoleGrants, &auditor), []);
    assert_eq!(scopes(ScopeSource::ClaimWithinRoleGrants, &auditor), []);
}

#[test]
fn roles_are_named_per_issuer() {
    let claims = claims_with(&json!({"roles": ["Staff", "orders:auditor", "clerk"]}));
    let roles = |mapping: ClaimMapping| {
        let identity = judge(issuer().claims(mapping), &claims).unwrap();
        identity.roles().collect::<Vec<_>>()
    };
    let mapping = ClaimMapping::rfc9068;
    assert_eq!(roles(mapping()), [Role::Clerk]);
    assert_eq!(
        roles(mapping().role_named("Staff", "admin")),
        [Role::Admin, Role::Clerk, Role::Auditor]
    );
    assert_eq!(roles(mapping().role_prefix("orders:")), [Role::Auditor]);
    assert_eq!(
        roles(mapping().role_prefix("orders:").role_named("clerk", "clerk")),
        [Role::Clerk, Role::Auditor]
    );
    assert_eq!(roles(mapping().role_named("Staff", "admin").only_roles(["clerk"])), [Role::Clerk]);
    assert_eq!(roles(mapping().no_roles()), []);
}

#[test]
fn one_issuer_grants_nothing_through_the_roles_of_another() {
    let partner = "https://partner.example.com";
    let key = |byte| KeySet::from_secret(&[byte; 32], Algorithm::Hs256).unwrap();
    let verifier = builder()
        .issuer(Issuer::new(ISSUER, key(1)).claims(ClaimMapping::rfc9068().all_roles()))
        .issuer(
            Issuer::new(partner, key(2)).claims(
                ClaimMapping::rfc9068()
                    .no_roles()
                    .roles_from("partner_roles")
                    .role_named("admin", "auditor")
                    .only_roles(["auditor"]),
            ),
        )
        .build()
        .unwrap();
    let claims = json!({"iss": partner, "roles": ["admin"], "partner_roles": ["admin"]});
    let token = sign_with(HEADER, claims_with(&claims).to_string(), |data| {
        super::support::hs256(&[2; 32], data)
    });
    let identity = verifier.verify_now(&token).unwrap();
    assert_eq!(identity.roles().collect::<Vec<_>>(), [Role::Auditor]);
}

#[test]
fn a_path_leads_to_roles_and_a_whole_name_comes_first() {
    let mapping = ClaimMapping::rfc9068().no_roles().roles_from("a.b");
    let roles = |extra: &Value| {
        let result = judge(issuer().claims(mapping.clone()), &claims_with(extra));
        result.map(|identity| identity.roles().collect::<Vec<_>>())
    };
    assert_eq!(roles(&json!({})).unwrap(), []);
    assert_eq!(roles(&json!({"a": {}})).unwrap(), []);
    assert_eq!(roles(&json!({"a": {"b": ["clerk"]}})).unwrap(), [Role::Clerk]);
    assert_eq!(
        roles(&json!({"a": {"b": ["clerk"]}, "a.b": ["auditor"]})).unwrap(),
        [Role::Auditor]
    );
    for wrong in [
        json!({"a": 1}),
        json!({"a": ["b"]}),
        json!({"a": {"b": {}}}),
        json!({"a": {"b": "clerk"}}),
        json!({"a": {"b": ["clerk", 1]}}),
    ] {
        assert!(mistyped(&roles(&wrong).unwrap_err(), "a.b"), "{wrong}");
    }
    let twice = claims().to_string().replacen('{', r#"{"a":{"b":[],"b":["admin"]},"#, 1);
    assert_eq!(
        verifier(issuer().claims(mapping)).verify_now(&token(HEADER, twice)).unwrap_err(),
        payload_fault(JsonFault::Duplicate)
    );
}

#[test]
fn neither_the_actor_nor_authorization_details_grant_anything() {
    let identity = verify(&claims_with(&json!({
        "roles": [], "scope": "",
        "act": {"sub": "root", "roles": ["admin"], "act": {"sub": "god", "scope": "write:orders"}},
        "authorization_details": [{"type": "write:orders", "actions": ["admin"]}],
        "groups": ["admin"], "entitlements": ["admin"], "scp": "write:orders",
    })))
    .unwrap();
    assert_eq!(identity.subject(), "ada");
    assert_eq!(identity.roles().count() + identity.scopes().count(), 0);
}

#[test]
fn a_token_bound_to_its_sender_is_no_bearer_token() {
    let digest = encode([7; 32]);
    for cnf in [
        json!({"jkt": digest}),
        json!({"x5t#S256": digest}),
        json!({"x5t#S256": digest, "jkt": digest}),
    ] {
        assert_eq!(refusal(&claims_with(&json!({"cnf": cnf}))), TokenError::SenderConstrained);
    }
}

#[test]
fn a_token_bound_in_a_way_that_is_not_understood_is_refused() {
    let digest = encode([7; 32]);
    for cnf in [
        json!({}),
        json!({"jwk": {}}),
        json!({"kid": "k"}),
        json!({"jkt": digest, "kid": "k"}),
        json!({"x5t": digest}),
        json!({"JKT": digest}),
    ] {
        assert_eq!(refusal(&claims_with(&json!({"cnf": cnf}))), TokenError::Confirmation, "{cnf}");
    }
    for cnf in [
        json!(null),
        json!("x"),
        json!([digest]),
        json!({"jkt": null}),
        json!({"jkt": "x"}),
        json!({"jkt": ""}),
        json!({"jkt": encode([7; 31])}),
        json!({"jkt": encode([7; 33])}),
        json!({"jkt": format!("{digest}=")}),
        // The last character has two bits that stand for nothing.
        json!({"jkt": format!("{}d", &digest[..42])}),
        json!({"x5t#S256": "x"}),
    ] {
        let found = refusal(&claims_with(&json!({"cnf": cnf})));
        assert!(matches!(found, TokenError::ClaimType { .. }), "{cnf}: {found:?}");
    }
    let twice = claims().to_string().replacen('{', r#"{"cnf":{"jkt":"a","jkt":"b"},"#, 1);
    assert!(verifier(issuer()).verify_now(&token(HEADER, twice)).is_err());
}

#[test]
fn mfa_is_told_by_amr_or_by_acr() {
    let mfa = |mapping: ClaimMapping, extra: &Value| {
        judge(issuer().claims(mapping), &claims_with(extra)).unwrap().mfa()
    };
    let by_acr = || ClaimMapping::rfc9068().mfa_by_acr(["gold", "platinum"]);
    assert!(!mfa(ClaimMapping::rfc9068(), &json!({})));
    assert!(!mfa(ClaimMapping::rfc9068(), &json!({"amr": ["pwd", "otp"]})));
    assert!(!mfa(ClaimMapping::rfc9068(), &json!({"acr": "gold"})));
    assert!(mfa(ClaimMapping::rfc9068(), &json!({"amr": ["pwd", "mfa"]})));
    assert!(mfa(by_acr(), &json!({"acr": "gold"})));
    assert!(!mfa(by_acr(), &json!({"acr": "silver"})));
    assert!(!mfa(by_acr(), &json!({"amr": ["mfa"]})));
}

fn payload_fault(fault: JsonFault) -> TokenError {
    TokenError::Json { part: Part::Payload, fault }
}

#[test]
fn a_payload_is_utf8_and_one_strict_object() {
    let good = claims().to_string();
    let inside = |member: &str| good.replacen('{', &format!("{{{member},"), 1);
    let judge =
        |payload: &[u8]| verifier(issuer()).verify_now(&token(HEADER, payload)).unwrap_err();
    let mut bad_utf8 = inside("\"unknown\":\"?\"").into_bytes();
    for byte in &mut bad_utf8 {
        if *byte == b'?' {
            *byte = 0xFF;
        }
    }
    assert_eq!(judge(&bad_utf8), TokenError::Utf8 { part: Part::Payload });
    let deep = format!("\"x\":{}{}", "[".repeat(16), "]".repeat(16));
    let hostile = format!("{{\"x\":{}", "[".repeat(4000));
    for (payload, fault) in [
        (format!("[{good}]"), JsonFault::NotAnObject),
        (format!("[{},0,\"ada\",\"{ISSUER}\",\"{AUDIENCE}\"]", NOW + 9), JsonFault::NotAnObject),
        (format!("\u{feff}{good}"), JsonFault::NotAnObject),
        (format!("{good}x"), JsonFault::Trailing),
        (format!("{good}{good}"), JsonFault::Trailing),
        (inside("\"exp\":9999999999"), JsonFault::Duplicate),
        (inside("\"\\u0065xp\":9999999999"), JsonFault::Duplicate),
        (inside("\"x\":1,\"x\":1"), JsonFault::Duplicate),
        (inside(&deep), JsonFault::Depth),
        (hostile, JsonFault::Depth),
        (inside("\"x\":01"), JsonFault::Syntax),
    ] {
        assert_eq!(judge(payload.as_bytes()), payload_fault(fault), "{payload}");
    }
}

#[test]
fn a_long_token_is_refused_by_default_and_read_on_request() {
    let payload = claims_with(&json!({"x": "y".repeat(8000)})).to_string();
    let token = token(HEADER, payload);
    assert!(matches!(
        verifier(issuer()).verify_now(&token).unwrap_err(),
        TokenError::TooLong { limit: 8192, .. }
    ));
    let larger = builder().issuer(issuer()).max_token_length(16 * 1024);
    assert!(larger.build().unwrap().verify_now(&token).is_ok());
}

#[test]
fn no_claim_is_looked_at_before_the_signature() {
    for payload in ["not even json", "{}", "{\"exp\":1,\"cnf\":{}}"] {
        let forged = sign_with(HEADER, payload, |_| vec![1; 32]);
        assert_eq!(verifier(issuer()).verify_now(&forged).unwrap_err(), TokenError::Signature);
    }
}
