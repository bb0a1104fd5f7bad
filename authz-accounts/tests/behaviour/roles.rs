//! Roles: who may hand them out, and what they give.

use authz_accounts::Error;
use authz_core::testing::identity;

use crate::database::Database;
use crate::support::{Role, Service, admin, administer, manage, policy};

crate::on_both_databases! {
    a_role_gives_its_scopes_after_the_next_log_in
    nobody_grants_more_than_they_hold
    duties_stay_separate
    a_role_that_is_none_any_more_is_reported_and_gives_nothing
}

async fn a_role_gives_its_scopes_after_the_next_log_in(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.newcomer("ann").await;
    assert_eq!(service.post("/orders", &ann).await, 403);
    let guard = admin().authorize::<administer>().unwrap();
    service.accounts.grant_role(&guard, "ann", Role::Manager).await.unwrap();
    // The privileges have changed: the old session is over.
    assert_eq!(service.post("/orders", &ann).await, 401);
    let ann = service.log_in("ann").await;
    assert_eq!(service.post("/orders", &ann).await, 200);
    let identity = service.identity(&ann).await;
    assert_eq!(identity.roles().collect::<Vec<_>>(), [Role::Manager, Role::Clerk]);
    // What the included clerk is granted, and what that includes; not what an auditor is.
    assert!(identity.has_scope(policy::Scope::WriteOrders));
    assert!(identity.has_scope(policy::Scope::ReadOrders));
    service.accounts.revoke_role(&guard, "ann", Role::Manager).await.unwrap();
    assert_eq!(service.post("/orders", &ann).await, 401);
    let ann = service.log_in("ann").await;
    assert_eq!(service.post("/orders", &ann).await, 403);
    let again = service.accounts.revoke_role(&guard, "ann", Role::Manager).await;
    assert!(matches!(again, Err(Error::NotFound { .. })));
    let nobody = service.accounts.grant_role(&guard, "nobody", Role::Clerk).await;
    assert!(matches!(nobody, Err(Error::NotFound { .. })));
}

async fn nobody_grants_more_than_they_hold(database: Database) {
    let service = Service::open(&database).await;
    service.newcomer("ann").await;
    let manager: policy::Identity = identity().subject("mia").role("manager").build();
    let guard = manager.authorize::<manage>().unwrap();
    for role in [Role::Admin, Role::Auditor] {
        let granted = service.accounts.grant_role(&guard, "ann", role).await;
        assert!(matches!(granted, Err(Error::NotAllowed(_))), "{granted:?}");
        let revoked = service.accounts.revoke_role(&guard, "ann", role).await;
        assert!(matches!(revoked, Err(Error::NotAllowed(_))), "{revoked:?}");
    }
    service.accounts.grant_role(&guard, "ann", Role::Clerk).await.unwrap();
    assert_eq!(service.accounts.roles_of("ann").await.unwrap().0, [Role::Clerk]);
    let records = service.accounts.audit(0, 100).await.unwrap();
    let granted = records.iter().find(|record| record.event == "role_granted").unwrap();
    assert_eq!(granted.detail.get(), r#"{"by":"mia","role":"clerk"}"#);
}

async fn duties_stay_separate(database: Database) {
    let service = Service::open(&database).await;
    let accounts = &service.accounts;
    for name in ["ann", "bob"] {
        service.newcomer(name).await;
    }
    accounts.danger_grant_role("ann", Role::Auditor).await.unwrap();
    // A manager is a clerk too.
    for role in [Role::Clerk, Role::Manager, Role::Admin] {
        let granted = accounts.danger_grant_role("ann", role).await;
        assert!(matches!(granted, Err(Error::NotAllowed(_))), "{granted:?}");
    }
    accounts.danger_grant_role("bob", Role::Manager).await.unwrap();
    assert!(accounts.danger_grant_role("bob", Role::Auditor).await.is_err());
    assert_eq!(accounts.roles_of("ann").await.unwrap().0, [Role::Auditor]);
    // At once from two sides: one of them is late.
    service.newcomer("cid").await;
    let (one, other) = tokio::join!(
        accounts.danger_grant_role("cid", Role::Clerk),
        accounts.danger_grant_role("cid", Role::Auditor),
    );
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    // Held together since before the vocabulary said that they exclude each other.
    let both = "INSERT INTO account_role SELECT id, 'auditor', 0 FROM account WHERE name = 'bob'";
    database.run(both).await;
    let bob = service.log_in("bob").await;
    assert_eq!(service.get("/me", &bob).await, 401);
}

async fn a_role_that_is_none_any_more_is_reported_and_gives_nothing(database: Database) {
    let service = Service::open(&database).await;
    service.newcomer("ann").await;
    service.accounts.danger_grant_role("ann", Role::Clerk).await.unwrap();
    database.run("INSERT INTO account_role SELECT id, 'root', 0 FROM account").await;
    let ann = service.log_in("ann").await;
    assert_eq!(service.identity(&ann).await.roles().collect::<Vec<_>>(), [Role::Clerk]);
    let (roles, unknown) = service.accounts.roles_of("ann").await.unwrap();
    assert_eq!((roles, unknown), (vec![Role::Clerk], vec!["root".to_owned()]));
}
