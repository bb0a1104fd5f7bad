use authz_core::requires;
use authz_tests::policy;

macro_rules! refund {
    () => {
        fn refund() {}
    };
}

struct Desk;

#[requires(role = "clerk")]
impl Desk {
    refund!();
}

#[requires(role = "clerk")]
mod orders {
    refund!();

    std::thread_local! {
        static COUNT: u32 = 7;
    }

    unsafe extern "C" {
        fn abs(number: i32) -> i32;
    }

    trait Refunds {
        refund!();
    }
}

fn main() {}
