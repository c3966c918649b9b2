//! `riposte eval --batch`: JSON lines in, JSON lines out, in order.
//!
//! A line `{"id":1,"expr":"add(1,2)"}` is answered by `{"id":1,"result":3}`; one that cannot be read or evaluated by
//! `{"id":1,"error":{"code":"InvalidTemplate","message":"…"}}`. Faulty lines do not end the batch.

use super::context::{self, Contexts};
use crate::exit::{Exit, Outcome, Problem};
use riposte_diagnostic::Diagnostic;
use riposte_expression::{Limits, Template};
use riposte_value::{Object, Value, json};
use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::sync::Arc;

/// How many compiled texts are kept; beyond, all are forgotten and the cache begins anew.
const CACHE_MAX: usize = 16_384;
/// Longer texts are compiled each time, so that the cache stays small.
const CACHED_BYTES_MAX: usize = 4_096;
/// What a line longer than this is refused for, in bytes. The rest of it is passed over without being kept.
const LINE_BYTES_MAX: usize = 128 * 1024 * 1024;
/// A buffer that one line made large is given back after it.
const LINE_BYTES_KEPT: usize = 1024 * 1024;
/// Buffer sizes of stdin and stdout.
const BUFFER_BYTES: usize = 256 * 1024;

/// Answers the lines of stdin. `common` is the context of lines that have none.
pub fn run(common: Option<&Value>, limits: Limits) -> Outcome {
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, io::stdin().lock());
    let mut writer = BufWriter::with_capacity(BUFFER_BYTES, io::stdout().lock());
    let mut batch = Batch { common, limits, contexts: Contexts::new(), cache: Cache::default() };
    match batch.answer_lines(&mut reader, &mut writer, LINE_BYTES_MAX) {
        Ok(()) => Ok(Exit::Done),
        // Who read the answers has gone away, and wants no more of them.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Done),
        Err(error) => Err(Problem::usage(Diagnostic::error("UnreadableInput", error.to_string()))),
    }
}

struct Batch<'a> {
    common: Option<&'a Value>,
    limits: Limits,
    contexts: Contexts,
    cache: Cache,
}

impl Batch<'_> {
    fn answer_lines<R: Read>(
        &mut self,
        reader: &mut BufReader<R>,
        writer: &mut impl Write,
        line_bytes_max: usize,
    ) -> io::Result<()> {
        let mut line = Vec::new();
        let mut out = String::new();
        while let Some(whole) = read_line(reader, writer, &mut line, line_bytes_max)? {
            if whole && line.trim_ascii().is_empty() {
                continue;
            }
            let (id, result) = if whole {
                self.answer(&line)
            } else {
                let message = format!("a line has at most {line_bytes_max} bytes");
                (Value::Null, Err(Refusal::request(message)))
            };
            out.clear();
            write_answer(&id, &result, &mut out);
            writer.write_all(out.as_bytes())?;
            line.shrink_to(LINE_BYTES_KEPT);
            out.shrink_to(LINE_BYTES_KEPT);
        }
        writer.flush()
    }

    fn answer(&mut self, line: &[u8]) -> (Value, Result<Value, Refusal>) {
        let request = match json::parse_bytes(line) {
            Ok(request) => request,
            Err(error) => {
                let message = format!("{} (column {})", error.message, error.column);
                return (Value::Null, Err(Refusal { code: "InvalidJson", message }));
            }
        };
        let Some(object) = request.as_object() else {
            let message = format!("a line holds an object, not {}", context::noun(&request));
            return (Value::Null, Err(Refusal::request(message)));
        };
        let id = object.get("id").cloned().unwrap_or(Value::Null);
        (id, self.evaluate(object))
    }

    fn evaluate(&mut self, request: &Object) -> Result<Value, Refusal> {
        // Writers that always put both fields say null for the one that they do not use.
        let expression = request.get("expr").filter(|expression| !expression.is_null());
        let template = request.get("template").filter(|template| expression.is_none() || !template.is_null());
        let template = match (expression, template) {
            (Some(Value::String(text)), None) => self.cache.expression(text, &self.limits)?,
            (Some(_), None) => return Err(Refusal::request("`expr` is the text of an expression")),
            (None, Some(Value::String(text))) => self.cache.text(text, &self.limits)?,
            (None, Some(template)) => compile(template, &self.limits)?,
            (None, None) => return Err(Refusal::request("either `expr` or `template` is needed")),
            (Some(_), Some(_)) => return Err(Refusal::request("`expr` and `template` exclude each other")),
        };
        let values = match request.get("context") {
            None | Some(Value::Null) => self.common,
            Some(context @ Value::Object(_)) => Some(context),
            Some(other) => {
                let message = format!("`context` is an object, not {}", context::noun(other));
                return Err(Refusal::request(message));
            }
        };
        let context = self.contexts.of(values).map_err(Refusal::request)?;
        template
            .evaluate_within(&context, self.limits)
            .map_err(|error| Refusal { code: error.code, message: error.message })
    }
}

