//! The examples of the RFCs.

use base64::Engine as _;
use http::Request;
use serde_json::json;

use super::{ALGORITHMS, Algorithm, Dpop, ProofError, Proofs, Thumbprint, Wanted};
use crate::http::RequestHead;
use crate::token::compact::BASE64URL;
use crate::token::json::{self, Value};
use crate::token::jwk::key_of_thumbprint;
use crate::token::key_error::KeyError;
use crate::token::tests::support::{self, Rsa, product, rsa_of};

/// RFC 9449 section 7.1, figure 13.
const PROOF: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4d\
    EZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmF\
    qSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoi\
    R0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2Mj\
    I2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrt\
    NP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
const TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
/// RFC 9449 section 6.1, figure 9.
const THUMBPRINT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
const MADE: u64 = 1_562_262_618;

fn thumbprint(text: &str) -> Thumbprint {
    BASE64URL.decode(text).unwrap().try_into().unwrap()
}

async fn judge(proofs: &Proofs, method: &str, token: &str, now: u64) -> Result<(), ProofError> {
    let request = Request::builder()
        .method(method)
        .uri("/protectedresource?a=b")
        .header("host", "elsewhere.example")
        .header("dpop", PROOF)
        .body(())
        .unwrap();
    let key = &thumbprint(THUMBPRINT);
    let head = RequestHead::of(&request);
    let wanted = Wanted { head, token, key, now, leeway: 5, max_length: 8192 };
    proofs.require(&wanted).await
}

#[tokio::test]
async fn the_example_of_dpop() {
    let proofs = || Dpop::new("https://resource.example.org").checked().unwrap();
    for now in [MADE - 5, MADE, MADE + 65] {
        assert_eq!(judge(&proofs(), "GET", TOKEN, now).await, Ok(()), "{now}");
    }
    for (method, token, now, expected) in [
        ("POST", TOKEN, MADE, ProofError::Method),
        ("GET", "another", MADE, ProofError::TokenHash),
        ("GET", TOKEN, MADE - 6, ProofError::InFuture),
        ("GET", TOKEN, MADE + 66, ProofError::TooOld),
    ] {
        let found = judge(&proofs(), method, token, now).await;
        assert_eq!(found, Err(expected), "{method} {now}");
    }
    for origin in [
        "https://server.example.org",
        "http://resource.example.org",
        "https://resource.example.org/v1",
    ] {
        let proofs = Dpop::new(origin).checked().unwrap();
        let found = judge(&proofs, "GET", TOKEN, MADE).await;
        assert_eq!(found, Err(ProofError::Address), "{origin}");
    }
    let once = proofs();
    assert_eq!(judge(&once, "GET", TOKEN, MADE).await, Ok(()));
    assert_eq!(judge(&once, "GET", TOKEN, MADE + 65).await, Err(ProofError::Replayed));
}

/// Whether a key has this thumbprint.
fn has(jwk: &serde_json::Value, algorithm: Algorithm, expected: &str) -> Result<bool, KeyError> {
    let text = json!({ "jwk": jwk }).to_string();
    let mut found = None;
    json::object(&text, |_, value| {
        let Value::Object(key) = value else { panic!("no object") };
        found = Some(key_of_thumbprint(key, algorithm, &thumbprint(expected)));
        Ok::<_, KeyError>(())
    })?;
    Ok(found.unwrap()?.is_some())
}

#[test]
fn the_thumbprints_of_the_rfcs() {
    // RFC 7638 section 3.1.
    let rsa = json!({
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSo\
              c_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGj\
              QR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-b\
              FTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        "e": "AQAB", "alg": "RS256", "kid": "2011-04-29",
    });
    let of_rsa = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
    assert_eq!(has(&rsa, Algorithm::Rs256, of_rsa), Ok(true));
    // RFC 8037 appendix A.3.
    let edwards = json!({
        "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    });
    let of_edwards = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
    assert_eq!(has(&edwards, Algorithm::EdDsa, of_edwards), Ok(true));
    // RFC 9449 section 6.1.
    let elliptic = json!({
        "kty": "EC", "crv": "P-256",
        "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
        "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
    });
    assert_eq!(has(&elliptic, Algorithm::Es256, THUMBPRINT), Ok(true));

    assert_eq!(has(&elliptic, Algorithm::Es256, of_edwards), Ok(false));
    assert_eq!(has(&elliptic, Algorithm::Es384, THUMBPRINT), Ok(false));
    // A key says what it is for.
    assert!(has(&rsa, Algorithm::Ps256, of_rsa).is_err());
}

#[test]
fn a_key_that_can_be_broken_proves_nothing() {
    let sound = Rsa::new().jwk();
    assert_eq!(has(&sound, Algorithm::Rs256, &support::thumbprint(&sound)), Ok(true));
    let divisible = rsa_of(&product(&Rsa::new().modulus(), &[3]));
    let refused = KeyError::RsaFactor { key: "the key".into(), factor: 3 };
    let expected = support::thumbprint(&divisible);
    assert_eq!(has(&divisible, Algorithm::Rs256, &expected), Err(refused));
}

#[test]
fn every_algorithm_of_a_key_pair_is_offered() {
    let offered = ALGORITHMS.map(|name| name.parse::<Algorithm>().unwrap());
    let every = Algorithm::ALL;
    let pairs = every.into_iter().filter(|one| !one.name().starts_with("HS"));
    assert!(pairs.clone().all(|one| offered.contains(&one)));
    assert_eq!(pairs.count(), offered.len());
}
