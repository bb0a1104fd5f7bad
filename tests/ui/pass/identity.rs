//! Where an identity may come from, and how a denial may be returned; each a neighbour of the
//! mistakes in `identity`.

use std::sync::Arc;

use authz_core::{Denied, Guard, requires};
use authz_tests::policy::{self, Identity};

enum ShopError {
    Denied(Denied),
}

impl From<Denied> for ShopError {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

#[requires(role = "clerk", identity = who)]
fn by_reference(who: &Identity) -> Result<(), Denied> {
    Ok(())
}

#[requires(role = "clerk", identity = who)]
fn by_value(who: Identity) -> Result<String, ShopError> {
    Ok(who.subject().to_owned())
}

#[requires(role = "clerk", identity = who)]
fn shared(who: Arc<Identity>) -> Result<(), ShopError> {
    Ok(())
}

#[requires(role = "clerk", identity = who)]
fn perhaps(who: Option<&Identity>) -> Result<(), Denied> {
    Ok(())
}

#[requires(role = "clerk", identity = who)]
fn verified(who: Result<Identity, Denied>) -> Result<(), Denied> {
    Ok(())
}

#[requires(role = "clerk", identity = request)]
fn from_a_request<B>(request: &http::Request<B>) -> Result<(), Denied> {
    Ok(())
}

#[requires(role = "admin", identity = other)]
fn from_another_guard(other: &Guard<list>) -> Result<(), Denied> {
    Ok(())
}

#[requires(role = "clerk")]
fn list() {}

struct Call {
    who: Identity,
}

impl Call {
    fn who(&self) -> &Identity {
        &self.who
    }

    #[requires(role = "clerk", identity = self.who)]
    fn by_field(&self) -> Result<(), Denied> {
        Ok(())
    }

    #[requires(role = "clerk", identity = self.who())]
    async fn by_method(&self) -> Result<(), ShopError> {
        Ok(())
    }

    #[requires(role = "clerk", identity = { let call = self; &call.who })]
    fn by_block(&self) -> Result<(), Denied> {
        Ok(())
    }
}

fn read(error: ShopError) -> Denied {
    let ShopError::Denied(denied) = error;
    denied
}

fn main() {
    let denied = perhaps(None).unwrap_err();
    assert_eq!(denied.status(), 401);
    let _ = read;
}
