//! What the service prints when it starts: its routes with what each needs, and requests to paste.

use std::net::SocketAddr;
use std::time::Duration;

use authz_core::axum::{Route, Router};
use authz_core::manifest::Function;

use orders::cli::TokenArgs;
use orders::policy::Policy;
use orders::token::{AUDIENCE, DevelopmentKey, Error, ISSUER};

/// Prints routes and requests.
///
/// # Errors
///
/// When a token can't be signed.
pub fn print(
    address: SocketAddr,
    router: &Router<Policy>,
    key: &DevelopmentKey,
) -> Result<(), Error> {
    println!("orders listens on http://{address}\n");
    println!("routes and what they need:");
    for route in router.routes() {
        println!("  {:<6} {:<20} {}", route.methods().to_string(), route.path(), needs(route));
    }
    println!("\nrequests to paste (tokens live one hour, and the log-ins are fresh):");
    for request in requests() {
        println!("\n  # {}", request.title);
        println!("  {}", request.line(address, key)?);
    }
    println!();
    Ok(())
}

fn needs(route: &Route) -> String {
    match (route.function(), route.reason()) {
        (Some(function), None) => Function::from(function).needs(),
        (Some(function), Some(reason)) => format!("{} ({reason})", function.kind().word()),
        (None, reason) => format!("service ({})", reason.unwrap_or_default()),
    }
}

struct Request {
    title: &'static str,
    person: Option<Person>,
    line: &'static str,
    path: &'static str,
}

struct Person {
    name: &'static str,
    roles: &'static [&'static str],
    scopes: &'static [&'static str],
    mfa: bool,
}

const ADMIN: Person =
    Person { name: "ada", roles: &["admin"], scopes: &["write:orders"], mfa: true };
const CLERK: Person =
    Person { name: "carl", roles: &["clerk"], scopes: &["write:orders"], mfa: false };
const AUDITOR: Person =
    Person { name: "audrey", roles: &["auditor"], scopes: &["read:orders"], mfa: false };
const NOBODY: Person = Person { name: "nora", roles: &[], scopes: &[], mfa: false };

const PLACE: &str =
    "-X POST -H 'Content-Type: application/json' -d '{\"item\":\"pens\",\"quantity\":2}'";

const DISCOUNT: &str = "-X POST -H 'Content-Type: application/json' -d \
                        '{\"item\":\"pens\",\"quantity\":2,\"discount\":50}'";

fn requests() -> [Request; 8] {
    [
        Request {
            title: "200: an auditor reads the orders",
            person: Some(AUDITOR),
            line: "",
            path: "/orders",
        },
        Request {
            title: "201: a clerk takes an order",
            person: Some(CLERK),
            line: PLACE,
            path: "/orders",
        },
        Request {
            title: "200: an admin, with a second factor a moment ago, pays it back",
            person: Some(ADMIN),
            line: "-X POST",
            path: "/orders/1/refund",
        },
        Request {
            title: "404: a clerk asks for an order that somebody else took",
            person: Some(CLERK),
            line: "",
            path: "/orders/1",
        },
        Request { title: "401: nobody is there", person: None, line: "", path: "/orders" },
        Request {
            title: "403: an auditor takes no orders",
            person: Some(AUDITOR),
            line: PLACE,
            path: "/orders",
        },
        Request {
            title: "403: a clerk gives a discount, which is for managers to give",
            person: Some(CLERK),
            line: DISCOUNT,
            path: "/orders",
        },
        Request {
            title: "403: somebody with no role and no scope",
            person: Some(NOBODY),
            line: "",
            path: "/orders",
        },
    ]
}

impl Request {
    fn line(&self, address: SocketAddr, key: &DevelopmentKey) -> Result<String, Error> {
        let mut words = vec!["curl -i".to_owned()];
        if !self.line.is_empty() {
            words.push(self.line.to_owned());
        }
        if let Some(person) = &self.person {
            words.push(format!("-H 'Authorization: Bearer {}'", person.token(key)?));
        }
        words.push(format!("http://{address}{}", self.path));
        Ok(words.join(" "))
    }
}

impl Person {
    fn token(&self, key: &DevelopmentKey) -> Result<String, Error> {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        key.sign(&TokenArgs {
            sub: self.name.to_owned(),
            roles: owned(self.roles),
            scopes: owned(self.scopes),
            expires_in: Duration::from_hours(1),
            auth_age: Some(Duration::ZERO),
            mfa: self.mfa,
            audience: AUDIENCE.to_owned(),
            issuer: ISSUER.to_owned(),
        })
    }
}
