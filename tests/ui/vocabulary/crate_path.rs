use authz_core::Roles;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
#[roles(crate = "authz_core")]
enum Quoted {
    Clerk,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
#[roles(crate)]
enum Nothing {
    Clerk,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
#[roles(crat = ::authz_core)]
enum Misspelt {
    Clerk,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
#[roles(crate = ::authz_core, crate = ::authz_core)]
enum Twice {
    Clerk,
}

fn main() {}
