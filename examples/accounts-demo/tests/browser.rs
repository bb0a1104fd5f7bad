//! The demonstration in a real browser: headless Chromium, driven over WebDriver.
//!
//! The test is the owner of the account and of the app for one-time codes, and the program that uses
//! the key.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;
use data_encoding::BASE32_NOPAD;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::json;
use tempfile::TempDir;

const NAME: &str = "ann@example.com";
const PASSWORD: &str = "plinth gravel otter mandolin";

#[tokio::test]
async fn from_sign_up_to_log_out() {
    let Some(browser) = Browser::start().await else { return };
    let state = tempfile::tempdir().unwrap();
    let mut shop = Shop::start(state.path());
    let page = &browser.page;

    // Sign up: too short first, and the reason is told.
    page.goto(&shop.at("/")).await.unwrap();
    browser.click("#to-sign-up").await;
    browser.fill("#name", NAME).await;
    browser.fill("#password", "too short").await;
    browser.click("#submit").await;
    assert_eq!(browser.text("[role=alert]").await, "A password needs at least 15 characters.");
    browser.fill("#name", NAME).await;
    browser.fill("#password", PASSWORD).await;
    browser.click("#submit").await;
    assert_eq!(browser.text("h1").await, "Orders");
    assert_eq!(browser.text("#who").await, NAME);
    browser.require_safe_cookie().await;

    // A refund needs a second factor.
    browser.click("#refund-2").await;
    assert_eq!(browser.text("h1").await, "A second factor is needed");
    browser.click("#to-app").await;
    browser.click("#enrol").await;
    let secret = browser.text("#secret").await;
    assert!(browser.is_there(".picture svg").await);
    let mut app = App::new(&secret);
    browser.fill("#code", &app.code().await).await;
    browser.click("#submit").await;
    assert_eq!(browser.all("#codes li").await.len(), 10);
    browser.click("#to-home").await;
    browser.click("#refund-2").await;
    assert_eq!(browser.text("[role=status]").await, "Order 2 is refunded.");

    // Out, and in again with both.
    browser.click("#log-out").await;
    page.goto(&shop.at("/home")).await.unwrap();
    assert_eq!(browser.text("h1").await, "Log in");
    browser.fill("#name", NAME).await;
    browser.fill("#password", PASSWORD).await;
    browser.click("#submit").await;
    assert_eq!(browser.text("h1").await, "One more step");
    // Half a log-in opens nothing.
    page.goto(&shop.at("/home")).await.unwrap();
    assert_eq!(browser.text("h1").await, "Log in");
    page.goto(&shop.at("/second-factor")).await.unwrap();
    browser.fill("#code", "000000").await;
    browser.click("#submit").await;
    assert!(browser.is_there("[role=alert]").await);
    browser.fill("#code", &app.code().await).await;
    browser.click("#submit").await;
    assert_eq!(browser.text("h1").await, "Orders");

    // A key, used by a program, seen in the history, revoked.
    page.goto(&shop.at("/keys")).await.unwrap();
    browser.fill("#label", "<b>till</b> & more").await;
    browser.click("#create").await;
    let key = browser.text("#new-key").await;
    assert!(key.starts_with("authz_"), "{key}");
    assert!(browser.text("#keys").await.contains("<b>till</b> & more"), "shown as it was typed");
    assert_eq!(shop.orders_with(&key), "200");
    page.goto(&shop.at("/keys")).await.unwrap();
    assert!(!page.source().await.unwrap().contains(&key), "a key is shown once");
    browser.click(".revoke").await;
    assert_eq!(shop.orders_with(&key), "401");
    page.goto(&shop.at("/history")).await.unwrap();
    let history = browser.all(".event").await;
    let begin = ["key revoked", "key created", "second factor", "code failed", "log in"];
    assert_eq!(history.get(..5).unwrap(), begin);
    assert!(
        history.contains(&"app enrolled".to_owned()) && history.contains(&"sign up".to_owned())
    );

    // Ten minutes later, after a restart: still logged in, and too old for a refund.
    shop.stop();
    let ago = "UPDATE session SET authenticated_at = authenticated_at - 600";
    shop.alter(ago).await;
    let shop = Shop::start(state.path());
    page.goto(&shop.at("/home")).await.unwrap();
    browser.click("#refund-1").await;
    assert_eq!(browser.text("h1").await, "Is it still you?");
    browser.fill("#password", PASSWORD).await;
    browser.fill("#code", &app.code().await).await;
    browser.click("#submit").await;
    browser.click("#refund-1").await;
    assert_eq!(browser.text("[role=status]").await, "Order 1 is refunded.");

    browser.click("#log-out").await;
    page.goto(&shop.at("/history")).await.unwrap();
    assert_eq!(browser.text("h1").await, "Log in");
    browser.stop().await;
}

