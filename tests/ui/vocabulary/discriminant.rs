use authz_core::Roles;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    Admin = 2,
    Clerk = 1,
}

fn main() {}
