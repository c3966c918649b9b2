//! Functions of texts: `concat`, `format`, `replace`, `split`, `uniqueString`, …

use super::{Body, Call, Function, nth, size, text_of};
use crate::fault::{Evaluated, Fault};
use crate::hash;
use crate::limits::PAD_LENGTH_MAX;
use riposte_value::{Text, Value};
use uuid::Uuid;

pub const FUNCTIONS: &[Function] = &[
    row("concat", 1, None, "joins texts, or appends arrays", concat),
    row("endsWith", 2, Some(2), "whether a text ends with another, without regard to case", ends_with),
    row("format", 1, None, "fills `{0}`, `{1}`, … of a text with values", format_text),
    row("guid", 1, None, "a GUID made from texts, always the same for the same texts", guid),
    row(
        "indexOf",
        2,
        Some(2),
        "where a text holds another, without regard to case, or an array an item; -1 if not",
        index_of,
    ),
    row("join", 2, Some(2), "joins the items of an array with a text between them", join),
    row("lastIndexOf", 2, Some(2), "as `indexOf`, the last one", last_index_of),
    row("newGuid", 0, Some(0), "a GUID that differs from deployment to deployment", new_guid),
    row("padLeft", 2, Some(3), "a text or number filled up on the left to a length", pad_left),
    row("replace", 3, Some(3), "a text with one text in it replaced by another", replace),
    row("split", 2, Some(2), "the parts of a text between separators", split),
    row("startsWith", 2, Some(2), "whether a text starts with another, without regard to case", starts_with),
    row("string", 1, Some(1), "a value as text", string),
    row("substring", 2, Some(3), "part of a text from an index on", substring),
    row("toLower", 1, Some(1), "a text in lower case", to_lower),
    row("toUpper", 1, Some(1), "a text in upper case", to_upper),
    row("trim", 1, Some(1), "a text without blanks around it", trim),
    row(
        "uniqueString",
        1,
        None,
        "13 letters and digits made from texts, always the same for the same texts",
        unique_string,
    ),
];

type Run = fn(&Call<'_>, &[Value]) -> Evaluated<Value>;

const fn row(name: &'static str, min: usize, max: Option<usize>, doc: &'static str, run: Run) -> Function {
    Function { name, min, max, doc, body: Body::Plain(run) }
}

fn concat(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    if arguments.iter().any(|value| matches!(value, Value::Array(_))) {
        let mut items = Vec::new();
        for index in 0..arguments.len() {
            items.extend_from_slice(call.array(arguments, index)?);
        }
        return Ok(Value::from(items));
    }
    let mut out = String::new();
    for (index, value) in arguments.iter().enumerate() {
        if matches!(value, Value::Object(_)) {
            return Err(call
                .wrong(index, "a text, a number or a boolean", value)
                .help("turn an object into text with `string()`"));
        }
        out.push_str(&text_of(value));
    }
    Ok(Value::from(out))
}

fn lower(call: &Call<'_>, arguments: &[Value], index: usize) -> Evaluated<String> {
    call.str(arguments, index).map(str::to_lowercase)
}

fn ends_with(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::Bool(lower(call, arguments, 0)?.ends_with(&lower(call, arguments, 1)?)))
}

fn starts_with(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::Bool(lower(call, arguments, 0)?.starts_with(&lower(call, arguments, 1)?)))
}

/// Characters before a byte offset, as an index.
fn characters_before(text: &str, offset: usize) -> Value {
    Value::from(text.get(..offset).unwrap_or_default().chars().count())
}

fn position(items: &[Value], wanted: &Value) -> Option<usize> {
    items.iter().position(|item| item == wanted)
}

fn index_of(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    if let [Value::Array(items), wanted] = arguments {
        return Ok(position(items, wanted).map_or(Value::Int(-1), Value::from));
    }
    let (text, wanted) = (lower(call, arguments, 0)?, lower(call, arguments, 1)?);
    Ok(text.find(&wanted).map_or(Value::Int(-1), |at| characters_before(&text, at)))
}

