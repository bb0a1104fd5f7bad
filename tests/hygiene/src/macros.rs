//! Guarded functions that a macro of the user writes.

use ::authz::requires;

macro_rules! guarded {
    ($(
        $(#[$attribute:meta])*
        $name:ident($argument:ident: $type:ty) -> $result:ty,
        $role:literal, $scope:expr, $path:path, $body:block
    )*) => {
        $(
            $(#[$attribute])*
            #[requires(
                any(role = $role, role = $path), scope = $scope, max_age = "1h", crate = ::authz
            )]
            #[must_use]
            pub fn $name($argument: $type) -> $result $body
        )*
    };
}

guarded! {
    /// Doubles.
    double(number: u32) -> u32, "clerk", "read", crate::policy::Role::Admin, { number * 2 }
    /// Halves.
    half(number: u32) -> u32, "admin", "write", crate::policy::Role::r#Type, {
        if number == 0 {
            return 0;
        }
        number / 2
    }
}
