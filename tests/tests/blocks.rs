//! A block's requirement and a function's own are both enforced, by every way to write a block; the
//! manifest tells both.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects has failed"
)]
#![expect(
    clippy::unused_async,
    reason = "what is guarded has the shape that is tested, and little of a body"
)]

use std::cell::Cell;

use authz_core::manifest::Function;
use authz_core::testing::identity;
use authz_core::{Denied, Guard, requires};
use authz_tests::policy::{Identity, Policy};
use authz_tests::warehouse;

fn who(roles: &[&str], scopes: &[&str]) -> Identity {
    let mut builder = identity::<Policy>();
    for role in roles {
        builder = builder.role(role);
    }
    for scope in scopes {
        builder = builder.scope(scope);
    }
    builder.build()
}

/// Whoever lacks one of the two requirements, and what that is; whoever meets both.
fn callers() -> [(Identity, Option<&'static str>); 4] {
    let (role, scope) = (r#"role = "clerk""#, r#"scope = "write:orders""#);
    [
        (who(&[], &[]), Some(role)),
        (who(&["clerk"], &[]), Some(scope)),
        (who(&[], &["write:orders"]), Some(role)),
        (who(&["manager"], &["write:orders"]), None),
    ]
}

/// The answer has to be that of the requirement; the body has to have run with an `Ok` only.
#[track_caller]
fn judge(answer: Result<u32, Denied>, ran: bool, lacks: Option<&str>) {
    assert_eq!(ran, answer.is_ok(), "the body ran without the check, or the check was in vain");
    match (answer, lacks) {
        (Ok(7), None) => {}
        (Err(denied), Some(lacks)) => {
            assert_eq!(denied.status(), 403);
            let missing = denied.missing().unwrap().to_string();
            assert!(missing.contains(lacks), "{missing} for {lacks}");
        }
        (answer, lacks) => panic!("{answer:?} where {lacks:?} is lacking"),
    }
}

struct Desk<T> {
    who: Identity,
    ran: Cell<bool>,
    _orders: T,
}

#[requires(role = "clerk", identity = self.who, policy = authz_tests::policy, unreachable(new))]
impl<T: Clone> Desk<T> {
    const ORDERS: u32 = 7;

    fn new(who: &Identity, orders: T) -> Self {
        Self { who: who.clone(), ran: Cell::new(false), _orders: orders }
    }

    /// Takes an order back.
    #[requires(scope = "write:orders")]
    fn cancel(&self) -> Result<u32, Denied> {
        self.ran.set(true);
        Ok(Self::ORDERS)
    }

    #[requires(scope = "write:orders")]
    async fn cancel_soon(&mut self) -> Result<u32, Denied> {
        self.ran.set(true);
        Ok(7)
    }

    #[requires]
    fn count(&self) -> Result<u32, Denied> {
        self.ran.set(true);
        Ok(7)
    }
}

#[tokio::test]
async fn a_method_asks_for_what_its_block_and_it_ask_for() {
    for (who, lacks) in callers() {
        let desk = Desk::new(&who, ());
        judge(desk.cancel(), desk.ran.get(), lacks);

        let mut desk = Desk::new(&who, "orders");
        let answer = desk.cancel_soon().await;
        judge(answer, desk.ran.get(), lacks);
    }
}

#[test]
fn a_method_that_adds_nothing_asks_for_what_its_block_asks_for() {
    for (roles, lacks) in [(["auditor"], Some(r#"role = "clerk""#)), (["clerk"], None)] {
        let desk = Desk::new(&who(&roles, &[]), ());
        judge(desk.count(), desk.ran.get(), lacks);
    }
}

trait Refunds {
    fn refund(&self, who: &Identity) -> Result<u32, Denied>;
    fn refund_nobody(who: &Identity, ran: &Cell<bool>) -> Result<u32, Denied>;
}

#[requires(role = "clerk", identity = who, policy = authz_tests::policy)]
impl Refunds for Desk<String> {
    #[requires(scope = "write:orders")]
    fn refund(&self, who: &Identity) -> Result<u32, Denied> {
        self.ran.set(true);
        Ok(7)
    }

    // Says neither `self` nor `Self`.
    #[requires(scope = "write:orders")]
    fn refund_nobody(who: &Identity, ran: &Cell<bool>) -> Result<u32, Denied> {
        ran.set(true);
        Ok(7)
    }
}

#[test]
fn the_methods_of_a_trait_are_guarded_where_it_is_implemented() {
    for (caller, lacks) in callers() {
        let desk = Desk::new(&caller, String::new());
        judge(desk.refund(&caller), desk.ran.get(), lacks);

        let ran = Cell::new(false);
        let answer = <Desk<String> as Refunds>::refund_nobody(&caller, &ran);
        judge(answer, ran.get(), lacks);
    }
}

#[async_trait::async_trait(?Send)]
trait Ships {
    async fn ship(&self, who: Option<&Identity>, order: &str) -> Result<u32, Denied>;
}

#[requires(role = "clerk", identity = who, policy = authz_tests::policy)]
#[async_trait::async_trait(?Send)]
impl<T> Ships for Desk<T> {
    #[requires(scope = "write:orders")]
    async fn ship(&self, who: Option<&Identity>, order: &str) -> Result<u32, Denied> {
        assert_eq!(order, "an order");
        self.ran.set(true);
        Ok(7)
    }
}

#[tokio::test]
async fn async_trait_below_the_block_keeps_the_checks() {
    for (caller, lacks) in callers() {
        let desk = Desk::new(&caller, ());
        let ships: &dyn Ships = &desk;
        judge(ships.ship(Some(&caller), "an order").await, desk.ran.get(), lacks);
    }
    let desk = Desk::new(&who(&["admin"], &["write:orders"]), ());
    assert_eq!(desk.ship(None, "an order").await.unwrap_err().status(), 401);
    assert!(!desk.ran.get(), "the body ran for nobody");
}

// The identity comes from where the block says, in a future that `async_trait` has made.
#[async_trait::async_trait(?Send)]
trait Packs {
    async fn pack(&mut self) -> Result<u32, Denied>;
}

#[requires(role = "clerk", identity = self.who, policy = authz_tests::policy)]
#[async_trait::async_trait(?Send)]
impl Packs for Desk<u32> {
    #[requires(scope = "write:orders")]
    async fn pack(&mut self) -> Result<u32, Denied> {
        self.ran.set(true);
        Ok(7)
    }
}

#[tokio::test]
async fn async_trait_below_the_block_finds_self() {
    for (caller, lacks) in callers() {
        let mut desk = Desk::new(&caller, 1);
        let answer = desk.pack().await;
        judge(answer, desk.ran.get(), lacks);
    }
}

#[requires(role = "clerk", policy = authz_tests::policy, unreachable(double))]
mod orders {
    use super::{Cell, Denied, Guard, Identity, requires};

    #[requires(scope = "write:orders")]
    pub(super) fn cancel(ran: &Cell<bool>) -> u32 {
        ran.set(true);
        double(3) + 1
    }

    #[requires]
    pub(super) fn count(guard: Guard<count>) -> String {
        guard.subject().to_owned()
    }

    #[requires(scope = "read:orders", identity = who)]
    pub(super) async fn list(who: &Identity) -> Result<u32, Denied> {
        Ok(7)
    }

    fn double(number: u32) -> u32 {
        number * 2
    }

    #[cfg(any())]
    #[requires(role = "nobody knows")]
    fn absent() {}

    #[cfg_attr(all(), cfg(any()), inline)]
    #[requires]
    fn absent_too() {}

    /// Says nothing, and its functions inherit.
    pub(super) mod refunds {
        #[authz_core::requires(scope = "write:orders")]
        pub fn refund(ran: &super::Cell<bool>) -> u32 {
            ran.set(true);
            7
        }
    }

    #[requires(scope = "write:orders")]
    pub(super) mod bulk {
        #[authz_core::requires(mfa)]
        pub fn refund() -> u32 {
            7
        }
    }

    pub(super) struct Page(pub(super) Cell<bool>);

    #[requires(unreachable(fmt))]
    impl std::fmt::Debug for Page {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("Page")
        }
    }

    #[requires(scope = "write:orders", identity = who)]
    impl Page {
        #[requires]
        pub(super) fn turn(&self, who: &Identity) -> Result<u32, Denied> {
            self.0.set(true);
            Ok(7)
        }
    }

    pub(super) trait Prints {
        fn print(&self);

        #[requires(scope = "write:orders", identity = who)]
        fn print_all(&self, who: &Identity, ran: &Cell<bool>) -> Result<u32, Denied> {
            self.print();
            ran.set(true);
            Ok(7)
        }
    }

    #[requires(unreachable(print))]
    impl Prints for Page {
        fn print(&self) {}
    }

    #[cfg(test)]
    mod tests {
        #[test]
        fn a_test_says_nothing_about_access() {
            assert_eq!(super::double(3), 6);
        }
    }
}

#[tokio::test]
async fn a_module_asks_for_what_it_and_its_functions_ask_for() {
    for (caller, lacks) in callers() {
        let ran = Cell::new(false);
        let answer = caller.authorize::<orders::cancel>().map(|it| orders::cancel(it, &ran));
        judge(answer, ran.get(), lacks);

        let ran = Cell::new(false);
        let guard = caller.authorize::<orders::refunds::refund>();
        judge(guard.map(|it| orders::refunds::refund(it, &ran)), ran.get(), lacks);

        let page = orders::Page(Cell::new(false));
        judge(page.turn(&caller), page.0.get(), lacks);

        let ran = Cell::new(false);
        judge(orders::Prints::print_all(&page, &caller, &ran), ran.get(), lacks);
    }
    let clerk = who(&["clerk"], &[]);
    assert_eq!(orders::count(clerk.authorize().unwrap()), clerk.subject());
    assert!(orders::list(&clerk).await.is_err());
    assert!(who(&["auditor"], &[]).authorize::<orders::count>().is_err());
    let all_but_mfa = who(&["admin"], &["write:orders"]);
    assert_eq!(all_but_mfa.authorize::<orders::bulk::refund>().unwrap_err().status(), 401);
    let all = identity::<Policy>().role("admin").scope("write:orders").mfa().build();
    assert_eq!(orders::bulk::refund(all.authorize().unwrap()), 7);
}

/// The policy of a block is that of its functions.
#[requires(role = "packer", policy = warehouse)]
mod shelves {
    use super::{requires, warehouse};

    #[requires(scope = "read:stock")]
    pub(super) fn pack() -> u32 {
        7
    }
}

#[test]
fn the_policy_of_a_block_is_that_of_its_functions() {
    let packer = identity::<warehouse::Policy>().role("packer");
    assert!(packer.clone().build().authorize::<shelves::pack>().is_err());
    let packer = packer.scope("read:stock").build();
    assert_eq!(shelves::pack(packer.authorize().unwrap()), 7);
}

macro_rules! guarded {
    ($item:item $role:literal { $($member:item)* }) => {
        #[requires(role = $role, policy = authz_tests::policy)]
        $item

        #[requires(role = $role, policy = authz_tests::policy)]
        mod members {
            use super::requires;

            $($member)*
        }
    };
}

// Each item comes in a group without delimiters.
guarded! {
    mod whole {
        #[authz_core::requires(scope = "write:orders")]
        pub(super) fn refund() -> u32 {
            7
        }
    }
    "clerk" {
        const SEVEN: u32 = 7;
        #[requires(scope = "write:orders")]
        pub(super) fn refund() -> u32 { SEVEN }
        const EIGHT: u32 = 8;
        #[requires(scope = "write:orders")]
        pub(super) fn cancel() -> u32 { EIGHT - 1 }
    }
}

#[test]
fn a_block_made_by_a_macro_of_the_user_is_one_like_any_other() {
    for (caller, lacks) in callers() {
        let guard = caller.authorize::<whole::refund>();
        let answer = guard.map(whole::refund);
        judge(answer.clone(), answer.is_ok(), lacks);
        let answer = caller.authorize::<members::refund>().map(members::refund);
        judge(answer.clone(), answer.is_ok(), lacks);
        let answer = caller.authorize::<members::cancel>().map(members::cancel);
        judge(answer.clone(), answer.is_ok(), lacks);
    }
}

fn function(id: &str) -> Function {
    let id = format!("blocks::{id}");
    let functions = authz_core::manifest().unwrap().functions;
    let mut found = functions.into_iter().filter(|function| function.id == id);
    let function = found.next().unwrap_or_else(|| panic!("no {id}"));
    assert!(found.next().is_none(), "{id} twice");
    function
}

#[test]
fn the_manifest_tells_both_requirements_under_an_id_of_the_type() {
    let both = r#"{"all":[{"role":"clerk"},{"scope":"write:orders"}]}"#;
    let clerk = r#"{"role":"clerk"}"#;
    for (id, expected) in [
        ("Desk<T>::cancel", both),
        ("Desk<T>::cancel_soon", both),
        ("Desk<T>::count", clerk),
        ("Desk<String>::Refunds::refund", both),
        ("Desk<String>::Refunds::refund_nobody", both),
        ("Desk<T>::Ships::ship", both),
        ("orders::cancel", both),
        ("orders::count", clerk),
        ("orders::refunds::refund", both),
        ("orders::bulk::refund", r#"{"all":[{"role":"clerk"},{"scope":"write:orders"},"mfa"]}"#),
        ("orders::Page::turn", both),
        ("orders::Prints::print_all", both),
        ("shelves::pack", r#"{"all":[{"role":"packer"},{"scope":"read:stock"}]}"#),
        ("whole::refund", both),
        ("members::refund", both),
        ("members::cancel", both),
    ] {
        let told = serde_json::to_string(&function(id).requirement).unwrap();
        assert_eq!(told, expected, "{id}");
    }
}

/// What the block asks for comes on top, wherever its functions say that they answer.
#[requires(role = "clerk", policy = authz_tests::policy)]
mod counter {
    use actix_web::get;

    use super::requires;

    #[requires(scope = "write:orders")]
    #[get("/counter")]
    pub async fn wait() -> &'static str {
        "next"
    }
}

#[test]
fn an_attribute_of_actix_is_read_in_a_block_too() {
    let app = authz_core::actix::App::<Policy>::new().service(counter::wait);
    let routes: Vec<_> = app.routes().iter().map(ToString::to_string).collect();
    assert_eq!(routes, ["GET /counter blocks::counter::wait"]);
    for (identity, lacks) in callers() {
        let answer = identity.authorize::<counter::wait>();
        let ran = answer.is_ok();
        judge(answer.map(|_| 7), ran, lacks);
    }
}

#[test]
fn functions_that_are_listed_or_not_compiled_leave_no_record() {
    let functions = authz_core::manifest().unwrap().functions;
    for name in ["new", "double", "absent", "absent_too", "fmt", "print"] {
        let tail = format!("::{name}");
        assert!(functions.iter().all(|function| !function.id.ends_with(&tail)), "{name}");
    }
}

#[test]
fn the_record_of_a_function_tells_its_own_line() {
    let cancel = function("Desk<T>::cancel");
    let source = include_str!("blocks.rs");
    let line = usize::try_from(cancel.line).unwrap();
    let lines: Vec<&str> = source.lines().skip(line - 1).take(2).map(str::trim).collect();
    assert_eq!(lines[0], r#"#[requires(scope = "write:orders")]"#);
    assert!(lines[1].starts_with("fn cancel("), "{lines:?}");
    assert_eq!(cancel.doc.as_deref(), Some("Takes an order back."));
}
