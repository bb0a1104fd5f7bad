use authz_core::Roles;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
#[role("clerk")]
enum Role {
    #[roles(crate = ::authz_core)]
    Clerk,
}

fn main() {}
