//! What the functions of the language tell of their arguments: a number, a time, a list, what they are compared with.

use super::shape::Shape;
use riposte_value::Value;

/// Functions whose arguments are numbers.
const NUMERIC: [&str; 11] =
    ["int", "float", "add", "sub", "mul", "div", "mod", "greater", "less", "greaterOrEquals", "lessOrEquals"];
/// Functions whose first argument is text in base64.
const BASE64: [&str; 2] = ["base64ToString", "base64ToBinary"];
/// Functions whose first argument is a time.
const TIMED: [&str; 14] = [
    "formatDateTime",
    "addDays",
    "addHours",
    "addMinutes",
    "addSeconds",
    "addToTime",
    "subtractFromTime",
    "ticks",
    "convertFromUtc",
    "convertToUtc",
    "convertTimeZone",
    "startOfDay",
    "parseDateTime",
    "dateDifference",
];
/// Functions whose second argument is a number.
const SHIFTED: [&str; 6] =
    ["addDays", "addHours", "addMinutes", "addSeconds", "addToTime", "subtractFromTime"];
/// Functions whose second argument is a time zone.
const ZONED: [&str; 3] = ["convertFromUtc", "convertToUtc", "convertTimeZone"];
/// Functions whose first argument is a list.
const LISTING: [&str; 10] =
    ["first", "last", "length", "join", "union", "intersection", "take", "skip", "reverse", "sort"];
/// Functions all of whose arguments are lists.
const MERGING: [&str; 2] = ["union", "intersection"];
/// Functions whose first argument is an object.
const CHANGING: [&str; 3] = ["addProperty", "setProperty", "removeProperty"];
/// Functions that hold of a text and itself.
const REFLEXIVE: [&str; 4] = ["equals", "contains", "startsWith", "endsWith"];

/// What is taken apart at `/`, and of what a part is cut out, as a rule.
pub(super) const RESOURCE_ID: &str = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/sample-rg/providers/Microsoft.Compute/virtualMachines/sample";

/// Notes what a function tells of one of its arguments. `other` is the first of the others, where it is known.
pub(super) fn tell(shape: &mut Shape, function: &str, index: usize, other: Option<&Value>) {
    let is = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(function));
    if is(&NUMERIC) || (index == 1 && is(&SHIFTED)) {
        shape.number = true;
    } else if index > 0 && is(&ZONED) {
        shape.text = Some("UTC");
    } else if is(&MERGING) || (index == 0 && is(&LISTING)) {
        shape.item.get_or_insert_default();
    } else if index == 0 && is(&BASE64) {
        shape.text = Some("c2FtcGxl");
    } else if (index == 0 && is(&TIMED)) || is(&["dateDifference"]) {
        shape.text = Some("2026-01-01T00:00:00Z");
    } else if index == 0 && is(&CHANGING) {
        shape.object = true;
    } else if index == 0
        && (is(&["substring"]) || (is(&["split"]) && other.and_then(Value::as_str) == Some("/")))
    {
        shape.text.get_or_insert(RESOURCE_ID);
    } else if let Some(other) = other
        && (is(&["equals"]) || (index == 0 && is(&REFLEXIVE) && other.as_str().is_some()))
        && !matches!(other, Value::Null | Value::Array(_) | Value::Object(_))
        && !other.as_str().is_some_and(|text| text.is_empty() || text.contains('@'))
    {
        shape.compared_with.get_or_insert_with(|| other.clone());
    }
}
