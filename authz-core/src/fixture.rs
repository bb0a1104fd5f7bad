//! What the unit tests of the web modules share: a small policy and a verifier that accepts one
//! token.
#![expect(unsafe_code, reason = "the link section of records, which other crates get by macro")]

use crate::token::{Algorithm, Issuer, KeySet};

pub(crate) mod policy {
    use crate::{Roles, Scopes};

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
    pub(crate) enum Role {
        Clerk,
        Manager,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
    pub(crate) enum Scope {
        #[scope("read:orders")]
        ReadOrders,
        #[scope("write:orders")]
        WriteOrders,
    }

    crate::policy!(pub(crate) Policy { roles: Role, scopes: Scope });
}

use policy::Verifier;

/// The token that [`verifier`] accepts, as a clerk who may read orders: HS256, valid until
/// 2100.
pub(crate) const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.\
    eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwiYXVkIjoib3JkZXJzIiwic3ViIjoic29tZWJvZHkiLCJjbGll\
    bnRfaWQiOiJ0aWxsIiwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjQxMDI0NDQ4MDAsImp0aSI6IjEiLCJyb2xlcyI6WyJj\
    bGVyayJdLCJzY29wZSI6InJlYWQ6b3JkZXJzIn0.L3evgacUaGOpaVrQcTS00lOTJZyV979KoSfHOFbUPHo";

pub(crate) fn verifier() -> Verifier {
    let secret = b"a secret of the unit tests, long enough";
    let keys = KeySet::from_secret(secret, Algorithm::Hs256).expect("the secret is long enough");
    Verifier::builder()
        .issuer(Issuer::new("https://issuer.example", keys))
        .audience("orders")
        .realm("orders")
        .build()
        .expect("the verifier is whole")
}
