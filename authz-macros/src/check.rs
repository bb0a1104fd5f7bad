//! Judges arguments and function together; one `check_…` for each rule.
//!
//! INVARIANT: `expand` prints only what passed here.

use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{FnArg, GenericParam};

use crate::args::{Access, Args};
use crate::diag::Errors;
use crate::item::Function;
use crate::requirement::{Name, Part, PartKind};
use crate::text::{fault, hidden_in};

/// Notes every fault of the arguments and of the function they stand on.
pub(crate) fn check(args: &Args, function: &Function, errors: &mut Errors) {
    check_not_empty(args, function, errors);
    check_reason(args, function, errors);
    check_parts(&args.parts, "requires", errors);
    check_one_access(args, function, errors);
    check_qualifiers(args, function, errors);
    check_untouched(args, function, errors);
    check_proof_stays(function, errors);
    check_generics(function, errors);
    check_documentation(function, errors);
    check_identity_source(args, function, errors);
    check_no_list(args, function, errors);
    check_object(args, function, errors);
    check_any_owner(args, errors);
    check_no_server(args, function, errors);
    check_shadow(args, errors);
}

fn check_not_empty(args: &Args, function: &Function, errors: &mut Errors) {
    if args.access == Access::Requires && args.parts.is_empty() && args.inherited.is_empty() {
        if let Some(key) = args.shadow.key() {
            errors.at(
                key.span(),
                "a shadow denies nobody, and nothing is required beside it; write what is, such as \
                 `role = \"...\"`, `scope = \"...\"` or `authenticated`",
            );
            return;
        }
        errors.at(
            function.attribute_span(),
            "`#[requires]` asks for nothing; write what it takes, such as `role = \"...\"`, \
             `scope = \"...\"` or `authenticated`, or `#[public(reason = \"...\")]` for everybody",
        );
    }
}

fn check_reason(args: &Args, function: &Function, errors: &mut Errors) {
    if args.access == Access::Requires || args.parts.iter().any(is_faulty) {
        return;
    }
    let word = args.access.word();
    let name = function.name().unraw();
    match args.reason.get() {
        None => errors.at(
            function.attribute_span(),
            format!(
                "`#[{word}]` on `{name}` gives no reason; a reviewer must be able to see why: \
                 `#[{word}(reason = \"...\")]`"
            ),
        ),
        Some(reason) if reason.value().trim().is_empty() => errors.at(
            reason.span(),
            format!("the reason is empty; say why `{name}` needs no more than `#[{word}]`"),
        ),
        Some(reason) => {
            if let Some(bad) = hidden_in(&reason.value()) {
                errors.at(reason.span(), format!("the reason contains {}", fault(bad)));
            }
        }
    }
}

/// What is recorded for reviewers is what they see.
fn check_documentation(function: &Function, errors: &mut Errors) {
    if let Some((line, span)) = function.first_doc_line()
        && let Some(bad) = hidden_in(&line)
    {
        errors.at(span, format!("the first line of the documentation contains {}", fault(bad)));
    }
    if let Some(bad) = hidden_in(&function.id()) {
        errors.at(
            function.name().span(),
            format!("the path of the function contains {}", fault(bad)),
        );
    }
}

/// The parameter of a proof takes no attribute that could take it away.
fn check_proof_stays(function: &Function, errors: &mut Errors) {
    const LINTS: [&str; 5] = ["allow", "deny", "expect", "forbid", "warn"];
    let Some((position, _)) = function.proof() else { return };
    let Some(FnArg::Typed(parameter)) = function.signature.inputs.get(position) else { return };
    let name = function.name().unraw();
    for attribute in &parameter.attrs {
        let path = attribute.path();
        if LINTS.iter().any(|lint| path.is_ident(lint)) {
            continue;
        }
        errors.at(
            path.span(),
            format!(
                "the proof of `{name}` takes no attribute but lints: `#[{}]` could take it away, and \
                 `{name}` could be called without a check; remove it, or write the function twice, each \
                 with its `#[cfg(...)]`",
                text(path),
            ),
        );
    }
}

/// A generic parameter of the function's own name would stand in `Guard<name>` for any proof.
fn check_generics(function: &Function, errors: &mut Errors) {
    let name = function.name().unraw();
    for parameter in &function.signature.generics.params {
        let (noun, ident) = match parameter {
            GenericParam::Type(parameter) => ("type", &parameter.ident),
            GenericParam::Const(parameter) => ("const", &parameter.ident),
            GenericParam::Lifetime(_) => continue,
        };
        if ident.unraw() == name {
            errors.at(
                ident.span(),
                format!(
                    "the {noun} parameter `{name}` hides the type that stands for the function \
                     `{name}`, so that `Guard<{name}>` could be anybody's guard; give it another name"
                ),
            );
        }
    }
}

