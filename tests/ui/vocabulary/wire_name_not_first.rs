use authz_core::Roles;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    #[role(includes(Clerk), "shop-admin")]
    Admin,
    Clerk,
}

fn main() {}
