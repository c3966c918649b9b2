//! `riposte eval`.

use crate::process::{Folder, command, riposte, run};
use serde_json::{Value, json};
use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

#[test]
fn results_are_printed_as_text_or_json() {
    for (expression, text, exact) in [
        ("add(1,2)", "3", "3"),
        ("-1", "-1", "-1"),
        ("concat('a','b')", "ab", "\"ab\""),
        ("@{toUpper('ip')}: 1", "IP: 1", "\"IP: 1\""),
        ("@add(1,2)", "3", "3"),
        ("div(1.0,4)", "0.25", "0.25"),
        ("createArray(1,'z')", "[\n  1,\n  \"z\"\n]", "[1,\"z\"]"),
        ("null", "null", "null"),
    ] {
        assert_eq!(riposte(["eval", expression]).expect(0).out.trim_end(), text, "{expression}");
        let done = riposte(["eval", expression, "--format", "json"]).expect(0);
        assert_eq!(done.out.trim_end(), exact, "{expression}");
    }
}

#[test]
fn the_context_is_read_from_a_file_or_stdin() {
    let folder = Folder::new();
    let context = r#"{"actions": {"Get": {"outputs": {"body": {"score": 87}}}}, /* why not */ "utcNow": "2026-11-21T00:00:00Z"}"#;
    let file = folder.write("context.json", context);
    let expression = "concat(body('get')?['score'], ' ', utcNow('yyyy'))";
    let done = riposte(["eval", expression, "--context", file.to_str().unwrap()]).expect(0);
    assert_eq!(done.out, "87 2026\n");
    let done = run(command().args(["eval", expression, "--context", "-"]), context).expect(0);
    assert_eq!(done.out, "87 2026\n");
}

#[test]
fn errors_underline_the_faulty_part() {
    let done = riposte(["eval", "ad(1,2)"]).expect(1);
    assert_eq!(done.out, "");
    assert!(done.err.contains("| ad(1,2)\n  | ^"), "{}", done.err);
    assert!(done.err.contains("help: did you mean `add`?"), "{}", done.err);
    let done = riposte(["eval", "add(1,"]).expect(1);
    assert!(done.err.contains("| add(1,\n"), "{}", done.err);
    let done = riposte(["eval", "body('None')"]).expect(1);
    assert!(done.err.contains("[InvalidTemplate]"), "{}", done.err);
}