#[tokio::test]
async fn a_passkey_in_place_of_the_password() {
    let Some(browser) = Browser::start().await else { return };
    let state = tempfile::tempdir().unwrap();
    let mut shop = Shop::start(state.path());
    let page = &browser.page;
    browser.add_authenticator().await;
    page.goto(&shop.at("/sign-up")).await.unwrap();
    browser.fill("#name", NAME).await;
    browser.fill("#password", PASSWORD).await;
    browser.click("#submit").await;

    page.goto(&shop.at("/app")).await.unwrap();
    browser.fill("#label", "phone").await;
    browser.press("#passkey").await;
    browser.wait_for("#new-codes:not([hidden]) li:nth-child(10)").await;
    browser.click("#to-home").await;
    assert!(browser.text("#who").await.ends_with("2 factors"));

    // Beside the password.
    browser.click("#log-out").await;
    browser.fill("#name", NAME).await;
    browser.fill("#password", PASSWORD).await;
    browser.click("#submit").await;
    assert_eq!(browser.text("h1").await, "One more step");
    browser.click("#passkey").await;
    assert_eq!(browser.text("h1").await, "Orders");

    // In its place.
    browser.click("#log-out").await;
    browser.click("#passkey").await;
    assert_eq!(browser.text("h1").await, "Orders");

    // Once more, for a refund ten minutes later.
    let port = shop.port();
    shop.stop();
    shop.alter("UPDATE session SET authenticated_at = authenticated_at - 600").await;
    let shop = Shop::start_at(&port, state.path());
    browser.click("#refund-1").await;
    assert_eq!(browser.text("h1").await, "Is it still you?");
    browser.click("#passkey").await;
    browser.click("#refund-1").await;
    assert_eq!(browser.text("[role=status]").await, "Order 1 is refunded.");

    // Away with it.
    page.goto(&shop.at("/app")).await.unwrap();
    assert_eq!(browser.text("#passkeys tbody td").await, "phone");
    browser.click(".remove").await;
    assert!(!browser.is_there("#passkeys").await);
    browser.click("#log-out").await;
    browser.press("#passkey").await;
    browser.wait_for("#passkey-fault:not([hidden])").await;
    let fault = browser.text("#passkey-fault").await;
    assert_eq!(fault, "the name or the credentials are wrong");
    browser.stop().await;
}

#[tokio::test]
async fn every_page_can_be_read_without_eyes() {
    let Some(browser) = Browser::start().await else { return };
    let state = tempfile::tempdir().unwrap();
    let shop = Shop::start(state.path());
    browser.page.goto(&shop.at("/sign-up")).await.unwrap();
    browser.fill("#name", NAME).await;
    browser.fill("#password", PASSWORD).await;
    browser.click("#submit").await;
    for path in ["/", "/sign-up", "/second-factor", "/home", "/app", "/keys", "/history"] {
        browser.page.goto(&shop.at(path)).await.unwrap();
        let faults = browser.page.execute(WITHOUT_NAME, Vec::new()).await.unwrap();
        assert_eq!(faults, json!([]), "{path}");
        let narrow = "return document.documentElement.scrollWidth <= window.innerWidth";
        browser.page.set_window_size(360, 740).await.unwrap();
        let fits = browser.page.execute(narrow, Vec::new()).await.unwrap();
        assert_eq!(fits, json!(true), "{path} on a small screen");
    }
    browser.stop().await;
}

/// What a screen reader would have no word for, and headings and languages that are missing.
const WITHOUT_NAME: &str = r"
    const faults = [];
    for (const field of document.querySelectorAll('input:not([type=hidden]), select')) {
        if (field.labels.length === 0) faults.push(field.outerHTML);
    }
    for (const button of document.querySelectorAll('button, a')) {
        if (!(button.getAttribute('aria-label') || button.textContent.trim())) {
            faults.push(button.outerHTML);
        }
    }
    if (document.querySelectorAll('h1').length !== 1) faults.push('h1');
    if (!document.documentElement.lang) faults.push('lang');
    if (!document.querySelector('main')) faults.push('main');
    if (document.querySelectorAll('script:not([src])').length > 0) faults.push('script');
    return faults;
";

/// The demonstration, as a process.
struct Shop {
    process: Child,
    address: String,
    database: String,
    /// Kept open: who prints to nobody ends.
    _output: BufReader<ChildStdout>,
}

impl Shop {
    fn start(state: &Path) -> Self {
        Self::start_at("0", state)
    }

    fn start_at(port: &str, state: &Path) -> Self {
        let database = state.join("accounts.db").to_str().unwrap().to_owned();
        let mut process = Command::new(env!("CARGO_BIN_EXE_accounts-demo"))
            .args(["--listen", &format!("127.0.0.1:{port}"), "--database", &database])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("accounts-demo listens on ").unwrap().to_owned();
        Self { process, address, database, _output: output }
    }

