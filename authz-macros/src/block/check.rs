//! Judges a block and what is in it; one `check_…` for each rule. What a block hands on to its
//! functions is handed on here, and each function is then judged as any other.
//!
//! INVARIANT: what `expand` prints without a check is listed as unreachable, there in tests only, or
//! stands beside an error.

use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Attribute, Expr, Ident, Meta};

use super::inside::{self, Hidden};
use super::parse::{Block, Entry, Kind, Member, Unseen, is_test};
use super::service;
use crate::args::{Access, Args};
use crate::check::check_parts;
use crate::diag::{Errors, did_you_mean};
use crate::item::{self, Function};
use crate::requirement::{Part, PartKind};
use crate::verb;

/// Notes every fault of the block and of everything in it.
pub(super) fn check(block: &mut Block, errors: &mut Errors) {
    let mut own = Errors::new();
    check_access(block, &mut own);
    check_asks(block, &mut own);
    check_no_route(block, &mut own);
    check_no_object(block, &mut own);
    service::check(block, &mut own);
    check_no_shadow(block, &mut own);
    check_parts(&block.args.parts, "requires", &mut own);
    // What can't be read could have listed or guarded anything.
    if !block.faulty {
        check_listed(block, &mut own);
    }
    if !block.faulty && own.is_empty() {
        check_guards(block, &mut own);
    }
    block.attributes.retain(|it| conditional_access(&it.meta).is_none());
    block.faulty |= errors.absorb(own);
    let (args, faulty) = (&block.args, block.faulty);
    for entry in &mut block.entries {
        match entry {
            Entry::Function(member) => check_member(member, args, block.kind, faulty, errors),
            Entry::Block(inner) => check_inner(inner, args, faulty, errors),
            Entry::Unseen(span, why, _) => errors.at(*span, unseen(why)),
            Entry::Other(_) => {}
        }
    }
}

/// One access attribute, and that is `#[requires]`.
fn check_access(block: &Block, errors: &mut Errors) {
    if let Some(attribute) = &block.attribute {
        if block.args.access != Access::Requires {
            errors.at(item::name_span(attribute), item::one_by_one(block.args.access));
        } else if block.kind == Kind::Trait {
            errors.at(
                item::name_span(attribute),
                "a trait takes no `#[requires]`, since whoever implements it writes other bodies; \
                 write it on the functions that it provides, and on each `impl`",
            );
        }
    }
    for attribute in &block.attributes {
        if item::access_of(attribute.path()).is_some() {
            errors.at(
                attribute.path().span(),
                "the block already carries `#[requires]`; a block has one access attribute, so \
                 that there is one answer to what it asks for",
            );
        }
    }
    check_conditional(&block.attributes, errors);
}

fn check_no_route(block: &Block, errors: &mut Errors) {
    if let Some(key) = block.args.route.key() {
        errors.at(
            key.span(),
            "a route leads to one function; write `route` on the function that answers it",
        );
    }
}

fn check_no_object(block: &Block, errors: &mut Errors) {
    for key in [block.args.object.key(), block.args.any_owner.key()].into_iter().flatten() {
        errors.at(
            key.span(),
            format!(
                "objects are opened with the guard of one function; write `{key}` on the functions \
                 that open them"
            ),
        );
    }
}

fn check_no_shadow(block: &Block, errors: &mut Errors) {
    if let Some(key) = block.args.shadow.key() {
        errors.at(
            key.span(),
            "a shadow stands beside what one function requires; write `shadow` on the functions",
        );
    }
}

fn check_asks(block: &Block, errors: &mut Errors) {
    // A gRPC service may leave it to its methods.
    if asks_nothing(&block.args) && block.args.server.get().is_none() {
        errors.at(
            block.attribute_span(),
            "`#[requires]` on a block asks for nothing; write what every function in it takes, \
             such as `role = \"...\"`, `scope = \"...\"` or `authenticated`",
        );
    }
}

fn asks_nothing(args: &Args) -> bool {
    args.parts.is_empty() && args.inherited.is_empty()
}

/// A listed function is there, once, and says nothing itself.
fn check_listed(block: &Block, errors: &mut Errors) {
    let listed = block.listed();
    let functions: Vec<&Member> = block.functions().collect();
    for (position, name) in listed.iter().enumerate() {
        if listed.iter().take(position).any(|earlier| same_name(earlier, name)) {
            errors.at(name.span(), format!("`{name}` is listed twice; remove one"));
            continue;
        }
        let mut found =
            functions.iter().filter(|it| same_name(it.function.name(), name)).peekable();
        if found.peek().is_none() {
            let names: Vec<String> =
                functions.iter().map(|it| it.function.name().to_string()).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let hint = did_you_mean(&name.to_string(), &names);
            errors.at(
                name.span(),
                format!("`unreachable` lists `{name}`, which is no function of this block{hint}"),
            );
        }
        if let Some(args) = found.find_map(|it| it.args.as_ref()) {
            errors.at(
                name.span(),
                format!(
                    "`{name}` is listed as unreachable and carries `#[{}]`; remove one of them",
                    args.access.word()
                ),
            );
        }
    }
}

