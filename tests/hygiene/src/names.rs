//! Names that are hard to use, or are used by generated code too.

use ::authz::{Guard, requires};

/// A raw name, and raw names of arguments.
#[requires(role = "clerk", crate = ::authz)]
#[must_use]
pub fn r#type(guard: Guard<r#type>, r#in: u32) -> u32 {
    ::core::mem::drop(guard);
    r#in
}

/// A raw name of a role.
#[requires(role = crate::policy::Role::r#Type, crate = ::authz)]
pub fn r#match() {}

macro_rules! named {
    ($($name:ident)*) => {
        $(
            /// A name that generated code uses as well.
            #[requires(role = "clerk", scope = "read", crate = ::authz)]
            #[must_use]
            pub fn $name(guard: Guard<$name>) -> crate::policy::Identity {
                guard.into_identity()
            }
        )*
    };
}

named! { identity denied proof declared permits check core authz policy }

/// Types of the names that generated code needs from the language and its library.
pub mod shadows {
    use ::authz::requires;

    /// Not the type of the language.
    #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
    #[expect(non_camel_case_types, reason = "shadows the name of the language")]
    pub struct bool;

    /// Not the type of the language.
    #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
    #[expect(non_camel_case_types, reason = "shadows the name of the language")]
    pub struct usize;

    /// Not the type of the library.
    #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
    pub struct Result;

    /// Not the type of the library.
    #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
    pub struct Policy;

    /// Guarded among them.
    ///
    /// # Errors
    ///
    /// Denied to who may not.
    #[requires(role = "clerk", scope = "write", identity = who, crate = ::authz)]
    pub fn guarded(
        who: &crate::policy::Identity,
    ) -> ::core::result::Result<Result, ::authz::Denied> {
        ::core::result::Result::Ok(Result)
    }

    /// Guarded among them, from outside.
    #[requires(not(role = "clerk"), crate = ::authz)]
    #[must_use]
    pub fn taken(value: usize) -> usize {
        value
    }
}

::authz::rule! {
    /// A rule of a raw name.
    pub r#Trusted = any(role = "clerk", scope = "write")
}

/// A rule, beside a name of what it asks for.
#[requires(rule = r#Trusted, not(scope = "read"), crate = ::authz)]
pub fn r#use() {}
