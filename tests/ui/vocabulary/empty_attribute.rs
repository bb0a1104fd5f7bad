use authz_core::Roles;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    #[role()]
    Admin,
    #[role]
    Manager,
    #[role = "clerk"]
    Clerk,
}

fn main() {}
