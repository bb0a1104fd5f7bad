use authz_core::Roles;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    #[role(includes(+Clerk))]
    Admin,
    #[role(grants(+Clerk))]
    Clerk,
}

fn main() {}
