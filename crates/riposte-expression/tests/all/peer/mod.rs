//! Our functions beside those of another implementation, the npm package adaptive-expressions, with random arguments.
//!
//! The arguments are handed in by name, so that only the functions are compared and not the syntax. Left out, with a line
//! that says so, where Node or the package cannot be had. `RIPOSTE_SEED` chooses other arguments, `RIPOSTE_CASE` runs only
//! the functions whose name contains its value.

mod arguments;
mod table;

use riposte_expression::{MapContext, Template, functions};
use riposte_testing::{Cases, KnownFailures, Random, repository_root, skip};
use riposte_value::{Object, Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use table::{COMPARED, EXCLUDED, Row};

/// How many calls of each function.
const CALLS: usize = 100;
/// What is drawn unless another seed is given: what fails here must not depend on the day.
const SEED: u64 = 20_261_121;

/// A call, as both sides evaluate it.
struct Call {
    /// `concat(parameters('a'), parameters('b'))`
    ours: String,
    /// `concat(a, b)`
    theirs: String,
    arguments: Object,
}

#[test]
fn agrees_with_another_implementation() {
    let Some(folder) = installed() else { return };
    let seed = std::env::var("RIPOSTE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(SEED);
    println!("seed {seed}: RIPOSTE_SEED={seed} draws the same again");
    let mut random = Random::new(seed);
    let calls: Vec<(&Row, Vec<Call>)> =
        COMPARED.iter().map(|row| (row, (0..CALLS).map(|_| call(row, &mut random)).collect())).collect();
    let answers = answers(&folder, calls.iter().flat_map(|(_, calls)| calls));
    let mut answers = answers.into_iter();
    let cases = calls
        .into_iter()
        .map(|(row, calls)| {
            let answered = calls.into_iter().zip(answers.by_ref().take(CALLS)).collect::<Vec<_>>();
            (
                if row.name == row.peer {
                    row.name.to_owned()
                } else {
                    format!("{} = {}", row.name, row.peer)
                },
                answered,
            )
        })
        .collect();
    Cases::of("adaptive-expressions", cases, KnownFailures::default()).check(|answered| compare(answered));
    println!("{} functions, {} calls", COMPARED.len(), COMPARED.len() * CALLS);
}

#[test]
fn every_function_is_compared_or_excluded() {
    let compared: BTreeSet<&str> = COMPARED.iter().map(|row| row.name).collect();
    let excluded: BTreeSet<&str> = EXCLUDED.iter().map(|(name, _)| *name).collect();
    let ours: BTreeSet<&str> = functions().iter().map(|function| function.name).collect();
    assert!(compared.is_disjoint(&excluded), "in both: {:?}", compared.intersection(&excluded));
    let told: BTreeSet<&str> = compared.union(&excluded).copied().collect();
    assert_eq!(told.difference(&ours).collect::<Vec<_>>(), [&""; 0], "no such function");
    assert_eq!(ours.difference(&told).collect::<Vec<_>>(), [&""; 0], "neither compared nor excluded");
    assert!(EXCLUDED.iter().all(|(_, reason)| !reason.is_empty()));
    assert!(compared.len() >= 60, "only {} functions are compared", compared.len());
}

/// The folder that the peer is installed in. It is installed when it is not there; `None`, with a line that says why,
/// where that cannot be done.
fn installed() -> Option<PathBuf> {
    let script = repository_root().join("tests/peers/adaptive-expressions/install.sh");
    let output = Command::new("sh").arg(&script).current_dir(repository_root()).output();
    let told = match &output {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        Ok(output) => panic!("{}: {}", script.display(), String::from_utf8_lossy(&output.stderr)),
        Err(error) => format!("skipped: no shell to run {}: {error}", script.display()),
    };
    match told.strip_prefix("skipped: ") {
        Some(reason) => {
            skip(reason);
            None
        }
        None => Some(PathBuf::from(told)),
    }
}

fn call(row: &Row, random: &mut Random) -> Call {
    let shape = random.pick(row.shapes).unwrap();
    let names: Vec<String> =
        (b'a'..).take(shape.len()).map(|letter| char::from(letter).to_string()).collect();
    let arguments = names.iter().zip(*shape).map(|(name, kind)| (name.as_str().into(), kind.draw(random)));
    let parameters: Vec<String> = names.iter().map(|name| format!("parameters('{name}')")).collect();
    Call {
        arguments: arguments.collect(),
        ours: format!("{}({})", row.name, parameters.join(", ")),
        theirs: format!("{}({})", row.peer, names.join(", ")),
    }
}

/// What the peer answers to each call, in one process.
fn answers<'a>(folder: &Path, calls: impl Iterator<Item = &'a Call>) -> Vec<Result<Value, String>> {
    let mut lines = String::new();
    for call in calls {
        let line = Value::object([
            ("expression", Value::text(&call.theirs)),
            ("memory", Value::from(call.arguments.clone())),
        ]);
        let _ = writeln!(lines, "{}", json::to_string(&line));
    }
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("peer-{}.jsonl", std::process::id()));
    std::fs::write(&file, lines).unwrap();
    let output = Command::new("node")
        .arg("evaluate.mjs")
        .current_dir(folder)
        .stdin(File::open(&file).unwrap())
        .output()
        .unwrap();
    std::fs::remove_file(&file).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8(output.stdout).unwrap();
    let answer = |line: &str| {
        let answer = json::parse(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        match answer.get("error") {
            Some(error) => Err(error.to_string()),
            None => Ok(answer.get("value").cloned().unwrap_or_default()),
        }
    };
    told.lines().map(answer).collect()
}

/// Both fail, or both give the same JSON.
fn compare(answered: &[(Call, Result<Value, String>)]) -> Result<(), String> {
    let mut differences = Vec::new();
    let mut values = 0;
    for (call, theirs) in answered {
        let context = Value::object([("parameters", Value::from(call.arguments.clone()))]);
        let template = Template::compile_expression(&call.ours).map_err(|error| error.to_string())?;
        let ours = template.evaluate(&MapContext::new(context)).map_err(|error| error.message);
        match (&ours, theirs) {
            (Ok(ours), Ok(theirs)) if same(ours, theirs) => values += 1,
            (Err(_), Err(_)) => {}
            _ => differences.push(format!(
                "{} with {}: {ours:?}, the peer {theirs:?}",
                call.theirs,
                Value::from(call.arguments.clone())
            )),
        }
    }
    if !differences.is_empty() {
        differences.truncate(5);
        return Err(format!("differences, of which the first:\n{}", differences.join("\n")));
    }
    // Arguments that both refuse compare nothing.
    if values * 3 < answered.len() { Err(format!("only {values} calls gave a value")) } else { Ok(()) }
}

/// Numbers by value: the peer has only doubles.
fn same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        _ => match (ours.as_f64(), theirs.as_f64()) {
            (Some(a), Some(b)) => a.to_bits() == b.to_bits() || (a == 0.0 && b == 0.0),
            _ => ours == theirs,
        },
    }
}
