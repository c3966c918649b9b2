//! Riposte beside adaptive-expressions: the same expressions and the inputs of real playbooks, in turns on one core.
//!
//! `cargo bench --bench peers [-- PART-OF-A-NAME]`. A row is the median of the rounds, with the fastest in brackets, in
//! processor time, so that other work on the machine does not count. The floor is the clone of the result. Everything is
//! timed with the result being dropped. The peer needs Node and npm.
#![expect(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a bench measures time, and fails by panicking"
)]

mod cases;
mod peer;
mod rounds;
mod translate;

use cases::Case;
use peer::Peer;
use riposte_expression::{MapContext, Template};
use riposte_value::Value;
use rounds::{Figure, round};
use std::hint::black_box;
use std::process::Command;

const ROUNDS: usize = 21;

fn main() {
    if std::env::var_os("RIPOSTE_BENCH_PINNED").is_none() && run_pinned() {
        return;
    }
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    let folder = peer::install();
    match &folder {
        Ok(_) => println!("adaptive-expressions {} in {}", peer::VERSION, peer::node_version()),
        Err(why) => println!("{why}"),
    }
    println!("ns each, median of {ROUNDS} rounds (fastest)\n");
    println!(
        "{:44} {:>18} {:>18} {:>14} {:>20} {:>8} {:>6}",
        "", "evaluate", "parse + compile", "floor", "adaptive-expr.", "ratio", "aim"
    );
    for case in cases::all().iter().filter(|case| case.name.contains(&wanted)) {
        measure(case, folder.as_deref().ok());
    }
}

/// Runs this program again on one core, and its children with it; says so where that is not to be had.
fn run_pinned() -> bool {
    let core = std::thread::available_parallelism().map_or(0, |cores| cores.get() - 1);
    let program = std::env::current_exe().expect("a program knows its file");
    let run = Command::new("taskset")
        .args(["-c", &core.to_string()])
        .arg(program)
        .args(std::env::args_os().skip(1))
        .env("RIPOSTE_BENCH_PINNED", "1")
        .status();
    match run {
        Ok(status) if status.success() => true,
        _ => {
            println!("not pinned to one core: taskset is absent or refused core {core}");
            false
        }
    }
}

fn measure(case: &Case, folder: Option<&str>) {
    let context = MapContext::new(case.context.clone());
    let mut inputs = case.inputs.clone();
    let peer = folder.map(|folder| Peer::prepare(folder, &mut inputs, &context, case.literal));
    let template = Template::compile(&inputs).expect("the case is well-formed");
    let value = template.evaluate(&context).expect("the case can be evaluated");
    let mut figures = Figures::default();
    let mut peer = peer.map(|(peer, answer)| {
        if let Some(line) = difference(&answer, &value, "$") {
            println!("{line}");
        }
        peer
    });
    for _ in 0..ROUNDS {
        figures.evaluate.add(round(|| template.evaluate(black_box(&context))));
        figures.compile.add(round(|| Template::compile(black_box(&inputs))));
        figures.floor.add(round(|| black_box(&value).clone()));
        if let Some(peer) = &mut peer {
            figures.peer.add(peer.round());
        }
    }
    let ratio = match &peer {
        Some(_) => format!("{:.1}", figures.peer.median() / figures.evaluate.median()),
        None => String::new(),
    };
    println!(
        "{:44} {:>18} {:>18} {:>14} {:>20} {ratio:>8} {:>6}",
        case.name,
        figures.evaluate.to_string(),
        figures.compile.to_string(),
        figures.floor.to_string(),
        figures.peer.to_string(),
        case.aim,
    );
}

#[derive(Default)]
struct Figures {
    evaluate: Figure,
    compile: Figure,
    floor: Figure,
    peer: Figure,
}

/// Where the two programs disagree first; the peer writes 1.0 as 1.
fn difference(answer: &Value, value: &Value, path: &str) -> Option<String> {
    match (answer, value) {
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b.iter()).enumerate();
            pairs.find_map(|(i, (a, b))| difference(a, b, &format!("{path}[{i}]")))
        }
        (Value::Object(a), Value::Object(b)) => b.iter().find_map(|(name, b)| {
            difference(a.get(name).unwrap_or(&Value::Null), b, &format!("{path}.{name}"))
        }),
        _ if answer == value || (answer.as_f64().is_some() && answer.as_f64() == value.as_f64()) => None,
        _ => Some(format!("differs there: {path}: {answer}, here {value}")),
    }
}
