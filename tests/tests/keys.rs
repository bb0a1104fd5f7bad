//! Every key of the attributes lets in whom it names and nobody else, and says to everybody else
//! what they lack.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects has failed"
)]
#![expect(
    clippy::unused_async,
    reason = "what is guarded has the shape that is tested, and little of a body"
)]

use std::sync::Arc;
use std::time::Duration;

use authz_core::testing::{Clock, IdentityBuilder, identity};
use authz_core::{Denied, Guard, Guarded, Open, OpenToAll, Requirement, manual, public, requires};
use authz_tests::policy::{self, Identity, Policy, Role, Scope};
use authz_tests::{ledger, warehouse};

const NOW: u64 = 1_800_000_000;

const NOT_ALLOWED: &str = r#"Bearer error="insufficient_scope", error_description="the access token does not allow this""#;
const NO_CREDENTIALS: &str = r#"Bearer realm="api""#;

fn somebody() -> IdentityBuilder<Policy> {
    identity()
}

fn with_role(name: &str) -> Identity {
    somebody().role(name).build()
}

fn with_scope(name: &str) -> Identity {
    somebody().scope(name).build()
}

/// Whether the function lets `who` in, by every way to ask.
#[track_caller]
fn allows<F: Guarded<Policy = Policy>>(who: &Identity) -> bool {
    let answer = who.authorize::<F>();
    assert_eq!(who.permits::<F>(), answer.is_ok(), "two ways to ask, two answers");
    assert_eq!(F::permits(who), answer.is_ok(), "the check and its proof disagree");
    assert_eq!(F::FUNCTION.requirement().missing_for(who).is_nothing(), answer.is_ok());
    answer.is_ok()
}

/// A refusal: its status, what is lacking, and the challenge.
#[derive(Debug, PartialEq)]
struct Refusal {
    status: u16,
    missing: String,
    challenge: String,
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        let challenge = denied.challenge().unwrap();
        Self {
            status: denied.status().as_u16(),
            missing: denied.missing().map(ToString::to_string).unwrap_or_default(),
            challenge: challenge.to_str().unwrap().to_owned(),
        }
    }
}

#[track_caller]
fn refusal<F: Guarded<Policy = Policy>>(who: &Identity) -> Refusal {
    assert!(!allows::<F>(who), "let in");
    who.authorize::<F>().unwrap_err().into()
}

/// 403: nothing that a new log-in would change.
fn forbidden(missing: &str, scopes: Option<&str>) -> Refusal {
    let scopes = scopes.map(|names| format!(", scope=\"{names}\"")).unwrap_or_default();
    Refusal {
        status: 403,
        missing: missing.to_owned(),
        challenge: format!("{NOT_ALLOWED}{scopes}"),
    }
}

/// 401: another log-in would do.
fn log_in_again(missing: &str, sentence: &str, parameters: &str) -> Refusal {
    Refusal {
        status: 401,
        missing: missing.to_owned(),
        challenge: format!(
            "Bearer error=\"insufficient_user_authentication\", \
             error_description=\"{sentence}\"{parameters}"
        ),
    }
}

fn not_logged_in() -> Refusal {
    Refusal { status: 401, missing: String::new(), challenge: NO_CREDENTIALS.to_owned() }
}

// Names.

#[requires(role = "clerk")]
fn by_role() -> u32 {
    7
}

#[test]
fn a_role_lets_in_who_holds_it_or_one_that_includes_it() {
    for (role, expected) in
        [("clerk", true), ("manager", true), ("admin", true), ("auditor", false)]
    {
        assert_eq!(allows::<by_role>(&with_role(role)), expected, "{role}");
    }
    let guard = with_role("clerk").authorize::<by_role>().unwrap();
    assert_eq!(by_role(guard), 7);
}

