use authz_tests::policy::Identity;

fn main() {
    let _ = Identity::new;
}