    fn port(&self) -> String {
        self.address.rsplit(':').next().unwrap().to_owned()
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// The status of the interface for programs.
    fn orders_with(&self, key: &str) -> String {
        let status = Command::new("curl")
            .args(["-s", "-o", "/dev/null", "-w", "%{http_code}", "-H"])
            .arg(format!("Authorization: Bearer {key}"))
            .arg(self.at("/api/orders"))
            .output();
        String::from_utf8(status.unwrap().stdout).unwrap()
    }

    fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    async fn alter(&self, statement: &'static str) {
        sqlx::any::install_default_drivers();
        let pool = sqlx::AnyPool::connect(&format!("sqlite:{}", self.database)).await.unwrap();
        sqlx::query(statement).execute(&pool).await.unwrap();
        pool.close().await;
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The app for one-time codes.
struct App {
    seed: Vec<u8>,
    last_step: u64,
}

impl App {
    fn new(secret: &str) -> Self {
        Self { seed: BASE32_NOPAD.decode(secret.as_bytes()).unwrap(), last_step: 0 }
    }

    /// A code that was not shown before. Each is accepted once, and the service takes one that is
    /// early by a step; when that is used too, somebody with an app waits, and so does this.
    async fn code(&mut self) -> String {
        loop {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
            let step = (now / 30).max(self.last_step + 1);
            if step <= now / 30 + 1 {
                self.last_step = step;
                return self.code_of(step);
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    fn code_of(&self, step: u64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.seed);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let offset = usize::from(tag.as_ref().last().unwrap() & 15);
        let bytes = tag.as_ref().get(offset..offset + 4).unwrap().try_into().unwrap();
        format!("{:06}", (u32::from_be_bytes(bytes) & 0x7fff_ffff) % 1_000_000)
    }
}

/// Chromium, and the program that drives it.
struct Browser {
    page: Client,
    driver: Child,
    /// Where the driver listens.
    at: String,
    _profile: TempDir,
}

impl Browser {
    /// `None` where there is none, and a line says so.
    async fn start() -> Option<Self> {
        let driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn();
        let Ok(mut driver) = driver else {
            // Past the capture of the test harness: whoever runs the tests has to see it.
            let line = b"\nskipped: no chromedriver; `apt-get install chromium chromium-driver`\n";
            std::io::stderr().write_all(line).unwrap();
            return None;
        };
        let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once("successfully on port ")?.1.to_owned()))
            .unwrap_or_else(|| panic!("chromedriver says no port"));
        let port = port.trim_end_matches('.');
        let profile = tempfile::tempdir().unwrap();
        let options = json!({ "args": [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            format!("--user-data-dir={}", profile.path().display()),
        ] });
        let capabilities = [("goog:chromeOptions".to_owned(), options)].into_iter().collect();
        let connector = hyper_util::client::legacy::connect::HttpConnector::new();
        let page = ClientBuilder::new(connector)
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap();
        let at = format!("http://127.0.0.1:{port}");
        Some(Self { page, driver, at, _profile: profile })
    }

    /// Gives the browser an authenticator that knows its user (Web Authentication section 11).
    async fn add_authenticator(&self) {
        let session = self.page.session_id().await.unwrap().unwrap();
        let kind = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true,
        });
        let added = Command::new("curl")
            .args(["-sf", "-H", "content-type: application/json", "-d", &kind.to_string()])
            .arg(format!("{}/session/{session}/webauthn/authenticator", self.at))
            .output();
        assert!(added.unwrap().status.success());
    }

    /// Clicks on what the script answers on the same page.
    async fn press(&self, css: &str) {
        self.page.find(Locator::Css(css)).await.unwrap().click().await.unwrap();
    }

    async fn wait_for(&self, css: &str) {
        self.page
            .wait()
            .at_most(Duration::from_secs(30))
            .for_element(Locator::Css(css))
            .await
            .unwrap();
    }

    /// Clicks on what leads to another page, and waits for that.
    async fn click(&self, css: &str) {
        let before = self.page.find(Locator::Css("html")).await.unwrap();
        self.page.find(Locator::Css(css)).await.unwrap().click().await.unwrap();
        for _ in 0..1500 {
            let there = self.page.find(Locator::Css("footer")).await;
            if before.tag_name().await.is_err() && there.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("`{css}` leads nowhere");
    }

    async fn fill(&self, css: &str, text: &str) {
        let field = self.page.find(Locator::Css(css)).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    async fn text(&self, css: &str) -> String {
        self.page.find(Locator::Css(css)).await.unwrap().text().await.unwrap()
    }

    async fn is_there(&self, css: &str) -> bool {
        !self.page.find_all(Locator::Css(css)).await.unwrap().is_empty()
    }

    async fn all(&self, css: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for element in self.page.find_all(Locator::Css(css)).await.unwrap() {
            texts.push(element.text().await.unwrap());
        }
        texts
    }

    /// The cookie is the browser's alone.
    async fn require_safe_cookie(&self) {
        let cookie = self.page.get_named_cookie("__Host-session").await.unwrap();
        assert_eq!((cookie.secure(), cookie.http_only()), (Some(true), Some(true)));
        let seen = self.page.execute("return document.cookie", Vec::new()).await.unwrap();
        assert_eq!(seen, json!(""));
    }

    async fn stop(self) {
        self.page.clone().close().await.unwrap();
    }
}

impl Drop for Browser {
    /// Ends what the driver has started with it, also where a test failed.
    fn drop(&mut self) {
        let group = format!("-{}", self.driver.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.driver.wait();
    }
}
