//! Several nodes on one database, and a database that goes away.

use std::time::{Duration, Instant};

use crate::database::Database;
use crate::support::{PASSWORD, Service, builder, home};

crate::on_both_databases! {
    what_is_revoked_here_is_refused_there_within_a_second
    nodes_count_failures_together
    nodes_begin_at_once
}

async fn what_is_revoked_here_is_refused_there_within_a_second(database: Database) {
    let here = Service::open(&database).await;
    let there = Service::with(builder(&here.clock), &here.clock, &database).await;
    let ann = here.newcomer("ann").await;
    // Until it is answered from memory there.
    for _ in 0..50 {
        assert_eq!(there.get("/me", &ann).await, 200);
    }
    let identity = here.identity(&ann).await;
    here.accounts.log_out(&identity).await.unwrap();
    let revoked = Instant::now();
    loop {
        let asked = Instant::now();
        if there.get("/me", &ann).await == 401 {
            break;
        }
        let since = asked.duration_since(revoked);
        assert!(since < Duration::from_secs(1), "let in {since:?} after it was revoked");
    }
}

async fn nodes_count_failures_together(database: Database) {
    let here = Service::open(&database).await;
    let there = Service::with(builder(&here.clock), &here.clock, &database).await;
    here.accounts.sign_up("ann", PASSWORD, &home()).await.unwrap();
    for node in [&here, &there, &here, &there, &here] {
        let refused = node.accounts.log_in("ann", "wrong", &home()).await;
        assert!(matches!(refused, Err(authz_accounts::Error::Refused)));
    }
    let waiting = there.accounts.log_in("ann", PASSWORD, &home()).await;
    assert!(matches!(waiting, Err(authz_accounts::Error::Throttled { .. })), "{waiting:?}");
}

async fn nodes_begin_at_once(database: Database) {
    let clock = authz_core::testing::Clock::at(crate::support::START);
    let open = || Service::with(builder(&clock), &clock, &database);
    let (one, two, three) = tokio::join!(open(), open(), open());
    let ann = one.newcomer("ann").await;
    assert_eq!(two.get("/me", &ann).await, 200);
    assert_eq!(three.get("/me", &ann).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_gone_is_503_and_nobody_is_let_in_from_memory() {
    let Some((database, server)) = Database::postgres_alone() else { return };
    let service = Service::open(&database).await;
    let ann = service.newcomer("ann").await;
    assert_eq!(service.get("/me", &ann).await, 200);
    server.stop();
    let stopped = Instant::now();
    loop {
        let asked = Instant::now();
        match service.get("/me", &ann).await.as_u16() {
            200 => assert!(asked.duration_since(stopped) < Duration::from_secs(1)),
            503 => break,
            other => panic!("{other}"),
        }
    }
    let log_in = service.accounts.log_in("ann", PASSWORD, &home()).await;
    assert!(log_in.unwrap_err().is_unavailable());
}
