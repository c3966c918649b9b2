//! `riposte eval --batch`: JSON lines in, JSON lines out, in order.
//!
//! A line `{"id":1,"expr":"add(1,2)"}` is answered by `{"id":1,"result":3}`; one that cannot be read or evaluated by
//! `{"id":1,"error":{"code":"InvalidTemplate","message":"…"}}`. Faulty lines do not end the batch.

use super::context_of;
use crate::exit::{Exit, Outcome, Problem};
use riposte_diagnostic::Diagnostic;
use riposte_expression::Template;
use riposte_value::{Object, Value, json};
use std::collections::HashMap;
use std::io::{self, BufRead, BufWriter, Write};
use std::sync::Arc;

/// How many compiled texts are kept; beyond, all are forgotten and the cache begins anew.
const CACHE_MAX: usize = 16_384;
/// What a line longer than this is refused for, in bytes.
const LINE_BYTES_MAX: usize = 128 * 1024 * 1024;
/// Buffer sizes of stdin and stdout.
const BUFFER_BYTES: usize = 256 * 1024;

/// Answers the lines of stdin. `common` is the context of lines that have none.
pub fn run(common: Option<&Value>) -> Outcome {
    let mut reader = io::BufReader::with_capacity(BUFFER_BYTES, io::stdin().lock());
    let mut writer = BufWriter::with_capacity(BUFFER_BYTES, io::stdout().lock());
    match answer_lines(&mut reader, &mut writer, common) {
        Ok(()) => Ok(Exit::Done),
        // Who read the answers has gone away, and wants no more of them.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Done),
        Err(error) => Err(Problem::usage(Diagnostic::error("UnreadableInput", error.to_string()))),
    }
}

fn answer_lines(
    reader: &mut impl BufRead,
    writer: &mut impl Write,
    common: Option<&Value>,
) -> io::Result<()> {
    let mut cache = Cache::default();
    let mut line = Vec::new();
    let mut out = String::new();
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return writer.flush();
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let (id, result) = answer(&line, common, &mut cache);
        out.clear();
        out.push_str("{\"id\":");
        json::write(&id, &mut out);
        match result {
            Ok(value) => {
                out.push_str(",\"result\":");
                json::write(&value, &mut out);
            }
            Err(error) => {
                let error = Value::object([
                    ("code", Value::text(error.code)),
                    ("message", Value::from(error.message)),
                ]);
                out.push_str(",\"error\":");
                json::write(&error, &mut out);
            }
        }
        out.push_str("}\n");
        writer.write_all(out.as_bytes())?;
    }
}

#[derive(Debug, Clone)]
struct Refusal {
    code: &'static str,
    message: String,
}

impl Refusal {
    fn request(message: impl Into<String>) -> Self {
        Self { code: "InvalidRequest", message: message.into() }
    }
}

fn answer(line: &[u8], common: Option<&Value>, cache: &mut Cache) -> (Value, Result<Value, Refusal>) {
    if line.len() > LINE_BYTES_MAX {
        return (Value::Null, Err(Refusal::request(format!("a line has at most {LINE_BYTES_MAX} bytes"))));
    }
    let request = match json::parse_bytes(line) {
        Ok(request) => request,
        Err(error) => {
            let message = format!("{} (column {})", error.message, error.column);
            return (Value::Null, Err(Refusal { code: "InvalidJson", message }));
        }
    };
    let Some(object) = request.as_object() else {
        let message = format!("a line holds an object, not {}", request.kind().as_str().to_lowercase());
        return (Value::Null, Err(Refusal::request(message)));
    };
    let id = object.get("id").cloned().unwrap_or(Value::Null);
    (id, evaluate(object, common, cache))
}

fn evaluate(request: &Object, common: Option<&Value>, cache: &mut Cache) -> Result<Value, Refusal> {
    let template = match (request.get("expr"), request.get("template")) {
        (Some(Value::String(text)), None) => cache.expression(text)?,
        (Some(_), None) => return Err(Refusal::request("`expr` is the text of an expression")),
        (None, Some(Value::String(text))) => cache.text(text)?,
        (None, Some(template)) => compile(template)?,
        (None, None) => return Err(Refusal::request("either `expr` or `template` is needed")),
        (Some(_), Some(_)) => return Err(Refusal::request("`expr` and `template` exclude each other")),
    };
    let context = match request.get("context") {
        None | Some(Value::Null) => common,
        Some(context @ Value::Object(_)) => Some(context),
        Some(_) => return Err(Refusal::request("`context` is an object")),
    };
    template
        .evaluate(&context_of(context))
        .map_err(|error| Refusal { code: error.code, message: error.message })
}

fn compile(template: &Value) -> Result<Arc<Template>, Refusal> {
    Template::compile(template).map(Arc::new).map_err(|errors| {
        let message = errors.first().map_or_else(String::new, ToString::to_string);
        Refusal { code: "InvalidTemplate", message }
    })
}

/// Compiled texts, since batches repeat them.
#[derive(Default)]
struct Cache {
    expressions: HashMap<String, Result<Arc<Template>, Refusal>>,
    texts: HashMap<String, Result<Arc<Template>, Refusal>>,
}

impl Cache {
    fn expression(&mut self, text: &str) -> Result<Arc<Template>, Refusal> {
        cached(&mut self.expressions, text, || {
            Template::compile_expression(text)
                .map(Arc::new)
                .map_err(|error| Refusal { code: "InvalidTemplate", message: error.to_string() })
        })
    }

    fn text(&mut self, text: &str) -> Result<Arc<Template>, Refusal> {
        cached(&mut self.texts, text, || compile(&Value::text(text)))
    }
}

fn cached<T: Clone>(cache: &mut HashMap<String, T>, text: &str, make: impl FnOnce() -> T) -> T {
    if let Some(found) = cache.get(text) {
        return found.clone();
    }
    if cache.len() >= CACHE_MAX {
        cache.clear();
    }
    let compiled = make();
    cache.insert(text.to_owned(), compiled.clone());
    compiled
}
