//! The test support tested: what the runner accepts and refuses, and that nothing passes by accident.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use riposte_testing::{Cases, FakeClock, KnownFailures, Nothing, Random, repository_root, seeded};
use serde::Deserialize;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Double {
    #[serde(default, rename = "name")]
    _name: String,
    of: i64,
    is: i64,
}

impl Double {
    fn run(&self, _: &Nothing) -> Result<(), String> {
        let doubled = self.of * 2;
        if doubled == self.is { Ok(()) } else { Err(format!("got {doubled}\nexpected {}", self.is)) }
    }
}

/// A folder of case files that is removed again.
struct Folder(PathBuf);

impl Folder {
    fn with(name: &str, files: &[(&str, &str)]) -> Self {
        let path = std::env::temp_dir().join(format!("riposte-testing-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        for (file, text) in files {
            fs::write(path.join(file), text).unwrap();
        }
        Self(path)
    }

    fn read(&self) -> Result<Cases<Double>, String> {
        Cases::read(&self.0)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn reads_lists_and_described_lists_in_order() {
    let folder = Folder::with(
        "shapes",
        &[
            ("b.json", r#"{"about":"twice","cases":[{"name":"two","of":2,"is":4}]}"#),
            ("a.json", r#"[{"of":1,"is":2},{"of":3,"is":6}]"#),
            ("notes.md", "no case"),
        ],
    );
    let cases = folder.read().unwrap();
    assert_eq!(cases.iter().map(|(id, _)| id).collect::<Vec<_>>(), ["a/1", "a/2", "b/two"]);
    assert_eq!(cases.count(), 3);
    assert!(cases.report(None, Double::run).unwrap().ends_with("3 of 3 cases pass, 0 known to fail"));
}

#[test]
fn refuses_what_is_no_case() {
    for (name, text, told) in [
        ("unknown", r#"[{"of":1,"is":2,"iss":3}]"#, "unknown field `iss`"),
        ("missing", r#"[{"of":1}]"#, "missing field `is`"),
        ("syntax", "[{]", "at line 1 column 3"),
        ("shape", "7", "expected a list of cases or an object with `cases`"),
        ("no_cases", r#"{"about":"a"}"#, "missing field `cases`"),
        ("described", r#"{"cases":[{"of":1,"is":2}],"abuot":""}"#, "unknown field `abuot`"),
        ("twins", r#"[{"name":"x","of":1,"is":2},{"name":"x","of":1,"is":2}]"#, "two cases are named `x`"),
        ("none", "[]", "there is no case"),
    ] {
        let problem = Folder::with(name, &[("cases.json", text)]).read().unwrap_err();
        assert!(problem.contains(told), "{name}: {problem}");
    }
}

#[test]
fn tells_every_failing_case() {
    let folder =
        Folder::with("failing", &[("d.json", r#"[{"of":1,"is":3},{"of":2,"is":4},{"of":3,"is":7}]"#)]);
    let report = folder.read().unwrap().report(None, Double::run).unwrap_err();
    assert!(report.contains("2 of 3 cases fail that should not"), "{report}");
    assert!(report.contains("d/1: got 2\n    expected 3"), "{report}");
    assert!(report.contains("d/3: got 6"), "{report}");
}

#[test]
fn a_panic_is_a_failing_case() {
    let folder = Folder::with("panic", &[("d.json", r#"[{"of":1,"is":2}]"#)]);
    let report = folder.read().unwrap().report(None, |case, _| panic!("no {}", case.of)).unwrap_err();
    assert!(report.contains("d/1: panicked: no 1"), "{report}");
}

#[test]
fn known_failures_may_only_shrink() {
    let cases = r#"[{"name":"good","of":1,"is":2},{"name":"bad","of":1,"is":3}]"#;
    for (name, listed, told) in [
        ("listed", vec!["d/bad"], None),
        ("passing", vec!["d/bad", "d/good"], Some("d/good: passes now")),
        ("gone", vec!["d/bad", "d/gone"], Some("but there is no such case")),
        ("unlisted", vec![], Some("d/bad: got 2")),
    ] {
        let list: Vec<_> = listed.iter().map(|id| format!(r#"{{"case":"{id}","reason":"why"}}"#)).collect();
        let list = format!(r#"{{"about":"what","cases":[{}]}}"#, list.join(","));
        let folder = Folder::with(name, &[("d.json", cases), ("known_failures.json", &list)]);
        let report = folder.read().unwrap().report(None, Double::run);
        match (report, told) {
            (Ok(line), None) => assert!(line.ends_with("1 of 2 cases pass, 1 known to fail"), "{line}"),
            (Err(report), Some(told)) => assert!(report.contains(told), "{name}: {report}"),
            (report, _) => panic!("{name}: {report:?}"),
        }
    }
}

#[test]
fn a_known_failure_may_say_how_it_fails() {
    for (name, says, told) in [
        ("says", "expected 3", None),
        ("otherwise", "expected 4", Some("is known to fail saying `expected 4`, but says: got 2")),
    ] {
        let list = format!(r#"{{"about":"a","cases":[{{"case":"d/1","reason":"why","says":"{says}"}}]}}"#);
        let files = [("d.json", r#"[{"of":1,"is":3}]"#), ("known_failures.json", list.as_str())];
        let report = Folder::with(name, &files).read().unwrap().report(None, Double::run);
        assert_eq!(report.is_ok(), told.is_none(), "{report:?}");
        assert!(told.is_none_or(|told| report.unwrap_err().contains(told)), "{name}");
    }
}

#[test]
fn one_case_can_be_run_by_itself() {
    let cases =
        r#"[{"name":"good","of":1,"is":2},{"name":"bad","of":1,"is":3},{"name":"worse","of":1,"is":4}]"#;
    let list = r#"{"about":"a","cases":[{"case":"d/bad","reason":"why"}]}"#;
    let folder = Folder::with("one", &[("d.json", cases), ("known_failures.json", list)]);
    let report = |only| folder.read().unwrap().report(Some(only), Double::run);
    assert!(report("d/good").unwrap().ends_with("1 of 1 cases pass, 0 known to fail"));
    assert!(report("d/bad").unwrap().ends_with("0 of 1 cases pass, 1 known to fail"));
    assert!(report("worse").unwrap_err().contains("d/worse: got 2"));
    assert!(report("none").unwrap().ends_with("0 of 0 cases pass, 0 known to fail"));
}

#[test]
fn what_stands_beside_the_cases_is_for_all_of_them() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Beside {
        plus: i64,
    }
    let text = r#"{"about":"a","plus":1,"cases":[{"of":1,"is":3},{"of":2,"is":5}]}"#;
    let folder = Folder::with("beside", &[("d.json", text)]);
    let cases = Cases::<Double, Beside>::read(&folder.0).unwrap();
    let run = |case: &Double, beside: &Beside| {
        if case.of * 2 + beside.plus == case.is { Ok(()) } else { Err("differs".to_owned()) }
    };
    assert!(cases.report(None, run).unwrap().ends_with("2 of 2 cases pass, 0 known to fail"));
    let folder = Folder::with("beside_missing", &[("d.json", "[]")]);
    assert!(Cases::<Double, Beside>::read(&folder.0).unwrap_err().contains("missing field `plus`"));
}

#[test]
fn cases_from_elsewhere_are_run_the_same() {
    let cases = |ids: &[&str]| ids.iter().map(|id| ((*id).to_owned(), 1)).collect();
    let elsewhere = Cases::<i32>::of("elsewhere", cases(&["a", "b"]), KnownFailures::default());
    let report = elsewhere.report(None, |_, _| Err("no".into())).unwrap_err();
    assert!(report.starts_with("elsewhere: 2 of 2 cases fail") && report.contains("  b: no"), "{report}");
    for wrong in [vec![], vec!["a", "a"]] {
        let cases = cases(&wrong);
        std::panic::catch_unwind(|| Cases::of("elsewhere", cases, KnownFailures::default())).unwrap_err();
    }
}

#[test]
fn a_known_failure_has_a_reason() {
    for (name, list, told) in [
        ("reason", r#"{"about":"a","cases":[{"case":"d/1","reason":" "}]}"#, "`d/1` has no reason"),
        (
            "twice",
            r#"{"about":"a","cases":[{"case":"d/1","reason":"x"},{"case":"d/1","reason":"y"}]}"#,
            "is listed twice",
        ),
        ("extra", r#"{"about":"a","cases":[],"more":1}"#, "unknown field `more`"),
        ("about", r#"{"cases":[]}"#, "missing field `about`"),
    ] {
        let files = [("d.json", r#"[{"of":1,"is":2}]"#), ("known_failures.json", list)];
        let problem = Folder::with(name, &files).read().unwrap_err();
        assert!(problem.contains(told), "{name}: {problem}");
    }
}

#[test]
fn the_root_is_the_workspace() {
    assert!(fs::read_to_string(repository_root().join("Cargo.toml")).unwrap().contains("[workspace]"));
}

#[test]
fn the_clock_moves_only_when_told() {
    let clock = FakeClock::default();
    let start = clock.now();
    assert_eq!(clock.now(), start);
    assert_eq!(clock.advance(Duration::from_millis(1500)).to_string(), "2026-01-01T00:00:01.5Z");
    clock.clone().set(start);
    assert_eq!(clock.now(), start);
    assert_eq!(clock.advance(Duration::MAX), jiff::Timestamp::MAX);
}

#[test]
fn a_seed_draws_the_same_again_and_covers_the_range() {
    // The first three numbers of SplitMix64 for the seed 1234567, as published with the algorithm.
    let mut random = Random::new(1_234_567);
    assert_eq!(
        [random.next(), random.next(), random.next()],
        [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
    );
    seeded(|random| {
        let mut seen = [0_u32; 6];
        for _ in 0..6000 {
            seen[usize::try_from(random.below(6)).unwrap()] += 1;
        }
        assert!(seen.iter().all(|count| (700..1300).contains(count)), "{seen:?}");
        let mut items: Vec<u32> = (0..100).collect();
        random.shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
        assert_eq!(random.pick::<u8>(&[]), None);
        assert!(!random.chance(0, 10) && random.chance(10, 10));
    });
}
