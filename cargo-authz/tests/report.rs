//! The page for reviewers: its words in a golden file, and its search and filters in a real
//! browser, headless Chromium driven over WebDriver.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod support;

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use authz_manifest::{Field, Requirement, Resource};
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::json;
use support::{folder, printed, program, records, run, shop};
use tempfile::TempDir;

fn write_report(name: &str) -> std::path::PathBuf {
    let folder = folder(name);
    std::fs::write(folder.join("shop"), program(&records(&shop()))).unwrap();
    run(&folder, &["lock", "--program", "shop"]);
    let mut changed = shop();
    let list = changed.functions.iter_mut().find(|it| it.id.ends_with("list")).unwrap();
    list.requirement = Requirement::Authenticated;
    // What somebody writes into a comment stays text.
    list.doc = Some("Lists <b>orders</b> & \"more\" </script>".to_owned());
    changed.policies.iter_mut().for_each(|policy| {
        policy.roles.iter_mut().filter(|role| role.name == "manager").for_each(|role| {
            role.includes.retain(|other| other == "clerk");
        });
        policy.roles.iter_mut().filter(|role| role.name == "clerk").for_each(|role| {
            role.excludes.push("auditor".to_owned());
        });
    });
    let field = |name: &str, read, write| Field { name: name.to_owned(), read, write };
    let manager = || Some(Requirement::Role("manager".to_owned()));
    let resource = |name: &str, fields: Vec<Field>| Resource {
        id: format!("shop::{name}"),
        policy: changed.policies.first().map(|it| it.id.clone()).filter(|_| !fields.is_empty()),
        file: "src/shop.rs".to_owned(),
        line: 7,
        owner: fields.is_empty().then(|| "customer".to_owned()),
        issuer: None,
        tenant: None,
        fields,
    };
    let fields = vec![field("cost", manager(), None), field("note", manager(), manager())];
    changed.resources = vec![resource("Change", fields), resource("Order", Vec::new())];
    std::fs::write(folder.join("shop"), program(&records(&changed))).unwrap();
    let (text, said, code) = printed(&run(&folder, &["report", "--program", "shop"]));
    assert_eq!((text.as_str(), said.as_str(), code), ("", "wrote `authz-report.html`\n", 0));
    folder
}

#[test]
fn the_page_is_as_it_was_read_in_review() {
    let folder = write_report("report-golden");
    let page = std::fs::read_to_string(folder.join("authz-report.html")).unwrap();
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("report", page);
    });
    let (same, _, _) = printed(&run(&folder, &["report", "--program", "shop", "--output", "-"]));
    assert_eq!(same, page);
}

#[test]
fn the_page_makes_no_request_and_takes_names_for_text() {
    let folder = write_report("report-closed");
    let page = std::fs::read_to_string(folder.join("authz-report.html")).unwrap();
    assert!(page.contains("default-src 'none'"));
    for address in ["http://", "https://", "src=", "href=", "@import", "url("] {
        assert!(!page.contains(address), "{address}");
    }
    assert!(
        page.contains("Lists &lt;b&gt;orders&lt;/b&gt; &amp; &quot;more&quot; &lt;/script&gt;")
    );
    assert_eq!(page.matches("</script>").count(), 1);
}

#[tokio::test]
async fn search_and_filters_show_what_they_should() {
    let Some(browser) = Browser::start().await else { return };
    let folder = write_report("report-browser");
    browser.open(&folder.join("authz-report.html")).await;
    let all = ["cancel", "health", "list", "me", "refund"];
    assert_eq!(browser.shown().await, all);
    assert_eq!(browser.text("#count").await, "5 of 5");
    assert!(browser.text("#changes").await.contains(
        "narrowed, without scope read:orders, not with role auditor. Newly allowed: any identity"
    ));
    assert_eq!(browser.text("#public li").await, "shop::service::health: load balancer probe");

    browser.fill("#search", "refund post").await;
    assert_eq!(browser.shown().await, ["refund"]);
    browser.fill("#search", "zebra").await;
    assert_eq!(browser.shown().await, [""; 0]);
    assert!(browser.text("#none").await.contains("No function"));
    browser.fill("#search", "").await;
    assert_eq!(browser.shown().await, all);

    // The options are those of the vocabulary, in its order: admin, manager, clerk, auditor.
    browser.choose("#role", 4).await;
    assert_eq!(browser.shown().await, ["health", "list", "me"]);
    browser.choose("#role", 3).await;
    assert_eq!(browser.shown().await, ["cancel", "health", "list", "me"]);
    browser.choose("#kind", 2).await;
    assert_eq!(browser.shown().await, ["me"]);
    assert_eq!(browser.text("#count").await, "1 of 5");

    // Every role has its node, and one pair excludes each other.
    assert_eq!(browser.count("svg rect").await, 4);
    assert_eq!(browser.count("svg line.includes").await, 2);
    assert_eq!(browser.count("svg line.excludes").await, 1);
    browser.page.clone().close().await.unwrap();
}

/// Chromium, and the program that drives it.
struct Browser {
    page: Client,
    driver: Child,
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
        let port = BufReader::new(driver.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once("successfully on port ")?.1.to_owned()))
            .unwrap_or_else(|| panic!("chromedriver says no port"));
        let port = port.trim_end_matches('.');
        let profile = tempfile::tempdir().unwrap();
        let options = json!({ "args": [
            "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
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
        Some(Self { page, driver, _profile: profile })
    }

    async fn open(&self, file: &Path) {
        self.page.goto(&format!("file://{}", file.display())).await.unwrap();
    }

    async fn fill(&self, css: &str, text: &str) {
        let field = self.page.find(Locator::Css(css)).await.unwrap();
        // As somebody does who replaces what is there; clearing alone is no input.
        let everything = "\u{e009}a\u{e000}\u{e003}";
        field.send_keys(&format!("{everything}{text}")).await.unwrap();
    }

    /// Goes to an option with the keys, counting from the first.
    async fn choose(&self, css: &str, option: usize) {
        let field = self.page.find(Locator::Css(css)).await.unwrap();
        let (home, down) = ("\u{e011}", "\u{e015}");
        field.send_keys(&format!("{home}{}", down.repeat(option))).await.unwrap();
    }

    async fn text(&self, css: &str) -> String {
        self.page.find(Locator::Css(css)).await.unwrap().text().await.unwrap()
    }

    async fn count(&self, css: &str) -> usize {
        self.page.find_all(Locator::Css(css)).await.unwrap().len()
    }

    /// The functions whose rows are to be seen, by the end of their path.
    async fn shown(&self) -> Vec<String> {
        let mut shown = Vec::new();
        for row in self.page.find_all(Locator::Css("tbody tr")).await.unwrap() {
            if row.is_displayed().await.unwrap() {
                let name = row.find(Locator::Css("code")).await.unwrap().text().await.unwrap();
                shown.push(name.rsplit("::").next().unwrap().to_owned());
            }
        }
        shown
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
