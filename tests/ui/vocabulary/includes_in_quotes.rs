use authz_core::Roles;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    #[role(includes("clerk"))]
    Admin,
    Clerk,
}

fn main() {}
