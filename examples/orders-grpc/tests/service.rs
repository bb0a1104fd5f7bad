//! The service beside the one over HTTP, and as a client of another implementation sees it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that finds something else than it expects has failed"
)]

use std::io::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use authz_core::http::{FailureLimit, RequestHead};
use authz_core::manifest::Function;
use authz_core::testing::{Clock, DenialMatrix, TestIssuer, TokenBuilder, assert_manifest};
use authz_core::tonic::Routes;
use orders::policy::{Policy, Verifier};
use orders::shop::Shop;
use orders_grpc::service;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpSocket};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Server;
use tonic::transport::server::TcpConnectInfo;
use tonic_health::server::health_reporter;

/// The methods that are handlers of the service over HTTP as well.
const NAMES: [&str; 6] =
    ["list_orders", "show_order", "place_order", "cancel_order", "refund", "me"];

fn routes() -> Routes<Policy> {
    service::routes(Shop::open(), health_reporter().1)
}

#[test]
fn a_method_requires_what_the_handler_of_its_name_does() {
    // Linked, so that their records are in this program.
    assert!(!orders::service::router(Shop::open()).routes().is_empty());
    assert!(!routes().routes().is_empty());
    let manifest = authz_core::manifest().unwrap();
    let find = |id: &str| manifest.functions.iter().find(|function| function.id == id);
    let said = |it: &Function| {
        (it.policy.clone(), it.kind.clone(), it.requirement.clone(), it.reason.clone())
    };
    for name in NAMES {
        let ours = find(&format!("orders_grpc::service::Desk::Orders::{name}")).unwrap();
        let theirs = find(&format!("orders::service::{name}")).unwrap();
        assert_eq!(said(ours), said(theirs), "{name}");
    }
    // Where the handler opens orders, a function with a guard does it for the method.
    for name in NAMES {
        let theirs = find(&format!("orders::service::{name}")).unwrap();
        let ours = find(&format!("orders_grpc::objects::{name}"));
        assert_eq!(ours.is_some(), theirs.object.is_some(), "{name}");
        if let Some(ours) = ours {
            assert_eq!((said(ours), &ours.object), (said(theirs), &theirs.object), "{name}");
        }
    }
}

/// What `cargo authz check` compares, and that each route of the lock is mounted.
#[test]
fn the_lock_says_what_the_methods_require() {
    let mut manifest = authz_core::manifest().unwrap();
    let lock = Path::new(env!("CARGO_TARGET_TMPDIR")).join("orders-grpc.lock");
    std::fs::write(&lock, manifest.to_lock()).unwrap();
    // The service over HTTP, with which these tests compare, is linked to them and has routes too.
    assert_manifest(&lock, &(routes(), orders::service::router(Shop::open())));
    manifest.functions.retain(|function| function.id.starts_with("orders_grpc::"));
    let reviewed = include_str!("../authz.lock").replace("\r\n", "\n");
    assert_eq!(manifest.to_lock(), reviewed, "run `cargo authz lock -p orders-grpc`");
    // Each method says where it is, so that whoever reads the manifest knows.
    let methods = NAMES.len() + ["show_orders", "import_orders"].len();
    let declared = manifest.functions.iter().filter(|function| function.route.is_some());
    assert_eq!(declared.count(), methods);
}

#[test]
#[should_panic(expected = "`orders_grpc::service::Desk::Orders::cancel_order` declares \
                           `POST /orders.v1.Orders/CancelOrder`, and the router has not got it there")]
fn a_route_of_the_lock_that_is_not_mounted_is_found() {
    let lock = Path::new(env!("CARGO_TARGET_TMPDIR")).join("orders-grpc-mounted.lock");
    std::fs::write(&lock, authz_core::manifest().unwrap().to_lock()).unwrap();
    assert_manifest(&lock, &(Routes::<Policy>::new(), orders::service::router(Shop::open())));
}

