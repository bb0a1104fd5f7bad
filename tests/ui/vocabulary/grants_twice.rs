use authz_core::Roles;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    #[role(grants("read:orders", "read:orders"))]
    Clerk,
}

fn main() {}