fn check_guards(block: &Block, errors: &mut Errors) {
    if !block.args.parts.is_empty() && !may_be_reached(block) {
        errors.at(
            block.attribute_span(),
            "`#[requires]` guards nothing: its block has no functions beside those it lists as \
             unreachable; the functions that a trait provides are guarded in the trait",
        );
    }
}

/// Whether anything in the block is or has to be guarded.
fn may_be_reached(block: &Block) -> bool {
    block.entries.iter().any(|entry| match entry {
        Entry::Function(member) => member.args.is_some() || !block.lists(&member.function),
        Entry::Block(inner) => may_be_reached(inner),
        Entry::Unseen(..) => true,
        Entry::Other(_) => false,
    })
}

fn check_inner(inner: &mut Block, around: &Args, faulty: bool, errors: &mut Errors) {
    let mut own = Errors::new();
    check_adds(&inner.args, around, &mut own);
    inner.faulty |= errors.absorb(own) || faulty;
    inherit(&mut inner.args, around);
    check(inner, errors);
}

/// What stands in the expressions of its signature and in its body can be called by others too.
fn check_inside(function: &Function, errors: &mut Errors) {
    if function.attributes.iter().any(is_test) {
        return;
    }
    match inside::in_expressions(&function.signature.to_token_stream()) {
        None => {}
        Some(Hidden::Item(word)) => {
            errors.at(word.span(), unseen(&Unseen::Inside(word.to_string())));
        }
        Some(Hidden::Macro(span, name)) => errors.at(span, unseen(&Unseen::Macro(name))),
    }
    if let Some(word) = inside::in_body(&function.body) {
        let name = function.name();
        errors.at(
            word.span(),
            format!(
                "this `impl` in the body of `{name}` gives a type functions that can be called from \
                 elsewhere, and nobody guards them; move it into the block, where each of them says who \
                 may call it"
            ),
        );
    }
}

fn check_member(member: &mut Member, around: &Args, kind: Kind, faulty: bool, errors: &mut Errors) {
    let mut own = Errors::new();
    check_inside(&member.function, &mut own);
    let attributes = &mut member.function.attributes;
    let conditional = check_conditional(attributes, &mut own);
    attributes.retain(|it| conditional_access(&it.meta).is_none());
    if let (Kind::Module, Some(args)) = (kind, &mut member.args) {
        member.mentions = verb::read(args, &mut member.function, &mut own);
    }
    let of_service = service::is_one(around, kind);
    let called =
        !of_service || member.args.is_none() || service::prepare(&mut member.function, &mut own);
    let function = &member.function;
    match &mut member.args {
        // Without what would miss it.
        _ if !called => member.args = None,
        // Where a gRPC service asks for nothing as a whole, its methods open as functions do.
        Some(args) if args.access == Access::Requires || of_service && asks_nothing(around) => {
            check_adds(args, around, &mut own);
            inherit(args, around);
            // What the block failed to say is no fault of its functions.
            if !faulty {
                crate::check::check(args, function, &mut own);
                if check_identity(args, function, &mut own) {
                    // Without what would miss it.
                    member.args = None;
                }
            }
        }
        Some(args) => check_no_opening(args.access, function, &mut own),
        // Where the list can't be read, anything could stand in it.
        None if conditional || is_excused(function, around) => {}
        None if faulty && around.unreachable.key().is_some() => {}
        None if of_service => own.at(function.name().span(), service::silent(function, around)),
        None => own.at(function.name().span(), silent(function, kind)),
    }
    member.faulty |= errors.absorb(own) || faulty;
}

/// Whether a function may say nothing.
fn is_excused(function: &Function, around: &Args) -> bool {
    is_listed(function, around) || function.attributes.iter().any(is_test)
}

fn silent(function: &Function, kind: Kind) -> String {
    let name = function.name();
    let otherwise = match kind {
        Kind::Trait => "or move the trait out of the block".to_owned(),
        Kind::Impl | Kind::Module => {
            format!("or list it with `unreachable({name})` if no caller reaches it")
        }
    };
    format!(
        "`{name}` says nothing about who may call it; write `#[requires]` for what its block asks \
         for, `#[requires(...)]` for more, {otherwise}"
    )
}

/// An access attribute that may or may not be there is none that can be read here.
fn check_conditional(attributes: &[Attribute], errors: &mut Errors) -> bool {
    let Some(access) = attributes.iter().find_map(|it| conditional_access(&it.meta)) else {
        return false;
    };
    errors.at(
        access.path().span(),
        "an access attribute inside a block can't depend on `cfg_attr`, which the compiler judges \
         later; write the function twice, each with its `#[cfg(...)]`",
    );
    true
}

