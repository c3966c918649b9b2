//! Which functions are compared, with what arguments; which are not, and why.

use super::arguments::Argument::{self, *};

/// A function that both have, with the same meaning for these arguments.
pub struct Row {
    pub name: &'static str,
    /// What the peer calls it.
    pub peer: &'static str,
    /// The argument lists to draw.
    pub shapes: &'static [&'static [Argument]],
}

const fn row(name: &'static str, shapes: &'static [&'static [Argument]]) -> Row {
    Row { name, peer: name, shapes }
}

const fn renamed(name: &'static str, peer: &'static str, shapes: &'static [&'static [Argument]]) -> Row {
    Row { name, peer, shapes }
}

/// The functions that are compared.
pub const COMPARED: &[Row] = &[
    // Text.
    row("concat", &[&[Text, Text], &[Text, Whole, Text], &[Text, Text, Text, Text]]),
    row("replace", &[&[Text, Part, Text], &[Lower, Part, Part]]),
    row("split", &[&[Lower, Part], &[Text, Part]]),
    row("substring", &[&[Long, Index], &[Long, Index, Count]]),
    row("toLower", &[&[Text]]),
    row("toUpper", &[&[Text]]),
    row("trim", &[&[Text]]),
    row("startsWith", &[&[Lower, Part], &[Lower, Lower]]),
    row("endsWith", &[&[Lower, Part], &[Lower, Lower]]),
    row("indexOf", &[&[Lower, Part]]),
    row("lastIndexOf", &[&[Lower, Part]]),
    // Collections.
    row("length", &[&[Text]]),
    renamed("length", "count", &[&[Texts], &[Wholes]]),
    row("contains", &[&[Lower, Part], &[Wholes, Small], &[Parts, Part], &[Object, Key]]),
    row("empty", &[&[Text], &[Wholes], &[Object]]),
    row("first", &[&[Part], &[Texts], &[Wholes]]),
    row("last", &[&[Part], &[Texts], &[Wholes]]),
    row("join", &[&[Texts, Text], &[Wholes, Text]]),
    row("union", &[&[Wholes, Wholes], &[Parts, Parts, Parts]]),
    row("intersection", &[&[Wholes, Wholes], &[Parts, Parts, Parts]]),
    row("skip", &[&[Wholes, Index], &[Texts, Index]]),
    row("take", &[&[Wholes, Index], &[Text, Index]]),
    row("reverse", &[&[Wholes], &[Texts]]),
    row("createArray", &[&[Text], &[Whole, Text, Flag], &[Wholes, Object]]),
    renamed("sort", "sortBy", &[&[Indexes], &[Plains]]),
    // Logic.
    row("and", &[&[Flag, Flag], &[Flag, Flag, Flag]]),
    row("or", &[&[Flag, Flag], &[Flag, Flag, Flag]]),
    row("not", &[&[Flag]]),
    row("if", &[&[Flag, Text, Whole], &[Flag, Object, Wholes]]),
    row("equals", &[&[Small, Small], &[Part, Part], &[Flag, Flag], &[Wholes, Wholes], &[Text, Whole]]),
    row("greater", &[&[Small, Small], &[Real, Whole], &[Plain, Plain]]),
    row("greaterOrEquals", &[&[Small, Small], &[Real, Whole], &[Plain, Plain]]),
    row("less", &[&[Small, Small], &[Real, Whole], &[Plain, Plain]]),
    row("lessOrEquals", &[&[Small, Small], &[Real, Whole], &[Plain, Plain]]),
    row("coalesce", &[&[Nothing, Text], &[Nothing, Nothing, Whole], &[Text, Nothing]]),
    // Numbers.
    row("add", &[&[Whole, Whole], &[Real, Whole], &[Real, Real]]),
    row("sub", &[&[Whole, Whole], &[Real, Whole], &[Real, Real]]),
    row("mul", &[&[Whole, Small], &[Real, Whole], &[Real, Real]]),
    row("div", &[&[Natural, Natural], &[Natural, Index]]),
    row("mod", &[&[Whole, Small], &[Whole, Whole]]),
    row("min", &[&[Whole, Whole], &[Real, Whole, Real], &[Wholes]]),
    row("max", &[&[Whole, Whole], &[Real, Whole, Real], &[Wholes]]),
    row("range", &[&[Small, Count]]),
    // Conversion.
    row("int", &[&[WholeText], &[Whole]]),
    row("float", &[&[WholeText], &[RealText], &[Real]]),
    row("string", &[&[Text], &[Index], &[Wholes], &[Object]]),
    row("json", &[&[Json]]),
    row("base64", &[&[Text]]),
    row("base64ToString", &[&[Base64]]),
    renamed("decodeBase64", "base64ToString", &[&[Base64]]),
    row("uriComponent", &[&[Unmarked]]),
    renamed("encodeUriComponent", "uriComponent", &[&[Unmarked]]),
    row("uriComponentToString", &[&[Escaped]]),
    renamed("decodeUriComponent", "uriComponentToString", &[&[Escaped]]),
    row("dataUri", &[&[Text]]),
    row("dataUriToString", &[&[DataUri]]),
    // Objects.
    row("addProperty", &[&[Object, NewKey, Whole], &[Object, Key, Text]]),
    row("setProperty", &[&[Object, NewKey, Whole], &[Object, Key, Text]]),
    row("removeProperty", &[&[Object, NewKey], &[Object, Key]]),
    // Parts of URIs.
    row("uriHost", &[&[Uri]]),
    row("uriPath", &[&[Uri]]),
    row("uriPathAndQuery", &[&[Uri]]),
    row("uriPort", &[&[PortUri]]),
    row("uriQuery", &[&[Uri]]),
    row("uriScheme", &[&[Uri]]),
    // Times, where the answer is a number or the format is given.
    row("dayOfMonth", &[&[Time]]),
    row("dayOfWeek", &[&[Time]]),
    row("dayOfYear", &[&[Time]]),
    row("ticks", &[&[Time]]),
    row("addDays", &[&[Time, Small, TimeFormat]]),
    row("addHours", &[&[Time, Small, TimeFormat]]),
    row("addMinutes", &[&[Time, Small, TimeFormat]]),
    row("addSeconds", &[&[Time, Small, TimeFormat]]),
    row("startOfDay", &[&[Time, TimeFormat]]),
    row("startOfHour", &[&[Time, TimeFormat]]),
    row("startOfMonth", &[&[Time, TimeFormat]]),
    row("addToTime", &[&[Time, Small, TimeUnit, TimeFormat]]),
    row("subtractFromTime", &[&[Time, Small, TimeUnit, TimeFormat]]),
    row("formatDateTime", &[&[Time, TimeFormat]]),
];

