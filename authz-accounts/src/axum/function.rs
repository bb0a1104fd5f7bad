//! What each handler of accounts asks for.
//!
//! The attributes of `authz-core` name one policy, and these handlers stand under whatever policy a
//! service has. So what an attribute would print is written here, once for all of them: the check is
//! made from the same requirement that is on record.
//!
//! An entry in the link section can't be generic: [`record_routes!`](crate::record_routes) makes the
//! entries for one policy, in the crate of the service.

use std::marker::PhantomData;

use authz_core::__private::Seal;
use authz_core::registry::{Function, FunctionKind};
use authz_core::{Guarded, Identity, OpenToAll, Policy, Requirement};

/// How old a log-in may be for what changes how the account is entered, in seconds.
const RECENT: u64 = 15 * 60;

/// What one handler is called and asks for.
pub trait Declared: Send + Sync + 'static {
    /// `crate::module::function`.
    const ID: &'static str;
    /// The line of its declaration.
    const LINE: u32;
    /// What it does.
    const DOC: &'static str;
    /// What it requires.
    const REQUIREMENT: Requirement;
    /// Why everybody may call it, where that is so.
    const REASON: &'static str = "";
}

/// The function `F` under the policy `P`.
#[derive(Debug)]
pub struct Of<P, F>(PhantomData<fn() -> (P, F)>);

impl<P: Policy, F: Declared> Of<P, F> {
    const RECORD: Function = Function::new::<P>(
        authz_core::__private::MAKER,
        if F::REASON.is_empty() { FunctionKind::Requires } else { FunctionKind::Public },
        (F::ID, file!(), F::LINE),
        (F::REASON, F::DOC),
        F::REQUIREMENT,
    );
}

impl<P: Policy, F: Declared> Guarded for Of<P, F> {
    type Policy = P;
    const SEAL: Seal = Seal::GENERATED;
    const FUNCTION: &'static Function = &Self::RECORD;
    // It is generic over the policy, and so is the handler, which stands elsewhere.
    const NAMES_ITS_FUNCTION: bool = false;

    fn permits(identity: &Identity<P>) -> bool {
        F::REQUIREMENT.is_met_by(identity)
    }
}

impl<P: Policy, F: Declared> OpenToAll for Of<P, F> {
    type Policy = P;
    const SEAL: Seal = Seal::GENERATED;
    const FUNCTION: &'static Function = &Self::RECORD;
    // It is generic over the policy, and so is the handler, which stands elsewhere.
    const NAMES_ITS_FUNCTION: bool = false;
}

/// The record of `F` under `P`, for [`record_routes!`](crate::record_routes).
#[must_use]
pub const fn record<P: Policy, F: Declared>() -> Function {
    Of::<P, F>::RECORD
}

