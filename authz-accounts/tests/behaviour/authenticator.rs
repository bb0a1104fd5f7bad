//! An authenticator with one passkey, in software, and the browser around it: it does as it is told,
//! also what a real one never would.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

pub(crate) const DOMAIN: &str = "shop.example";
pub(crate) const ORIGIN: &str = "https://shop.example";

/// Somebody is there; the authenticator knows who (Web Authentication section 6.1).
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const HAS_KEY: u8 = 0x40;

pub(crate) struct Authenticator {
    key: EcdsaKeyPair,
    /// The modulus of an RSA key that it says it has, instead of its own.
    pub(crate) rsa: Option<[u8; 256]>,
    pub(crate) id: Vec<u8>,
    pub(crate) handle: Vec<u8>,
    /// What the next signature counts.
    pub(crate) counter: u32,
    pub(crate) verifies: bool,
    pub(crate) domain: &'static str,
    pub(crate) origin: &'static str,
    /// What the browser says that it was asked for; of itself it says the truth.
    pub(crate) kind: Option<&'static str>,
    pub(crate) signs: bool,
}

impl Authenticator {
    pub(crate) fn new(id: &[u8]) -> Self {
        Self {
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap(),
            rsa: None,
            id: id.to_vec(),
            handle: Vec::new(),
            counter: 1,
            verifies: true,
            domain: DOMAIN,
            origin: ORIGIN,
            kind: None,
            signs: true,
        }
    }

    /// The answer to `navigator.credentials.create`.
    pub(crate) fn create(&mut self, options: &Value) -> Value {
        let options = &options["publicKey"];
        self.handle = bytes(&options["user"]["id"]);
        let mut data = self.data(HAS_KEY);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        if let Some(modulus) = &self.rsa {
            // COSE (RFC 8230 section 4, RFC 8812 section 2): RSA, RS256, n, e.
            data.extend([0xa4, 1, 3, 3, 0x39, 1, 0, 0x20, 0x59, 1, 0]);
            data.extend(modulus);
            data.extend([0x21, 0x43, 1, 0, 1]);
        } else {
            let point = self.key.public_key().as_ref();
            // COSE (RFC 9053 section 7.1.1): EC2, ES256, P-256, x, y.
            data.extend([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32]);
            data.extend(&point[1..33]);
            data.extend([0x22, 0x58, 32]);
            data.extend(&point[33..]);
        }
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        attestation.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        attestation.extend(data);
        let client = self.client_data(options, "webauthn.create");
        self.credential(&json!({
            "clientDataJSON": text(&client),
            "attestationObject": text(&attestation),
        }))
    }

    /// The answer to `navigator.credentials.get`.
    pub(crate) fn get(&mut self, options: &Value) -> Value {
        let data = self.data(0);
        let client = self.client_data(&options["publicKey"], "webauthn.get");
        let mut signed = data.clone();
        signed.extend(digest(&SHA256, &client).as_ref());
        if !self.signs {
            signed.push(0);
        }
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        self.credential(&json!({
            "clientDataJSON": text(&client),
            "authenticatorData": text(&data),
            "signature": text(signature.as_ref()),
            "userHandle": text(&self.handle),
        }))
    }

    fn data(&mut self, flags: u8) -> Vec<u8> {
        let verified = if self.verifies { VERIFIED } else { 0 };
        let mut data = digest(&SHA256, self.domain.as_bytes()).as_ref().to_vec();
        data.push(PRESENT | verified | flags);
        data.extend(self.counter.to_be_bytes());
        if self.counter > 0 {
            self.counter += 1;
        }
        data
    }

    fn client_data(&self, options: &Value, kind: &str) -> Vec<u8> {
        let kind = self.kind.unwrap_or(kind);
        let data =
            json!({ "type": kind, "challenge": options["challenge"], "origin": self.origin });
        data.to_string().into_bytes()
    }

    fn credential(&self, response: &Value) -> Value {
        let id = text(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response,
                "clientExtensionResults": {} })
    }
}

fn text(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

fn bytes(text: &Value) -> Vec<u8> {
    BASE64URL_NOPAD.decode(text.as_str().unwrap().as_bytes()).unwrap()
}