/// The functions that are not compared, each with the reason.
pub const EXCLUDED: &[(&str, &str)] = &[
    // What asks the run: the peer has dialogs and no runs.
    ("action", RUN),
    ("actionBody", RUN),
    ("actionOutputs", RUN),
    ("actions", RUN),
    ("appsetting", RUN),
    ("body", RUN),
    ("formDataMultiValues", RUN),
    ("formDataValue", RUN),
    ("item", RUN),
    ("items", RUN),
    ("iterationIndexes", RUN),
    ("listCallbackUrl", RUN),
    ("multipartBody", RUN),
    ("outputs", RUN),
    ("parameters", RUN),
    ("result", RUN),
    ("trigger", RUN),
    ("triggerBody", RUN),
    ("triggerFormDataMultiValues", RUN),
    ("triggerFormDataValue", RUN),
    ("triggerMultipartBody", RUN),
    ("triggerOutputs", RUN),
    ("triggers", RUN),
    ("variables", RUN),
    ("workflow", RUN),
    // What the peer lacks.
    ("array", ABSENT),
    ("chunk", ABSENT),
    ("convertTimeZone", ABSENT),
    ("dateDifference", ABSENT),
    ("decimal", ABSENT),
    ("decodeDataUri", ABSENT),
    ("decodeXmlName", ABSENT),
    ("decodeXmlValue", ABSENT),
    ("encodeXmlName", ABSENT),
    ("encodeXmlValue", ABSENT),
    ("formatTimeSpan", ABSENT),
    ("isFloat", "the peer asks for the kind of a number, the service whether a text can be read"),
    ("isInt", "the peer asks for the kind of a number, the service whether a text can be read"),
    ("mergeObjects", "the peer's `merge` goes into nested objects"),
    ("nthIndexOf", ABSENT),
    ("parseDateTime", ABSENT),
    ("slice", ABSENT),
    ("trimByteOrderMark", ABSENT),
    ("uriComponentToBinary", ABSENT),
    ("utf16Length", ABSENT),
    ("utf8Length", ABSENT),
    // What depends on the time or on chance.
    ("getFutureTime", "depends on the time"),
    ("getPastTime", "depends on the time"),
    ("guid", "depends on chance"),
    ("rand", "depends on chance"),
    ("utcNow", "depends on the time"),
    // What means something else there.
    ("base64ToBinary", "the peer has bytes, the service an object with `$content`"),
    ("binary", "the peer has bytes, the service an object with `$content`"),
    ("bool", "the peer takes every text for true, the service reads it"),
    ("convertFromUtc", "the peer knows other zone names and wants a timestamp of three places"),
    ("convertToUtc", "the peer knows other zone names and wants a timestamp of three places"),
    ("dataUriToBinary", "the peer has bytes, the service an object with `$content`"),
    ("formatNumber", "the peer takes a number of places, the service a .NET format"),
    ("xml", "the peer takes JSON only and gives text"),
    ("xpath", "the peer gives text, the service encoded nodes"),
];

const RUN: &str = "asks the run; the peer has none";
const ABSENT: &str = "the peer has no such function";
