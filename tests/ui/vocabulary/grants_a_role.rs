use authz_core::Roles;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    #[role(grants(Role::Auditor))]
    Clerk,
    Auditor,
}

fn main() {}
