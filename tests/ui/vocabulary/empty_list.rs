use authz_core::Roles;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    #[role(includes())]
    Admin,
    #[role(grants())]
    Clerk,
}

fn main() {}
