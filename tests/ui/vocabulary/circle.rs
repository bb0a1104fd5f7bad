use authz_core::Roles;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    #[role(includes(Manager))]
    Admin,
    #[role(includes(Clerk))]
    Manager,
    #[role(includes(Admin))]
    Clerk,
}

fn main() {}
