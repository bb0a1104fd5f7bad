//! How many requests a second are left of a bare handler's, when the handler is guarded: axum behind a
//! real socket, with a token that is remembered.
//!
//! `cargo bench -p authz-core --features axum,testing,limit --bench socket`
//!
//! One thread serves, another asks over connections that are kept open, one request on each at a time.
//! All handlers are on one server, get the same bytes but for the path and answer the same. They take
//! turns that are short beside whatever else the machine does, in an order that changes, and each turn
//! is compared with that of the bare handler in the same round: what is told is the median of these.
//!
//! Twice: requests in a second as the clock on the wall counts them, and in a second that the thread of
//! the server had a processor (Linux), which is what one thread can do where nothing else takes it.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a measurement that can't be set up has nothing to tell"
)]
#![expect(clippy::print_stdout, reason = "the numbers are for who has asked")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use authz_core::http::{FailureLimit, RequestHead};
use authz_core::testing::{Clock, TestIssuer};
use authz_core::{Guard, requires};
use http::StatusCode;
use http::request::Parts;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

#[path = "support/policy.rs"]
mod policy;

const ISSUER: &str = "https://id.example.com/realms/shop";
const AUDIENCE: &str = "orders-api";
const ROUNDS: usize = 300;
const CONNECTIONS: usize = 16;
/// In each turn, on each connection.
const REQUESTS: usize = 40;
const PER_TURN: f64 = 640.0;

/// The first is the measure of the others; the second tells how exact the measurement is.
const HANDLERS: [(&str, &str); 5] = [
    ("/1", "bare"),
    ("/2", "bare, once more"),
    ("/3", "the same verifier by hand"),
    ("/4", "guarded"),
    ("/5", "guarded, with a limit of failures"),
];

async fn bare() -> &'static str {
    "done"
}

#[requires(role = "clerk", scope = "write:orders")]
async fn guarded(_guard: Guard<guarded>) -> &'static str {
    "done"
}

/// An identity that an extractor by hand has asked for and checked.
struct ByHand(#[expect(dead_code, reason = "held, as a guard holds it")] policy::Identity);

static VERIFIER: OnceLock<policy::Verifier> = OnceLock::new();

impl<S: Sync> axum::extract::FromRequestParts<S> for ByHand {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let verifier = VERIFIER.get().ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
        let identity = verifier.authenticate(RequestHead::of_parts(parts)).await;
        let identity = identity.map_err(|denied| denied.status())?;
        let allowed = identity.has_role(policy::Role::Clerk)
            && identity.has_scope(policy::Scope::WriteOrders);
        if allowed { Ok(Self(identity)) } else { Err(StatusCode::FORBIDDEN) }
    }
}

async fn by_hand(_identity: ByHand) -> &'static str {
    "done"
}

fn main() {
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let issuer = TestIssuer::new(ISSUER);
    let token = issuer.token(&Clock::at(now), AUDIENCE).role("clerk").scope("write:orders");
    let token = token.claim("exp", now + 36_000).sign();
    let server = serve(service(&issuer));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let turns = runtime.block_on(measure(&server, &token));
    println!("a token of {} bytes, {CONNECTIONS} connections, {ROUNDS} rounds", token.len());
    tell("on the wall", &turns, |turn| Some(turn.wall));
    tell("of the server's thread", &turns, |turn| turn.thread);
}

/// The rates of one kind of time, and each as a part of the first.
fn tell(kind: &str, turns: &[Vec<Turn>], time: impl Fn(&Turn) -> Option<Duration>) {
    for ((_, name), of_handler) in HANDLERS.iter().zip(turns) {
        let seconds = |turn| time(turn).map(|time| time.as_secs_f64()).filter(|time| *time > 0.0);
        let rounds = turns[0].iter().zip(of_handler);
        let ratios = rounds.filter_map(|(bare, turn)| Some(seconds(bare)? / seconds(turn)?));
        let ratios: Vec<f64> = ratios.collect();
        if ratios.is_empty() {
            return println!("{kind}: not to be had here");
        }
        let [low, middle, high] = quartiles(ratios).map(|ratio| 100.0 * ratio);
        let rates = of_handler.iter().filter_map(seconds).map(|time| PER_TURN / time);
        let [_, rate, _] = quartiles(rates.collect());
        println!(
            "{name}: {rate:.0} requests in a second {kind}, {middle:.1} % of bare (half of the \
             rounds: {low:.1} to {high:.1})"
        );
    }
}

