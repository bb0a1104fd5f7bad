use authz_core::Roles;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    #[role(includes(Clerk), includes(Auditor))]
    Admin,
    Clerk,
    Auditor,
}

fn main() {}
