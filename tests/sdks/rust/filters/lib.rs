//! Filters written with the official Rust SDK; each is an example of this package, which has nothing else.
