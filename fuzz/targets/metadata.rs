//! What an issuer publishes. An input is its metadata, a line `---`, and its keys.
//!
//! A verifier that is built trusts the issuer that it was asked to trust, has asked for what that
//! issuer says and for nothing else, over https, and takes no secret that is published.
#![no_main]

use std::sync::{Arc, LazyLock, Mutex};

use authz_core::token::{FetchAnswer, HttpClient, Limits, Verifier};
use authz_fuzz::{AUDIENCE, HEADER, ISSUER, Policy, sign, view};
use http::{Request, Response};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const METADATA: &str = "https://id.example.com/.well-known/openid-configuration";

thread_local! {
    static RUNTIME: tokio::runtime::Runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
}

/// An issuer in memory.
struct World {
    metadata: String,
    keys: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl HttpClient for World {
    fn send(&self, request: Request<Vec<u8>>, limits: Limits) -> FetchAnswer<'_> {
        assert!(limits.public_https_only);
        let url = request.uri().to_string();
        let body = if url == METADATA { &self.metadata } else { &self.keys };
        let answer = Response::new(body.clone().into_bytes());
        self.asked.lock().unwrap().push(url);
        Box::pin(async { Ok(answer) })
    }
}

static UNKNOWN: LazyLock<String> = LazyLock::new(|| sign(HEADER, "{}"));

async fn discover(metadata: &str, keys: &str) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let world = World { metadata: metadata.into(), keys: keys.into(), asked: Arc::clone(&asked) };
    let built =
        Verifier::<Policy>::discover(ISSUER).audience(AUDIENCE).http_client(world).build().await;
    let verifier = match built {
        Ok(verifier) => verifier,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let metadata = view(metadata);
    assert_eq!(metadata["issuer"], ISSUER);
    let address = metadata["jwks_uri"].as_str().expect("an address");
    let uri: http::Uri = address.parse().expect("an address");
    assert_eq!(uri.scheme_str(), Some("https"));
    assert_eq!(*asked.lock().unwrap(), [METADATA.to_owned(), uri.to_string()]);
    let keys = view(keys);
    let keys = keys["keys"].as_array().expect("an array of keys");
    assert!(keys.len() <= 128 || keys.iter().any(|key| key["use"] != Value::Null));
    assert!(keys.iter().all(|key| key["kty"] != "oct"), "a published secret");
    assert!(verifier.verify(&UNKNOWN).await.is_err(), "a shared secret with an issuer");
}

fuzz_target!(|text: &str| {
    let (metadata, keys) = text.split_once("\n---\n").unwrap_or((text, r#"{"keys":[]}"#));
    RUNTIME.with(|runtime| {
        runtime.block_on(async {
            discover(metadata, keys).await;
            // The refreshing task ends with its verifier, once it is its turn.
            tokio::task::yield_now().await;
        });
    });
});