/// Reads up to the end of the next line. `None` at the end of the input, `false` if the line is too long. What was
/// answered so far is handed on before waiting for more: whoever asks line by line gets each answer.
fn read_line<R: Read>(
    reader: &mut BufReader<R>,
    writer: &mut impl Write,
    line: &mut Vec<u8>,
    bytes_max: usize,
) -> io::Result<Option<bool>> {
    line.clear();
    let (mut begun, mut whole) = (false, true);
    loop {
        if reader.buffer().is_empty() {
            writer.flush()?;
        }
        let piece = match reader.fill_buf() {
            Ok(piece) => piece,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if piece.is_empty() {
            return Ok(begun.then_some(whole));
        }
        begun = true;
        let end = piece.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(piece.len(), |at| at + 1);
        whole = whole && line.len() + taken <= bytes_max;
        if whole {
            line.extend_from_slice(piece.get(..taken).unwrap_or_default());
        }
        reader.consume(taken);
        if end.is_some() {
            return Ok(Some(whole));
        }
    }
}

fn write_answer(id: &Value, result: &Result<Value, Refusal>, out: &mut String) {
    out.push_str("{\"id\":");
    json::write(id, out);
    match result {
        Ok(value) => {
            out.push_str(",\"result\":");
            json::write(value, out);
        }
        Err(error) => {
            let error =
                Value::object([("code", Value::text(error.code)), ("message", Value::text(&error.message))]);
            out.push_str(",\"error\":");
            json::write(&error, out);
        }
    }
    out.push_str("}\n");
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

fn compile(template: &Value, limits: &Limits) -> Result<Arc<Template>, Refusal> {
    Template::compile_within(template, limits).map(Arc::new).map_err(|errors| {
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
    fn expression(&mut self, text: &str, limits: &Limits) -> Result<Arc<Template>, Refusal> {
        cached(&mut self.expressions, text, || {
            Template::compile_expression_within(text, limits)
                .map(Arc::new)
                .map_err(|error| Refusal { code: "InvalidTemplate", message: error.to_string() })
        })
    }

    fn text(&mut self, text: &str, limits: &Limits) -> Result<Arc<Template>, Refusal> {
        cached(&mut self.texts, text, || compile(&Value::text(text), limits))
    }
}

fn cached<T: Clone>(cache: &mut HashMap<String, T>, text: &str, make: impl FnOnce() -> T) -> T {
    if text.len() > CACHED_BYTES_MAX {
        return make();
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(input: &[u8], line_bytes_max: usize) -> String {
        let mut batch = Batch {
            common: None,
            limits: Limits::default(),
            contexts: Contexts::new(),
            cache: Cache::default(),
        };
        let mut out = Vec::new();
        batch.answer_lines(&mut BufReader::with_capacity(7, input), &mut out, line_bytes_max).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_line_too_long_is_refused_and_the_next_one_answered() {
        let input =
            [&b"{\"id\":1,\"expr\":\"'"[..], &[b'x'; 300], b"'\"}\r\n{\"id\":2,\"expr\":\"2\"}"].concat();
        assert_eq!(
            batch(&input, 200),
            "{\"id\":null,\"error\":{\"code\":\"InvalidRequest\",\"message\":\"a line has at most 200 bytes\"}}\n\
             {\"id\":2,\"result\":2}\n"
        );
    }

    #[test]
    fn lines_of_any_make_are_answered() {
        for (line, answer) in [
            (&b"\xef\xbb\xbf{\"id\":\"a\",\"expr\":\"1\"}\r\n\r\n \t\n"[..], r#"{"id":"a","result":1}"#),
            (b"{\"id\":{\"n\":[1.0]},\"expr\":\"1\"}", r#"{"id":{"n":[1.0]},"result":1}"#),
            (b"{\"expr\":\"1\",\"template\":null,\"context\":null}", r#"{"id":null,"result":1}"#),
            (b"{\"id\":1,\"expr\":null,\"template\":\"@1\"}", r#"{"id":1,"result":1}"#),
            (b"{\"id\":1,\"template\":null}", r#"{"id":1,"result":null}"#),
            (
                b"{\"id\":1,\"template\":[1.0,1E+17,100000000000000000000,{\"@{'b'}\":\"\",\"a\":1}]}",
                r#"{"id":1,"result":[1.0,1E+17,100000000000000000000,{"b":"","a":1}]}"#,
            ),
        ] {
            assert_eq!(batch(line, 1_000), format!("{answer}\n"), "{}", String::from_utf8_lossy(line));
        }
        for (line, code) in [
            (&b"{\"id\":1,\"expr\":\"'\xff'\"}"[..], "InvalidJson"),
            (b"{\"id\":1,\"expr\":\"1\"} x", "InvalidJson"),
            (b"null", "InvalidRequest"),
            (b"{\"id\":1,\"expr\":1}", "InvalidRequest"),
            (b"{\"id\":1,\"expr\":null}", "InvalidRequest"),
            (b"{\"id\":1,\"expr\":\"1\",\"context\":[]}", "InvalidRequest"),
            (b"{\"id\":1,\"expr\":\"utcNow()\",\"context\":{\"utcNow\":\"soon\"}}", "InvalidRequest"),
            (b"{\"id\":1,\"expr\":\"\"}", "InvalidTemplate"),
            (b"{\"id\":1,\"template\":{\"a\":[\"@\",\"@{\"]}}", "InvalidTemplate"),
        ] {
            let answer = batch(line, 1_000);
            assert!(answer.contains(code), "{}: {answer}", String::from_utf8_lossy(line));
        }
    }
}
