//! Models of what threads do at once in `authz-core`: loom runs each of them in every order in which
//! its threads may meet, and with every value that the memory orderings allow a thread to see.
//!
//! What is modelled is the code itself: the files that take what they share from `crate::sync` are
//! read from `authz-core`, and find `sync.rs` of this crate there. So no flag changes how anything else
//! is built, and a file can't drift from its model.
//!
//! | file | what is modelled |
//! |---|---|
//! | `keys.rs` | the swap of keys under the hands of readers, and the one flight for an unknown key |
//! | `revocation.rs` | revocations, and the number that tells of them |
//! | `cache.rs` | hits on remembered tokens beside all of it, and the room that is counted |
//! | `sync.rs` | the stand-ins, which promise no more than what they stand for |

#[cfg(test)]
mod cache;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod revocation;
#[cfg(test)]
mod sync;
