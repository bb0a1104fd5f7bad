#[derive(Clone, Copy, Debug, PartialEq, Eq, authz_core::Roles)]
enum Role {
    #[role(includes(Manager))]
    Admin,
    #[role(includes(Clerk, Auditor))]
    Manager,
    #[role(includes(Guest), excludes(Guest))]
    Clerk,
    #[role(excludes(Clerk))]
    Auditor,
    Guest,
}

fn main() {}