fn conditional_access(meta: &Meta) -> Option<Meta> {
    let (_, attributes) = item::conditional(meta)?;
    attributes.into_iter().find_map(|it| {
        if item::access_of(it.path()).is_some() { Some(it) } else { conditional_access(&it) }
    })
}

/// What stands inside a block adds to what the block asks for, and changes nothing else. Whether
/// its parts do add is judged with the vocabulary: see `expand::judgement`.
fn check_adds(own: &Args, around: &Args, errors: &mut Errors) {
    for key in [own.policy.key(), own.krate.key()].into_iter().flatten() {
        errors.at(
            key.span(),
            format!(
                "`{key}` stands on the block, for all of its functions: what the block asks for \
                 is looked up there; write it there, or move this to another block"
            ),
        );
    }
    if let (Some(key), Some(_)) = (own.identity.key(), around.identity.get()) {
        errors.at(
            key.span(),
            "the block says already where the identity comes from; remove `identity` here, or \
             move this to another block",
        );
    }
    if let (Some(key), Some(_)) = (own.identity.key(), around.server.get()) {
        errors.at(key.span(), service::IDENTITY);
    }
    if let [Part { key, kind: PartKind::Authenticated }] = own.parts.as_slice()
        && !asks_nothing(around)
    {
        errors.at(
            key.span(),
            "`authenticated` adds nothing to what the block asks for; write `#[requires]`",
        );
    }
}

fn check_no_opening(access: Access, function: &Function, errors: &mut Errors) {
    let (word, name) = (access.word(), function.name());
    let way_out = match access {
        Access::Manual => "write `#[requires]`, and let the body decide the rest",
        Access::Public | Access::Requires => "move it to another block",
    };
    errors.at(
        function.attribute_span(),
        format!(
            "`{name}` stands in a block that requires something of every caller, and `#[{word}]` \
             asks for less; {way_out}"
        ),
    );
}

/// The expression that the block gives for the identity has to mean something in the function.
fn check_identity(args: &Args, function: &Function, errors: &mut Errors) -> bool {
    let (Some(identity), true) = (args.identity.get(), args.identity.is_inherited()) else {
        return false;
    };
    let (name, inputs) = (function.name(), &function.signature.inputs);
    let missing = if item::mentions(identity.to_token_stream(), &["self"]) {
        function.signature.receiver().is_none().then(|| "self".to_owned())
    } else {
        parameter(identity).filter(|it| !item::mentions(inputs.to_token_stream(), &[it.as_str()]))
    };
    let Some(missing) = missing else {
        return false;
    };
    errors.at(
        name.span(),
        format!(
            "`{name}` takes no `{missing}`, from which the block takes the identity; give it one, \
             or move `{name}` to another block"
        ),
    );
    true
}

/// The name of a parameter, where the expression is one, as far as its form tells.
fn parameter(identity: &Expr) -> Option<String> {
    let Expr::Path(path) = identity else { return None };
    let name = path.path.get_ident()?.to_string();
    name.starts_with(char::is_lowercase).then_some(name)
}

fn inherit(args: &mut Args, around: &Args) {
    args.inherited = around.inherited.iter().chain(&around.parts).cloned().collect();
    args.identity.inherit(&around.identity);
    args.policy.clear();
    args.policy.inherit(&around.policy);
    args.krate.clear();
    args.krate.inherit(&around.krate);
}

fn unseen(why: &Unseen) -> String {
    match why {
        Unseen::Macro(name) => format!(
            "what `{name}!` makes can't be seen from the block, and could be a function that \
             nobody guards; move it out of the block"
        ),
        Unseen::Inside(word) => format!(
            "a block does not look for functions inside expressions, and this `{word}` could be called \
             although nobody guards it; move it out of the expression"
        ),
        Unseen::Foreign => "foreign functions can't be guarded; move them out of the block, and \
             guard the functions that call them"
            .to_owned(),
        Unseen::File(name) => format!(
            "the file of `{name}` can't be seen from the block; move `mod {name};` out of it"
        ),
        Unseen::Syntax => {
            "this can't be read, and could hold a function that nobody guards; move it out of the \
             block"
                .to_owned()
        }
    }
}

fn is_listed(function: &Function, around: &Args) -> bool {
    let listed = around.unreachable.get();
    listed.is_some_and(|names| names.iter().any(|it| same_name(it, function.name())))
}

fn same_name(left: &Ident, right: &Ident) -> bool {
    left.unraw() == right.unraw()
}

impl Block {
    fn functions(&self) -> impl Iterator<Item = &Member> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Function(member) => Some(&**member),
            _ => None,
        })
    }

    fn listed(&self) -> &[Ident] {
        self.args.unreachable.get().map_or(&[], Vec::as_slice)
    }

    fn lists(&self, function: &Function) -> bool {
        is_listed(function, &self.args)
    }
}
