//! A router takes a handler with its own proof alone: whoever takes the proof of another function is refused
//! where the route is made, on axum and on actix-web; and an id that names two functions is refused as well.

#![expect(
    clippy::extra_unused_type_parameters,
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects has failed"
)]

use std::future::Future;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::Pin;
use std::sync::Mutex;

use authz_core::{Guard, Guarded, Open, OpenToAll, manual, public, requires};
use authz_tests::policy::{self, Policy};

/// Both routers make a route of it.
macro_rules! both {
    ($handler:expr) => {
        tried(|| {
            let _: authz_core::axum::Router<Policy> = authz_core::axum::Router::new()
                .route("/", authz_core::axum::routing::get($handler));
            let _: authz_core::actix::web::Route<Policy> =
                authz_core::actix::web::get().to($handler);
        })
    };
}

#[requires(role = "manager")]
async fn refund() -> &'static str {
    ""
}

#[requires(role = "clerk")]
async fn guarded(guard: Guard<guarded>) -> String {
    guard.subject().to_owned()
}

#[public(reason = "load balancer probe")]
async fn health() -> &'static str {
    ""
}

#[public(reason = "load balancer probe")]
async fn declared(_open: Open<declared>) -> &'static str {
    ""
}

#[manual(reason = "the body asks the shop")]
async fn me() -> &'static str {
    ""
}

#[requires(role = "clerk")]
async fn r#type(_: Guard<r#type>) -> &'static str {
    ""
}

#[requires(role = "clerk")]
fn boxed(_: Guard<boxed>) -> Pin<Box<dyn Future<Output = &'static str> + Send>> {
    Box::pin(async { "" })
}

#[requires(role = "clerk")]
async fn generic<T: Send + 'static>() -> &'static str {
    ""
}

#[requires(role = "clerk")]
async fn counted<const COUNT: usize, const LETTER: char>() -> &'static str {
    ""
}

#[requires(role = "clerk")]
async fn early<'a: 'a>() -> &'static str {
    ""
}

#[requires(role = "clerk")]
async fn patterns(_guard: Guard<patterns>) -> &'static str {
    ""
}

#[requires(role = "clerk")]
#[axum::debug_handler]
async fn debugged() -> &'static str {
    ""
}

macro_rules! handler {
    ($name:ident) => {
        #[requires(role = "clerk")]
        async fn $name() -> &'static str {
            ""
        }
    };
}
handler!(made_by_a_macro);

mod shop {
    use authz_core::requires;

    #[requires(role = "clerk")]
    pub async fn renamed() -> &'static str {
        ""
    }

    pub mod other {
        use authz_core::requires;

        #[requires(role = "clerk")]
        pub async fn refund() -> &'static str {
            ""
        }
    }
}
use shop::renamed as called_otherwise;

struct Desk;

impl Desk {
    fn nested_in_a_method() -> Result<(), String> {
        #[requires(role = "clerk")]
        async fn inside_a_method() -> &'static str {
            ""
        }
        both!(inside_a_method)
    }
}

/// What the panic said, and where.
fn tried(make: impl FnOnce()) -> Result<(), String> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let hook = std::panic::take_hook();
    let place = std::sync::Arc::new(Mutex::new(String::new()));
    let seen = std::sync::Arc::clone(&place);
    std::panic::set_hook(Box::new(move |info| {
        let file = info.location().map(Location::file).unwrap_or_default();
        seen.lock().unwrap().push_str(file);
    }));
    let result = catch_unwind(AssertUnwindSafe(make));
    std::panic::set_hook(hook);
    result.map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
        format!("{}: {text}", place.lock().unwrap())
    })
}

#[test]
fn a_handler_with_its_own_proof_is_mounted() {
    #[requires(role = "clerk")]
    async fn nested() -> &'static str {
        ""
    }

    #[requires(role = "clerk")]
    async fn nested_generic<T: Send + 'static>() -> &'static str {
        ""
    }

    let bound = guarded;
    let own: Vec<(&str, Result<(), String>)> = vec![
        ("guarded", both!(refund)),
        ("guarded, with its guard", both!(guarded)),
        ("public", both!(health)),
        ("public, with its proof", both!(declared)),
        ("manual", both!(me)),
        ("bound to a name", both!(bound)),
        ("a raw identifier", both!(r#type)),
        ("a boxed future", both!(boxed)),
        ("made by a macro", both!(made_by_a_macro)),
        ("below it another attribute", both!(debugged)),
        ("generic", both!(generic::<Vec<fn(u8) -> u8>>)),
        ("generic over constants", both!(counted::<3, '>'>)),
        ("an early-bound lifetime", both!(early)),
        ("a pattern for its guard", both!(patterns)),
        ("re-exported by another name", both!(called_otherwise)),
        ("in a function", both!(nested)),
        ("in a function, generic", both!(nested_generic::<Option<u8>>)),
        ("in a module", both!(shop::other::refund)),
        ("in a method", Desk::nested_in_a_method()),
    ];
    for (kind, result) in own {
        assert_eq!(result, Ok(()), "{kind}");
    }
}

async fn payroll(_: Open<health>) -> &'static str {
    ""
}

async fn with_a_guard(_: Guard<refund>) -> &'static str {
    ""
}

