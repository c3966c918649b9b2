//! The manual says what the product does: the functions of the language, and what is printed in the how-to.

use crate::process::{Folder, command, repository, riposte, run};
use serde_json::Value;
use std::fmt::Write;

const REFERENCE: &str = "docs/reference/expressions.md";
const MARK: &str = "<!-- made from the function table: what stands below is overwritten -->\n";
/// Set to write the reference instead of comparing it.
const UPDATE: &str = "RIPOSTE_UPDATE_DOCS";

#[test]
fn the_reference_of_functions_is_up_to_date() {
    let path = repository(REFERENCE);
    let page = std::fs::read_to_string(&path).unwrap();
    let (prose, _) = page.split_once(MARK).unwrap_or_else(|| panic!("{REFERENCE} has lost its mark: {MARK}"));
    let functions = riposte(["eval", "--functions", "--format", "json"]).expect(0).json();
    let fresh = format!("{prose}{MARK}{}", reference(functions.as_array().unwrap()));
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, &fresh).unwrap();
    } else {
        assert!(
            page == fresh,
            "{REFERENCE} is out of date: {UPDATE}=1 cargo nextest run --package riposte manual"
        );
    }
}

/// The functions by family, each with what it takes, does and gives.
fn reference(functions: &[Value]) -> String {
    let mut families: Vec<&str> = functions.iter().map(|function| text(function, "family")).collect();
    families.sort_by_key(|family| family.to_lowercase());
    families.dedup();
    let mut out = String::new();
    for family in families {
        let members: Vec<&Value> =
            functions.iter().filter(|function| text(function, "family") == family).collect();
        let links: Vec<String> = members
            .iter()
            .map(|member| format!("[`{0}`](#{1})", text(member, "name"), text(member, "name").to_lowercase()))
            .collect();
        let mut heading = family.to_owned();
        heading[..1].make_ascii_uppercase();
        writeln!(out, "\n### {heading} functions\n\n{}", links.join(", ")).unwrap();
        for member in members {
            describe(member, &mut out);
        }
    }
    out
}

fn describe(function: &Value, out: &mut String) {
    let name = text(function, "name");
    writeln!(out, "\n#### {name}\n\n`{name}({})`\n", text(function, "parameters")).unwrap();
    let depends = match text(function, "dependsOn") {
        "clock" => " Depends on the time.",
        "random" => " Another value each time.",
        _ => "",
    };
    writeln!(out, "{}{depends}", escaped(text(function, "documentation"))).unwrap();
    let examples = function["examples"].as_array().unwrap();
    if examples.is_empty() {
        return;
    }
    out.push('\n');
    for example in examples {
        writeln!(out, "    {}  →  {}", text(example, "expression"), example["result"]).unwrap();
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

/// Prose whose signs are no markup: what stands between backticks is left alone.
fn escaped(prose: &str) -> String {
    let parts = prose.split('`').enumerate();
    let part = |(at, part): (usize, &str)| {
        if at % 2 == 1 {
            part.to_owned()
        } else {
            part.replace('<', "\\<").replace('[', "\\[").replace('*', "\\*")
        }
    };
    parts.map(part).collect::<Vec<_>>().join("`")
}

#[test]
fn every_function_is_documented() {
    let functions = riposte(["eval", "--functions", "--format", "json"]).expect(0).json();
    for function in functions.as_array().unwrap() {
        assert!(!text(function, "documentation").is_empty(), "{function}");
    }
    let list = riposte(["eval", "--functions"]).expect(0).out;
    assert!(list.contains("\n  concat(text1, [text2], …)  "), "{list}");
}

/// What the how-to shows is what is printed: each `$ riposte eval …` of its blocks is run, in a folder with the file
/// that it shows.
#[test]
fn the_how_to_shows_real_output() {
    let page = std::fs::read_to_string(repository("docs/how-to/try-an-expression.md")).unwrap();
    let folder = Folder::new();
    let (_, context) = page.split_once("```json\n").unwrap();
    let context = context.split_once("```").unwrap().0;
    let file = folder.write("context.json", context);
    let mut runs = 0;
    for block in page.split("```console\n").skip(1).map(|rest| rest.split_once("```").unwrap().0) {
        let (line, shown) = block.split_once('\n').unwrap();
        let line = line.strip_prefix("$ ").unwrap();
        let mut shell = std::process::Command::new("sh");
        let binary = command().get_program().to_owned();
        let line = line.replace("riposte eval", &format!("'{}' eval", binary.to_str().unwrap()));
        let done = run(shell.arg("-c").arg(line).current_dir(file.parent().unwrap()), "");
        assert_eq!(format!("{}{}", done.out, done.err), shown, "{block}");
        runs += 1;
    }
    assert!(runs >= 5, "only {runs} commands are shown");
}
