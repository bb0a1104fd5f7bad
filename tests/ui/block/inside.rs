use authz_core::requires;
use authz_tests::policy;

struct Shop;

macro_rules! wipe {
    () => {{
        impl crate::Shop {
            pub fn wipe(&self) {}
        }
    }};
}

#[requires(role = "clerk")]
mod shop {
    use authz_core::requires;

    const _: () = {
        impl super::Shop {
            pub fn close(&self) {}
        }
    };

    const _: () = wipe!();

    enum Sizes {
        Small = {
            const fn size() -> isize {
                3
            }
            size()
        },
    }

    type Shelf = [u8; {
        impl super::Shop {
            pub fn empty(&self) {}
        }
        3
    }];

    #[requires]
    fn refund(order: u32) {
        impl crate::Shop {
            pub fn burn(&self) {}
        }
    }

    #[requires]
    fn list(
        shelf: [u8; {
            impl crate::Shop {
                pub fn sell(&self) {}
            }
            3
        }],
    ) {
    }
}

#[requires(role = "clerk", identity = who)]
impl Shop {
    const SIZE: usize = {
        impl Shop {
            pub fn grow(&self) {}
        }
        3
    };

    #[requires]
    fn open(&self, who: &authz_tests::policy::Identity) -> Result<(), authz_core::Denied> {
        Ok(())
    }
}

fn main() {}
