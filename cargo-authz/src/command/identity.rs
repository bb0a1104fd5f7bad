//! The identity that a question is about, checked against the policy it is of.

use authz_manifest::{Manifest, Policy};

use super::unknown;
use crate::cli::IdentityArgs;
use crate::failure::Failure;
use crate::identity::Identity;
use crate::meaning::Vocabulary;

/// The policy that the names of the question are of.
pub(super) fn policy<'a>(
    manifest: &'a Manifest,
    args: &IdentityArgs,
) -> Result<&'a Policy, Failure> {
    let ids = manifest.policies.iter().map(|policy| policy.id.as_str());
    match (&args.policy, manifest.policies.as_slice()) {
        (Some(id), policies) => policies
            .iter()
            .find(|policy| policy.id == *id)
            .ok_or_else(|| Failure::Unknown(unknown("policy", id, ids))),
        (None, [policy]) => Ok(policy),
        (None, _) => {
            let ids: Vec<_> = ids.map(|id| format!("`{id}`")).collect();
            let count = ids.len();
            Err(Failure::Ambiguous(format!(
                "the program has {count} policies ({}); name one with `--policy`",
                ids.join(", ")
            )))
        }
    }
}

/// The identity, with every name known to the policy.
pub(super) fn identity(policy: &Policy, args: &IdentityArgs) -> Result<Identity, Failure> {
    let vocabulary = Vocabulary::new(policy);
    let roles: Vec<_> = vocabulary.role_names().collect();
    let scopes: Vec<_> = vocabulary.scope_names().collect();
    for (kind, given, known) in [("role", &args.roles, &roles), ("scope", &args.scopes, &scopes)] {
        for name in given {
            if !known.contains(&name.as_str()) {
                return Err(Failure::Unknown(unknown(kind, name, known.iter().copied())));
            }
        }
    }
    let identity = Identity {
        roles: args.roles.iter().cloned().collect(),
        scopes: args.scopes.iter().cloned().collect(),
        mfa: args.mfa,
        bound: args.bound,
        acr: args.acr.clone(),
        age: args.auth_age,
    };
    if vocabulary.admits(&identity) {
        Ok(identity)
    } else {
        Err(Failure::Usage(format!(
            "nobody can be {identity}: two of these roles exclude each other, and a token that \
             names both is refused"
        )))
    }
}
