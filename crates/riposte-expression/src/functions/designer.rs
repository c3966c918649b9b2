//! Functions that only the designer's list knows: little is documented of them beyond their names.

use super::{Family, Function, Invocation, example};
use crate::content::{self, Envelope};
use crate::error::Failure;
use crate::time::{PER_DAY, PER_HOUR, PER_MINUTE, PER_SECOND, format_span, parse_span};
use riposte_value::{Object, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::value(Family::String, "decodeXmlName", "name", |call| {
        Ok(Value::from(crate::xml::decode_name(call.string(0)?)))
    })
    .takes(1, 1)
    .says("Undoes `encodeXmlName`.", &[example("decodeXmlName('a_x0020_b')", r#""a b""#)]),
    Function::value(Family::String, "decodeXmlValue", "value", |call| {
        Ok(Value::from(decode_value(call.string(0)?)))
    })
    .takes(1, 1)
    .says("Undoes `encodeXmlValue`.", &[example("decodeXmlValue('a &lt; b')", r#""a < b""#)]),
    Function::value(Family::String, "encodeXmlName", "name", |call| {
        call.text(crate::xml::encode_name(call.string(0)?))
    })
    .takes(1, 1)
    .says("A text as the name of an XML element.", &[example("encodeXmlName('a b')", r#""a_x0020_b""#)]),
    Function::value(Family::String, "encodeXmlValue", "value", |call| {
        call.text(encode_value(call.string(0)?))
    })
    .takes(1, 1)
    .says("A text as the content of an XML element.", &[example("encodeXmlValue('a < b')", r#""a &lt; b""#)]),
    Function::value(Family::DateTime, "formatTimeSpan", "timeSpan, format, [culture]", format_time_span)
        .takes(2, 3)
        .says(
            "A span of time in a .NET format: `c`, `g`, `G` or custom.",
            &[example(r"formatTimeSpan('1.02:03:04', 'd\.hh\:mm')", r#""1.02:03""#)],
        ),
    Function::value(Family::Manipulation, "mergeObjects", "object1, object2, …", merge_objects)
        .takes_at_least(2)
        .says(
            "One object of the properties of several; the last value of each is kept.",
            &[example(r#"mergeObjects(json('{"a":1}'), json('{"b":2}'))"#, r#"{"a": 1, "b": 2}"#)],
        ),
    Function::value(Family::String, "trimByteOrderMark", "content", trim_byte_order_mark).takes(1, 1).says(
        "Text or content without a byte order mark before it.",
        &[example("trimByteOrderMark('a')", r#""a""#)],
    ),
    Function::value(Family::Conversion, "utf16Length", "value", |call| {
        Ok(Value::from(crate::utf16::length(call.string(0)?) * 2))
    })
    .takes(1, 1)
    .says("How many bytes a text takes in UTF-16.", &[example("utf16Length('ab')", "4")]),
    Function::value(Family::Conversion, "utf8Length", "value", |call| Ok(Value::from(call.string(0)?.len())))
        .takes(1, 1)
        .says("How many bytes a text takes in UTF-8.", &[example("utf8Length('ä')", "2")]),
];

fn encode_value(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            other => out.push(other),
        }
    }
    out
}

fn decode_value(text: &str) -> String {
    ["&lt;<", "&gt;>", "&quot;\"", "&apos;'", "&amp;&"].iter().fold(text.to_owned(), |text, pair| {
        pair.split_once(';').map_or(text.clone(), |(entity, c)| text.replace(&format!("{entity};"), c))
    })
}

fn merge_objects(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let mut merged = Object::new();
    for index in 0..call.arguments.len() {
        for (name, value) in call.object(index)? {
            merged.insert(name.clone(), value.clone());
        }
    }
    call.made(Value::from(merged))
}

fn trim_byte_order_mark(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let value = call.argument(0);
    if let Some(envelope) = Envelope::of(value) {
        let bytes = envelope.bytes.strip_prefix(b"\xef\xbb\xbf".as_slice()).unwrap_or(&envelope.bytes);
        return Ok(content::envelope(&envelope.content_type, bytes));
    }
    let text = call.string(0)?;
    Ok(Value::from(text.strip_prefix('\u{feff}').unwrap_or(text)))
}

fn format_time_span(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let (text, format) = (call.string(0)?, call.string(1)?);
    super::date_time::locale(call, 2)?;
    let span = parse_span(text).ok_or_else(|| {
        call.fails(format_args!(
            "expects its first parameter to be a time span. The provided value is '{text}'."
        ))
    })?;
    let bad = || call.fails(format_args!("was invoked with a format that is not valid: '{format}'."));
    match format {
        "" | "c" | "t" | "T" => Ok(Value::from(format_span(span))),
        "g" | "G" => Ok(Value::from(general_span(span, format == "G"))),
        _ => custom_span(span, format).map(Value::from).ok_or_else(bad),
    }
}

/// Days, hours, minutes, seconds and the fraction of a span.
fn parts(span: i64) -> [i64; 5] {
    let span = span.unsigned_abs().cast_signed();
    [
        span / PER_DAY,
        span % PER_DAY / PER_HOUR,
        span % PER_HOUR / PER_MINUTE,
        span % PER_MINUTE / PER_SECOND,
        span % PER_SECOND,
    ]
}

/// The formats `g` (as short as can be) and `G` (in full).
fn general_span(span: i64, full: bool) -> String {
    let [days, hours, minutes, seconds, fraction] = parts(span);
    let sign = if span < 0 { "-" } else { "" };
    if full {
        return format!("{sign}{days}:{hours:02}:{minutes:02}:{seconds:02}.{fraction:07}");
    }
    let days = if days == 0 { String::new() } else { format!("{days}:") };
    let fraction = format!(".{fraction:07}");
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    format!("{sign}{days}{hours}:{minutes:02}:{seconds:02}{fraction}")
}

/// A custom format: `d`, `h`, `m`, `s`, `f`, `F`, literals quoted or after a backslash. It writes no sign.
fn custom_span(span: i64, format: &str) -> Option<String> {
    let [days, hours, minutes, seconds, fraction] = parts(span);
    let mut out = String::new();
    let mut rest = format.strip_prefix('%').unwrap_or(format);
    while let Some(c) = rest.chars().next() {
        let count = rest.chars().take_while(|other| *other == c).count();
        let mut taken = count * c.len_utf8();
        let field = match c {
            'd' if count <= 8 => format!("{days:0count$}"),
            'h' if count <= 2 => format!("{hours:0count$}"),
            'm' if count <= 2 => format!("{minutes:0count$}"),
            's' if count <= 2 => format!("{seconds:0count$}"),
            'f' if count <= 7 => format!("{fraction:07}").get(..count)?.to_owned(),
            'F' if count <= 7 => format!("{fraction:07}").get(..count)?.trim_end_matches('0').to_owned(),
            '\\' => {
                let escaped = rest.chars().nth(1)?;
                taken = 1 + escaped.len_utf8();
                escaped.to_string()
            }
            '\'' | '"' => {
                let body = rest.get(1..)?;
                let end = body.find(c)?;
                taken = end + 2;
                body.get(..end)?.to_owned()
            }
            _ => return None,
        };
        out.push_str(&field);
        rest = rest.get(taken..)?;
    }
    Some(out)
}