async fn of_anybody<F: Guarded<Policy = Policy>>(_: Guard<F>) -> &'static str {
    ""
}

async fn open_of_anybody<F: OpenToAll<Policy = Policy>>(_: Open<F>) -> &'static str {
    ""
}

mod elsewhere {
    use authz_core::{Guard, Open};

    pub async fn refund(_: Guard<super::refund>) -> &'static str {
        ""
    }
    pub async fn health(_: Open<super::health>) -> &'static str {
        ""
    }
}

#[test]
fn a_handler_with_the_proof_of_another_function_is_refused() {
    let pointer: fn(Open<health>) -> std::future::Ready<&'static str> = |_| std::future::ready("");
    let thieves: Vec<(&str, &str, Result<(), String>)> = vec![
        ("open", "health", both!(payroll)),
        ("guard", "refund", both!(with_a_guard)),
        ("generic guard", "refund", both!(of_anybody::<refund>)),
        ("generic open", "health", both!(open_of_anybody::<health>)),
        ("closure", "health", both!(|_: Open<health>| async { "" })),
        ("closure with a guard", "refund", both!(|_: Guard<refund>| async { "" })),
        ("pointer", "health", both!(pointer)),
        ("one name, another scope", "refund", both!(elsewhere::refund)),
        ("one name, another scope, open", "health", both!(elsewhere::health)),
    ];
    for (kind, proof, result) in thieves {
        let Err(text) = result else { panic!("{kind} was mounted") };
        assert!(text.contains("own_handlers.rs: "), "at the user's route: {text}");
        assert!(text.contains(&format!("takes the proof of `own_handlers::{proof}`")), "{text}");
        assert!(text.contains("put `#[requires(...)]`"), "{text}");
    }
}

#[test]
fn every_way_into_a_router_asks() {
    use authz_core::actix::{App, web};
    use authz_core::axum::Router;
    use authz_core::axum::routing::{self, MethodFilter, MethodRouter};

    fn new() -> Router<Policy> {
        Router::new()
    }
    fn methods() -> MethodRouter<(), Policy> {
        MethodRouter::new()
    }
    let ways: Vec<(&str, Result<(), String>)> = vec![
        ("connect", tried(|| drop(routing::connect::<_, _, ()>(payroll)))),
        ("delete", tried(|| drop(routing::delete::<_, _, ()>(payroll)))),
        ("get", tried(|| drop(routing::get::<_, _, ()>(payroll)))),
        ("head", tried(|| drop(routing::head::<_, _, ()>(payroll)))),
        ("options", tried(|| drop(routing::options::<_, _, ()>(payroll)))),
        ("patch", tried(|| drop(routing::patch::<_, _, ()>(payroll)))),
        ("post", tried(|| drop(routing::post::<_, _, ()>(payroll)))),
        ("put", tried(|| drop(routing::put::<_, _, ()>(payroll)))),
        ("trace", tried(|| drop(routing::trace::<_, _, ()>(payroll)))),
        ("any", tried(|| drop(routing::any::<_, _, ()>(payroll)))),
        ("on", tried(|| drop(routing::on::<_, _, ()>(MethodFilter::GET, payroll)))),
        ("methods.get", tried(|| drop(methods().get(payroll)))),
        ("methods.post", tried(|| drop(methods().post(payroll)))),
        ("methods.fallback", tried(|| drop(methods().fallback(payroll)))),
        ("router.mount", tried(|| drop(new().mount(payroll)))),
        ("router.fallback", tried(|| drop(new().fallback(payroll)))),
        ("router.method_not_allowed", tried(|| drop(new().method_not_allowed_fallback(payroll)))),
        ("web.to", tried(|| drop(web::to(payroll)))),
        ("web.method.to", tried(|| drop(web::post().to(payroll)))),
        ("resource.to", tried(|| drop(web::resource::<Policy>("/").to(payroll)))),
        ("app.service", tried(|| drop(App::<Policy>::new().service(payroll)))),
    ];
    for (way, result) in ways {
        let Err(text) = result else { panic!("{way} took it") };
        assert!(text.contains("takes the proof of"), "{way}: {text}");
        assert!(text.contains("own_handlers.rs: "), "{way}: at the user's route: {text}");
    }
}

#[test]
fn an_id_of_two_functions_is_no_manifest_and_no_route() {
    fn first() -> Result<(), String> {
        #[requires(role = "clerk")]
        async fn inner() -> &'static str {
            ""
        }
        both!(inner)
    }
    fn second() -> Result<(), String> {
        #[requires(role = "manager")]
        async fn inner() -> &'static str {
            ""
        }
        both!(inner)
    }
    for result in [first(), second()] {
        let text = result.unwrap_err();
        assert!(text.contains("`own_handlers::inner` names 2 functions: "), "{text}");
        assert!(text.contains("own_handlers.rs: "), "{text}");
    }
    let error = authz_core::manifest().unwrap_err().to_string();
    assert!(
        error.contains("`own_handlers::inner` names 2 functions: tests/own_handlers.rs:")
            || error
                .contains("`own_handlers::inner` names 2 functions: tests/tests/own_handlers.rs:"),
        "{error}"
    );
    assert!(error.contains("put `#[requires(...)]` on the `impl` block"), "{error}");
}
