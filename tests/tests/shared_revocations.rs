//! Revocations that nodes share: two services in processes of their own and a real Redis, which is
//! killed, paused and comes back empty.
//!
//! Without `redis-server` nothing is tested, and a line that starts with `skipped:` says so.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects has failed"
)]

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use authz_core::testing::{Clock, TestIssuer};
use authz_core::token::{Revocation, RevocationError, Revocations, TokenError};
use authz_tests::policy::Verifier;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[path = "support/redis.rs"]
mod redis;

use redis::Redis;

const ISSUER: &str = "https://issuer.test";

/// A service in a process of its own.
struct Node {
    address: SocketAddr,
    process: Child,
}

impl Node {
    fn start(redis: &Redis, issuer: &TestIssuer) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_node"))
            .args([&redis.url(), ISSUER, issuer.jwks()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { address: address.trim().parse().unwrap(), process }
    }

    async fn status(&self, method: &str, path: &str, token: &str) -> u16 {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: node\r\nconnection: close\r\n\
             authorization: Bearer {token}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }

    async fn orders(&self, token: &str) -> u16 {
        self.status("GET", "/orders", token).await
    }

    async fn revoke(&self, token_id: &str) -> u16 {
        self.status("POST", &format!("/revoke/{token_id}"), "").await
    }

    /// Asks until the answer is the expected one; the result is how long that took.
    async fn until(&self, token: &str, expected: u16) -> Duration {
        let start = Instant::now();
        loop {
            let status = self.orders(token).await;
            if status == expected {
                return start.elapsed();
            }
            assert!(start.elapsed() < Duration::from_secs(20), "{status}, not {expected}");
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn tokens(issuer: &TestIssuer) -> impl Fn(&str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let clock = Clock::at(now);
    move |id| issuer.token(&clock, "orders").role("clerk").claim("jti", id).sign()
}

#[tokio::test]
async fn what_one_node_revokes_the_other_refuses() {
    let Some(redis) = Redis::start() else { return };
    let issuer = TestIssuer::new(ISSUER);
    let (a, b) = (Node::start(&redis, &issuer), Node::start(&redis, &issuer));
    let token = tokens(&issuer);
    for id in ["t1", "t2"] {
        assert_eq!((a.orders(&token(id)).await, b.orders(&token(id)).await), (200, 200));
    }
    assert_eq!(a.revoke("t1").await, 204);
    assert_eq!(a.orders(&token("t1")).await, 401, "at once where it is revoked");
    let lag = b.until(&token("t1"), 401).await;
    println!("refused on the other node after {lag:?}");
    assert_eq!((a.orders(&token("t2")).await, b.orders(&token("t2")).await), (200, 200));

    // A node that starts later, or again, knows it from its first request on.
    let c = Node::start(&redis, &issuer);
    assert_eq!((c.orders(&token("t1")).await, c.orders(&token("t2")).await), (401, 200));
}

#[tokio::test]
async fn nothing_is_known_without_redis_and_nothing_is_lost_when_it_comes_back_empty() {
    let Some(mut redis) = Redis::start() else { return };
    let issuer = TestIssuer::new(ISSUER);
    let (a, b) = (Node::start(&redis, &issuer), Node::start(&redis, &issuer));
    let token = tokens(&issuer);
    assert_eq!(a.revoke("before").await, 204);
    b.until(&token("before"), 401).await;

    redis.kill();
    for node in [&a, &b] {
        let lag = node.until(&token("good"), 503).await;
        println!("503 {lag:?} after redis was killed");
        assert_eq!(node.orders(&token("before")).await, 503);
    }
    // It is in force where it was revoked, and everywhere once Redis is back.
    assert_eq!(b.revoke("during").await, 503);

    redis.restart();
    for node in [&a, &b] {
        let lag = node.until(&token("good"), 200).await;
        println!("back {lag:?} after redis was");
        assert_eq!(node.orders(&token("before")).await, 401);
        node.until(&token("during"), 401).await;
    }
    let c = Node::start(&redis, &issuer);
    for (id, status) in [("good", 200), ("before", 401), ("during", 401)] {
        assert_eq!(c.orders(&token(id)).await, status, "{id}");
    }
}

#[tokio::test]
async fn a_redis_that_stops_answering_is_noticed_and_a_node_that_dies_takes_nothing_along() {
    let Some(redis) = Redis::start() else { return };
    let issuer = TestIssuer::new(ISSUER);
    let (a, b) = (Node::start(&redis, &issuer), Node::start(&redis, &issuer));
    let token = tokens(&issuer);
    assert_eq!(b.orders(&token("t1")).await, 200);
    redis.signal("-STOP");
    let lag = b.until(&token("t1"), 503).await;
    println!("503 {lag:?} after redis was paused");
    redis.signal("-CONT");
    b.until(&token("t1"), 200).await;
    a.until(&token("t1"), 200).await;

    assert_eq!(a.revoke("t1").await, 204);
    drop(a);
    b.until(&token("t1"), 401).await;
    let a = Node::start(&redis, &issuer);
    assert_eq!(a.orders(&token("t1")).await, 401);
}

#[tokio::test]
async fn a_grace_goes_on_with_what_is_known() {
    let Some(mut redis) = Redis::start() else { return };
    let issuer = TestIssuer::new(ISSUER);
    let settings = Revocations::redis(&redis.url()).grace(Duration::from_hours(1));
    let revocations = settings.connect().await.unwrap();
    let builder = Verifier::builder().issuer(issuer.trusted()).audience("orders");
    let verifier = builder.revocations(&revocations).build().unwrap();
    let token = tokens(&issuer);
    redis.kill();
    // The outage has been noticed when nothing can be written any more.
    let refused = revocations.revoke(Revocation::token(ISSUER, "t1")).await.unwrap_err();
    assert!(matches!(refused, RevocationError::Unavailable { .. }), "{refused}");
    assert!(verifier.verify(&token("t1")).await.is_err());
    assert!(verifier.verify(&token("t2")).await.is_ok());
}

#[tokio::test]
async fn a_grace_ends_also_while_redis_takes_its_time() {
    let Some(redis) = Redis::start() else { return };
    let issuer = TestIssuer::new(ISSUER);
    let settings = Revocations::redis(&redis.url()).grace(Duration::from_secs(1));
    let revocations = settings.connect().await.unwrap();
    let builder = Verifier::builder().issuer(issuer.trusted()).audience("orders");
    let verifier = builder.revocations(&revocations).build().unwrap();
    let token = tokens(&issuer)("t1");
    assert!(verifier.verify(&token).await.is_ok());
    // The node connects again and gets no answer where it tidies the set up.
    redis.command("CLIENT PAUSE 6000 WRITE").await;
    redis.command("CLIENT KILL TYPE pubsub").await;
    let lost = Instant::now();
    while verifier.verify(&token).await.is_ok() {
        assert!(lost.elapsed() < Duration::from_secs(3), "goes on after the grace");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(lost.elapsed() > Duration::from_millis(500), "stops before the end of the grace");
    redis.command("CLIENT UNPAUSE").await;
    while verifier.verify(&token).await.is_err() {
        assert!(lost.elapsed() < Duration::from_secs(20), "does not come back");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_clock_that_is_ahead_forgets_nothing_for_the_other_nodes() {
    let Some(redis) = Redis::start() else { return };
    let issuer = TestIssuer::new(ISSUER);
    let connect = || Revocations::redis(&redis.url());
    let first = connect().connect().await.unwrap();
    first.revoke(Revocation::token(ISSUER, "t1")).await.unwrap();
    drop(first);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    for ahead in [now + 48 * 3600, u64::MAX] {
        drop(connect().clock(&Clock::at(ahead)).connect().await.unwrap());
    }
    let revocations = connect().connect().await.unwrap();
    let builder = Verifier::builder().issuer(issuer.trusted()).audience("orders");
    let verifier = builder.revocations(&revocations).build().unwrap();
    assert_eq!(verifier.verify(&tokens(&issuer)("t1")).await.unwrap_err(), TokenError::Revoked);
    assert!(verifier.verify(&tokens(&issuer)("t2")).await.is_ok());
}

#[tokio::test]
async fn what_can_not_be_used_is_told_at_the_start() {
    for (url, unavailable) in
        [("", false), ("http://127.0.0.1", false), ("redis://127.0.0.1:1", true)]
    {
        let error = Revocations::redis(url).connect().await.map(drop).unwrap_err();
        match error {
            RevocationError::Unavailable { .. } if unavailable => {}
            RevocationError::Settings { .. } if !unavailable => {}
            other => panic!("{url}: {other}"),
        }
    }
}

#[tokio::test]
async fn the_password_of_the_address_stays_out_of_logs() {
    let settings = Revocations::redis("redis://node:swordfish@127.0.0.1:1");
    assert!(!format!("{settings:?}").contains("swordfish"));
    let unreachable = settings.connect().await.map(drop).unwrap_err();
    let unreadable = Revocations::redis("redis://node:swordfish@:port").connect().await;
    for error in [unreachable, unreadable.map(drop).unwrap_err()] {
        assert!(!format!("{error} {error:?}").contains("swordfish"), "{error}");
    }
}

#[tokio::test]
async fn an_entry_that_can_not_be_read_could_be_a_revocation() {
    let Some(redis) = Redis::start() else { return };
    redis.command("ZADD authz:revocations 99999999999 unreadable").await;
    let error = Revocations::redis(&redis.url()).connect().await.map(drop).unwrap_err();
    assert!(error.to_string().contains("can't be read"), "{error}");
    // Another prefix is another store.
    assert!(Revocations::redis(&redis.url()).prefix("shop").connect().await.is_ok());
}
