use authz_core::actix::{App, Scope};
use authz_tests::{policy, warehouse};

fn serve(app: App<policy::Policy>, verifier: warehouse::Verifier) {
    let _ = app.secured_by(verifier);
}

fn configure(scope: Scope<policy::Policy>, verifier: warehouse::Verifier) {
    let _ = scope.secured_by(verifier);
}

fn main() {}
