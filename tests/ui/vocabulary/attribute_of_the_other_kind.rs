use authz_core::Roles;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
#[scopes(crate = ::authz_core)]
enum Role {
    #[scope("clerk")]
    Clerk,
}

fn main() {}
