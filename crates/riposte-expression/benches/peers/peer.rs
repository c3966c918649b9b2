//! The peer: adaptive-expressions in a Node of its own for each case, so that no case spoils what Node has learnt of
//! another.

use crate::rounds::ROUND;
use crate::translate::translate;
use riposte_expression::MapContext;
use riposte_value::{Value, json, value};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

pub const VERSION: &str = "4.23.3";

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/peers/adaptive-expressions");

/// The folder in which the packages are, or the line that says why there is none.
pub fn install() -> Result<String, String> {
    let run = Command::new("sh").arg(format!("{SCRIPTS}/install.sh")).output();
    let line = match run {
        Ok(run) if run.status.success() => String::from_utf8_lossy(&run.stdout).trim().to_owned(),
        Ok(run) => format!("skipped: {}", String::from_utf8_lossy(&run.stderr).trim()),
        Err(why) => format!("skipped: {why}"),
    };
    if line.starts_with("skipped") { Err(line) } else { Ok(line) }
}

pub fn node_version() -> String {
    let run = Command::new("node").arg("--version").output().expect("Node is there");
    format!("Node {}", String::from_utf8_lossy(&run.stdout).trim())
}

pub struct Peer {
    node: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Peer {
    /// A peer that is ready to run the inputs, and its value for them. Strings that it cannot evaluate are taken out of
    /// the inputs and named.
    pub fn prepare(folder: &str, inputs: &mut Value, context: &MapContext, literal: bool) -> (Self, Value) {
        let mut peer = Self::start(folder);
        loop {
            let (template, memory) = translate(inputs, context, literal);
            let answer = peer.ask(template, memory);
            let Some(failed) = answer.get("failed").and_then(Value::as_array) else {
                return (peer, answer.get("value").cloned().unwrap_or_default());
            };
            for pair in failed {
                let text = |index| pair.item(index).and_then(Value::as_str).unwrap_or_default();
                println!("left out: {}: {}", text(0), text(1).lines().next().unwrap_or_default());
                *inputs = without(inputs, "$", text(0));
            }
        }
    }

    fn start(folder: &str) -> Self {
        let mut node = Command::new("node")
            .arg(format!("{folder}/bench.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node starts");
        let input = node.stdin.take().expect("it was asked for");
        let output = BufReader::new(node.stdout.take().expect("it was asked for"));
        Self { node, input, output }
    }

    fn ask(&mut self, template: Value, memory: Value) -> Value {
        let question = Value::object([("template", template), ("memory", memory)]);
        json::parse(&self.line(&question)).expect("the script answers in JSON")
    }

    /// The nanoseconds that an evaluation takes, over a round.
    pub fn round(&mut self) -> f64 {
        let milliseconds = i64::try_from(2 * ROUND.as_millis()).expect("it is short");
        self.line(&value!({ "milliseconds": milliseconds }))
            .trim()
            .parse()
            .expect("the script answers with a number")
    }

    fn line(&mut self, question: &Value) -> String {
        writeln!(self.input, "{question}").expect("Node listens");
        let mut answer = String::new();
        self.output.read_line(&mut answer).expect("Node answers");
        answer
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // A process that ended by itself needs no end.
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}

/// The value with null at a path.
fn without(value: &Value, at: &str, path: &str) -> Value {
    if at == path {
        return Value::Null;
    }
    match value {
        Value::Array(items) => {
            Value::array(items.iter().enumerate().map(|(i, item)| without(item, &format!("{at}[{i}]"), path)))
        }
        Value::Object(object) => Value::object(
            object.iter().map(|(name, item)| (name.clone(), without(item, &format!("{at}.{name}"), path))),
        ),
        other => other.clone(),
    }
}
