//! Functions from one kind of value to another.

use super::{Family, Function, Invocation, example};
use crate::content::{self, Envelope};
use crate::culture::{INVARIANT, Numbers, culture};
use crate::error::Failure;
use crate::{casing, number, text};
use riposte_value::{Decimal, Value};

const FAMILY: Family = Family::Conversion;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::value(FAMILY, "array", "value", |call| Ok(array(call.argument(0))))
        .takes(1, 1)
        .says("An array of one item; an array stays as it is.", &[example("array('hello')", r#"["hello"]"#)]),
    Function::value(FAMILY, "base64", "value", base64)
        .takes(1, 1)
        .says("A text or binary content as base64.", &[example("base64('hello')", r#""aGVsbG8=""#)]),
    Function::value(FAMILY, "base64ToBinary", "value", base64_to_binary).takes(1, 1).says(
        "Binary content from base64.",
        &[example("base64ToBinary('aGVsbG8=')?['$content']", r#""aGVsbG8=""#)],
    ),
    Function::value(FAMILY, "base64ToString", "value", base64_to_string)
        .takes(1, 1)
        .says("A text from base64.", &[example("base64ToString('aGVsbG8=')", r#""hello""#)]),
    Function::value(FAMILY, "binary", "value", binary).takes(1, 1).says(
        "The text of a value as binary content.",
        &[example("binary('hello')?['$content']", r#""aGVsbG8=""#)],
    ),
    Function::value(FAMILY, "bool", "value", bool).takes(1, 1).says(
        "A boolean from a number or a text.",
        &[example("bool(0)", "false"), example("bool('true')", "true")],
    ),
    Function::value(FAMILY, "createArray", "object1, [object2], …", |call| {
        call.made(Value::array(call.values().cloned()))
    })
    .takes_at_least(1)
    .says("An array of its arguments.", &[example("createArray('h', 1)", r#"["h", 1]"#)]),
    Function::value(FAMILY, "decimal", "value", decimal).takes(1, 1).says(
        "A decimal number.",
        &[example("string(decimal('1.2345678912312131'))", r#""1.2345678912312131""#)],
    ),
    Function::value(FAMILY, "decodeBase64", "value", base64_to_string).takes(1, 1).says(
        "As `base64ToString`, which replaces it.",
        &[example("decodeBase64('aGVsbG8=')", r#""hello""#)],
    ),
    Function::value(FAMILY, "float", "value, [locale]", float)
        .takes(1, 2)
        .says("A double from a number or a text.", &[example("float('10,000.333')", "10000.333")]),
    Function::value(FAMILY, "int", "value", int)
        .takes(1, 1)
        .says("An integer from a number or a text that is whole.", &[example("int('10')", "10")]),
    Function::value(FAMILY, "string", "value", string)
        .takes(1, 1)
        .says("The text of a value.", &[example("string(10)", r#""10""#), example("string(null)", r#""""#)]),
];

/// The bytes of a text or of content.
pub(super) fn bytes(call: &Invocation<'_, '_>, index: usize) -> Result<Vec<u8>, Failure> {
    let value = call.argument(index);
    match value {
        Value::String(text) => Ok(text.as_bytes().to_vec()),
        _ => Envelope::of(value)
            .map(|envelope| envelope.bytes)
            .ok_or_else(|| call.wrong(index, "to be a string")),
    }
}

/// The documents speak of one item only. Real playbooks hand an array over and go on to use its items, so it is not
/// wrapped again.
fn array(value: &Value) -> Value {
    if value.as_array().is_some() { value.clone() } else { Value::array([value.clone()]) }
}

fn base64(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let bytes = bytes(call, 0)?;
    call.check_length(bytes.len().div_ceil(3).saturating_mul(4))?;
    Ok(Value::from(content::encode_base64(&bytes)))
}

/// The bytes that an argument holds as base64.
fn from_base64(call: &Invocation<'_, '_>) -> Result<Vec<u8>, Failure> {
    let text = call.argument(0).as_str().ok_or_else(|| call.wrong(0, "to be a string"))?;
    content::decode_base64(text).ok_or_else(|| {
        let name = call.function.name;
        Failure::new(format!(
            "The template language function '{name}' was invoked with a parameter that is not valid. The value cannot be decoded from base64 representation."
        ))
    })
}

fn base64_to_binary(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    from_base64(call)?;
    // The text is handed on as it is, but for white space: spare bits at its end are not made zero.
    let dense: String = call.string(0)?.chars().filter(|c| !matches!(c, ' ' | '\t' | '\r' | '\n')).collect();
    Ok(Value::object([
        ("$content-type", Value::from(content::OCTET_STREAM)),
        ("$content", Value::from(dense)),
    ]))
}

fn base64_to_string(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    Ok(Value::from(content::decode_text(&from_base64(call)?, None)))
}

fn binary(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let value = call.argument(0);
    if value.is_null() {
        return Err(call.not_convertible());
    }
    let bytes = match Envelope::of(value) {
        Some(envelope) => envelope.bytes,
        None => text::of(value).into_owned().into_bytes(),
    };
    Ok(content::envelope(content::OCTET_STREAM, &bytes))
}

fn bool(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    match call.argument(0) {
        Value::Bool(b) => Ok(Value::Bool(*b)),
        Value::Int(i) => Ok(Value::Bool(*i != 0)),
        Value::Float(f) => Ok(Value::Bool(*f != 0.0)),
        Value::Decimal(d) => Ok(Value::Bool(!d.is_zero())),
        Value::String(text) => match text.trim() {
            t if t.eq_ignore_ascii_case("true") => Ok(Value::Bool(true)),
            t if t.eq_ignore_ascii_case("false") => Ok(Value::Bool(false)),
            _ => Err(call.not_convertible()),
        },
        _ => Err(call.not_convertible()),
    }
}

/// How a locale writes numbers; without one as the invariant culture does.
fn numbers(call: &Invocation<'_, '_>, locale: Option<&str>) -> Result<&'static Numbers, Failure> {
    let Some(locale) = locale else {
        return Ok(&INVARIANT.numbers);
    };
    culture(locale).map(|culture| &culture.numbers).ok_or_else(|| super::bad_locale(call, locale))
}

/// The names of doubles that have no digits: the invariant ones and the culture's.
fn named_float(text: &str, numbers: &Numbers) -> Option<f64> {
    let text = text.trim();
    let is = |name: &str| text == name || casing::lower_text(text) == casing::lower_text(name);
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    match unsigned {
        _ if is("NaN") || is(numbers.not_a_number) => Some(f64::NAN),
        "Infinity" | "∞" => Some(f64::INFINITY),
        "-Infinity" | "-∞" => Some(f64::NEG_INFINITY),
        _ if is(numbers.infinity) => Some(f64::INFINITY),
        _ if is(numbers.negative_infinity) => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// The double that a text is, as `float` reads it with a locale or without one.
pub(super) fn read_float(
    call: &Invocation<'_, '_>,
    text: &str,
    locale: Option<&str>,
) -> Result<Option<f64>, Failure> {
    let numbers = numbers(call, locale)?;
    // Without a locale no infinity is read, only what is no number at all.
    let named = || match locale {
        Some(_) => named_float(text, numbers),
        None => (text.trim() == "NaN").then_some(f64::NAN),
    };
    Ok(number::parse_float(text, numbers).or_else(named))
}

fn float(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let locale = call.optional_string(1)?;
    let number = match call.argument(0) {
        Value::String(text) => read_float(call, text, locale)?,
        other => other.as_f64(),
    };
    number.map(Value::Float).ok_or_else(|| call.not_convertible())
}

/// Text is read through a double, as the service does: above 2^53 digits are lost, and what is no number becomes the
/// least integer.
fn int(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let number = match call.argument(0) {
        Value::String(text) => match read_float(call, text, None)? {
            Some(f) if f.is_nan() => Some(i64::MIN),
            f => f.and_then(number::float_to_int),
        },
        Value::Bool(b) => Some(i64::from(*b)),
        other => number::whole(other),
    };
    number.map(Value::Int).ok_or_else(|| call.not_convertible())
}

fn decimal(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let number = match call.argument(0) {
        Value::String(text) => number::parse_decimal(text),
        Value::Int(i) => Some(Decimal::from(*i)),
        Value::Decimal(d) => Some(*d),
        Value::Float(f) => number::decimal::from_float(*f),
        _ => None,
    };
    number.map(Value::Decimal).ok_or_else(|| call.not_convertible())
}

fn string(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    match call.argument(0) {
        Value::String(text) => Ok(Value::String(text.clone())),
        other => call.text(text::of(other).into_owned()),
    }
}
