//! How long the denial matrix of 200 handlers takes, as tests run it: without optimization.
//!
//! `cargo bench -p authz-core --features axum,testing --profile dev --bench matrix`

#![expect(clippy::panic, reason = "what can't be measured is not")]

use authz_core::axum::Router;
use authz_core::testing::DenialMatrix;
use divan::Bencher;

mod policy {
    use authz_core::{Roles, Scopes};

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
    pub enum Role {
        #[role(includes(Manager))]
        Admin,
        #[role(includes(Clerk, Auditor))]
        Manager,
        Clerk,
        Auditor,
        Support,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
    pub enum Scope {
        #[scope("read:orders")]
        ReadOrders,
        #[scope("write:orders", includes(ReadOrders))]
        WriteOrders,
        #[scope("read:stock")]
        ReadStock,
        #[scope("write:stock", includes(ReadStock))]
        WriteStock,
    }

    authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
}

fn main() {
    divan::main();
}

/// Ten handlers, each in a module for each of the names.
macro_rules! shop {
    ($($module:ident)+) => {
        $(
            mod $module {
                use authz_core::axum::Router;
                use authz_core::axum::routing::{get, post};
                use authz_core::requires;

                #[requires(scope = "read:orders")]
                async fn list() {}
                #[requires(role = "clerk", scope = "write:orders")]
                async fn place(_order: String) {}
                #[requires(any(role = "manager", all(role = "clerk", max_age = "1h")), scope = "write:orders")]
                async fn cancel() {}
                #[requires(role = "manager", scope = "write:orders", mfa, max_age = "5m")]
                async fn refund() {}
                #[requires(role = "auditor")]
                async fn audit() {}
                #[requires(any(role = "support", role = "clerk"), scope = "read:orders")]
                async fn show() {}
                #[requires(role = "clerk", scope = "write:stock")]
                async fn count(_stock: String) {}
                #[requires(scope = "read:stock", not(role = "support"))]
                async fn stock() {}
                #[requires(role = "admin", mfa, acr = "gold")]
                async fn close() {}
                #[requires(scope = "write:stock", bound)]
                async fn supply(_order: String) {}

                pub(super) fn router() -> Router<crate::policy::Policy> {
                    Router::new()
                        .route("/orders", get(list).post(place))
                        .route("/orders/{id}", get(show).delete(cancel))
                        .route("/orders/{id}/refund", post(refund))
                        .route("/audit", get(audit))
                        .route("/stock", get(stock).put(count).post(supply))
                        .route("/day", post(close))
                }
            }
        )+

        fn router() -> Router<policy::Policy> {
            Router::new()$(.nest(concat!("/", stringify!($module)), $module::router()))+
        }
    };
}

shop! { s00 s01 s02 s03 s04 s05 s06 s07 s08 s09 s10 s11 s12 s13 s14 s15 s16 s17 s18 s19 }

#[divan::bench(sample_count = 5, sample_size = 1)]
fn two_hundred_handlers(bencher: Bencher<'_, '_>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.unwrap_or_else(|error| panic!("there is no runtime: {error}"));
    bencher.bench_local(|| {
        let matrix = DenialMatrix::from(router());
        runtime.block_on(matrix.check()).unwrap_or_else(|findings| panic!("{findings}"));
    });
}
