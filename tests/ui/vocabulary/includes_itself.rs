use authz_core::Scopes;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
enum Scope {
    #[scope("write:orders", includes(WriteOrders))]
    WriteOrders,
}

fn main() {}
