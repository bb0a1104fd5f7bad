use authz_core::requires;
use authz_tests::policy::{self, Identity};

struct Desk {
    who: Identity,
}

#[requires(role = "clerk", identity = self.who)]
impl Desk {
    #[requires]
    fn cancel(&self) -> u32 {
        7
    }
}

fn main() {}
