//! A browser as far as a log-in needs one: cookies, redirects, and the form on a page.
//!
//! Absent on purpose: everything that would keep a page from doing harm.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects has failed"
)]

use std::collections::BTreeMap;

use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, Url};

/// Somebody's browser, at one site.
pub struct Browser {
    site: Url,
    client: Client,
    /// By path and name.
    cookies: BTreeMap<(String, String), String>,
}

/// Where a browser comes to a stop.
#[derive(Debug)]
pub enum Stop {
    /// On a page of the site.
    Page(String),
    /// Where the site sends it, which is somewhere else.
    Away(Url),
}

impl Browser {
    pub fn new(site: &str) -> Self {
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { site: site.parse().unwrap(), client, cookies: BTreeMap::new() }
    }

    /// Opens an address of the site, and follows its redirects within the site.
    pub async fn open(&mut self, address: &str) -> Stop {
        let url = self.site.join(address).unwrap();
        self.follow(self.client.get(url.clone()), url).await
    }

    /// Sends the form on a page: its hidden fields, and what is filled in.
    pub async fn submit(&mut self, page: &str, filled_in: &[(&str, &str)]) -> Stop {
        let form = page.split_once("<form").unwrap().1.split_once("</form>").unwrap().0;
        let mut fields = form_urlencoded::Serializer::new(String::new());
        for input in form.split("<input").filter(|input| input.contains("type=\"hidden\"")) {
            fields.append_pair(attribute(input, "name"), attribute(input, "value"));
        }
        let body = fields.extend_pairs(filled_in).finish();
        let url = self.site.join(attribute(form, "action")).unwrap();
        let form = "application/x-www-form-urlencoded";
        let request = self.client.post(url.clone()).header(CONTENT_TYPE, form).body(body);
        self.follow(request, url).await
    }

    async fn follow(&mut self, mut request: RequestBuilder, mut url: Url) -> Stop {
        loop {
            let answer = request.header(COOKIE, self.cookies_for(&url)).send().await.unwrap();
            self.keep_cookies(&answer);
            if !answer.status().is_redirection() {
                let status = answer.status();
                let page = answer.text().await.unwrap();
                assert!(status.is_success(), "{status} from {url}: {page}");
                return Stop::Page(page);
            }
            url = url.join(answer.headers()[LOCATION].to_str().unwrap()).unwrap();
            if url.origin() != self.site.origin() {
                return Stop::Away(url);
            }
            request = self.client.get(url.clone());
        }
    }

    fn cookies_for(&self, url: &Url) -> String {
        let here = self.cookies.iter().filter(|((path, _), _)| url.path().starts_with(path));
        here.map(|((_, name), value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep_cookies(&mut self, answer: &Response) {
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let mut parts = cookie.to_str().unwrap().split("; ");
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            let path = parts.find_map(|part| part.strip_prefix("path=")).unwrap();
            let key = (path.to_owned(), name.to_owned());
            // An empty one takes the other back.
            if value.is_empty() {
                self.cookies.remove(&key);
            } else {
                self.cookies.insert(key, value.to_owned());
            }
        }
    }
}

impl Stop {
    /// The page.
    #[track_caller]
    pub fn page(self) -> String {
        match self {
            Self::Page(page) => page,
            Self::Away(url) => panic!("sent away to {url}"),
        }
    }
}

/// The value of an attribute of the first element that has it.
fn attribute<'a>(html: &'a str, name: &str) -> &'a str {
    let start = format!("{name}=\"");
    html.split_once(&start).unwrap().1.split_once('"').unwrap().0
}
