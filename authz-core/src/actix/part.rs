//! What an app or a scope is put together of, and what it keeps of it: records and slots.

use actix_web::dev::HttpServiceFactory;

use super::gate::Mount;
use super::protected::Protected;
use super::route::{Record, parse, pattern};
use super::web::{self, Route};
use crate::access::function_of;
use crate::http::Slot;
use crate::policy::Policy;
use crate::token::Verifier;

/// What [`App::service`](super::App::service) takes: a scope, a resource, or a handler that says
/// with `route = "GET /orders"` where it answers.
///
/// Nothing else can implement it, so that everything in an app says who may call it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not annotated with `#[requires(...)]`, `#[public(...)]` or `#[manual(...)]`",
    label = "this service does not say who may call it",
    note = "an app takes annotated handlers, and the scopes and resources of `authz_core::actix::web`",
    note = "where `#[get(\"/...\")]` or its like stands above the access attribute, put it below: what \
            it makes of the function hides who may call it",
    note = "for a service that anybody may call write `.public_service(reason, ...)`"
)]
pub trait Part<P: Policy, T> {
    /// What actix registers.
    #[doc(hidden)]
    type Factory: HttpServiceFactory + 'static;

    #[doc(hidden)]
    fn into_part(self) -> (Self::Factory, Kept<P>);
}

/// A handler where it declares that it is.
#[diagnostic::do_not_recommend]
impl<P, H, T> Part<P, (T,)> for H
where
    P: Policy,
    H: Protected<T, Policy = P>,
    H::Access: Mount<H, T>,
{
    type Factory = actix_web::Resource;

    #[track_caller]
    fn into_part(self) -> (actix_web::Resource, Kept<P>) {
        let function = function_of::<H, H::Access>();
        let declared = function.route().and_then(parse);
        assert!(
            declared.is_some(),
            "`{}` declares no route; write `route = \"GET /...\"` in its attribute, or say with \
             `route` where it is",
            function.id()
        );
        let (method, path) = declared.unwrap_or_default();
        let path = pattern(path);
        let Route { inner, record, slot } = web::method(method.clone()).to(self);
        let mut kept = Kept::new();
        kept.add(record.at(&path), slot);
        // The method at the resource, so that another handler of the path can have another.
        let resource = actix_web::Resource::new(path).guard(actix_web::guard::Method(method));
        (resource.route(inner), kept)
    }
}

/// The records of routes, and the places of their verifiers.
#[derive(Debug)]
pub struct Kept<P: Policy> {
    pub(super) records: Vec<Record>,
    slots: Vec<Slot<P>>,
}

impl<P: Policy> Kept<P> {
    pub(super) fn new() -> Self {
        Self { records: Vec::new(), slots: Vec::new() }
    }

    pub(super) fn add(&mut self, record: Record, slot: Slot<P>) {
        self.records.push(record);
        self.slots.push(slot);
    }

    pub(super) fn note(&mut self, record: Record) {
        self.records.push(record);
    }

    pub(super) fn append(&mut self, other: Self) {
        self.records.extend(other.records);
        self.slots.extend(other.slots);
    }

    /// The same under a prefix.
    pub(super) fn within(self, prefix: &str) -> Self {
        let records = self.records.into_iter().map(|record| record.within(prefix)).collect();
        Self { records, ..self }
    }

    /// The same at one path.
    pub(super) fn at(self, path: &str) -> Self {
        let records = self.records.into_iter().map(|record| record.at(path)).collect();
        Self { records, ..self }
    }

    /// Gives every route its verifier.
    #[track_caller]
    pub(super) fn secure(&self, verifier: &Verifier<P>) {
        let astray = self.records.iter().find(|record| !record.is_as_declared());
        assert!(
            astray.is_none(),
            "a handler is not where it declares: {} declares `{}`; `mount` puts it there",
            astray.map(ToString::to_string).unwrap_or_default(),
            astray.and_then(|record| record.function()?.route()).unwrap_or_default()
        );
        for slot in &self.slots {
            slot.fill(verifier.clone());
        }
    }

    /// Panics where a declared route is there already: the first would answer for both.
    #[track_caller]
    pub(super) fn reject_repeated(&self, others: &[Record]) {
        for record in &self.records {
            let Some(function) = record.function().filter(|function| function.route().is_some())
            else {
                continue;
            };
            let other = others.iter().find(|other| other.answers_for(record));
            assert!(
                other.is_none(),
                "`{}` declares a route that another handler has: {}; give one of them another route",
                function.id(),
                other.map(ToString::to_string).unwrap_or_default()
            );
        }
    }
}

/// A reason is part of the listing that somebody reviews; an empty one says nothing.
#[track_caller]
pub(super) fn require_reason(reason: &str) {
    assert!(
        !reason.trim().is_empty(),
        "a public service needs a reason: who may call it, and why is that right?"
    );
}
