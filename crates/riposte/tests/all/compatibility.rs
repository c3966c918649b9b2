//! `docs/compatibility.md` says what a survey of real playbooks finds.

use crate::process::{repository, riposte};

const PAGE: &str = "docs/compatibility.md";
const MARK: &str = "<!-- made by `riposte playbook survey`: what stands below is overwritten -->\n";
/// Set to write the page instead of comparing it.
const UPDATE: &str = "RIPOSTE_UPDATE_DOCS";

#[test]
fn the_page_is_what_the_survey_finds() {
    let Some(corpus) = riposte_testing::shared("corpus") else { return };
    let fresh = survey(&corpus);
    let path = repository(PAGE);
    let page = std::fs::read_to_string(&path).unwrap();
    let (prose, _) = page.split_once(MARK).unwrap_or_else(|| panic!("{PAGE} has lost its mark: {MARK}"));
    let fresh = format!("{prose}{MARK}\n{fresh}");
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, &fresh).unwrap();
    } else {
        assert!(
            page == fresh,
            "{PAGE} is out of date: {UPDATE}=1 cargo nextest run --package riposte compatibility"
        );
    }
}

/// What the survey prints of the playbooks, which lie in two folders; the third holds connectors.
fn survey(corpus: &std::path::Path) -> String {
    let folders = ["sentinel", "generic"].map(|name| corpus.join(name).to_str().unwrap().to_owned());
    let root = corpus.to_str().unwrap();
    let done = riposte(["playbook", "survey", &folders[0], &folders[1], "--root", root, "--markdown"]);
    assert!(done.code == 0 || done.code == 1, "{}", done.err);
    done.out
}