/// Checks parts that are all (`requires`, `all`) or alternatively (`any`) required.
pub(crate) fn check_parts(parts: &[Part], list: &str, errors: &mut Errors) {
    for (position, part) in parts.iter().enumerate() {
        check_repeated(parts, position, list, errors);
        check_authenticated(parts, part, list, errors);
        match &part.kind {
            PartKind::All(inner) | PartKind::Any(inner) => {
                check_group(part, inner, errors);
                check_parts(inner, &part.key.to_string(), errors);
            }
            PartKind::Not(inner) => {
                if matches!(inner.kind, PartKind::Authenticated) {
                    errors.at(
                        part.key.span(),
                        "`not(authenticated)` lets nobody in: every identity is authenticated",
                    );
                }
                check_parts(std::slice::from_ref(inner), "not", errors);
            }
            _ => {}
        }
    }
}

fn check_group(part: &Part, inner: &[Part], errors: &mut Errors) {
    if inner.is_empty() {
        let key = &part.key;
        let meaning = if key == "all" { "lets everybody in" } else { "lets nobody in" };
        errors.at(
            key.span(),
            format!("`{key}()` is empty and {meaning}; write its parts, or remove it"),
        );
    }
}

fn check_repeated(parts: &[Part], position: usize, list: &str, errors: &mut Errors) {
    let Some((part, earlier)) = parts.get(position).zip(parts.get(..position)) else {
        return;
    };
    if earlier.iter().any(|other| same(&part.kind, &other.kind)) {
        errors.at(part.span(), format!("`{part}` is given twice in `{list}`; remove one"));
        return;
    }
    let exclusive = list == "requires" || list == "all";
    let clash = |other: &&Part| {
        matches!(
            (&part.kind, &other.kind),
            (PartKind::Acr(_), PartKind::Acr(_)) | (PartKind::MaxAge(..), PartKind::MaxAge(..))
        )
    };
    if let Some(other) = earlier.iter().find(clash) {
        let message = match (&part.kind, exclusive) {
            (PartKind::Acr(_), true) => format!(
                "`{other}` and `{part}` can't both hold, since a token has one `acr`; for either \
                 of them write `any({other}, {part})`"
            ),
            (PartKind::MaxAge(..), _) => {
                format!("`max_age` is given twice in `{list}`; keep the one that is meant")
            }
            _ => return,
        };
        errors.at(part.span(), message);
    }
}

fn check_authenticated(parts: &[Part], part: &Part, list: &str, errors: &mut Errors) {
    if !matches!(part.kind, PartKind::Authenticated) || parts.len() < 2 {
        return;
    }
    let message = if list == "any" {
        "`authenticated` beside other alternatives lets every identity in; remove it, or remove \
         the alternatives"
    } else {
        "`authenticated` adds nothing beside other requirements, which only an identity can meet; \
         remove it"
    };
    errors.at(part.key.span(), message);
}

fn check_one_access(args: &Args, function: &Function, errors: &mut Errors) {
    if let Some(other) = function.other_access() {
        let name = function.name().unraw();
        errors.at(
            other.path().span(),
            format!(
                "`{name}` already carries `#[{}]`; a function has one access attribute, so that \
                 there is one answer to who may call it",
                args.access.word()
            ),
        );
    }
}

fn check_qualifiers(args: &Args, function: &Function, errors: &mut Errors) {
    let word = args.access.word();
    let signature = &function.signature;
    if let Some(constness) = &signature.constness {
        errors.at(
            constness.span(),
            format!("`#[{word}]` can't guard a `const fn`: the check runs when the program does"),
        );
    }
    if let Some(abi) = &signature.abi {
        errors.at(
            abi.span(),
            format!(
                "`#[{word}]` can't guard an `extern` function: a foreign caller can't hold a \
                 guard; guard the Rust function it calls"
            ),
        );
    }
}

fn check_untouched(args: &Args, function: &Function, errors: &mut Errors) {
    if function.is_rewritten() {
        let (word, name) = (args.access.word(), function.name().unraw());
        errors.at(
            function.attribute_span(),
            format!(
                "`#[async_trait]` has rewritten `{name}` before `#[{word}]` sees it; put \
                 `#[requires(...)]` on the whole `impl`, above `#[async_trait]`"
            ),
        );
    }
}

fn check_no_list(args: &Args, function: &Function, errors: &mut Errors) {
    if let Some(key) = args.unreachable.key() {
        let name = function.name().unraw();
        errors.at(
            key.span(),
            format!(
                "`unreachable` lists functions of an `impl` block or a module, and `{name}` is \
                 one function; remove it"
            ),
        );
    }
}

/// Objects are opened with the guard, so it is there, and goes somewhere.
fn check_object(args: &Args, function: &Function, errors: &mut Errors) {
    let Some(key) = args.object.key() else { return };
    let name = function.name().unraw();
    let message = match function.proof() {
        Some(_) if function.hands_its_guard_on() => return,
        Some(_) => format!(
            "`{name}` says `object` and opens nothing: its guard goes nowhere; write `.open(&guard)` on \
             what is sealed, or remove `object`"
        ),
        None if function.is_method() => format!(
            "objects are opened with a guard, and the method `{name}` can't take one; open them in \
             a function that takes its guard"
        ),
        None => format!(
            "objects are opened with a guard, and `{name}` takes none; write \
             `guard: Guard<{name}>` as its first parameter{}",
            if args.identity.get().is_some() { " in place of `identity`" } else { "" }
        ),
    };
    errors.at(key.span(), message);
}

