//! Proofs of DPoP. An input is the header of one, a line break, and its payload; the client whose key
//! the token is bound to signs it.
//!
//! A proof that is accepted is by the rules of RFC 9449 section 4.3 as others read it, and good once.
#![no_main]

use std::sync::LazyLock;

use authz_core::http::RequestHead;
use authz_core::token::Dpop;
use authz_fuzz::{
    AUDIENCE, HEADER, ISSUER, LEEWAY, NOW, at_once, builder, encode, issuer, sign, view,
};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use http::Request;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use url::Url;

static KEY: LazyLock<Ed25519KeyPair> =
    LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap());

/// The public key, as a JWK has it.
static X: LazyLock<String> = LazyLock::new(|| encode(KEY.public_key()));

/// A token that is bound to the key (RFC 7638, RFC 8037 section 2).
static TOKEN: LazyLock<String> = LazyLock::new(|| {
    let key = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, &*X);
    let jkt = encode(digest(&SHA256, key.as_bytes()));
    // Written out, so that the seeds of the corpus can have its hash.
    let claims = format!(
        r#"{{"iss":"{ISSUER}","sub":"ada","aud":"{AUDIENCE}","client_id":"shop","jti":"t-1","iat":{},"exp":{},"cnf":{{"jkt":"{jkt}"}}}}"#,
        NOW - 10,
        NOW + 300,
    );
    sign(HEADER, claims)
});

fn proof(header: &str, payload: &str) -> String {
    let signed = format!("{}.{}", encode(header), encode(payload));
    let signature = encode(KEY.sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

fn request(scheme: &str, proof: &str) -> Request<()> {
    Request::get("/orders?page=2")
        .header("host", "elsewhere.example")
        .header("authorization", format!("{scheme} {}", &*TOKEN))
        .header("dpop", proof)
        .body(())
        .unwrap()
}

fn require_header(header: &Value) {
    let typ = header["typ"].as_str().expect("a type").to_ascii_lowercase();
    assert_eq!(typ.trim_start_matches("application/"), "dpop+jwt");
    assert_eq!(header["alg"], "EdDSA");
    assert!(header.get("crit").is_none());
    let key = &header["jwk"];
    assert_eq!((&key["kty"], &key["crv"]), (&json!("OKP"), &json!("Ed25519")));
    assert_eq!(key["x"], **X);
    assert!(key.get("d").is_none(), "a private key");
}

fn require_payload(payload: &Value) {
    assert_eq!(payload["htm"], "GET");
    assert_eq!(payload["ath"], encode(digest(&SHA256, TOKEN.as_bytes())));
    assert!(payload["jti"].as_str().is_some_and(|id| !id.is_empty()), "no id");
    let made = payload["iat"].as_f64().expect("a time").floor();
    let oldest = (NOW - 60 - LEEWAY) as f64;
    assert!((oldest..=(NOW + LEEWAY) as f64).contains(&made), "made at {made}");
    let address = payload["htu"].as_str().expect("an address");
    let url = Url::parse(address).expect("an address to others");
    assert_eq!(url.scheme(), "https");
    assert_eq!(url.host_str(), Some("api.example.com"));
    assert_eq!(url.port_or_known_default(), Some(443));
    assert_eq!(url.username(), "");
    assert_eq!(url.path().to_ascii_lowercase().replace("%6f", "o").len(), "/orders".len(), "{url}");
}

fuzz_target!(|text: &str| {
    let Some((header, payload)) = text.split_once('\n') else {
        return;
    };
    let verifier =
        builder().issuer(issuer()).dpop(Dpop::new("https://api.example.com")).build().unwrap();
    let proof = proof(header, payload);
    let judge = |scheme| {
        at_once(verifier.authenticate(RequestHead::of(&request(scheme, &proof)))).map(drop)
    };
    assert!(judge("Bearer").is_err(), "a bound token as a bearer token");
    if judge("DPoP").is_ok() {
        require_header(&view(header));
        require_payload(&view(payload));
        assert!(judge("DPoP").is_err(), "a proof that is good twice");
    }
});
