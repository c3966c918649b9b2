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
        assert!(began.elapsed() < Duration::from_secs(30), "{code} took {:?}", began.elapsed());
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

/// What the engine does in one go does not ask for the time: it is refused where it would take long, and goes on as ever
/// where it does not.
#[test]
fn what_is_done_in_one_go_is_bounded() {
    for code in [
        "return Array.prototype.reverse.call({ length: 9007199254740991 });",
        "return Array.prototype.join.call({ length: 9007199254740991 }, '');",
        "const a = []; a.length = 4294967295; return a.reverse();",
        "const a = []; a.length = 4294967295; return [].concat(a);",
        "const a = []; a.length = 4294967295; return a + '';",
        "return [].concat({ [Symbol.isConcatSpreadable]: true, length: 9007199254740991 });",
        "let n = 1; return Array.prototype.indexOf.call({ get length() { n *= 1e9; return n; } }, 7);",
        "return 'a'.repeat(2 ** 25).indexOf('a'.repeat(2 ** 24) + 'b');",
        "return [].reverse.call(new Proxy([], { get: () => 2 ** 53 - 1 }));",
    ] {
        let began = std::time::Instant::now();
        let told = result(code).unwrap_err().to_string();
        assert!(told.contains("too long") || told.contains("Proxy"), "{code}: {told}");
        assert!(began.elapsed().as_secs() < 30, "{code}");
    }
    let code = "return [[1, 2, 3].reverse(), [3, 1, 2].sort(), [1, [2, [3]]].flat(Infinity), [1].concat([2], 3), \
                [1, 2].join('-'), `${[1, 2]}`, Array.prototype.slice.call('abc', 1), (function () { return \
                Array.prototype.slice.call(arguments); })(7, 8), 'a,b'.split(','), 'aXa'.replace('X', 'y'), \
                'aaa'.replaceAll('a', 'b'), 'abc'.replace(/b/, 'x'), 'abc'.includes('c'), [1, 2, 3, 4].splice(1, 2), \
                [5, 6].indexOf(6), Object.keys([1, 2].map(n => n))];";
    let expected = riposte_value::json::parse(
        r#"[[3,2,1],[1,2,3],[1,2,3],[1,2,3],"1-2","1,2",["b","c"],[7,8],["a","b"],"aya","bbb","axc",true,[2,3],1,["0","1"]]"#,
    );
    assert_eq!(result(code).unwrap(), Some(expected.unwrap()));
}