fn last_index_of(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    if let [Value::Array(items), wanted] = arguments {
        return Ok(items.iter().rposition(|item| item == wanted).map_or(Value::Int(-1), Value::from));
    }
    let (text, wanted) = (lower(call, arguments, 0)?, lower(call, arguments, 1)?);
    Ok(text.rfind(&wanted).map_or(Value::Int(-1), |at| characters_before(&text, at)))
}

fn join(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let (items, separator) = (call.array(arguments, 0)?, call.str(arguments, 1)?);
    Ok(Value::from(items.iter().map(text_of).collect::<Vec<_>>().join(separator)))
}

fn seeds(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Vec<Text>> {
    let seed = |(index, value): (usize, &Value)| match value {
        Value::Object(_) | Value::Array(_) => Err(call.wrong(index, "a text", value)),
        value => Ok(text_of(value)),
    };
    arguments.iter().enumerate().map(seed).collect()
}

fn guid(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::from(hash::guid(&seeds(call, arguments)?)))
}

fn unique_string(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::from(hash::unique_string(&seeds(call, arguments)?)))
}

#[expect(clippy::unnecessary_wraps, reason = "a row's function may fail")]
fn new_guid(call: &Call<'_>, _: &[Value]) -> Evaluated<Value> {
    let evaluator = call.evaluator;
    let count = evaluator.next_guid();
    let seed = format!("{}/{count}/{}", evaluator.deployment.guid_seed, evaluator.deployment.timestamp);
    Ok(Value::from(Uuid::new_v5(&Uuid::NAMESPACE_OID, seed.as_bytes()).to_string()))
}

fn pad_left(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let text = match nth(arguments, 0) {
        value @ (Value::String(_) | Value::Int(_)) => text_of(value),
        other => return Err(call.wrong(0, "a text or a whole number", other)),
    };
    let length = call.int(arguments, 1)?;
    if length > PAD_LENGTH_MAX {
        return Err(Fault::limit(format!("`padLeft` pads to {PAD_LENGTH_MAX} characters at most")));
    }
    let pad = call.optional_str(arguments, 2)?.unwrap_or(" ");
    let mut pad_chars = pad.chars();
    let (Some(pad), None) = (pad_chars.next(), pad_chars.next()) else {
        return Err(call.refuse("pads with a single character"));
    };
    let missing = size(length).saturating_sub(text.chars().count());
    Ok(Value::from(std::iter::repeat_n(pad, missing).chain(text.chars()).collect::<String>()))
}

fn replace(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let (text, old, new) = (call.str(arguments, 0)?, call.str(arguments, 1)?, call.str(arguments, 2)?);
    if old.is_empty() {
        return Err(call.refuse("cannot replace an empty text"));
    }
    // Counted first: a long replacement must not be built before it is refused.
    let growth = text.matches(old).count().saturating_mul(new.len());
    if growth > crate::limits::BYTES_MADE_MAX {
        return Err(Fault::limit("`replace` makes too long a text"));
    }
    Ok(Value::from(text.replace(old, new)))
}

fn split(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let text = call.str(arguments, 0)?;
    let separators: Vec<&str> = match nth(arguments, 1) {
        Value::String(separator) => vec![separator.as_str()],
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        other => return Err(call.wrong(1, "a text or an array of texts", other)),
    };
    let separators: Vec<&str> = separators.into_iter().filter(|separator| !separator.is_empty()).collect();
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let next = separators.iter().filter_map(|s| rest.find(s).map(|at| (at, s.len()))).min();
        let Some((at, length)) = next else { break };
        parts.push(Value::text(rest.get(..at).unwrap_or_default()));
        rest = rest.get(at + length..).unwrap_or_default();
    }
    parts.push(Value::text(rest));
    Ok(Value::from(parts))
}

#[expect(clippy::unnecessary_wraps, reason = "a row's function may fail")]
fn string(_: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::String(text_of(nth(arguments, 0))))
}

