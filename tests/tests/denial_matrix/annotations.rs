//! The same by the compiler: an attribute that is written otherwise is another table, from the source
//! to the text.

use authz_core::axum::Router;
use authz_core::testing::DenialMatrix;
use authz_tests::policy::Policy;

macro_rules! variants {
    ($($variant:ident #[$($attribute:tt)+])+) => {
        $(
            mod $variant {
                use authz_core::axum::Router;
                use authz_core::axum::routing::post;

                #[$($attribute)+]
                async fn refund() {}

                pub(super) fn router() -> Router<authz_tests::policy::Policy> {
                    Router::new().route("/refund", post(refund))
                }
            }
        )+

        fn variants() -> Vec<(&'static str, String)> {
            vec![$((stringify!($variant), stanza($variant::router(), stringify!($variant)))),+]
        }
    };
}

variants! {
    reviewed #[authz_core::requires(
        role = "manager", scope = "write:orders", mfa, max_age = "5m", policy = authz_tests::policy)]
    reordered #[authz_core::requires(
        max_age = "300s", all(mfa, scope = "write:orders"), role = "manager", policy = authz_tests::policy)]
    by_a_lesser_role #[authz_core::requires(
        role = "clerk", scope = "write:orders", mfa, max_age = "5m", policy = authz_tests::policy)]
    by_a_greater_role #[authz_core::requires(
        role = "admin", scope = "write:orders", mfa, max_age = "5m", policy = authz_tests::policy)]
    without_role #[authz_core::requires(
        scope = "write:orders", mfa, max_age = "5m", policy = authz_tests::policy)]
    by_a_lesser_scope #[authz_core::requires(
        role = "manager", scope = "read:orders", mfa, max_age = "5m", policy = authz_tests::policy)]
    without_scope #[authz_core::requires(
        role = "manager", mfa, max_age = "5m", policy = authz_tests::policy)]
    without_factor #[authz_core::requires(
        role = "manager", scope = "write:orders", max_age = "5m", policy = authz_tests::policy)]
    later #[authz_core::requires(
        role = "manager", scope = "write:orders", mfa, max_age = "301s", policy = authz_tests::policy)]
    whenever #[authz_core::requires(
        role = "manager", scope = "write:orders", mfa, policy = authz_tests::policy)]
    either #[authz_core::requires(
        any(role = "manager", scope = "write:orders"), mfa, max_age = "5m", policy = authz_tests::policy)]
    bound_as_well #[authz_core::requires(
        role = "manager", scope = "write:orders", mfa, max_age = "5m", bound, policy = authz_tests::policy)]
    but_not_admin #[authz_core::requires(
        role = "manager", scope = "write:orders", mfa, max_age = "5m", not(role = "admin"),
        policy = authz_tests::policy)]
    whoever_is_known #[authz_core::requires(authenticated, policy = authz_tests::policy)]
    by_hand #[authz_core::manual(reason = "the body decides", policy = authz_tests::policy)]
    open #[authz_core::public(reason = "nobody knows", policy = authz_tests::policy)]
}

/// What the table says of the one route, without the name of the module.
fn stanza(router: Router<Policy>, module: &str) -> String {
    let table = DenialMatrix::from(router).table();
    table.split("\n\n").nth(1).unwrap().replace(module, "shop")
}

#[test]
fn every_other_attribute_is_another_table() {
    let variants = variants();
    let (_, reviewed) = &variants[0];
    for (name, stanza) in &variants[1..] {
        assert_eq!(stanza == reviewed, *name == "reordered", "{name}:\n{stanza}");
    }
}
