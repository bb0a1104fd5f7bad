use authz_core::Roles;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    #[role(include(Clerk))]
    Admin,
    #[role(Admin)]
    Clerk,
    #[role(name = "auditor")]
    Auditor,
}

fn main() {}
