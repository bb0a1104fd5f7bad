#[derive(Clone, Copy, Debug, PartialEq, Eq, authz_core::Roles)]
enum Role {
    #[role(excludes(Clerk))]
    Clerk,
    #[role(excludes(Clerk, Self::Clerk))]
    Auditor,
    #[role(excludes(Clark))]
    Guest,
    #[role(excludes())]
    Empty,
    #[role(excludes("clerk"))]
    Quoted,
    #[role(excludes(Scope::Read))]
    Elsewhere,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, authz_core::Scopes)]
enum Scope {
    #[scope("read", excludes(Write))]
    Read,
    #[scope("write")]
    Write,
}

fn main() {}