#[test]
fn errors_show_the_values_that_were_there() {
    let folder = Folder::new();
    let file =
        folder.write("context.json", r#"{"actions": {"Get": {"outputs": {"body": {"score": null}}}}}"#);
    let done =
        riposte(["eval", "concat('漢字', body('Get')['score']['x'])", "--context", file.to_str().unwrap()]);
    let done = done.expect(1);
    assert!(done.err.contains("= note: `body('Get')['score']` is null"), "{}", done.err);
    assert!(done.err.contains("\n  |                ^^^^^^^^^^^^^^^^^^^^^^^^^\n"), "{}", done.err);
    assert!(!done.err.contains('\u{1b}'), "colours are for terminals: {}", done.err);
}

#[test]
fn an_expression_is_read_from_a_pipe() {
    for (input, out) in [("add(1,2)\n", "3\n"), ("concat(\r\n  'a',\r\n  'b'\r\n)\r\n", "ab\n")] {
        assert_eq!(run(command().arg("eval"), input).expect(0).out, out);
        assert_eq!(run(command().args(["eval", "-"]), input).expect(0).out, out);
    }
    let done = run(command().args(["eval", "--context", "-"]), "{}").expect(2);
    assert!(done.err.contains("stdin holds the context"), "{}", done.err);
}

#[test]
fn limits_can_be_set() {
    for (arguments, wanted) in [
        (["concat('aaaaaaaa', utcNow('yyyy'))", "--max-output", "10"], "limit"),
        (["range(1, length(utcNow('yyyy-MM-dd-HH')))", "--max-range", "10"], "range"),
        (["split(utcNow('a,b,c'), ',')", "--max-items", "2"], ""),
        (["createArray(createArray(createArray(utcNow())))", "--max-depth", "2"], ""),
    ] {
        let done = riposte(["eval"].iter().chain(&arguments)).expect(1);
        assert!(done.err.contains(wanted), "{arguments:?}: {}", done.err);
        let done = riposte(["eval", arguments[0]]).expect(0);
        assert_eq!(done.err, "");
    }
    riposte(["eval", "1", "--max-depth", "1000000"]).expect(2);
    riposte(["eval", "1", "--max-output", "-1"]).expect(2);
}

#[test]
fn numbers_keep_their_form() {
    for (expression, exact) in [
        ("9223372036854775807", "9223372036854775807"),
        ("float('1')", "1.0"),
        ("float('1e17')", "1E+17"),
        ("json('100000000000000000000')", "100000000000000000000"),
        ("json('[1.0, 1e3, -0.0]')", "[1.0,1000.0,-0.0]"),
    ] {
        let done = riposte(["eval", expression, "--format", "json"]).expect(0);
        assert_eq!(done.out.trim_end(), exact, "{expression}");
    }
}

#[test]
fn a_faulty_context_is_told_with_its_place() {
    let folder = Folder::new();
    for (text, code, wanted) in [
        ("{\n  \"variables\": {\n    oops!\n", 2, "context.json:3:"),
        ("[]", 2, "a context is an object, not an array"),
        ("{\"utcNow\": \"soon\"}", 2, "$.utcNow: `utcNow` is no timestamp: `soon`"),
        ("{\"variable\": {}}", 0, "did you mean `variables`?"),
        ("\u{feff}{}\r\n", 0, ""),
    ] {
        let file = folder.write("context.json", text);
        let done = riposte(["eval", "1", "--context", file.to_str().unwrap()]).expect(code);
        assert!(done.err.contains(wanted), "{text}: {}", done.err);
    }
    let file = folder.write("context.json", b"{\"a\": \"\xff\"}");
    let done = riposte(["eval", "1", "--context", file.to_str().unwrap()]).expect(2);
    assert!(done.err.contains("it is not UTF-8 (byte 7)"), "{}", done.err);
}

#[test]
fn each_line_of_a_batch_is_answered_before_the_next_one_comes() {
    let mut child =
        command().args(["eval", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    for id in 0..3 {
        // The second half of a line may take its time, too.
        std::io::Write::write_all(&mut input, format!("{{\"id\":{id},\"expr\":\"{id}\"}}\n{{").as_bytes())
            .unwrap();
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert_eq!(line, format!("{{\"id\":{id},\"result\":{id}}}\n"));
        std::io::Write::write_all(&mut input, b"}\n").unwrap();
        line.clear();
        output.read_line(&mut line).unwrap();
        assert!(line.contains("InvalidRequest"), "{line}");
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_batch_ends_quietly_with_its_reader() {
    let mut child = command()
        .args(["eval", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut input = child.stdin.take().unwrap();
    let line = b"{\"id\":1,\"expr\":\"1\"}\n".repeat(1000);
    while std::io::Write::write_all(&mut input, &line).is_ok() {}
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success());
    assert_eq!(String::from_utf8_lossy(&done.stderr), "");
}

#[test]
fn wrong_usage_is_told() {
    let done = riposte(["eval"]).expect(2);
    assert!(done.err.contains("--batch"), "{}", done.err);
    riposte(["eval", "1", "--batch"]).expect(2);
    let done = riposte(["eval", "1", "--context", "/nowhere.json"]).expect(2);
    assert!(done.err.contains("cannot read `/nowhere.json`"), "{}", done.err);
    let folder = Folder::new();
    let list = folder.write("list.json", "[]");
    riposte(["eval", "1", "--context", list.to_str().unwrap()]).expect(2);
}

#[test]
fn a_batch_is_answered_line_by_line() {
    let input = [
        json!({"id": 1, "expr": "add(1,2)"}).to_string(),
        "nope".to_owned(),
        json!({"id": "two", "template": {"z": "@{1}", "a": ["@add(1,1)", "@@"]}}).to_string(),
        String::new(),
        "[]".to_owned(),
        json!({"id": 3}).to_string(),
        json!({"id": 4, "expr": "foo()"}).to_string(),
        json!({"id": 5, "expr": "variables('a')", "context": {"variables": {"A": {"z": 1, "b": 1.0}}}})
            .to_string(),
        json!({"id": 6, "expr": "1", "template": "1"}).to_string(),
        json!({"id": 7, "expr": "body('X')"}).to_string(),
        json!({"id": 8, "template": "@items('L')['a']", "context": {"items": {"L": {"a": "ü"}}}}).to_string(),
    ]
    .join("\n");
    let done = run(command().args(["eval", "--batch"]), &input).expect(0);
    let lines = done.json_lines();
    let ids: Vec<&Value> = lines.iter().map(|line| &line["id"]).collect();
    let null = Value::Null;
    assert_eq!(
        ids,
        [
            &json!(1),
            &null,
            &json!("two"),
            &null,
            &json!(3),
            &json!(4),
            &json!(5),
            &json!(6),
            &json!(7),
            &json!(8)
        ]
    );
    assert_eq!(lines[0], json!({"id": 1, "result": 3}));
    assert_eq!(lines[2]["result"], json!({"z": "1", "a": [2, "@"]}));
    assert!(
        done.out.contains(r#"{"id":5,"result":{"z":1,"b":1.0}}"#),
        "order and kinds are kept: {}",
        done.out
    );
    assert_eq!(lines[9]["result"], json!("ü"));
    for (line, code) in [
        (1, "InvalidJson"),
        (3, "InvalidRequest"),
        (4, "InvalidRequest"),
        (5, "InvalidTemplate"),
        (7, "InvalidRequest"),
        (8, "InvalidTemplate"),
    ] {
        assert_eq!(lines[line]["error"]["code"], json!(code), "{}", lines[line]);
        assert!(lines[line]["error"]["message"].as_str().is_some_and(|message| !message.is_empty()));
    }
}

#[test]
fn a_large_batch_is_quick_and_hostile_lines_do_no_harm() {
    let mut input = String::new();
    for id in 0..20_000 {
        writeln!(input, r#"{{"id":{id},"expr":"concat('a',string(add({},2)))"}}"#, id % 50).unwrap();
    }
    writeln!(input, r#"{{"id":"deep","expr":"{}1{}"}}"#, "add(1,".repeat(50_000), ")".repeat(50_000))
        .unwrap();
    writeln!(input, r#"{{"id":"nested","template":{}1{}}}"#, "[".repeat(5_000), "]".repeat(5_000)).unwrap();
    writeln!(input, r#"{{"id":"end","expr":"1"}}"#).unwrap();
    let began = std::time::Instant::now();
    let done = run(command().args(["eval", "--batch"]), &input).expect(0);
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
    let lines = done.json_lines();
    assert_eq!(lines.len(), 20_003);
    assert_eq!(lines[19_999]["result"], json!("a51"));
    assert!(lines[20_000]["error"]["code"].is_string());
    assert!(lines[20_001]["error"]["code"].is_string());
    assert_eq!(lines[20_002]["result"], json!(1));
}
