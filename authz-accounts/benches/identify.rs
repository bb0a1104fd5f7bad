//! What a key, a session and a log-in cost.
//!
//! `cargo bench -p authz-accounts --features testing --bench identify`
#![expect(clippy::unwrap_used, reason = "a benchmark that can't be set up has nothing to tell")]

use std::time::Duration;

use authz_accounts::{Accounts, Source};
use authz_core::http::RequestHead;
use authz_core::testing::identity;
use authz_core::token::Verifier;
use divan::{AllocProfiler, Bencher, black_box};
use http::Request;
use tempfile::TempDir;
use tokio::runtime::Runtime;

mod policy {
    use authz_core::{Roles, Scopes};

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
    pub(crate) enum Role {
        #[role(grants(Scope::WriteOrders))]
        Clerk,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
    pub(crate) enum Scope {
        #[scope("write:orders")]
        WriteOrders,
    }

    authz_core::policy!(pub(crate) Policy { roles: Role, scopes: Scope });
}

use policy::Policy;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

const PASSWORD: &str = "plinth gravel otter mandolin";

/// An account with a session and a key, in a SQLite file.
struct Setting {
    runtime: Runtime,
    accounts: Accounts<Policy>,
    verifier: Verifier<Policy>,
    with_cookie: Request<()>,
    with_key: Request<()>,
    _folder: TempDir,
}

impl Setting {
    fn new() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("accounts.db");
        let (accounts, cookie, key) = runtime.block_on(async {
            let accounts = Accounts::<Policy>::open(file.to_str().unwrap()).await.unwrap();
            let home = Source::named("home");
            accounts.sign_up("ann", PASSWORD, &home).await.unwrap();
            accounts.danger_grant_role("ann", policy::Role::Clerk).await.unwrap();
            let session = accounts.log_in("ann", PASSWORD, &home).await.unwrap();
            let cookie =
                session.set_cookie().to_str().unwrap().split(';').next().unwrap().to_owned();
            let request = Request::builder().header("cookie", &cookie).body(()).unwrap();
            let ann = accounts.verifier().authenticate(RequestHead::of(&request)).await.unwrap();
            let (scopes, life) = ([policy::Scope::WriteOrders], Duration::from_hours(24));
            let key = accounts.create_key(&ann, "bench", &scopes, life).await.unwrap();
            (accounts, cookie, key.secret().to_owned())
        });
        Self {
            runtime,
            verifier: accounts.verifier(),
            accounts,
            with_cookie: Request::builder().header("cookie", cookie).body(()).unwrap(),
            with_key: Request::builder()
                .header("authorization", format!("Bearer {key}"))
                .body(())
                .unwrap(),
            _folder: folder,
        }
    }

    fn identify(&self, request: &Request<()>) -> policy::Identity {
        let head = RequestHead::of(black_box(request));
        self.runtime.block_on(self.verifier.authenticate(head)).unwrap()
    }
}

#[divan::bench]
fn key_known(bencher: Bencher<'_, '_>) {
    let setting = Setting::new();
    bencher.bench_local(|| setting.identify(&setting.with_key));
}

#[divan::bench]
fn session_known(bencher: Bencher<'_, '_>) {
    let setting = Setting::new();
    bencher.bench_local(|| setting.identify(&setting.with_cookie));
}

#[divan::bench]
fn key_from_sqlite(bencher: Bencher<'_, '_>) {
    let setting = Setting::new();
    bencher
        .with_inputs(|| setting.accounts.danger_forget_known())
        .bench_local_values(|()| setting.identify(&setting.with_key));
}

#[divan::bench]
fn session_from_sqlite(bencher: Bencher<'_, '_>) {
    let setting = Setting::new();
    bencher
        .with_inputs(|| setting.accounts.danger_forget_known())
        .bench_local_values(|()| setting.identify(&setting.with_cookie));
}

/// What `block_on` and making an identity cost by themselves.
#[divan::bench]
fn nothing(bencher: Bencher<'_, '_>) {
    let setting = Setting::new();
    let known: policy::Identity = identity().role("clerk").build();
    bencher.bench_local(|| setting.runtime.block_on(async { black_box(&known).clone() }));
}

/// Log-ins of somebody and of nobody: both cost what Argon2 costs.
#[divan::bench(args = ["ann", "nobody"], sample_count = 40, sample_size = 1)]
fn log_in(bencher: Bencher<'_, '_>, name: &str) {
    let setting = Setting::new();
    let mut source = 0;
    bencher
        .with_inputs(|| {
            source += 1;
            Source::named(&source.to_string())
        })
        .bench_local_values(|source| {
            setting.runtime.block_on(setting.accounts.log_in(name, "wrong", &source)).is_err()
        });
}

fn main() {
    divan::main();
}
