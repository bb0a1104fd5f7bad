use authz_core::Roles;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    #[role(7)]
    Admin,
    #[role('c')]
    Clerk,
    #[role(grants(7))]
    Auditor,
}

fn main() {}
