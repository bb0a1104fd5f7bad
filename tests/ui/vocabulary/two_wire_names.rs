use authz_core::Roles;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    #[role("admin", "root")]
    Admin,
}

fn main() {}
