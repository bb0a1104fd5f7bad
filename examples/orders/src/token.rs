//! The development issuer: a key made on first run and kept outside the sources, and the tokens
//! it signs. A real service has an identity provider instead.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use std::{env, fs, io};

use authz_core::token::{Algorithm, Issuer, KeySet};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{EncodingKey, Header};
use serde_json::json;

use crate::cli::TokenArgs;
use crate::policy::Verifier;

/// The issuer of development tokens.
pub const ISSUER: &str = "https://issuer.localhost/orders";
/// The audience that the service takes itself for.
pub const AUDIENCE: &str = "orders";

const KEY_ID: &str = "development";

/// What can go wrong before the service runs.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The development key: an Ed25519 key pair in PKCS #8.
#[derive(Debug)]
pub struct DevelopmentKey {
    pkcs8: Vec<u8>,
}

impl DevelopmentKey {
    /// The key of this machine's user, made where there is none.
    ///
    /// # Errors
    ///
    /// When the file can't be read or written, or holds something else.
    pub fn load() -> Result<Self, Error> {
        let path = key_path()?;
        match fs::read(&path) {
            Ok(pkcs8) => Ok(Self { pkcs8 }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::create(&path),
            Err(error) => Err(format!("can't read {}: {error}", path.display()).into()),
        }
    }

    fn create(path: &Path) -> Result<Self, Error> {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())?.as_ref().to_vec();
        write_private(path, &pkcs8)
            .map_err(|error| format!("can't write {}: {error}", path.display()))?;
        Ok(Self { pkcs8 })
    }

    /// The public half, as the JWK set that a provider would publish.
    fn jwks(&self) -> Result<String, Error> {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&self.pkcs8)
            .map_err(|error| format!("the development key can't be used: {error}; delete it"))?;
        let x = BASE64_URL_SAFE_NO_PAD.encode(pair.public_key());
        let key = json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": KEY_ID, "x": x });
        Ok(json!({ "keys": [key] }).to_string())
    }

    /// A verifier that trusts this key alone.
    ///
    /// # Errors
    ///
    /// When the key is not usable.
    pub fn verifier(&self) -> Result<Verifier, Error> {
        let keys = KeySet::from_jwks(&self.jwks()?, &[Algorithm::EdDsa])?;
        let verifier = Verifier::builder()
            .issuer(Issuer::new(ISSUER, keys))
            .audience(AUDIENCE)
            .realm("orders")
            .build()?;
        Ok(verifier)
    }

    /// A signed access token in the profile of RFC 9068.
    ///
    /// # Errors
    ///
    /// When the key is not usable.
    pub fn sign(&self, args: &TokenArgs) -> Result<String, Error> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let mut claims = json!({
            "iss": args.issuer,
            "aud": args.audience,
            "sub": args.sub,
            "client_id": "orders-cli",
            "iat": now,
            "exp": now.saturating_add(args.expires_in.as_secs()),
            "jti": token_id()?,
            "roles": args.roles,
            "scope": args.scopes.join(" "),
            "amr": if args.mfa { json!(["pwd", "otp", "mfa"]) } else { json!(["pwd"]) },
        });
        if let (Some(age), Some(claims)) = (args.auth_age, claims.as_object_mut()) {
            claims.insert("auth_time".to_owned(), now.saturating_sub(age.as_secs()).into());
        }
        let mut header = Header::new(jsonwebtoken::Algorithm::EdDSA);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(KEY_ID.to_owned());
        let token = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ed_der(&self.pkcs8))?;
        Ok(token)
    }
}

fn token_id() -> Result<String, Error> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// `ORDERS_STATE_DIR`, or a folder for the state of programs in the user's home.
fn key_path() -> Result<PathBuf, Error> {
    let folder = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = folder("ORDERS_STATE_DIR")
        .or_else(|| folder("XDG_STATE_HOME").map(|state| state.join("orders")))
        .or_else(|| folder("HOME").map(|home| home.join(".local/state/orders")))
        .or_else(|| folder("LOCALAPPDATA").map(|data| data.join("orders")))
        .ok_or("there is no home folder for the development key; set ORDERS_STATE_DIR")?;
    Ok(state.join("development-key.p8"))
}

/// Writes a file that only its owner can read, and never over an existing one.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)?.write_all(bytes)
}
