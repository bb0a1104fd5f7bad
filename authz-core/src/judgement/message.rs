//! The words of a verdict: what is wrong, why, and what to write.

use super::{Because, Judged, Place, Verdict};
use crate::message::Message;
use crate::policy::Policy;
use crate::requirement::{Name, Requirement};
use crate::vocabulary::{Table, Vocabulary, conflict, name_at};

/// A compile error where the part at `position` contradicts the others, or makes no difference.
///
/// # Panics
///
/// In const evaluation only: that is the compile error.
#[track_caller]
#[expect(clippy::panic, reason = "evaluated by the compiler: the panic is the error message")]
pub const fn accept<P: Policy, const PARTS: usize>(judged: &Judged<PARTS>, position: usize) {
    let said = Said {
        roles: <P::Role as Vocabulary>::TABLE,
        scopes: <P::Scope as Vocabulary>::TABLE,
        parts: &judged.parts,
        texts: &judged.texts,
        any_owner: matches!(judged.place, Place::AnyOwner),
        position,
    };
    let mut message = Message::new();
    match judged.verdicts.as_slice().split_at(position).1 {
        [Verdict::Nobody(because), ..] => said.nobody(*because, &mut message),
        [Verdict::Everybody, ..] => said.everybody(&mut message),
        [Verdict::Implied(because), ..] => said.implied(*because, &mut message),
        [Verdict::Fine, ..] | [] => return,
    }
    panic!("{}", message.text())
}

struct Said<'a> {
    roles: &'static Table,
    scopes: &'static Table,
    parts: &'a [Requirement],
    texts: &'a [&'a str],
    /// Whether these are the parts of an `any_owner`.
    any_owner: bool,
    position: usize,
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, on positions of parts")]
impl Said<'_> {
    const fn text(&self) -> &str {
        self.texts[self.position]
    }

    const fn nobody(&self, because: Because, message: &mut Message) {
        message.push("`").push(self.text()).push("` ");
        match because {
            Because::Part(other) => self.contradiction(other, message),
            Because::Alone => {
                message.push("lets nobody in: its own parts contradict each other");
            }
            Because::Block if self.any_owner => {
                message.push(
                    "contradicts what the function requires, so nobody sees the objects of any owner",
                );
            }
            Because::Block => {
                message.push("contradicts what the block requires, so nobody gets in");
            }
            Because::Others => {
                message.push("contradicts the parts beside it taken together, so nobody gets in");
            }
        }
    }

    /// Two parts that can't both hold; the message begins with the second.
    const fn contradiction(&self, other: usize, message: &mut Message) {
        let text = self.texts[other];
        message.push("contradicts `").push(text).push("`, so nobody gets in");
        match (&self.parts[other], &self.parts[self.position]) {
            (Requirement::Role(one), Requirement::Role(two)) => {
                self.exclusion(": ", one, two, message);
                self.either(other, message);
            }
            (Requirement::Acr(_), Requirement::Acr(_)) => {
                message.push(": a token has one `acr`");
                self.either(other, message);
            }
            (Requirement::Role(holder), Requirement::Not(Requirement::Role(held)))
            | (Requirement::Not(Requirement::Role(held)), Requirement::Role(holder))
            | (Requirement::Scope(holder), Requirement::Not(Requirement::Scope(held)))
            | (Requirement::Not(Requirement::Scope(held)), Requirement::Scope(holder))
                if holder.index() != held.index() =>
            {
                message.push(": `").push(holder.wire()).push("` includes `").push(held.wire());
                message.push("`");
            }
            _ => {}
        }
    }

    const fn everybody(&self, message: &mut Message) {
        message.push("`").push(self.text());
        if matches!(self.parts[self.position], Requirement::Not(_)) {
            message.push("` removes nobody, since nobody can meet what stands in it");
        } else {
            message.push("` lets every identity in");
        }
        if self.parts.len() > 1 {
            message.push("; remove it");
        } else {
            message.push("; write what was meant, or `authenticated` for every identity");
        }
    }

    const fn implied(&self, because: Because, message: &mut Message) {
        let part = &self.parts[self.position];
        let verb = match part {
            Requirement::Not(_) => "removes nobody",
            _ => "adds nothing",
        };
        message.push("`").push(self.text()).push("` ").push(verb);
        match because {
            Because::Part(other) => self.implication(other, message),
            Because::Block if self.any_owner => {
                message.push(
                    " to `any_owner`: whoever may call the function meets it, and would see the \
                     objects of everybody; write what only some callers have, or `object = any`",
                );
            }
            Because::Block => {
                message.push(
                    ": the block requires it already; remove it, or write what this function \
                     needs beyond the block",
                );
            }
            Because::Alone | Because::Others => {
                message.push(": whoever meets the other parts meets it too; remove it");
            }
        }
    }

    /// Why the part at `other` implies this one; the message begins with this one.
    const fn implication(&self, other: usize, message: &mut Message) {
        match (&self.parts[other], &self.parts[self.position]) {
            (Requirement::Role(holder), Requirement::Role(_))
            | (Requirement::Scope(holder), Requirement::Scope(_)) => {
                message.push(", since `").push(holder.wire()).push("` includes it");
                self.either(other, message);
            }
            (Requirement::Role(holder), Requirement::Not(Requirement::Role(held)))
                if conflict(self.roles, holder.index(), held.index()).is_some() =>
            {
                self.exclusion(", since ", holder, held, message);
                message.push("; remove it");
            }
            (
                Requirement::Not(Requirement::Role(held)),
                Requirement::Not(Requirement::Role(holder)),
            ) if self.roles.includes(holder.index(), held.index()) => {
                push_wider_not(held.wire(), holder.wire(), message);
            }
            (
                Requirement::Not(Requirement::Scope(held)),
                Requirement::Not(Requirement::Scope(holder)),
            ) if self.scopes.includes(holder.index(), held.index()) => {
                push_wider_not(held.wire(), holder.wire(), message);
            }
            _ => {
                message.push(": whoever meets `").push(self.texts[other]);
                message.push("` meets it too; remove it");
            }
        }
    }

    /// Why nobody holds both roles.
    const fn exclusion(&self, before: &str, one: &Name, two: &Name, message: &mut Message) {
        let Some((left, right)) = conflict(self.roles, one.index(), two.index()) else {
            return;
        };
        message.push(before);
        if left != one.index() {
            message.push("`").push(one.wire()).push("` includes `");
            message.push(name_at(self.roles, left)).push("`, ");
        }
        if right != two.index() {
            message.push("`").push(two.wire()).push("` includes `");
            message.push(name_at(self.roles, right)).push("`, ");
        }
        if left != one.index() || right != two.index() {
            message.push("and ");
        }
        message.push("`").push(name_at(self.roles, left)).push("` and `");
        message.push(name_at(self.roles, right)).push("` exclude each other");
    }

    /// Two names side by side nearly always mean `any`.
    const fn either(&self, other: usize, message: &mut Message) {
        let (first, second) =
            if other < self.position { (other, self.position) } else { (self.position, other) };
        message.push("; for either of them write `any(").push(self.texts[first]).push(", ");
        message.push(self.texts[second]).push(")`");
    }
}

/// `not` of a name beside `not` of one that it includes.
const fn push_wider_not(held: &str, holder: &str, message: &mut Message) {
    message.push(", since whoever lacks `").push(held).push("` lacks `").push(holder);
    message.push("`, which includes it; remove it");
}
