use authz_core::Scopes;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
enum Scope {
    #[scope("write:orders", grants(ReadOrders))]
    WriteOrders,
    ReadOrders,
}

fn main() {}
