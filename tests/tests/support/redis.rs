//! A real Redis, which a test starts, kills and starts again.
//!
//! Without `redis-server` nothing is tested, and a line that starts with `skipped:` says so.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects has failed"
)]
#![allow(dead_code, reason = "each test file uses its part")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A Redis of the test's own, without a file to come back with.
pub struct Redis {
    port: u16,
    process: Child,
}

impl Redis {
    pub fn start() -> Option<Self> {
        let port = authz_tests::free_port();
        let Some(process) = Self::spawn(port) else {
            // Not `println!`, which the harness keeps to itself.
            let why = b"\nskipped: redis-server is not installed (apt-get install redis-server)\n";
            std::io::stdout().write_all(why).unwrap();
            return None;
        };
        Some(Self { port, process })
    }

    fn spawn(port: u16) -> Option<Child> {
        let mut process = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no"])
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut lines = lines.map(Result::unwrap);
        assert!(lines.any(|line| line.contains("Ready to accept connections")), "no redis");
        std::thread::spawn(move || lines.for_each(drop));
        Some(process)
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts again on the same port, with nothing in it.
    pub fn restart(&mut self) {
        self.process = Self::spawn(self.port).unwrap();
    }

    /// Sends one command.
    pub async fn command(&self, command: &str) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        stream.write_all(format!("{command}\r\n").as_bytes()).await.unwrap();
        let mut answer = [0; 1];
        stream.read_exact(&mut answer).await.unwrap();
        assert!(answer == *b"+" || answer == *b":", "{command}");
    }

    pub fn signal(&self, signal: &str) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}