#[tokio::test]
async fn what_was_reviewed_of_the_service_over_http_is_what_this_one_answers() {
    let matrix = DenialMatrix::from(routes());
    let table = matrix.table();
    let reviewed = include_str!("../../orders/authz.matrix").replace("\r\n", "\n");
    // What stands below the line of a function: who passes, and what everybody else is answered.
    let below = |table: &str, function: &str| -> String {
        let stanza = table.split("\n\n").find(|stanza| {
            stanza.lines().next().is_some_and(|line| line.contains(&format!("{function} (")))
        });
        let lines = stanza.unwrap().lines().skip(1);
        // What is asked of the objects, a function behind the method says.
        lines.filter(|line| !line.starts_with("  objects, ")).collect::<Vec<_>>().join("\n")
    };
    for name in NAMES {
        let ours = below(&table, &format!("orders_grpc::service::Desk::Orders::{name}"));
        assert_eq!(ours, below(&reviewed, &format!("orders::service::{name}")), "{name}");
    }
    matrix.await;
}

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/client.py");
const PROTO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proto");

/// The exit code of the script where something is not installed.
const NOT_INSTALLED: i32 = 77;

/// A server on a port of its own, and tokens for it.
async fn start() -> (String, Value) {
    let (issuer, clock) = (TestIssuer::new("https://issuer.test"), Clock::at(1_800_000_000));
    let verifier = Verifier::builder()
        .issuer(issuer.trusted())
        .audience("orders")
        .realm("orders")
        .clock(&clock)
        .build()
        .unwrap();
    let routes = routes().secured_by(verifier);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = Server::builder().add_routes(routes);
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));

    let token = || -> TokenBuilder<'_> { issuer.token(&clock, "orders").subject("ann") };
    let manager =
        |age| token().role("manager").scope("write:orders").mfa().authenticated_ago(age).sign();
    let tokens = json!({
        "auditor": token().role("auditor").scope("read:orders").sign(),
        "clerk": token().role("clerk").scope("write:orders").authenticated_ago(10).sign(),
        "manager": manager(10),
        "stale manager": manager(600),
        "garbage": "garbage",
    });
    (address, tokens)
}

