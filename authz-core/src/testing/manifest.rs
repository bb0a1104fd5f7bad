//! The running program beside `authz.lock`, in a test.

use std::path::Path;

use super::golden::{self, Update};
use crate::manifest::Manifest;

/// Fails unless the lock at `path` says what this program requires.
///
/// The same comparison as `cargo authz check`, without its verdicts: for a test that runs with the
/// others. With `AUTHZ_UPDATE=1` in the environment the lock is written instead, unless `CI` is
/// set. The program is the one that runs: annotated functions of the test itself belong to it.
///
/// # Panics
///
/// When the lock differs, is not there, or is to be written where `CI` is set.
#[track_caller]
pub fn assert_lock(path: impl AsRef<Path>) {
    let verdict = crate::manifest()
        .map_err(|error| error.to_string())
        .and_then(|manifest| compare(path.as_ref(), &manifest, Update::from_environment()));
    if let Err(message) = verdict {
        panic!("{message}");
    }
}

/// Fails unless the lock at `path` says what this program requires, and `router` has every route
/// that a function under its policy declares, where it is declared.
///
/// See [`assert_lock`] for the lock.
///
/// # Examples
///
/// ```no_run
/// use authz_core::Policy;
/// use authz_core::testing::{Routed, assert_manifest};
///
/// fn the_lock_is_up_to_date<P: Policy>(router: &impl Routed<P>) {
///     assert_manifest("authz.lock", router);
/// }
/// ```
///
/// # Panics
///
/// When they differ.
#[track_caller]
pub fn assert_manifest<P: crate::Policy>(path: impl AsRef<Path>, router: &impl Routed<P>) {
    assert_lock(path);
    if let Ok(manifest) = crate::manifest()
        && let Err(message) = compare_routes(&manifest, P::RECORD.id(), &router.listed())
    {
        panic!("{message}");
    }
}

/// A router of any framework, for [`assert_manifest`]: `axum::Router`, `actix::App` and
/// `tonic::Routes`; or a pair of them, where a program has several under one policy.
pub trait Routed<P: crate::Policy> {
    /// Each function that is routed, with its method and path.
    #[doc(hidden)]
    fn listed(&self) -> Vec<(&'static str, String)>;
}

impl<P: crate::Policy, A: Routed<P>, B: Routed<P>> Routed<P> for (A, B) {
    fn listed(&self) -> Vec<(&'static str, String)> {
        let mut listed = self.0.listed();
        listed.extend(self.1.listed());
        listed
    }
}

fn compare(path: &Path, manifest: &Manifest, update: Update) -> Result<(), String> {
    let remedy = "where this is meant, run the test with AUTHZ_UPDATE=1, or `cargo authz lock`";
    golden::compare(path, &manifest.to_lock(), update, ("the program", remedy))
}

/// What a router has: the id of a function, and where it is.
fn compare_routes(
    manifest: &Manifest,
    policy: &str,
    listed: &[(&'static str, String)],
) -> Result<(), String> {
    let declared: Vec<_> = manifest
        .functions
        .iter()
        .filter(|function| function.policy == policy)
        .filter_map(|function| function.route.as_deref().map(|route| (&*function.id, route)))
        .collect();
    for (position, (id, route)) in declared.iter().enumerate() {
        let earlier = declared.iter().take(position).find(|(_, other)| other == route);
        if let Some((other, _)) = earlier {
            return Err(format!("`{other}` and `{id}` both declare `{route}`; change one of them"));
        }
        if !listed.iter().any(|(listed, place)| listed == id && place == route) {
            return Err(format!(
                "`{id}` declares `{route}`, and the router has not got it there; `mount` it"
            ));
        }
    }
    for (id, place) in listed {
        if let Some((_, route)) = declared.iter().find(|(declared, _)| declared == id)
            && place != route
        {
            return Err(format!(
                "`{id}` declares `{route}`, and the router has it at `{place}` too"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Update, compare};
    use crate::manifest::{FORMAT, Function, Manifest, Policy, Requirement};

    const NO: Update = Update { asked: false, in_ci: false };

    fn manifest(role: &str) -> Manifest {
        let policies =
            vec![Policy { id: "shop::Policy".into(), roles: Vec::new(), scopes: Vec::new() }];
        let function = Function {
            id: "shop::refund".into(),
            policy: "shop::Policy".into(),
            file: "src/lib.rs".into(),
            line: 7,
            kind: "requires".into(),
            requirement: Requirement::Role(role.into()),
            reason: None,
            route: Some("POST /refunds".into()),
            shadow: None,
            doc: None,
            object: None,
        };
        Manifest { format: FORMAT, policies, functions: vec![function], resources: Vec::new() }
    }

    fn path(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("authz-{name}-{}", std::process::id()));
        drop(std::fs::remove_file(&path));
        path
    }

    #[test]
    fn a_lock_is_written_when_asked_and_compared_otherwise() {
        let path = path("lock");
        let missing = compare(&path, &manifest("clerk"), NO).unwrap_err();
        assert!(missing.contains("AUTHZ_UPDATE=1"), "{missing}");
        compare(&path, &manifest("clerk"), Update { asked: true, ..NO }).unwrap();
        compare(&path, &manifest("clerk"), NO).unwrap();
        let differs = compare(&path, &manifest("manager"), NO).unwrap_err();
        assert!(differs.contains("- requires = ['role = \"clerk\"']\n"), "{differs}");
        assert!(differs.contains("+ requires = ['role = \"manager\"']\n"), "{differs}");
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn no_lock_is_written_where_ci_is_set() {
        let path = path("ci");
        let refused =
            compare(&path, &manifest("clerk"), Update { asked: true, in_ci: true }).unwrap_err();
        assert!(refused.contains("where CI is set"), "{refused}");
        assert!(!path.exists());
    }

    #[test]
    fn declared_routes_are_compared_with_those_of_the_router() {
        use super::compare_routes;
        let check = |listed: &[(&'static str, &str)]| {
            let listed: Vec<_> =
                listed.iter().map(|(id, place)| (*id, (*place).to_owned())).collect();
            compare_routes(&manifest("clerk"), "shop::Policy", &listed)
        };
        let home = ("shop::refund", "POST /refunds");
        assert_eq!(check(&[home, ("shop::other", "GET /")]), Ok(()));
        assert!(check(&[]).unwrap_err().contains("`mount` it"));
        assert!(check(&[("shop::refund", "GET /refunds")]).is_err());
        let twice = check(&[home, ("shop::refund", "PUT /refunds")]).unwrap_err();
        assert!(twice.contains("at `PUT /refunds` too"), "{twice}");
        let mut two = manifest("clerk");
        two.functions.extend(manifest("clerk").functions);
        let both = compare_routes(&two, "shop::Policy", &[(home.0, home.1.to_owned())]);
        assert!(both.unwrap_err().contains("both declare `POST /refunds`"));
        // Functions under another policy are another router's.
        assert_eq!(compare_routes(&two, "zoo::Policy", &[]), Ok(()));
    }
}
