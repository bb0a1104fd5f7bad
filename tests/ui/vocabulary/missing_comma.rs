use authz_core::Roles;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    #[role("shop-admin" includes(Clerk))]
    Admin,
    #[role(* includes(Auditor))]
    Clerk,
    Auditor,
}

fn main() {}
