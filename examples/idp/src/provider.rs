//! The provider's process: installed where it is not, started, and ended with this program.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use crate::Error;

/// A provider that listens. It ends when this is dropped, or killed with this program.
pub struct Provider {
    issuer: String,
    _process: Child,
}

impl Provider {
    /// Starts one that sends people who have logged in to `callback`.
    ///
    /// # Errors
    ///
    /// When Node or npm is missing, or the provider does not start.
    pub async fn start(callback: &str) -> Result<Self, Error> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("provider");
        install(&folder).await?;
        // Nobody else is given this port between its release and its use but by bad luck.
        let port = TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port();
        let mut process = Command::new("node")
            .arg(folder.join("provider.mjs"))
            .args([&port.to_string(), callback])
            // It ends when this is closed, which happens however this program ends.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("can't start the provider: {error}; is Node.js installed?"))?;
        let output = process.stdout.take().ok_or("the provider has no output")?;
        let mut lines = BufReader::new(output).lines();
        while let Some(line) = lines.next_line().await? {
            if line == "ready" {
                // What it says from now on is read, so that it never waits for a reader.
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                let issuer = format!("http://127.0.0.1:{port}");
                return Ok(Self { issuer, _process: process });
            }
        }
        let script = folder.join("provider.mjs");
        Err(format!("the provider ended; run `node {} {port}` to see why", script.display()).into())
    }

    /// Its issuer identifier, which is also its address.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }
}

/// Fetches the provider's packages, once.
async fn install(folder: &PathBuf) -> Result<(), Error> {
    if folder.join("node_modules").join("oidc-provider").exists() {
        return Ok(());
    }
    println!("installing the provider: npm ci --prefix {}", folder.display());
    let installed = Command::new("npm")
        .args(["ci", "--silent", "--no-audit", "--no-fund", "--prefix"])
        .arg(folder)
        .status()
        .await
        .map_err(|error| format!("can't run npm: {error}; is Node.js installed?"))?;
    if installed.success() { Ok(()) } else { Err("npm did not install the provider".into()) }
}
