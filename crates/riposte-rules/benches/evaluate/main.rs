//! Rule evaluations for one incident: beside 10, 500 and 50,000 rules of mixed conditions through the index and one after
//! the other; what building the index costs, and changing one rule of it; the same beside rules that ask with what
//! Sentinel does not have (networks, numbers, watchlists, regular expressions); and bare evaluation beside the Common
//! Expression Language (crate `cel`), in rounds that take turns.
//!
//! The rules are made by [`mix`]: 32 of 33 ask for something particular (a title, an address, an account, an analytics rule,
//! a tag, a custom detail), one in 33 only for a severity or for what is not there, and is looked at always. For the
//! yardstick the same conditions are written in CEL over values that are folded already, which its side need not do then.
#![expect(clippy::expect_used, reason = "a bench fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

mod mix;

use mix::Made;
use riposte_rules::{AutomationRule, Prepared, RuleIndex, Trigger, matches};
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many rules there are.
const SIZES: [usize; 3] = [10, 500, 50_000];
/// How many rules the yardstick evaluates.
const BARE: usize = 500;
/// How many rounds of the yardstick take turns.
const ROUNDS: usize = 201;
/// How many batches are timed; the median one counts.
const BATCHES: usize = 21;

/// The time of one call: the median of batches that take a few milliseconds each.
fn time(mut call: impl FnMut()) -> Duration {
    let begun = Instant::now();
    call();
    let once = begun.elapsed().max(Duration::from_nanos(100));
    let calls =
        u32::try_from(Duration::from_millis(4).as_nanos() / once.as_nanos()).unwrap_or(1).clamp(1, 20_000);
    let mut batches: Vec<Duration> = (0..BATCHES)
        .map(|_| {
            let begun = Instant::now();
            (0..calls).for_each(|_| call());
            begun.elapsed() / calls
        })
        .collect();
    batches.sort_unstable();
    batches.get(BATCHES / 2).copied().unwrap_or_default()
}

fn micros(duration: Duration) -> String {
    format!("{:.2} µs", duration.as_secs_f64() * 1e6)
}

fn main() {
    let made = Made::new();
    let now = "2026-03-02T09:00:00Z".parse().expect("a time");
    // first, while no other rules lie between those that are looked at
    bare(&made);
    println!();
    println!("rules for one incident, its values folded anew each time (the aim: under 50 µs at 500)");
    println!("{HEAD}");
    for size in SIZES {
        measure(&made, size, now, mix::rule);
    }
    println!();
    println!("the same beside rules with networks, numbers, watchlists and regular expressions");
    println!("{HEAD}");
    for size in SIZES {
        measure(&made, size, now, mix::extended_rule);
    }
}

const HEAD: &str = "| rules | could match | match | through the index | one after the other | building the index | \
                    changing one |\n| --- | --- | --- | --- | --- | --- | --- |";

/// Beside rules of a kind: through their index and one after the other, and what the index costs.
fn measure(made: &Made, size: usize, now: jiff::Timestamp, rule: fn(usize) -> AutomationRule) {
    let mut rules: Vec<Arc<AutomationRule>> = (0..size).map(|at| Arc::new(rule(at))).collect();
    let begun = Instant::now();
    let mut index = RuleIndex::new(rules.clone());
    let building = begun.elapsed();
    let prepared = Prepared::new(made.subject());
    // One rule after the other is changed to what it is.
    let mut at = 0;
    let changing = time(|| {
        at = (at + 7) % size;
        if let Some(changed) = rules.get_mut(at) {
            *changed = Arc::new(rule(at));
        }
        index = index.renewed(rules.iter().cloned());
    });
    let could = index.candidates(Trigger::INCIDENT_CREATED, &prepared, None, now).count();
    let do_match = rules.iter().filter(|rule| matches(rule, &prepared)).count();
    let indexed = time(|| {
        let prepared = Prepared::new(black_box(made.subject()));
        let found = index.candidates(Trigger::INCIDENT_CREATED, &prepared, None, now);
        assert_eq!(found.filter(|rule| matches(rule, &prepared)).count(), do_match, "none is lost");
    });
    let linear = time(|| {
        let prepared = Prepared::new(black_box(made.subject()));
        black_box(rules.iter().filter(|rule| matches(rule, &prepared)).count());
    });
    println!(
        "| {size} | {could} | {do_match} | {} | {} | {} | {} |",
        micros(indexed),
        micros(linear),
        micros(building),
        micros(changing)
    );
}

/// Bare evaluation of one rule, everything prepared, beside CEL.
fn bare(made: &Made) {
    let rules: Vec<Arc<AutomationRule>> = (0..BARE).map(|at| Arc::new(mix::rule(at))).collect();
    let programs: Vec<cel::Program> = (0..BARE)
        .map(|at| {
            let text = mix::cel(at);
            cel::Program::compile(&text).unwrap_or_else(|_| unreachable!("it is CEL: {text}"))
        })
        .collect();
    let prepared = Prepared::new(made.subject());
    let context = made.cel_context();
    for (rule, program) in rules.iter().zip(&programs) {
        let ours = matches(rule, &prepared);
        let theirs = program.execute(&context).expect("it can be evaluated");
        assert_eq!(theirs, cel::Value::Bool(ours), "{}", rule.name);
    }
    let ours = || {
        let prepared = black_box(&prepared);
        black_box(rules.iter().filter(|rule| matches(rule, prepared)).count());
    };
    let theirs = || {
        let context = black_box(&context);
        let holds = |program: &&cel::Program| matches!(program.execute(context), Ok(cel::Value::Bool(true)));
        black_box(programs.iter().filter(holds).count());
    };
    let mut rounds: Vec<(f64, f64)> = (0..ROUNDS).map(|_| (round(ours), round(theirs))).collect();
    let median = |rounds: &mut Vec<(f64, f64)>, of: fn(&(f64, f64)) -> f64| {
        rounds.sort_by(|a, b| of(a).total_cmp(&of(b)));
        let at = |part: usize| rounds.get(rounds.len() * part / 4).map(of).unwrap_or_default();
        (at(1), at(2), at(3))
    };
    let ours = median(&mut rounds, |round| round.0);
    let theirs = median(&mut rounds, |round| round.1);
    let ratio = median(&mut rounds, |round| round.1 / round.0);
    println!(
        "bare evaluation of a rule, the subject prepared, {BARE} rules, {ROUNDS} rounds in turns: median (quartiles)"
    );
    println!("| Riposte | cel 0.15 | ratio of a round |");
    println!("| --- | --- | --- |");
    let told = |(low, middle, high): (f64, f64, f64), unit: &str, digits: usize| {
        format!("{middle:.digits$}{unit} ({low:.digits$} to {high:.digits$})")
    };
    println!("| {} | {} | {} |", told(ours, " ns", 0), told(theirs, " ns", 0), told(ratio, "", 2));
}

/// Nanoseconds a rule, over a few passes through all of them.
fn round(mut pass: impl FnMut()) -> f64 {
    const PASSES: u32 = 8;
    let begun = Instant::now();
    (0..PASSES).for_each(|_| pass());
    begun.elapsed().as_secs_f64() * 1e9 / f64::from(PASSES) / 500.0
}
