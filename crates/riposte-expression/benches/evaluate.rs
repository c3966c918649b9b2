//! Expressions, parsed once and evaluated many times, beside the floor: cloning the result.
#![expect(clippy::expect_used, reason = "a bench fails by panicking")]

use divan::{Bencher, black_box};
use riposte_expression::{MapContext, Template};
use riposte_value::value;

/// A path, a condition, text, a date and a set: one of each kind that playbooks live on.
const EXPRESSIONS: [&str; 5] = [
    "concat('Incident ', variables('name'), ' severity ', variables('o').AccountName)",
    "if(and(equals(variables('name'),'Bob'),greater(length(variables('arr')),2)),toUpper(variables('name')),'n')",
    "formatDateTime(addDays(variables('day'),7),'yyyy-MM-dd')",
    "coalesce(variables('o')?['zzz'],variables('o')?['a']?['b'][0]?['c'])",
    "join(union(variables('arr'),variables('arr2')),',')",
];

fn context() -> MapContext {
    MapContext::new(value!({ "variables": {
        "name": "Bob", "day": "2024-02-29T13:45:06.000Z", "arr": [1, 2, 3], "arr2": [3, 4], "o": { "AccountName": "ana", "a": { "b": [{ "c": "x" }] } }
    } }))
}

fn main() {
    divan::main();
}

#[divan::bench(args = EXPRESSIONS)]
fn evaluate(bencher: Bencher<'_, '_>, expression: &str) {
    let context = context();
    let template = Template::compile_expression(expression).expect("the expression parses");
    template.evaluate(&context).expect("the expression can be evaluated");
    bencher.bench_local(|| template.evaluate(black_box(&context)));
}

#[divan::bench(args = EXPRESSIONS)]
fn clone_the_result(bencher: Bencher<'_, '_>, expression: &str) {
    let context = context();
    let template = Template::compile_expression(expression).expect("the expression parses");
    let result = template.evaluate(&context).expect("the expression can be evaluated");
    bencher.bench_local(|| black_box(&result).clone());
}

#[divan::bench(args = EXPRESSIONS)]
fn parse_and_compile(bencher: Bencher<'_, '_>, expression: &str) {
    bencher.bench_local(|| Template::compile_expression(black_box(expression)));
}
