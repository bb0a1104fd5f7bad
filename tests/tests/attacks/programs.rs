//! Attacks by whoever writes the program, on whoever reviews it: each a service that compiles as it stands, or so
//! its author hopes, and is not what it looks like.

use std::panic::{AssertUnwindSafe, catch_unwind};

use authz_core::testing;
use authz_tests::policy::Identity;

#[path = "programs/handler_behind_another_proof.rs"]
mod handler_behind_another_proof;
#[path = "programs/two_functions_of_one_id.rs"]
mod two_functions_of_one_id;

/// Those that do not compile, each with the words that name the fault; and the services as they should be.
#[test]
fn a_program_that_hides_something_does_not_compile() {
    let cases = trybuild::TestCases::new();
    for attack in [
        "guard_behind_a_feature",
        "forged_proof",
        "generic_of_the_function_s_name",
        "method_in_a_constant",
        "reason_that_wipes_the_verdict",
    ] {
        cases.compile_fail(format!("tests/attacks/programs/{attack}.rs"));
    }
    cases.pass("tests/attacks/programs/right.rs");
}

#[test]
fn the_router_takes_no_handler_behind_the_proof_of_another() {
    use handler_behind_another_proof::{attack, closure, neighbour};

    for build in [attack, closure] {
        let panic = catch_unwind(AssertUnwindSafe(|| drop(build()))).unwrap_err();
        let told = panic.downcast_ref::<String>().unwrap();
        assert!(told.contains("takes the proof of") && told.contains("::health`"), "{told}");
    }
    drop(neighbour());
}

/// By the running program, and by the file that was built, which is what `cargo authz lock` and `check` read.
#[test]
fn no_list_is_made_of_two_functions_of_one_id() {
    use two_functions_of_one_id::{Desk, Vault};

    let manager: Identity = testing::identity().role("manager").build();
    // Both are guarded, and both are called: nothing but the list is wrong with them.
    assert_eq!(Desk(1).refund(&manager).ok(), Some(1));
    assert_eq!(Vault(2).refund(&manager).ok(), Some(2));
    let running = authz_core::manifest().unwrap_err().to_string();
    let sections = authz_manifest::section::read(&std::env::current_exe().unwrap()).unwrap();
    let recorded = authz_manifest::record::decode(&sections[0]).unwrap();
    let built = recorded.with_distinct_ids().unwrap_err().to_string();
    for told in [running, built] {
        assert!(told.contains("two_functions_of_one_id::refund` names 2 functions: "), "{told}");
        assert!(told.contains("put `#[requires(...)]` on the `impl` block"), "{told}");
    }
}
