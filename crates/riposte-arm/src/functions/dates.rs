//! Dates: `utcNow`, `dateTimeAdd`, `dateTimeFromEpoch`, `dateTimeToEpoch`, in .NET's formats.

use super::{Body, Call, Function};
use crate::fault::Evaluated;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use riposte_value::Value;
use std::fmt::Write as _;

pub const FUNCTIONS: &[Function] = &[
    row("dateTimeAdd", 2, Some(3), "a date with an ISO 8601 duration added", date_time_add),
    row(
        "dateTimeFromEpoch",
        1,
        Some(1),
        "the date that lies a number of seconds after 1970",
        date_time_from_epoch,
    ),
    row("dateTimeToEpoch", 1, Some(1), "how many seconds after 1970 a date lies", date_time_to_epoch),
    row("utcNow", 0, Some(1), "the time of the deployment", utc_now),
];

type Run = fn(&Call<'_>, &[Value]) -> Evaluated<Value>;

const fn row(name: &'static str, min: usize, max: Option<usize>, doc: &'static str, run: Run) -> Function {
    Function { name, min, max, doc, body: Body::Plain(run) }
}

/// What `utcNow()` gives without a format.
const BASIC: &str = "yyyyMMddTHHmmssZ";

fn utc_now(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let format = call.optional_str(arguments, 0)?.unwrap_or(BASIC);
    formatted(call, call.evaluator.deployment.timestamp, format)
}

fn date_time_add(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let (base, duration) = (call.str(arguments, 0)?, call.str(arguments, 1)?);
    let start = instant(call, base)?;
    let span: Span = duration
        .parse()
        .map_err(|_| call.refuse(format!("is given `{duration}`, which is no ISO 8601 duration")))?;
    let end = start
        .to_zoned(TimeZone::UTC)
        .checked_add(span)
        .map_err(|_| call.refuse("leaves the range of dates"))?
        .timestamp();
    let basic = base.len() == BASIC.len() && !base.contains('-');
    let format = call.optional_str(arguments, 2)?.unwrap_or(if basic { BASIC } else { "G" });
    formatted(call, end, format)
}

fn date_time_from_epoch(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let seconds = call.int(arguments, 0)?;
    let instant = Timestamp::from_second(seconds).map_err(|_| call.refuse("leaves the range of dates"))?;
    formatted(call, instant, "yyyy-MM-ddTHH:mm:ssZ")
}

fn date_time_to_epoch(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::Int(instant(call, call.str(arguments, 0)?)?.as_second()))
}

fn instant(call: &Call<'_>, text: &str) -> Evaluated<Timestamp> {
    let text = text.trim();
    let zoned = text.parse::<Timestamp>().ok();
    let local = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    zoned.or_else(local).ok_or_else(|| call.refuse(format!("is given `{text}`, which is no ISO 8601 date")))
}

fn formatted(call: &Call<'_>, instant: Timestamp, format: &str) -> Evaluated<Value> {
    let time = instant.to_zoned(TimeZone::UTC).datetime();
    let pattern = match format {
        "d" => "MM/dd/yyyy",
        "D" => "dddd, dd MMMM yyyy",
        "f" => "dddd, dd MMMM yyyy HH:mm",
        "F" | "U" => "dddd, dd MMMM yyyy HH:mm:ss",
        "g" => "MM/dd/yyyy HH:mm",
        "G" => "MM/dd/yyyy HH:mm:ss",
        "m" | "M" => "MMMM dd",
        "o" | "O" => "yyyy-MM-ddTHH:mm:ss.fffffffZ",
        "r" | "R" => "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
        "s" => "yyyy-MM-ddTHH:mm:ss",
        "t" => "HH:mm",
        "T" => "HH:mm:ss",
        "u" => "yyyy-MM-dd HH:mm:ssZ",
        "y" | "Y" => "yyyy MMMM",
        custom if custom.chars().count() > 1 => custom,
        other => return Err(call.refuse(format!("does not know the date format `{other}`"))),
    };
    Ok(Value::from(custom(time, pattern)))
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A custom pattern of .NET, in the invariant culture: runs of a letter stand for a part of the time, texts in quotes
/// and after `\` for themselves, as does everything else.
fn custom(time: DateTime, pattern: &str) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let run = rest.chars().take_while(|other| *other == c).count();
        let width = run * c.len_utf8();
        let after = rest.get(width..).unwrap_or_default();
        if matches!(c, '\'' | '"') {
            let inner = rest.get(1..).unwrap_or_default();
            let (quoted, tail) = inner.split_once(c).unwrap_or((inner, ""));
            out.push_str(quoted);
            rest = tail;
        } else if c == '\\' {
            let mut chars = rest.chars();
            chars.next();
            out.extend(chars.next());
            rest = chars.as_str();
        } else if c == '%' {
            rest = rest.get(1..).unwrap_or_default();
        } else {
            push_part(&mut out, time, c, run);
            rest = after;
        }
    }
    out
}

fn push_part(out: &mut String, time: DateTime, letter: char, run: usize) {
    let mut number = |value: i32, least: usize| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{value:0>least$}");
    };
    let clock = i32::from(time.hour());
    match letter {
        'y' if run <= 2 => number(i32::from(time.year()) % 100, run),
        'y' => number(i32::from(time.year()), run.min(9)),
        'M' if run <= 2 => number(i32::from(time.month()), run),
        'M' => out.push_str(named(&MONTHS, i32::from(time.month()) - 1, run == 3)),
        'd' if run <= 2 => number(i32::from(time.day()), run),
        'd' => out.push_str(named(&DAYS, i32::from(time.weekday().to_monday_zero_offset()), run == 3)),
        'H' => number(clock, run.min(2)),
        'h' => number(if clock % 12 == 0 { 12 } else { clock % 12 }, run.min(2)),
        'm' => number(i32::from(time.minute()), run.min(2)),
        's' => number(i32::from(time.second()), run.min(2)),
        'f' | 'F' => {
            let digits = format!("{:09}", time.subsec_nanosecond());
            let digits = digits.get(..run.min(7)).unwrap_or_default();
            out.push_str(if letter == 'F' { digits.trim_end_matches('0') } else { digits });
        }
        't' => out.push_str(match (clock < 12, run) {
            (true, 1) => "A",
            (true, _) => "AM",
            (false, 1) => "P",
            (false, _) => "PM",
        }),
        'K' => out.push('Z'),
        'z' => out.push_str(match run {
            1 => "+0",
            2 => "+00",
            _ => "+00:00",
        }),
        other => out.extend(std::iter::repeat_n(other, run)),
    }
}

fn named(names: &[&'static str], index: i32, short: bool) -> &'static str {
    let name = usize::try_from(index).ok().and_then(|index| names.get(index)).copied().unwrap_or_default();
    if short { name.get(..3).unwrap_or(name) } else { name }
}