fn substring(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let text = call.str(arguments, 0)?;
    let count = text.chars().count();
    let start = call.int(arguments, 1)?;
    let length = if arguments.len() > 2 { call.int(arguments, 2)? } else { i64::MAX };
    if start < 0 || length < 0 || size(start) > count {
        return Err(call.refuse(format!(
            "is asked for index {start} and length {length} of a text of {count} characters"
        )));
    }
    if arguments.len() > 2 && size(start).saturating_add(size(length)) > count {
        return Err(call.refuse(format!(
            "is asked for index {start} and length {length} of a text of {count} characters"
        )));
    }
    Ok(Value::from(text.chars().skip(size(start)).take(size(length)).collect::<String>()))
}

fn to_lower(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::from(lower(call, arguments, 0)?))
}

fn to_upper(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::from(call.str(arguments, 0)?.to_uppercase()))
}

fn trim(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::text(call.str(arguments, 0)?.trim()))
}

/// `{index[,width][:format]}`, with `{{` and `}}` for braces.
fn format_text(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let mut rest = call.str(arguments, 0)?;
    let mut out = String::new();
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(rest.get(..at).unwrap_or_default());
        let brace = rest.get(at..=at).unwrap_or_default();
        let after = rest.get(at + 1..).unwrap_or_default();
        if let Some(doubled) = after.strip_prefix(brace) {
            out.push_str(brace);
            rest = doubled;
            continue;
        }
        let ("{", Some((field, tail))) = (brace, after.split_once('}')) else {
            return Err(call
                .refuse("is given a text with an unmatched brace")
                .help("write `{{` and `}}` for braces"));
        };
        out.push_str(&format_field(call, arguments, field)?);
        rest = tail;
    }
    out.push_str(rest);
    Ok(Value::from(out))
}

fn format_field(call: &Call<'_>, arguments: &[Value], field: &str) -> Evaluated<String> {
    let (place, pattern) = field.split_once(':').unwrap_or((field, ""));
    let (index, width) = place.split_once(',').unwrap_or((place, "0"));
    let value = index.trim().parse::<usize>().ok().and_then(|index| arguments.get(index.checked_add(1)?));
    let value = value.ok_or_else(|| call.refuse(format!("is given no value for `{{{field}}}`")))?;
    let text = match (value, pattern) {
        (value, "") => text_of(value).to_string(),
        (Value::Int(number), pattern) => format_number(*number, pattern).ok_or_else(|| {
            call.refuse(format!("does not know the number format `{pattern}`"))
                .help("D, F, N and X are known")
        })?,
        (value, _) => text_of(value).to_string(),
    };
    let wanted = width.trim().parse::<i64>().ok().filter(|width| width.abs() <= PAD_LENGTH_MAX);
    let wanted = wanted.ok_or_else(|| call.refuse(format!("is given the width `{width}`")))?;
    let missing = " ".repeat(size(wanted.abs()).saturating_sub(text.chars().count()));
    Ok(if wanted < 0 { text + &missing } else { missing + &text })
}

fn format_number(number: i64, pattern: &str) -> Option<String> {
    let (letter, digits) = pattern.split_at_checked(1)?;
    let digits =
        if digits.is_empty() { None } else { Some(digits.parse::<usize>().ok().filter(|d| *d <= 99)?) };
    let sign = if number < 0 { "-" } else { "" };
    let plain = number.unsigned_abs().to_string();
    let fraction = |count: usize| if count == 0 { String::new() } else { format!(".{}", "0".repeat(count)) };
    Some(match letter {
        "D" | "d" => format!("{sign}{plain:0>width$}", width = digits.unwrap_or(0)),
        "X" => format!("{number:0>width$X}", width = digits.unwrap_or(0)),
        "x" => format!("{number:0>width$x}", width = digits.unwrap_or(0)),
        "F" | "f" => format!("{sign}{plain}{}", fraction(digits.unwrap_or(2))),
        "N" | "n" => {
            let grouped: Vec<String> =
                plain.as_bytes().rchunks(3).rev().map(|g| String::from_utf8_lossy(g).into_owned()).collect();
            format!("{sign}{}{}", grouped.join(","), fraction(digits.unwrap_or(2)))
        }
        "G" | "g" => number.to_string(),
        _ => return None,
    })
}
