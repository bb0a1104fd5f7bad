//! What the unit tests of the web modules share: a small policy, guarded functions, identities and
//! a verifier that accepts one token.

use std::sync::Arc;

use crate::clock::Clock;
use crate::guard::{Guarded, OpenToAll};
use crate::identity::{Text, Verified};
use crate::registry::{Function, FunctionKind};
use crate::requirement::{Name, Requirement};
use crate::vocabulary::{Bits, Vocabulary};

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

pub(crate) use policy::{Identity, Policy, Role, Scope, Verifier};

/// The token that [`verifier`] accepts, as the identity of [`clerk`].
pub(crate) const TOKEN: &str = "clerk.of.orders";

pub(crate) fn verifier() -> Verifier {
    Verifier::stub("orders", TOKEN, clerk())
}

/// Somebody with the role `clerk` and the scope `read:orders`.
pub(crate) fn clerk() -> Identity {
    identity(&[Role::Clerk], &[Scope::ReadOrders])
}

pub(crate) fn manager() -> Identity {
    identity(&[Role::Manager], &[Scope::ReadOrders, Scope::WriteOrders])
}

fn identity(roles: &[Role], scopes: &[Scope]) -> Identity {
    Identity::new(Verified {
        roles: bits(roles),
        scopes: bits(scopes),
        mfa: false,
        auth_time: None,
        expires_at: u64::MAX,
        clock: Clock::System,
        issuer: Arc::from("https://issuer.example"),
        subject: Text::Owned(Box::from("somebody")),
        client: None,
        token_id: None,
        acr: None,
        amr: Vec::new(),
        claims: Box::from("{}"),
    })
}

fn bits<V: Vocabulary>(names: &[V]) -> V::Bits {
    let mut bits = V::Bits::EMPTY;
    for name in names {
        bits.insert(name.index());
    }
    bits
}

/// What the attributes will emit for a function of the marker's name.
macro_rules! guarded {
    ($name:ident, $requirement:expr) => {
        #[expect(non_camel_case_types, reason = "named after its function")]
        pub(crate) enum $name {}

        impl Guarded for $name {
            type Policy = Policy;
            const FUNCTION: &'static Function = &Function::new::<Policy>(
                FunctionKind::Requires,
                (concat!("shop::", stringify!($name)), file!(), line!()),
                ("", ""),
                $requirement,
            );

            fn permits(identity: &Identity) -> bool {
                Self::FUNCTION.requirement.is_met_by(identity)
            }
        }
    };
}

guarded!(list_orders, Requirement::Scope(Name::of::<Scope>(0)));
guarded!(place_order, Requirement::Scope(Name::of::<Scope>(1)));
guarded!(refund, Requirement::All(&[Requirement::Role(Name::of::<Role>(1)), Requirement::Mfa]));
guarded!(step_up, Requirement::MaxAge(300));

#[expect(non_camel_case_types, reason = "named after its function")]
pub(crate) enum health {}

impl OpenToAll for health {
    type Policy = Policy;
    const FUNCTION: &'static Function = &Function::new::<Policy>(
        FunctionKind::Public,
        ("shop::health", file!(), line!()),
        ("load balancer probe", ""),
        Requirement::Anyone,
    );
}