macro_rules! declare {
    ($($name:ident: $function:literal, $doc:literal, $requirement:expr $(, $reason:literal)?;)*) => {$(
        #[doc = $doc]
        #[derive(Debug)]
        pub enum $name {}

        impl Declared for $name {
            const ID: &'static str = concat!("authz_accounts::axum::", $function);
            const LINE: u32 = line!();
            const DOC: &'static str = $doc;
            const REQUIREMENT: Requirement = $requirement;
            $(const REASON: &'static str = $reason;)?
        }
    )*};
}

use Requirement::{Anyone, Authenticated, MaxAge};

declare! {
    SignUp: "sign_up", "Makes an account.", Anyone, "who has no account yet has no identity";
    LogIn: "log_in", "Begins a session.", Anyone, "who is not logged in has no identity";
    SecondFactor: "second_factor", "Shows the second factor of a log-in.", Anyone,
        "half a log-in is no identity; the waiting session is checked inside";
    Me: "me", "Tells who is logged in.", Authenticated;
    LogOut: "log_out", "Ends the session.", Authenticated;
    Reauthenticate: "reauthenticate", "Begins a session anew.", Authenticated;
    ChangePassword: "change_password", "Changes the password.", Authenticated;
    ListSessions: "list_sessions", "Lists one's sessions.", Authenticated;
    EndSession: "end_session", "Ends one of one's sessions.", Authenticated;
    ListKeys: "list_keys", "Lists one's keys.", Authenticated;
    CreateKey: "create_key", "Makes a key.", MaxAge(RECENT);
    RotateKey: "rotate_key", "Makes a key in the place of another.", MaxAge(RECENT);
    RevokeKey: "revoke_key", "Revokes a key.", Authenticated;
    EnrolApp: "enrol_app", "Makes the seed for an app.", MaxAge(RECENT);
    ConfirmApp: "confirm_app", "Makes an app count.", MaxAge(RECENT);
    RemoveApp: "remove_app", "Takes the app away.", MaxAge(RECENT);
    RenewCodes: "renew_codes", "Makes new recovery codes.", MaxAge(RECENT);
}

/// Puts the handlers of [`Accounts::routes`](crate::Accounts::routes) on record for a policy, once in
/// a program that serves them: they are in its manifest then, in `cargo authz` and `authz.lock`, beside
/// those that carry an attribute.
///
/// The checks don't come from here: without it, the handlers ask for the same, and
/// [`Router::routes`](authz_core::axum::Router::routes) of the running program lists them. What reads
/// the built file does not see them.
///
/// # Examples
///
/// ```
/// # mod policy {
/// #     use authz_core::{Roles, Scopes};
/// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
/// #     pub enum Role { Clerk }
/// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
/// #     pub enum Scope { #[scope("write:orders")] WriteOrders }
/// #     authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
/// # }
/// authz_accounts::record_routes!(crate::policy::Policy);
///
/// # fn main() -> Result<(), authz_core::manifest::ManifestError> {
/// let manifest = authz_core::manifest()?;
/// let log_in = manifest.functions.iter().find(|one| one.id == "authz_accounts::axum::log_in");
/// assert!(log_in.is_some());
/// # Ok(())
/// # }
/// ```
#[macro_export]
macro_rules! record_routes {
    ($policy:ty) => {
        $crate::__record_routes! {
            $policy: SignUp LogIn SecondFactor Me LogOut Reauthenticate ChangePassword ListSessions
            EndSession ListKeys CreateKey RotateKey RevokeKey EnrolApp ConfirmApp RemoveApp
            RenewCodes
        }
        $crate::__record_passkey_routes! { $policy }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_routes {
    ($policy:ty: $($function:ident)*) => {$(
        const _: () = {
            const RECORD: $crate::__private::authz_core::registry::Function =
                $crate::__private::record::<$policy, $crate::__private::$function>();
            $crate::__private::authz_core::__register! { function RECORD }
        };
    )*};
}

#[cfg(feature = "passkeys")]
#[doc(hidden)]
#[macro_export]
macro_rules! __record_passkey_routes {
    ($policy:ty) => {
        $crate::__record_routes! {
            $policy: BeginPasskeyLogIn PasskeyLogIn BeginPasskeySecondFactor PasskeySecondFactor
            BeginPasskeyReauthentication ReauthenticateWithPasskey ListPasskeys BeginPasskey
            AddPasskey RemovePasskey
        }
    };
}

#[cfg(not(feature = "passkeys"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __record_passkey_routes {
    ($policy:ty) => {};
}

#[cfg(feature = "passkeys")]
declare! {
    BeginPasskeyLogIn: "passkeys::begin_log_in", "Asks for a passkey to log in with.", Anyone,
        "who is not logged in has no identity";
    PasskeyLogIn: "passkeys::log_in", "Begins a session with a passkey.", Anyone,
        "who is not logged in has no identity";
    BeginPasskeySecondFactor: "passkeys::begin_second_factor", "Asks for the passkey of a log-in.",
        Anyone, "half a log-in is no identity; the waiting session is checked inside";
    PasskeySecondFactor: "passkeys::second_factor", "Shows the passkey of a log-in.", Anyone,
        "half a log-in is no identity; the waiting session is checked inside";
    BeginPasskeyReauthentication: "passkeys::begin_reauthentication", "Asks for a passkey again.",
        Authenticated;
    ReauthenticateWithPasskey: "passkeys::reauthenticate", "Begins a session anew with a passkey.",
        Authenticated;
    ListPasskeys: "passkeys::list", "Lists one's passkeys.", Authenticated;
    BeginPasskey: "passkeys::begin_passkey", "Asks for a new passkey.", MaxAge(RECENT);
    AddPasskey: "passkeys::add_passkey", "Registers a passkey.", MaxAge(RECENT);
    RemovePasskey: "passkeys::remove", "Removes a passkey.", MaxAge(RECENT);
}
