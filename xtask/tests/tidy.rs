//! The tree is tidy: one test a check.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use xtask::tidy::{CHECKS, Tree};

/// Runs the check of this name over the repository; fails with all that it found.
fn check(name: &str) {
    let tree = Tree::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap();
    let check = CHECKS.iter().find(|check| check.name == name).unwrap();
    let findings: Vec<String> = (check.run)(&tree).unwrap().iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{}\n  {}\n", check.about, findings.join("\n  "));
}

/// Makes the tests, and one more that no check is without its test.
macro_rules! tests {
    ($($name:ident)*) => {
        $(#[test] fn $name() { check(stringify!($name)); })*

        #[test]
        fn every_check_is_a_test() {
            let tested = [$(stringify!($name)),*];
            assert_eq!(CHECKS.iter().map(|check| check.name).collect::<Vec<_>>(), tested);
        }
    };
}

tests! { crates pure fences files functions heads unfinished places markdown cases diagnostics promises }