#[test]
fn a_missing_role_is_403_and_is_not_told_to_the_caller() {
    let expected = forbidden(r#"role = "clerk""#, None);
    assert_eq!(refusal::<by_role>(&with_role("auditor")), expected);
    assert_eq!(refusal::<by_role>(&somebody().build()), expected);
    // A scope that the role would grant is not the role.
    assert_eq!(refusal::<by_role>(&with_scope("write:orders")), expected);
}

#[requires(role = "admin")]
fn by_highest_role() {}

#[test]
fn a_role_does_not_include_the_roles_above_it() {
    let guard = with_role("admin").authorize::<by_highest_role>().unwrap();
    by_highest_role(guard);
    for role in ["manager", "clerk", "auditor"] {
        let expected = forbidden(r#"role = "admin""#, None);
        assert_eq!(refusal::<by_highest_role>(&with_role(role)), expected, "{role}");
    }
}

#[requires(scope = "read:orders")]
fn by_lower_scope() {}

#[requires(scope = "write:orders")]
fn by_higher_scope() {}

#[test]
fn a_scope_lets_in_who_holds_it_or_one_that_includes_it() {
    by_lower_scope(with_scope("read:orders").authorize().unwrap());
    by_higher_scope(with_scope("write:orders").authorize().unwrap());
    assert!(allows::<by_lower_scope>(&with_scope("write:orders")));
}

#[test]
fn a_missing_scope_is_403_and_named_in_the_challenge() {
    assert_eq!(
        refusal::<by_higher_scope>(&with_scope("read:orders")),
        forbidden(r#"scope = "write:orders""#, Some("write:orders"))
    );
    assert_eq!(
        refusal::<by_lower_scope>(&with_role("admin")),
        forbidden(r#"scope = "read:orders""#, Some("read:orders"))
    );
}

#[requires(scope = "book", scope = "close", policy = ledger)]
fn by_two_scopes() {}

#[test]
fn every_missing_scope_is_named_and_no_other() {
    let refused = |scopes: &[&str]| -> Refusal {
        let who = scopes.iter().fold(identity(), |who, scope| who.scope(scope)).build();
        who.authorize::<by_two_scopes>().unwrap_err().into()
    };
    by_two_scopes(identity().scope("book").scope("close").build().authorize().unwrap());
    assert_eq!(refused(&[]), forbidden(r#"scope = "book", scope = "close""#, Some("book close")));
    assert_eq!(refused(&["read", "close"]), forbidden(r#"scope = "book""#, Some("book")));
    assert_eq!(refused(&["book"]), forbidden(r#"scope = "close""#, Some("close")));
}

#[requires(role = Role::Clerk, scope = policy::Scope::WriteOrders)]
fn by_paths() {}

#[requires(role = "clerk", scope = "write:orders")]
fn by_strings() {}

#[test]
fn a_path_and_a_string_name_the_same() {
    by_paths(somebody().role("clerk").scope("write:orders").build().authorize().unwrap());
    by_strings(somebody().role("clerk").scope("write:orders").build().authorize().unwrap());
    assert_eq!(by_paths::FUNCTION.requirement(), by_strings::FUNCTION.requirement());
    for who in [with_role("clerk"), with_scope("write:orders"), somebody().build()] {
        assert_eq!(refusal::<by_paths>(&who), refusal::<by_strings>(&who));
    }
    assert_eq!(
        refusal::<by_paths>(&with_scope("write:orders")),
        forbidden(r#"role = "clerk""#, None)
    );
    let who = with_role("manager");
    assert!(who.has_role(Role::Clerk) && !who.has_scope(Scope::WriteOrders));
}

#[requires(authenticated)]
fn by_authentication() {}

#[requires(authenticated, identity = who)]
fn by_authentication_inside(who: Option<&Identity>) -> Result<(), Denied> {
    Ok(())
}

#[test]
fn authenticated_lets_in_every_identity_and_nobody_without_one() {
    by_authentication(somebody().build().authorize().unwrap());
    assert!(allows::<by_authentication>(&with_role("auditor")));
    assert!(by_authentication_inside(Some(&somebody().build())).is_ok());
    let refused: Refusal = by_authentication_inside(None).unwrap_err().into();
    assert_eq!(refused, not_logged_in());
}

#[requires(role = "packer", policy = warehouse)]
fn under_another_policy() {}

#[test]
fn a_policy_is_the_one_that_is_named() {
    let packer: warehouse::Identity = identity().role("packer").build();
    under_another_policy(packer.authorize().unwrap());
    let other: warehouse::Identity = identity().scope("read:stock").build();
    let refused: Refusal = other.authorize::<under_another_policy>().unwrap_err().into();
    assert_eq!(refused, forbidden(r#"role = "packer""#, None));
}

// The log-in.

#[requires(mfa)]
fn by_mfa() {}

#[test]
fn mfa_lets_in_who_used_more_than_one_factor() {
    by_mfa(somebody().mfa().build().authorize().unwrap());
    assert!(allows::<by_mfa>(&somebody().amr("pwd").amr("mfa").build()));
    let expected = log_in_again("mfa", "a further authentication factor is required", "");
    assert_eq!(refusal::<by_mfa>(&somebody().build()), expected);
    assert_eq!(refusal::<by_mfa>(&somebody().amr("pwd").build()), expected);
    assert_eq!(refusal::<by_mfa>(&somebody().amr("MFA").build()), expected);
}

#[requires(bound)]
fn by_sender() {}

#[requires(scope = "write:orders", bound, max_age = "5m")]
fn by_sender_of_late() {}

#[test]
fn bound_lets_in_whose_token_nobody_else_can_use() {
    by_sender(somebody().bound().build().authorize().unwrap());
    let expected = Refusal {
        status: 401,
        missing: "bound".to_owned(),
        challenge: r#"Bearer error="invalid_token", error_description="an access token that is bound to its sender is required""#.to_owned(),
    };
    assert_eq!(refusal::<by_sender>(&somebody().build()), expected);
    // What a claim says is no proof.
    let cnf = serde_json::json!({ "jkt": "x" });
    assert_eq!(refusal::<by_sender>(&somebody().claim("cnf", cnf).build()), expected);
    let sound = somebody().bound().scope("write:orders").authenticated_ago(Duration::ZERO);
    by_sender_of_late(sound.build().authorize().unwrap());
    // Everything at once, so that one new log-in is enough.
    assert_eq!(
        refusal::<by_sender_of_late>(&somebody().build()),
        Refusal {
            status: 401,
            missing: r#"scope = "write:orders", bound, max_age = "5m""#.to_owned(),
            challenge: r#"Bearer error="insufficient_user_authentication", error_description="a more recent authentication is required", scope="write:orders", max_age=300"#.to_owned(),
        }
    );
}

#[requires(acr = "gold")]
fn by_class() {}

#[test]
fn acr_lets_in_exactly_its_class() {
    by_class(somebody().acr("gold").build().authorize().unwrap());
    let expected = log_in_again(
        r#"acr = "gold""#,
        "a stronger authentication is required",
        r#", acr_values="gold""#,
    );
    assert_eq!(refusal::<by_class>(&somebody().build()), expected);
    for other in ["silver", "Gold", "gold ", "golden", "gol", ""] {
        assert_eq!(refusal::<by_class>(&somebody().acr(other).build()), expected, "{other:?}");
    }
}

#[requires(max_age = "5m")]
fn by_age() {}

fn too_old() -> Refusal {
    log_in_again(r#"max_age = "5m""#, "a more recent authentication is required", ", max_age=300")
}

#[test]
fn max_age_ends_one_second_after_its_last() {
    let clock = Clock::at(NOW);
    let who = somebody().clock(&clock).authenticated_ago(Duration::ZERO).build();
    by_age(who.authorize().unwrap());
    clock.set(NOW + 299);
    assert!(allows::<by_age>(&who));
    clock.set(NOW + 300);
    assert!(allows::<by_age>(&who));
    clock.set(NOW + 301);
    assert_eq!(refusal::<by_age>(&who), too_old());
    clock.set(u64::MAX);
    assert_eq!(refusal::<by_age>(&who), too_old());
}

#[test]
fn max_age_counts_from_the_log_in_not_from_the_token() {
    let clock = Clock::at(NOW);
    let logged_in_ago =
        |seconds| somebody().clock(&clock).authenticated_ago(Duration::from_secs(seconds)).build();
    assert!(allows::<by_age>(&logged_in_ago(300)));
    assert_eq!(refusal::<by_age>(&logged_in_ago(301)), too_old());
}

#[test]
fn max_age_refuses_a_log_in_that_is_unknown_or_in_the_future() {
    let clock = Clock::at(NOW);
    let unknown = somebody().clock(&clock).build();
    assert_eq!(refusal::<by_age>(&unknown), too_old());
    let future = somebody().clock(&clock).authenticated_ago(Duration::ZERO).build();
    clock.set(NOW - 1);
    assert_eq!(refusal::<by_age>(&future), too_old());
    clock.set(NOW);
    assert!(allows::<by_age>(&future));
}

#[requires(max_age = "30s")]
fn by_seconds() {}

#[requires(max_age = "1h")]
fn by_hours() {}

#[requires(max_age = "2d")]
fn by_days() {}

#[test]
fn every_unit_of_max_age_has_its_length() {
    fn boundary<F: Guarded<Policy = Policy>>(seconds: u64) -> (bool, Refusal) {
        let clock = Clock::at(NOW);
        let who = somebody().clock(&clock).authenticated_ago(Duration::from_secs(seconds)).build();
        let last = allows::<F>(&who);
        clock.advance(Duration::from_secs(1));
        (last, refusal::<F>(&who))
    }
    let expected = |text: &str, seconds: u64| {
        let sentence = "a more recent authentication is required";
        let parameters = format!(", max_age={seconds}");
        (true, log_in_again(&format!("max_age = {text:?}"), sentence, &parameters))
    };
    assert_eq!(boundary::<by_seconds>(30), expected("30s", 30));
    assert_eq!(boundary::<by_hours>(3_600), expected("1h", 3_600));
    assert_eq!(boundary::<by_days>(172_800), expected("2d", 172_800));
    let now = somebody().authenticated_ago(Duration::ZERO).build();
    by_seconds(now.authorize().unwrap());
    by_hours(now.authorize().unwrap());
    by_days(now.authorize().unwrap());
}

#[requires(scope = "write:orders", acr = "gold", mfa, max_age = "5m")]
fn by_everything() {}

#[test]
fn one_refusal_names_everything_that_one_log_in_can_solve() {
    let sound = || somebody().scope("write:orders").acr("gold").mfa();
    by_everything(sound().authenticated_ago(Duration::ZERO).build().authorize().unwrap());
    assert_eq!(
        refusal::<by_everything>(&somebody().build()),
        log_in_again(
            r#"scope = "write:orders", acr = "gold", mfa, max_age = "5m""#,
            "a stronger and more recent authentication with a further factor is required",
            r#", scope="write:orders", acr_values="gold", max_age=300"#,
        )
    );
    assert_eq!(refusal::<by_everything>(&sound().build()), too_old());
}

#[requires(role = "manager", max_age = "5m")]
fn by_role_and_age() {}

#[test]
fn a_log_in_is_not_asked_for_where_a_role_is_missing() {
    let fresh = somebody().authenticated_ago(Duration::ZERO);
    by_role_and_age(fresh.clone().role("manager").build().authorize().unwrap());
    assert_eq!(
        refusal::<by_role_and_age>(&with_role("clerk")),
        forbidden(r#"role = "manager", max_age = "5m""#, None)
    );
    assert_eq!(
        refusal::<by_role_and_age>(&fresh.role("clerk").build()),
        forbidden(r#"role = "manager""#, None)
    );
    assert_eq!(refusal::<by_role_and_age>(&with_role("manager")), too_old());
}

// Groups.

#[requires(all(role = "clerk", scope = "read:orders"))]
fn by_all() {}

#[test]
fn all_asks_for_every_part() {
    by_all(somebody().role("clerk").scope("read:orders").build().authorize().unwrap());
    assert_eq!(
        refusal::<by_all>(&with_role("clerk")),
        forbidden(r#"scope = "read:orders""#, Some("read:orders"))
    );
    assert_eq!(refusal::<by_all>(&with_scope("read:orders")), forbidden(r#"role = "clerk""#, None));
    assert_eq!(
        refusal::<by_all>(&somebody().build()),
        forbidden(r#"role = "clerk", scope = "read:orders""#, Some("read:orders"))
    );
}

#[requires(any(role = "auditor", scope = "write:orders", max_age = "5m"))]
fn by_any() {}

#[test]
fn any_asks_for_one_part_and_names_the_easiest() {
    by_any(with_role("auditor").authorize().unwrap());
    assert!(allows::<by_any>(&with_scope("write:orders")));
    assert!(allows::<by_any>(&somebody().authenticated_ago(Duration::ZERO).build()));
    assert_eq!(refusal::<by_any>(&with_role("clerk")), too_old());
}

#[requires(role = "clerk", not(role = "admin"))]
fn by_not() {}

#[test]
fn not_refuses_who_holds_the_excluded() {
    by_not(with_role("clerk").authorize().unwrap());
    assert!(allows::<by_not>(&with_role("manager")));
    assert_eq!(refusal::<by_not>(&with_role("admin")), forbidden(r#"not(role = "admin")"#, None));
    assert_eq!(refusal::<by_not>(&somebody().build()), forbidden(r#"role = "clerk""#, None));
}

#[requires(
    any(all(role = "clerk", scope = "write:orders"), all(role = "auditor", not(mfa))),
    not(any(acr = "bronze", role = "admin"))
)]
fn by_nested() {}

#[test]
fn groups_nest() {
    let clerk = || somebody().role("clerk").scope("write:orders");
    by_nested(clerk().build().authorize().unwrap());
    assert!(allows::<by_nested>(&clerk().mfa().build()));
    assert!(allows::<by_nested>(&with_role("auditor")));
    assert!(allows::<by_nested>(&with_role("manager")));
    assert_eq!(
        refusal::<by_nested>(&somebody().role("auditor").mfa().build()),
        forbidden(r#"role = "clerk", scope = "write:orders""#, Some("write:orders"))
    );
    let excluded = forbidden(r#"not(any(acr = "bronze", role = "admin"))"#, None);
    assert_eq!(refusal::<by_nested>(&clerk().acr("bronze").build()), excluded);
    assert_eq!(refusal::<by_nested>(&clerk().role("admin").build()), excluded);
    assert_eq!(
        refusal::<by_nested>(&with_role("clerk")),
        forbidden(r#"scope = "write:orders""#, Some("write:orders"))
    );
}

// Where the identity comes from.

#[requires(role = "clerk", identity = who)]
fn from_argument(who: &Identity, order: u32) -> Result<u32, Denied> {
    Ok(order)
}

#[requires(role = "clerk", identity = who)]
fn from_shared(who: Arc<Identity>, order: u32) -> Result<u32, Refusal> {
    Ok(order)
}

#[requires(role = "clerk", identity = who)]
fn from_option(who: Option<Identity>, order: u32) -> Result<u32, Refusal> {
    Ok(order)
}

#[requires(role = "clerk", identity = who)]
fn from_result(who: Result<&Identity, Denied>, order: u32) -> Result<u32, Refusal> {
    Ok(order)
}

#[requires(role = "clerk", identity = request)]
fn from_request(request: &http::Request<&str>, order: u32) -> Result<u32, Refusal> {
    Ok(order)
}

#[requires(role = "clerk", identity = who)]
async fn from_async(who: &Identity, order: u32) -> Result<u32, Refusal> {
    Ok(order)
}

#[requires(role = "admin", identity = guard)]
fn from_guard(guard: &Guard<by_role>, order: u32) -> Result<u32, Refusal> {
    Ok(order)
}

struct Shop {
    keeper: Identity,
    orders: u32,
}

impl Shop {
    fn keeper(&self) -> &Identity {
        &self.keeper
    }

    #[requires(role = "clerk", identity = self.keeper)]
    fn by_field(&self) -> Result<u32, Refusal> {
        Ok(self.orders)
    }

    #[requires(role = "clerk", identity = self.keeper())]
    async fn by_call(&mut self) -> Result<u32, Refusal> {
        self.orders += 1;
        Ok(self.orders)
    }

    #[requires(role = "clerk", identity = who)]
    fn open(who: &Identity) -> Result<Self, Refusal> {
        Ok(Self { keeper: who.clone(), orders: 0 })
    }
}

fn not_a_clerk() -> Refusal {
    forbidden(r#"role = "clerk""#, None)
}

#[test]
fn an_identity_comes_from_an_argument() {
    assert_eq!(from_argument(&with_role("clerk"), 7).unwrap(), 7);
    let refused: Refusal = from_argument(&with_role("auditor"), 7).unwrap_err().into();
    assert_eq!(refused, not_a_clerk());
    assert_eq!(from_shared(Arc::new(with_role("clerk")), 7), Ok(7));
    assert_eq!(from_shared(Arc::new(with_role("auditor")), 7), Err(not_a_clerk()));
}

#[test]
fn an_identity_comes_from_an_option_and_none_is_no_identity() {
    assert_eq!(from_option(Some(with_role("clerk")), 7), Ok(7));
    assert_eq!(from_option(Some(with_role("auditor")), 7), Err(not_a_clerk()));
    assert_eq!(from_option(None, 7), Err(not_logged_in()));
}

#[test]
fn an_identity_comes_from_a_result_and_its_error_is_the_refusal() {
    assert_eq!(from_result(Ok(&with_role("clerk")), 7), Ok(7));
    assert_eq!(from_result(Ok(&with_role("auditor")), 7), Err(not_a_clerk()));
    let earlier = somebody().build().authorize::<by_mfa>().unwrap_err();
    assert_eq!(from_result(Err(earlier.clone()), 7), Err(earlier.into()));
}

#[test]
fn an_identity_comes_from_the_extensions_of_a_request() {
    let request = |who: Option<Identity>| {
        let mut request = http::Request::new("body");
        who.map(|who| request.extensions_mut().insert(who));
        request
    };
    assert_eq!(from_request(&request(Some(with_role("clerk"))), 7), Ok(7));
    assert_eq!(from_request(&request(Some(with_role("auditor"))), 7), Err(not_a_clerk()));
    assert_eq!(from_request(&request(None), 7), Err(not_logged_in()));
    // An identity of another policy means nothing here.
    let packer: warehouse::Identity = identity().role("packer").build();
    let mut foreign = request(None);
    foreign.extensions_mut().insert(packer);
    assert_eq!(from_request(&foreign, 7), Err(not_logged_in()));
}

#[test]
fn a_guard_of_another_function_carries_an_identity_and_proves_nothing_else() {
    let guard = |role| with_role(role).authorize::<by_role>().unwrap();
    assert_eq!(from_guard(&guard("admin"), 7), Ok(7));
    assert_eq!(from_guard(&guard("clerk"), 7), Err(forbidden(r#"role = "admin""#, None)));
}

#[test]
fn a_method_takes_the_identity_from_a_field() {
    let shop = |role| Shop { keeper: with_role(role), orders: 7 };
    assert_eq!(shop("manager").by_field(), Ok(7));
    assert_eq!(shop("auditor").by_field(), Err(not_a_clerk()));
}

#[test]
fn an_associated_function_checks_before_it_makes_anything() {
    assert_eq!(Shop::open(&with_role("clerk")).map(|shop| shop.orders), Ok(0));
    assert_eq!(Shop::open(&with_role("auditor")).map(|shop| shop.orders), Err(not_a_clerk()));
}

#[tokio::test]
async fn async_functions_and_methods_check_before_their_body_runs() {
    assert_eq!(from_async(&with_role("clerk"), 7).await, Ok(7));
    assert_eq!(from_async(&with_role("auditor"), 7).await, Err(not_a_clerk()));
    let mut shop = Shop { keeper: with_role("auditor"), orders: 0 };
    assert_eq!(shop.by_call().await, Err(not_a_clerk()));
    assert_eq!(shop.orders, 0, "the body ran");
    shop.keeper = with_role("clerk");
    assert_eq!(shop.by_call().await, Ok(1));
}

// A double negation is what it is about.

#[requires(not(not(all(mfa, scope = "read:orders"))))]
fn by_double_negation() {}

#[test]
fn a_double_negation_asks_for_what_is_inside() {
    let who = somebody().scope("read:orders").build();
    let other = somebody().scope("read:orders").mfa().build();
    assert!(allows::<by_double_negation>(&other));
    by_double_negation(other.authorize().unwrap());
    assert!(!allows::<by_double_negation>(&who));
    let denied = who.authorize::<by_double_negation>().unwrap_err();
    assert_eq!(denied.status(), 401);
    assert_eq!(denied.detail().to_string(), "lacking mfa");
}

#[test]
fn claims_of_a_test_identity_count_as_those_of_a_token() {
    let who = somebody().claim("amr", vec!["pwd", "mfa"]).claim("auth_time", 1).build();
    assert!(who.mfa());
    assert_eq!(who.amr().collect::<Vec<_>>(), ["pwd", "mfa"]);
    assert!(who.auth_time().is_some());
    assert!(!who.authenticated_within(300), "1970 is long ago");
}

// The other two attributes.

#[manual(reason = "the body asks the shop")]
fn by_hand(guard: Guard<by_hand>) -> String {
    guard.subject().to_owned()
}

#[manual(reason = "the body asks the shop", identity = who)]
fn by_hand_inside(who: Option<&Identity>) -> Result<u32, Refusal> {
    Ok(7)
}

#[test]
fn manual_lets_in_every_identity_and_nobody_without_one() {
    let who = somebody().subject("ann").build();
    assert!(allows::<by_hand>(&who));
    assert_eq!(by_hand(who.authorize().unwrap()), "ann");
    assert_eq!(by_hand::FUNCTION.requirement(), &Requirement::Authenticated);
    assert_eq!(by_hand_inside(Some(&who)), Ok(7));
    assert_eq!(by_hand_inside(None), Err(not_logged_in()));
}

#[public(reason = "load balancer probe")]
async fn probe() -> u32 {
    7
}

#[public(reason = "opening hours are on the door")]
fn hours() -> u32 {
    9
}

#[tokio::test]
async fn public_lets_in_everybody_without_an_identity() {
    assert_eq!(probe(Open::new()).await, 7);
    assert_eq!(hours(), 9);
    assert_eq!(probe::FUNCTION.requirement(), &Requirement::Anyone);
    assert_eq!(hours::FUNCTION.requirement(), &Requirement::Anyone);
}
