//! Tokens that another implementation signs, `PyJWT`, are accepted; and so is what it publishes.
//!
//! Without `PyJWT` nothing is tested, and a line that starts with `skipped:` says so.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that finds something else than it expects has failed"
)]

use std::io::Write as _;
use std::process::Command;

use authz_core::testing::Clock;
use authz_core::token::{Algorithm, Issuer, KeySet, TokenError};
use authz_tests::policy::{Scope, Verifier};
use serde_json::Value;

const NOW: u64 = 1_800_000_000;
/// The status of the script where `PyJWT` is missing.
const NOT_INSTALLED: i32 = 77;

/// Prints one object for each algorithm: its name, the public key, a token, and the same claims
/// signed with another key.
const PYTHON: &str = r#"
import json, sys
try:
    import jwt
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
except ImportError:
    sys.exit(77)
from jwt.algorithms import get_default_algorithms
now = int(sys.argv[1])
claims = {"iss": "https://issuer.test", "aud": ["other", "shop"], "sub": "ada", "client_id": "app",
          "iat": now, "exp": now + 300, "jti": "é", "scope": "read:orders"}
make_rsa = lambda: rsa.generate_private_key(65537, 2048)
make = {
    "HS256": iter([b"k" * 32, b"l" * 32]).__next__,
    "RS256": make_rsa,
    "PS256": make_rsa,
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ES384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}
for name, new in make.items():
    key, other = new(), new()
    public = key if isinstance(key, bytes) else key.public_key()
    jwk = json.loads(get_default_algorithms()[name].to_jwk(public))
    jwk.update(kid="k", use="sig", alg=name)
    if name != "HS256":
        jwk["key_ops"] = ["verify"]
    sign = lambda key: jwt.encode(claims, key, name, {"typ": "at+jwt", "kid": "k"})
    print(json.dumps({"alg": name, "jwk": jwk, "token": sign(key), "forged": sign(other)}))
"#;

#[tokio::test]
async fn tokens_of_pyjwt_are_accepted_and_those_of_another_key_are_not() {
    let Some(signed) = signed_by_pyjwt() else {
        return;
    };
    let mut algorithms = Vec::new();
    for line in signed.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let name = case["alg"].as_str().unwrap();
        let algorithm: Algorithm = name.parse().unwrap();
        let keys = KeySet::from_jwks(&case["jwk"].to_string(), &[algorithm]).expect(name);
        let verifier = Verifier::builder()
            .issuer(Issuer::new("https://issuer.test", keys))
            .audience("shop")
            .clock(&Clock::at(NOW))
            .build()
            .unwrap();

        let identity = verifier.verify(case["token"].as_str().unwrap()).await.expect(name);
        assert_eq!(identity.subject(), "ada", "{name}");
        assert_eq!(identity.token_id(), Some("é"), "{name}");
        assert!(identity.has_scope(Scope::ReadOrders), "{name}");
        assert!(!identity.has_scope(Scope::WriteOrders), "{name}");

        let forged = verifier.verify(case["forged"].as_str().unwrap()).await;
        assert_eq!(forged.unwrap_err(), TokenError::Signature, "{name}");
        algorithms.push(name.to_owned());
    }
    assert_eq!(algorithms, ["HS256", "RS256", "PS256", "ES256", "ES384", "EdDSA"]);
}

/// What the script prints, unless Python or `PyJWT` is missing.
fn signed_by_pyjwt() -> Option<String> {
    const SKIPPED: &[u8] = b"\nskipped: PyJWT is not installed (pip install 'pyjwt[crypto]')\n";
    let python = std::env::var("AUTHZ_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(python).args(["-c", PYTHON, &NOW.to_string()]).output();
    match output {
        Ok(output) if output.status.success() => Some(String::from_utf8(output.stdout).unwrap()),
        Ok(output) if output.status.code() != Some(NOT_INSTALLED) => {
            panic!("the script failed: {}", String::from_utf8_lossy(&output.stderr))
        }
        _ => {
            // The output of a test that passes is captured; this is not.
            std::io::stderr().write_all(SKIPPED).unwrap();
            None
        }
    }
}