/// What the script prints, unless Python or gRPC for it is missing.
fn called_by_grpcio(address: &str, tokens: &Value) -> Option<Value> {
    const SKIPPED: &[u8] =
        b"\nskipped: gRPC for Python is not installed (pip install grpcio-status grpcio-tools)\n";
    let python = std::env::var("AUTHZ_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = Command::new(python)
        .args([SCRIPT, address, PROTO])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let output = script.ok().map(|mut script| {
        // A script that has ended already does not read it; its exit code says why.
        let _ = script.stdin.take().unwrap().write_all(tokens.to_string().as_bytes());
        script.wait_with_output().unwrap()
    });
    match output {
        Some(output) if output.status.success() => {
            Some(serde_json::from_slice(&output.stdout).unwrap())
        }
        Some(output) if output.status.code() != Some(NOT_INSTALLED) => {
            panic!("the script failed: {}", String::from_utf8_lossy(&output.stderr))
        }
        _ => {
            // The output of a test that passes is captured; this is not.
            std::io::stderr().write_all(SKIPPED).unwrap();
            None
        }
    }
}

/// A refusal as the client reads it.
fn refused(code: &str, message: &str, challenge: &str, reason: &str, lacks: &Value) -> Value {
    json!({
        "code": code,
        "message": message,
        "challenge": challenge,
        "info": [reason, "authz", lacks],
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_another_implementation_is_let_in_and_refused() {
    let (address, tokens) = start().await;
    let called = tokio::task::spawn_blocking(move || called_by_grpcio(&address, &tokens));
    let Some(results) = called.await.unwrap() else { return };
    let ink = |id: u64, status: &str| json!([id, "ink", "opening", status]);

    assert_eq!(results["list"], json!([ink(1, "STATUS_OPEN")]));
    assert_eq!(results["place"], json!([2, "pens", "ann", "STATUS_OPEN"]));
    assert_eq!(results["import"], 3);
    // Whose order it is: the clerk's own, and every order for the auditor.
    assert_eq!(results["list, clerk"], json!([]));
    assert_eq!(results["show own, clerk"], results["place"]);
    let paper = json!([5, "paper", "ann", "STATUS_OPEN"]);
    assert_eq!(results["show several"], json!([paper, ink(1, "STATUS_OPEN")]));
    assert_eq!(results["refund"], ink(1, "STATUS_REFUNDED"));
    assert_eq!(results["me"], json!(["ann", ["clerk"], ["read:orders", "write:orders"]]));
    assert_eq!(results["probe, nobody"], "0801", "SERVING");

    let nobody = refused(
        "UNAUTHENTICATED",
        "authentication is required",
        r#"Bearer realm="orders""#,
        "NO_CREDENTIALS",
        &json!({}),
    );
    assert_eq!(results["list, nobody"], nobody);
    assert_eq!(results["show several, nobody"], nobody);
    assert_eq!(
        results["list, garbage"],
        refused(
            "UNAUTHENTICATED",
            "the access token is not valid",
            r#"Bearer realm="orders", error="invalid_token", error_description="the access token is not valid""#,
            "INVALID_TOKEN",
            &json!({}),
        )
    );
    let reader = refused(
        "PERMISSION_DENIED",
        "the access token does not allow this",
        r#"Bearer error="insufficient_scope", error_description="the access token does not allow this", scope="write:orders""#,
        "INSUFFICIENT_SCOPE",
        &json!({ "missing_scopes": "write:orders" }),
    );
    assert_eq!(results["place, auditor"], reader);
    assert_eq!(results["import, auditor"], reader);
    assert_eq!(
        results["refund, stale"],
        refused(
            "UNAUTHENTICATED",
            "a more recent authentication is required",
            r#"Bearer error="insufficient_user_authentication", error_description="a more recent authentication is required", max_age=300"#,
            "INSUFFICIENT_USER_AUTHENTICATION",
            &json!({ "max_age": "300" }),
        )
    );

    // What is no denial says nothing of one.
    for (call, code, message) in [
        ("show nothing", "NOT_FOUND", "there is no such order"),
        ("show, clerk", "NOT_FOUND", "there is no such order"),
        ("cancel, clerk", "NOT_FOUND", "there is no such order"),
        ("refund, twice", "FAILED_PRECONDITION", "the order is not open any more"),
        ("unknown, nobody", "UNIMPLEMENTED", ""),
    ] {
        let expected = json!({ "code": code, "message": message, "challenge": null });
        assert_eq!(results[call], expected, "{call}");
    }
}

/// The code of a call without fields in its message, from an address of this machine.
async fn me_from(peer: [u8; 4], server: SocketAddr, token: &str) -> String {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from((peer, 0))).unwrap();
    let connection = socket.connect(server).await.unwrap();
    let (requests, connection) = h2::client::handshake(connection).await.unwrap();
    tokio::spawn(connection);
    let request = http::Request::post(format!("http://{server}/orders.v1.Orders/Me"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("authorization", format!("Bearer {token}"));
    let mut requests = requests.ready().await.unwrap();
    let (answer, mut message) = requests.send_request(request.body(()).unwrap(), false).unwrap();
    message.send_data(vec![0; 5].into(), true).unwrap();
    let (head, mut body) = answer.await.unwrap().into_parts();
    while let Some(data) = body.data().await {
        data.unwrap();
    }
    let trailers = body.trailers().await.unwrap().unwrap_or_default();
    let code = head.headers.get("grpc-status").or_else(|| trailers.get("grpc-status"));
    code.unwrap().to_str().unwrap().to_owned()
}

/// The address is where tonic's own server puts it, on a real connection.
#[tokio::test]
async fn peers_are_told_apart_by_what_the_server_knows_of_the_connection() {
    let issuer = TestIssuer::new("https://issuer.test");
    let clock = Clock::at(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs());
    let good = issuer.token(&clock, "orders").sign();
    let verifier = Verifier::builder().issuer(issuer.trusted()).audience("orders").build().unwrap();
    // The clock of the system: no failure is forgiven while this runs.
    let limit = FailureLimit::new(2, Duration::from_hours(24));
    let peer = |head: RequestHead<'_>| -> Option<IpAddr> {
        Some(head.extensions().get::<TcpConnectInfo>()?.remote_addr()?.ip())
    };
    let routes = routes().secured_by(verifier.limit_failures(limit, peer).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap();
    let serving = Server::builder().add_routes(routes);
    tokio::spawn(serving.serve_with_incoming(TcpListenerStream::new(listener)));

    let (ok, exhausted, unauthenticated) = ("0", "8", "16");
    let (guesser, other) = ([127, 0, 0, 2], [127, 0, 0, 3]);
    assert_eq!(me_from(guesser, server, &good).await, ok);
    // Each on a connection of its own: the port does not count.
    for code in [unauthenticated, unauthenticated, exhausted] {
        assert_eq!(me_from(guesser, server, "a.b.c").await, code);
    }
    assert_eq!(me_from(guesser, server, &good).await, exhausted);
    assert_eq!(me_from(other, server, &good).await, ok);
}
