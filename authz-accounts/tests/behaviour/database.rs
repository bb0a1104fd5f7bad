//! Databases for tests: a file, or a database of a server that this process starts.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sqlx::{AnyPool, AssertSqlSafe, Executor};
use tempfile::TempDir;

/// An empty database, gone with its test.
pub(crate) struct Database {
    pub(crate) url: String,
    folder: Option<TempDir>,
}

impl Database {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = folder.path().join("accounts.db").to_str().unwrap().to_owned();
        Self { url, folder: Some(folder) }
    }

    /// `None` where there is no PostgreSQL, and a line says so.
    pub(crate) fn postgres() -> Option<Self> {
        static SERVER: OnceLock<Option<Server>> = OnceLock::new();
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let server = SERVER.get_or_init(Server::start).as_ref()?;
        let name = format!("accounts_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let mut createdb = Command::new(tool("createdb"));
        createdb.args(["-h", "127.0.0.1", "-U", "postgres", "-p", &server.port.to_string(), &name]);
        assert!(createdb.status().unwrap().success());
        let url = format!("postgres://postgres@127.0.0.1:{}/{name}", server.port);
        Some(Self { url, folder: None })
    }

    /// A server of one's own, to be stopped.
    pub(crate) fn postgres_alone() -> Option<(Self, Server)> {
        let server = Server::start()?;
        let url = format!("postgres://postgres@127.0.0.1:{}/postgres", server.port);
        Some((Self { url, folder: None }, server))
    }

    /// A connection beside the accounts, to look and to break.
    pub(crate) async fn pool(&self) -> AnyPool {
        sqlx::any::install_default_drivers();
        let url = if self.url.starts_with("postgres") {
            self.url.clone()
        } else {
            format!("sqlite:{}", self.url)
        };
        AnyPool::connect(&url).await.unwrap()
    }

    pub(crate) async fn run(&self, statement: &str) -> u64 {
        let pool = self.pool().await;
        let done = pool.execute(AssertSqlSafe(statement.to_owned())).await.unwrap();
        done.rows_affected()
    }

    pub(crate) async fn number(&self, statement: &str) -> i64 {
        let pool = self.pool().await;
        sqlx::query_scalar(AssertSqlSafe(statement.to_owned())).fetch_one(&pool).await.unwrap()
    }

    /// Waits until so many transactions wait for others. SQLite does not say who waits: there, they
    /// have half a second to come so far, and a test passes too where they come later.
    pub(crate) async fn until_waiting(&self, number: i64) {
        if self.folder.is_some() {
            return tokio::time::sleep(Duration::from_millis(500)).await;
        }
        let pool = self.pool().await;
        let waiting = "SELECT COUNT(*) FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&pool).await.unwrap() < number {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Everything that a thief of the database would have.
    pub(crate) fn dump(&self) -> String {
        if let Some(folder) = &self.folder {
            // What is still in the log of writes belongs to it.
            let files = std::fs::read_dir(folder.path()).unwrap();
            let bytes = files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap());
            return String::from_utf8_lossy(&bytes.collect::<Vec<_>>()).into_owned();
        }
        let dump = Command::new(tool("pg_dump")).arg(&self.url).output();
        String::from_utf8(dump.unwrap().stdout).unwrap()
    }
}

/// A PostgreSQL server on a free port, which ends with this process at the latest.
pub(crate) struct Server {
    port: u16,
    supervisor: Child,
    _folder: TempDir,
}

impl Server {
    fn start() -> Option<Self> {
        if programs().is_none() {
            // Past the capture of the test harness: whoever runs the tests has to see it.
            let line = b"\nskipped: no PostgreSQL here; `apt-get install postgresql-15` has one\n";
            std::io::stderr().write_all(line).unwrap();
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        // The server refuses to run as root, and its folder has to be its own.
        let user = run_as(folder.path());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let initdb = format!("{user} {} -D {}", tool("initdb"), data.display());
        let initdb = format!("{initdb} -U postgres -A trust -E UTF8 --locale=C --no-sync");
        let mut made = Command::new("sh");
        made.args(["-c", &initdb]).current_dir(folder.path()).stdout(Stdio::null());
        assert!(made.status().unwrap().success());
        // The input of the shell ends when this process does, however it does; nobody else is left then
        // to remove the folder.
        let script = format!(
            "{user} {} -D {} -p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
             -c fsync=off -c max_connections=400 >/dev/null 2>&1 & \
             server=$!; cat >/dev/null; kill -QUIT $server; wait $server; rm -rf -- {}",
            tool("postgres"),
            data.display(),
            folder.path().display(),
        );
        let supervisor = Command::new("sh")
            .args(["-c", &script])
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let server = Self { port, supervisor, _folder: folder };
        server.wait_until_ready();
        Some(server)
    }

    fn wait_until_ready(&self) {
        for _ in 0..600 {
            let mut ready = Command::new(tool("pg_isready"));
            ready.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
            if ready.status().unwrap().success() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the PostgreSQL server does not start");
    }

    /// Stops it at once.
    pub(crate) fn stop(mut self) {
        self.supervisor.stdin.take().unwrap().flush().unwrap();
        self.supervisor.wait().unwrap();
    }
}

/// The path of a program of the server.
fn tool(name: &str) -> String {
    programs().unwrap().join(name).display().to_string()
}

fn programs() -> Option<PathBuf> {
    let debian = Path::new("/usr/lib/postgresql/15/bin");
    debian.join("postgres").exists().then(|| debian.to_owned())
}

/// How to become the user of the server, who then owns `folder`.
fn run_as(folder: &Path) -> &'static str {
    let id = Command::new("id").arg("-u").output().unwrap();
    if id.stdout != b"0\n" {
        return "";
    }
    assert!(Command::new("chown").arg("postgres").arg(folder).status().unwrap().success());
    "setpriv --reuid=postgres --regid=postgres --clear-groups"
}