fn check_any_owner(args: &Args, errors: &mut Errors) {
    let (Some(key), Some(parts)) = (args.any_owner.key(), args.any_owner.get()) else { return };
    if args.object.get().is_some_and(|check| check == "any") {
        errors.at(
            key.span(),
            "`object = any` opens the objects of any owner to every caller, so `any_owner` says \
             nothing; remove it, or write `object = owner`",
        );
    }
    if args.object.get().is_none() && !args.parts.iter().any(is_faulty) {
        errors.at(
            key.span(),
            "`any_owner` says who is not held to `object = owner`, which is not there; write \
             `object = owner` beside it, or remove it",
        );
    }
    if parts.is_empty() {
        errors.at(
            key.span(),
            "`any_owner()` is empty; write who sees the objects of any owner, such as \
             `any_owner(role = \"...\")`, or remove it",
        );
    }
    if let [Part { key, kind: PartKind::Authenticated }] = parts.as_slice() {
        errors.at(
            key.span(),
            "`any_owner(authenticated)` shows everybody the objects of everybody; write what only \
             some callers have, or `object = any`",
        );
    }
    check_parts(parts, "any_owner", errors);
}

fn check_no_server(args: &Args, function: &Function, errors: &mut Errors) {
    if let Some(key) = args.server.key() {
        let name = function.name().unraw();
        errors.at(
            key.span(),
            format!(
                "`server` stands on the `impl` of a gRPC service, and `{name}` is one function; \
                 remove it"
            ),
        );
    }
}

/// A rule that is required lets nobody through whom its shadow could log.
fn check_shadow(args: &Args, errors: &mut Errors) {
    let (Some(key), Some(rule)) = (args.shadow.key(), args.shadow.get()) else { return };
    let required =
        args.inherited.iter().chain(&args.parts).any(
            |part| matches!(&part.kind, PartKind::Rule(required) if text(required) == text(rule)),
        );
    if required {
        errors.at(
            key.span(),
            format!(
                "`{}` is required already, so that its shadow has nobody to log; remove one",
                text(rule)
            ),
        );
    }
}

fn check_identity_source(args: &Args, function: &Function, errors: &mut Errors) {
    let name = function.name().unraw();
    match (args.identity.key(), function.proof()) {
        (Some(_), Some((_, ty))) if args.identity.is_inherited() => errors.at(
            ty.span(),
            format!(
                "the block says with `identity` that its functions make the check themselves, so \
                 `{name}` can't take a guard as well; remove the guard"
            ),
        ),
        (Some(key), Some(_)) => errors.at(
            key.span(),
            format!(
                "`{name}` takes a guard, which is proof already; remove `identity`, or the guard"
            ),
        ),
        (None, Some((_, ty))) if function.is_method() => errors.at(
            ty.span(),
            format!(
                "the method `{name}` can't take a guard of its own, since methods have no type \
                 that could stand for them; write `identity = ...` with an expression that \
                 carries the identity"
            ),
        ),
        (None, Some((position, ty))) if position > 0 => errors.at(
            ty.span(),
            format!(
                "the guard of `{name}` has to be its first parameter, so that the check comes \
                 before everything else"
            ),
        ),
        // A gRPC server calls it with a request, in which the identity is.
        (None, None) if function.rpc().is_some() => {}
        (None, None) if function.is_method() && args.access != Access::Public => errors.at(
            name.span(),
            format!(
                "the method `{name}` doesn't say whose access is checked; write `#[{}(..., \
                 identity = ...)]` with an expression that carries the identity, such as a \
                 parameter{}",
                args.access.word(),
                if function.within.is_some() {
                    ", here or on the block for all of its functions"
                } else {
                    ""
                }
            ),
        ),
        _ => {}
    }
}

fn is_faulty(part: &Part) -> bool {
    matches!(part.kind, PartKind::Faulty)
}

fn same(left: &PartKind, right: &PartKind) -> bool {
    match (left, right) {
        (PartKind::Role(left), PartKind::Role(right))
        | (PartKind::Scope(left), PartKind::Scope(right)) => match (left, right) {
            (Name::Wire(left), Name::Wire(right)) => left.value() == right.value(),
            (Name::Variant(left), Name::Variant(right)) => text(left) == text(right),
            _ => false,
        },
        (PartKind::Acr(left), PartKind::Acr(right)) => left.value() == right.value(),
        (PartKind::MaxAge(_, left), PartKind::MaxAge(_, right)) => left == right,
        (PartKind::Rule(left), PartKind::Rule(right)) => text(left) == text(right),
        (PartKind::Authenticated, PartKind::Authenticated)
        | (PartKind::Mfa, PartKind::Mfa)
        | (PartKind::Bound, PartKind::Bound) => true,
        _ => false,
    }
}

fn text(path: &syn::Path) -> String {
    path.to_token_stream().to_string()
}