fn service(issuer: &TestIssuer) -> axum::Router {
    let builder = || policy::Verifier::builder().issuer(issuer.trusted()).audience(AUDIENCE);
    let limit = FailureLimit::new(20, Duration::from_secs(60));
    let host = |head: RequestHead<'_>| head.headers().get("host").cloned();
    let limited = builder().build().unwrap().limit_failures(limit, host).unwrap();
    VERIFIER.get_or_init(|| builder().build().unwrap());
    let at = |path| {
        authz_core::axum::Router::<_>::new().route(path, authz_core::axum::routing::get(guarded))
    };
    axum::Router::new()
        .route("/1", axum::routing::get(bare))
        .route("/2", axum::routing::get(bare))
        .route("/3", axum::routing::get(by_hand))
        .merge(at("/4").secured_by(builder().build().unwrap()))
        .merge(at("/5").secured_by(limited))
}

/// A thread that serves until the program ends.
struct Server {
    address: SocketAddr,
    /// Where the kernel tells for how long the thread ran.
    statistics: PathBuf,
}

impl Server {
    fn time(&self) -> Option<Duration> {
        let text = std::fs::read_to_string(&self.statistics).ok()?;
        Some(Duration::from_nanos(text.split(' ').next()?.parse().ok()?))
    }
}

/// One handler's turn: how long it took.
struct Turn {
    wall: Duration,
    thread: Option<Duration>,
}

fn serve(service: axum::Router) -> Server {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let (told, tells) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let thread = std::fs::read_link("/proc/thread-self").unwrap_or_default();
        told.send(PathBuf::from("/proc").join(thread).join("schedstat")).unwrap();
        runtime.block_on(axum::serve(listener, service).into_future())
    });
    Server { address, statistics: tells.recv().unwrap() }
}

/// The turns of each handler.
async fn measure(server: &Server, token: &str) -> [Vec<Turn>; HANDLERS.len()] {
    let requests = HANDLERS.map(|(path, _)| {
        format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n")
    });
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let stream = TcpStream::connect(server.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        connections.push(stream);
    }
    let mut turns = HANDLERS.map(|_| Vec::new());
    for round in 0..ROUNDS + 20 {
        for place in 0..HANDLERS.len() {
            let place = (place + round) % HANDLERS.len();
            let (start, before) = (Instant::now(), server.time());
            connections = ask_all(connections, &requests[place]).await;
            let wall = start.elapsed();
            let thread =
                server.time().zip(before).and_then(|(after, before)| after.checked_sub(before));
            // The first rounds are to get warm.
            if round >= 20 {
                turns[place].push(Turn { wall, thread });
            }
        }
    }
    turns
}

/// The same request again and again, on every connection at once.
async fn ask_all(connections: Vec<TcpStream>, request: &str) -> Vec<TcpStream> {
    let asking = connections.into_iter().map(|stream| {
        let request = request.to_owned();
        tokio::spawn(ask(stream, request))
    });
    let asking: Vec<_> = asking.collect();
    let mut back = Vec::new();
    for one in asking {
        back.push(one.await.unwrap());
    }
    back
}

async fn ask(mut stream: TcpStream, request: String) -> TcpStream {
    let mut answer = [0; 1024];
    for _ in 0..REQUESTS {
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut length = 0;
        // Every answer is a head and these four bytes.
        while !answer[..length].ends_with(b"done") {
            let more = stream.read(&mut answer[length..]).await.unwrap();
            assert!(more > 0, "the server hung up");
            length += more;
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 "), "a request was refused");
    }
    stream
}

/// The middle of the lower half, the middle, and the middle of the upper half.
fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_unstable_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[values.len() * quarter / 4])
}
