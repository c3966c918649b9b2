//! Scripts: what they see, what they give, what they may not do.

use riposte_script::{Limits, ScriptError, run};
use riposte_value::{Value, value};
use std::time::{Duration, Instant};

fn context() -> Value {
    value!({
        "actions": { "Get_it": { "name": "Get_it", "outputs": { "body": { "ip": "192.0.2.7", "n": 2 } } } },
        "trigger": { "outputs": { "body": ["a@b.example", "c"] } },
        "workflow": { "name": "W" }
    })
}

fn result(code: &str) -> Result<Option<Value>, ScriptError> {
    run(code, &context(), &Limits::default())
}

#[test]
fn results() {
    for (code, wanted) in [
        ("return workflowContext.actions.Get_it.outputs.body.ip", Some(value!("192.0.2.7"))),
        ("return workflowContext.actions['Get_it'].outputs.body.n + 0.5;", Some(value!(2.5))),
        ("return workflowContext.trigger.outputs.body.length", Some(value!(2))),
        (
            "return { w: workflowContext.workflow.name, x: undefined, d: new Date(0) }",
            Some(value!({ "w": "W", "d": "1970-01-01T00:00:00.000Z" })),
        ),
        (
            "var re = /[a-z]+@[a-z.]+/g; return workflowContext.trigger.outputs.body[0].match(re);",
            Some(value!(["a@b.example"])),
        ),
        ("console.log('seen'); return null", Some(value!(null))),
        ("var x = 1;", None),
        ("return () => 1", None),
        ("return new Promise(done => done(7))", Some(value!(7))),
        ("return (async () => { await null; return [1] })()", Some(value!([1]))),
        ("return 12345678901234567", Some(value!(12_345_678_901_234_568_i64))),
    ] {
        assert_eq!(result(code).unwrap(), wanted, "{code}");
    }
}

#[test]
fn faults() {
    for (code, wanted) in [
        ("return nobody", "ReferenceError: nobody is not defined"),
        ("throw new TypeError('no')", "TypeError: no"),
        ("throw 'plain'", "plain"),
        ("return (async () => { throw new Error('late') })()", "Error: late"),
        (
            "return workflowContext.actions.Other.outputs",
            "TypeError: cannot read property 'outputs' of undefined",
        ),
    ] {
        assert_eq!(result(code), Err(ScriptError::Thrown(wanted.to_owned())), "{code}");
    }
    assert!(matches!(result("return {"), Err(ScriptError::Thrown(why)) if why.starts_with("SyntaxError")));
    assert!(
        matches!(result("var a = {}; a.a = a; return a"), Err(ScriptError::Thrown(why)) if why.starts_with("TypeError"))
    );
    assert!(matches!(result("function f() { return f() + 1 } return f()"), Err(ScriptError::Thrown(_))));
    assert_eq!(result("return new Promise(() => {})"), Err(ScriptError::NeverSettled));
}

#[test]
fn no_host() {
    for name in [
        "require",
        "process",
        "fetch",
        "XMLHttpRequest",
        "setTimeout",
        "std",
        "os",
        "Deno",
        "print",
        "scriptArgs",
    ] {
        assert_eq!(result(&format!("return typeof {name}")).unwrap(), Some(value!("undefined")), "{name}");
    }
    assert!(result("return import('os')").is_err());
}

#[test]
fn one_script_leaves_nothing_to_the_next() {
    result("globalThis.left = 1; Object.prototype.left = 1; return 1").unwrap();
    assert_eq!(
        result("return [typeof left, typeof ({}).left]").unwrap(),
        Some(value!(["undefined", "undefined"]))
    );
}

#[test]
fn time_is_bounded() {
    let limits = Limits { time: Duration::from_millis(100), ..Limits::default() };
    for code in [
        "for (;;) {}",
        "try { for (;;) {} } catch (e) { return 'caught' }",
        "return (async () => { for (;;) await null })()",
        "return /^(a+)+$/.test('a'.repeat(64) + 'b')",
        "return { toJSON() { for (;;) {} } }",
    ] {
        let began = Instant::now();
        assert_eq!(run(code, &context(), &limits), Err(ScriptError::TimedOut(limits.time)), "{code}");
        assert!(began.elapsed() < Duration::from_secs(5), "{code} took {:?}", began.elapsed());
    }
}

#[test]
fn memory_is_bounded() {
    let limits = Limits { memory_bytes: 16 * 1024 * 1024, ..Limits::default() };
    for code in
        ["var a = []; for (;;) a.push(new Array(1000).fill(1))", "return 'x'.repeat(100 * 1024 * 1024)"]
    {
        assert_eq!(
            run(code, &context(), &limits),
            Err(ScriptError::OutOfMemory(limits.memory_bytes)),
            "{code}"
        );
    }
}
