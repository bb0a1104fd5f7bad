//! `oidc-provider` in a process of its own, and what clients and people ask it for.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects has failed"
)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, RequestBuilder};
use serde_json::Value;

use super::browser::{Browser, Stop};
use super::sender::Sender;

/// What tokens are for: one kind of each.
pub const JWT: &str = "urn:orders:jwt";
pub const OPAQUE: &str = "urn:orders:opaque";

/// Where a person's program waits for the code.
const CALLBACK: &str = "http://127.0.0.1/callback";

pub struct Provider {
    port: u16,
    keys: PathBuf,
    /// Where it posts its logout tokens.
    logout: Option<String>,
    process: Child,
}

/// What a program gets when a person has logged in.
pub struct Code {
    pub code: String,
    /// What proves that it is the program that asked (RFC 7636).
    pub verifier: String,
}

impl Provider {
    pub fn start(name: &str) -> Option<Self> {
        Self::start_with(name, None)
    }

    /// One that tells this address who has logged out.
    pub fn start_with_logout(name: &str, logout: &str) -> Option<Self> {
        Self::start_with(name, Some(logout.to_owned()))
    }

    fn start_with(name: &str, logout: Option<String>) -> Option<Self> {
        let port = authz_tests::free_port();
        let keys = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("keys-of-{name}.json"));
        let _ = std::fs::remove_file(&keys);
        let Some(process) = Self::spawn(port, &keys, logout.as_deref()) else {
            // Not `println!`, which the harness keeps to itself.
            let why =
                b"\nskipped: oidc-provider is not installed (npm ci --prefix tests/provider)\n";
            std::io::stdout().write_all(why).unwrap();
            return None;
        };
        Some(Self { port, keys, logout, process })
    }

    fn spawn(port: u16, keys: &Path, logout: Option<&str>) -> Option<Child> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("provider");
        if !folder.join("node_modules/oidc-provider").exists() {
            return None;
        }
        let mut process = Command::new("node")
            .arg(folder.join("provider.mjs"))
            .args([&port.to_string(), keys.to_str().unwrap()])
            .args(logout)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap() == "ready"), "no provider");
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Some(process)
    }

    pub fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts again with one more key in front.
    pub fn restart(&mut self) {
        self.process = Self::spawn(self.port, &self.keys, self.logout.as_deref()).unwrap();
    }

    pub fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Client credentials: a token for a resource with a scope.
    pub async fn token(&self, resource: &str, scope: &str) -> String {
        let request = self.post("/token", &client_credentials(resource, scope));
        access_token(&send(with_secret(request, "orders-cli")).await.unwrap(), "Bearer")
    }

    /// As [`token`](Self::token), bound to the key of the sender (RFC 9449 section 5).
    pub async fn bound_token(&self, sender: &Sender, resource: &str, scope: &str) -> String {
        let proof = sender.sign(&Sender::claims("POST", &format!("{}/token", self.issuer()), None));
        let request = self.post("/token", &client_credentials(resource, scope));
        let request = with_secret(request, "orders-cli").header("dpop", proof);
        access_token(&send(request).await.unwrap(), "DPoP")
    }

    /// RFC 7009.
    pub async fn revoke(&self, token: &str) {
        let request = self.post("/token/revocation", &[("token", token)]);
        send(with_secret(request, "orders-cli")).await.unwrap();
    }

    /// A person logs in for a program and lets it read orders. Who has logged in before with this
    /// browser is not asked again.
    pub async fn log_in(&self, browser: &mut Browser, who: &str, client: &str) -> Code {
        let (state, verifier) = (random(), random());
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
        let question = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("client_id", client), ("response_type", "code")])
            .extend_pairs([("redirect_uri", CALLBACK), ("state", &state)])
            .extend_pairs([("scope", "openid read:orders"), ("resource", JWT)])
            .extend_pairs([("code_challenge", &*challenge), ("code_challenge_method", "S256")])
            .finish();
        let mut stop = browser.open(&format!("/auth?{question}")).await;
        let answer = loop {
            match stop {
                Stop::Away(url) => break url,
                // Name and password, or, on the second page, nothing but a click.
                Stop::Page(page) => {
                    let name_and_password = [("login", who), ("password", "any")];
                    stop = browser.submit(&page, &name_and_password).await;
                }
            }
        };
        assert!(answer.as_str().starts_with(CALLBACK), "{answer}");
        let find = |name: &str| {
            let (_, value) = answer.query_pairs().find(|(key, _)| key == name).unwrap();
            value.into_owned()
        };
        assert_eq!((find("state"), find("iss")), (state, self.issuer()));
        Code { code: find("code"), verifier }
    }

    /// A token for a code; otherwise the provider's reason.
    pub async fn exchange(&self, code: &Code, client: &str) -> Result<String, String> {
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", client),
            ("code", &code.code),
            ("code_verifier", &code.verifier),
            ("redirect_uri", CALLBACK),
            ("resource", JWT),
        ];
        let answer = send(self.post("/token", &fields)).await?;
        Ok(access_token(&answer, "Bearer"))
    }

    /// A person logs out of everything, with one click. When this is done, everybody was told.
    pub async fn log_out(&self, browser: &mut Browser) {
        let page = browser.open("/session/end").await.page();
        browser.submit(&page, &[("logout", "yes")]).await.page();
    }

    fn post(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Client::new()
            .post(format!("{}{path}", self.issuer()))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body)
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.stop();
        let _ = std::fs::remove_file(&self.keys);
    }
}

fn client_credentials<'a>(resource: &'a str, scope: &'a str) -> [(&'a str, &'a str); 3] {
    [("grant_type", "client_credentials"), ("resource", resource), ("scope", scope)]
}

fn with_secret(request: RequestBuilder, client: &str) -> RequestBuilder {
    let secret = format!("secret%20of%20{client}%2C%20long%20enough");
    let credentials = BASE64_STANDARD.encode(format!("{client}:{secret}"));
    request.header(AUTHORIZATION, format!("Basic {credentials}"))
}

/// The body of the answer; that of a refusal as an error.
async fn send(request: RequestBuilder) -> Result<String, String> {
    let answer = request.send().await.unwrap();
    let good = answer.status() == 200;
    let body = answer.text().await.unwrap();
    if good { Ok(body) } else { Err(body) }
}

fn access_token(answer: &str, kind: &str) -> String {
    let answer: Value = serde_json::from_str(answer).unwrap();
    assert_eq!(answer.get("token_type").unwrap(), kind);
    answer.get("access_token").unwrap().as_str().unwrap().to_owned()
}

/// 256 random bits as text.
fn random() -> String {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).unwrap();
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
