use authz_core::Roles;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    #[role(includes(Clerk, Role::Clerk))]
    Admin,
    Clerk,
}

fn main() {}
