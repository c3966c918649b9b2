//! Functions over timestamps.

use super::{Family, Function, Invocation, Purity, example};
use crate::culture::{Culture, INVARIANT, culture};
use crate::error::Failure;
use crate::time::{
    self, BadFormat, DateTime, Gap, Kind, PER_DAY, PER_HOUR, PER_MINUTE, PER_SECOND, Zone, difference,
    parse_exact,
};
use riposte_value::Value;

const FAMILY: Family = Family::DateTime;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::value(FAMILY, "addDays", "timestamp, days, [format]", |call| add_unit(call, PER_DAY))
        .takes(2, 3)
        .says(
            "A timestamp so many days later.",
            &[example("addDays('2018-03-15T00:00:00Z', 10, 'd')", r#""3/25/2018""#)],
        ),
    Function::value(FAMILY, "addHours", "timestamp, hours, [format]", |call| add_unit(call, PER_HOUR))
        .takes(2, 3)
        .says(
            "A timestamp so many hours later.",
            &[example("addHours('2018-03-15T00:00:00Z', 10, 't')", r#""10:00 AM""#)],
        ),
    Function::value(FAMILY, "addMinutes", "timestamp, minutes, [format]", |call| add_unit(call, PER_MINUTE))
        .takes(2, 3)
        .says(
            "A timestamp so many minutes later.",
            &[example("addMinutes('2018-03-15T00:10:00Z', 10, 't')", r#""12:20 AM""#)],
        ),
    Function::value(FAMILY, "addSeconds", "timestamp, seconds, [format]", |call| add_unit(call, PER_SECOND))
        .takes(2, 3)
        .says(
            "A timestamp so many seconds later.",
            &[example("addSeconds('2018-03-15T00:00:00Z', 10, 'T')", r#""12:00:10 AM""#)],
        ),
    Function::value(FAMILY, "addToTime", "timestamp, interval, timeUnit, [format]", |call| {
        add_interval(call, 1)
    })
    .takes(3, 4)
    .says(
        "A timestamp so many seconds, minutes, hours, days, weeks, months or years later.",
        &[example("addToTime('2018-01-31T00:00:00Z', 1, 'Month', 'd')", r#""2/28/2018""#)],
    ),
    Function::value(FAMILY, "convertFromUtc", "timestamp, destinationTimeZone, [format]", convert_from_utc)
        .takes(2, 3)
        .says(
            "The wall clock of a time zone at a time in UTC.",
            &[example(
                "convertFromUtc('2018-01-01T08:00:00Z', 'Pacific Standard Time')",
                r#""2018-01-01T00:00:00.0000000""#,
            )],
        ),
    Function::value(
        FAMILY,
        "convertTimeZone",
        "timestamp, sourceTimeZone, destinationTimeZone, [format]",
        convert_time_zone,
    )
    .takes(3, 4)
    .says(
        "The wall clock of one time zone when another's shows this time.",
        &[example(
            "convertTimeZone('2018-01-01T08:00:00Z', 'UTC', 'Tokyo Standard Time', 't')",
            r#""5:00 PM""#,
        )],
    ),
    Function::value(FAMILY, "convertToUtc", "timestamp, sourceTimeZone, [format]", convert_to_utc)
        .takes(2, 3)
        .says(
            "The time in UTC when the wall clock of a time zone shows this time.",
            &[example(
                "convertToUtc('2018-01-01T00:00:00', 'Pacific Standard Time')",
                r#""2018-01-01T08:00:00.0000000Z""#,
            )],
        ),
    Function::value(FAMILY, "dateDifference", "startDate, endDate", date_difference).takes(2, 2).says(
        "How long it is from one timestamp to another: `d.hh:mm:ss.fffffff`.",
        &[example("dateDifference('2015-02-08', '2018-07-30')", r#""1268.00:00:00""#)],
    ),
    Function::value(FAMILY, "dayOfMonth", "timestamp", |call| Ok(Value::Int(timestamp(call, 0)?.date().day)))
        .takes(1, 1)
        .says("The day of the month, from 1.", &[example("dayOfMonth('2018-03-15T13:27:36Z')", "15")]),
    Function::value(FAMILY, "dayOfWeek", "timestamp", |call| Ok(Value::Int(timestamp(call, 0)?.weekday())))
        .takes(1, 1)
        .says("The day of the week, 0 for Sunday.", &[example("dayOfWeek('2018-03-15T13:27:36Z')", "4")]),
    Function::value(FAMILY, "dayOfYear", "timestamp", |call| {
        Ok(Value::Int(timestamp(call, 0)?.day_of_year()))
    })
    .takes(1, 1)
    .says("The day of the year, from 1.", &[example("dayOfYear('2018-03-15T13:27:36Z')", "74")]),
    Function::value(FAMILY, "formatDateTime", "timestamp, [format], [locale]", format_date_time)
        .takes(1, 3)
        .says(
            "A timestamp in a .NET format, standard (`D`) or custom (`yyyy-MM-dd`).",
            &[example("formatDateTime('01/31/2016', 'dddd MMMM d', 'fr-fr')", r#""dimanche janvier 31""#)],
        ),
    Function::value(FAMILY, "getFutureTime", "interval, timeUnit, [format]", |call| from_now(call, 1))
        .takes(2, 3)
        .depends_on(Purity::Clock)
        .says("The time so long from now.", &[]),
    Function::value(FAMILY, "getPastTime", "interval, timeUnit, [format]", |call| from_now(call, -1))
        .takes(2, 3)
        .depends_on(Purity::Clock)
        .says("The time so long ago.", &[]),
    Function::value(FAMILY, "parseDateTime", "timestamp, [locale], [format]", parse_date_time)
        .takes(1, 3)
        .says(
            "A timestamp from text in the forms of a locale, or in one form.",
            &[example("parseDateTime('20/10/2014', 'fr-fr')", r#""2014-10-20T00:00:00.0000000""#)],
        ),
    Function::value(FAMILY, "startOfDay", "timestamp, [format]", |call| {
        let start = timestamp(call, 0)?.start_of(PER_DAY);
        write(call, start, 1)
    })
    .takes(1, 2)
    .says("Midnight before a time.", &[example("startOfDay('2018-03-15T13:30:30Z', 't')", r#""12:00 AM""#)]),
    Function::value(FAMILY, "startOfHour", "timestamp, [format]", |call| {
        let start = timestamp(call, 0)?.start_of(PER_HOUR);
        write(call, start, 1)
    })
    .takes(1, 2)
    .says(
        "The full hour before a time.",
        &[example("startOfHour('2018-03-15T13:30:30Z', 't')", r#""1:00 PM""#)],
    ),
    Function::value(FAMILY, "startOfMonth", "timestamp, [format]", |call| {
        let start = timestamp(call, 0)?.start_of_month();
        write(call, start, 1)
    })
    .takes(1, 2)
    .says(
        "The first day of the month of a time.",
        &[example("startOfMonth('2018-03-15T13:30:30Z', 'd')", r#""3/1/2018""#)],
    ),
    Function::value(FAMILY, "subtractFromTime", "timestamp, interval, timeUnit, [format]", |call| {
        add_interval(call, -1)
    })
    .takes(3, 4)
    .says(
        "A timestamp so many seconds, minutes, hours, days, weeks, months or years earlier.",
        &[example("subtractFromTime('2018-01-02T00:00:00Z', 1, 'Day', 'd')", r#""1/1/2018""#)],
    ),
    Function::value(FAMILY, "ticks", "timestamp", |call| Ok(Value::Int(timestamp(call, 0)?.ticks().0)))
        .takes(1, 1)
        .says(
            "How many times 100 ns a timestamp is after the year 1 began.",
            &[example("ticks('0001-01-01T00:00:01Z')", "10000000")],
        ),
    Function::value(FAMILY, "utcNow", "[format]", |call| write(call, now(call), 0))
        .takes(0, 1)
        .depends_on(Purity::Clock)
        .says("The time.", &[]),
];

fn now(call: &Invocation<'_, '_>) -> DateTime {
    DateTime::utc(call.environment.context.utc_now())
}

fn not_a_timestamp(call: &Invocation<'_, '_>, text: &str) -> Failure {
    Failure::new(format!(
        "In function '{}', the value provided for date time string '{text}' was not valid. The datetime string must match ISO 8601 format.",
        call.function.name
    ))
}

fn timestamp(call: &Invocation<'_, '_>, index: usize) -> Result<DateTime, Failure> {
    let text = call.string(index)?;
    time::parse(text, &INVARIANT, &|| today(call)).ok_or_else(|| not_a_timestamp(call, text))
}

/// The date that a timestamp without one has.
fn today(call: &Invocation<'_, '_>) -> Option<i64> {
    let now = call.environment.context.utc_now().0;
    (now >= 0).then_some(now / PER_DAY)
}

fn bad_format(format: &str) -> Failure {
    Failure::new(format!("The provided date time format '{format}' is not valid."))
}

/// A timestamp in the format of an argument, or the round-trip format.
fn write(call: &Invocation<'_, '_>, time: DateTime, index: usize) -> Result<Value, Failure> {
    write_in(call, time, index, &INVARIANT)
}

fn write_in(
    call: &Invocation<'_, '_>,
    time: DateTime,
    index: usize,
    culture: &Culture,
) -> Result<Value, Failure> {
    let format = call.optional_string(index)?.unwrap_or("o");
    let text = time.format(format, culture).map_err(|BadFormat| bad_format(format))?;
    call.text(text)
}

fn out_of_range(call: &Invocation<'_, '_>) -> Failure {
    call.fails("was invoked with parameters whose result is not a time in the years 1 to 9999.")
}

fn add_unit(call: &Invocation<'_, '_>, unit: i64) -> Result<Value, Failure> {
    let time = timestamp(call, 0)?;
    let moved = call.integer(1)?.checked_mul(unit).and_then(|ticks| time.plus(ticks));
    write(call, moved.ok_or_else(|| out_of_range(call))?, 2)
}

/// A time moved by an interval of a unit, forward or back.
fn moved(
    call: &Invocation<'_, '_>,
    time: DateTime,
    (interval, unit): (usize, usize),
    direction: i64,
) -> Result<DateTime, Failure> {
    let interval = call.integer(interval)?;
    let name = call.string(unit)?;
    let interval = interval.checked_mul(direction).ok_or_else(|| out_of_range(call))?;
    let singular = name.strip_suffix(['s', 'S']).unwrap_or(name);
    let ticks = |unit: i64| interval.checked_mul(unit).and_then(|ticks| time.plus(ticks));
    let moved = match singular.to_ascii_lowercase().as_str() {
        "second" => ticks(PER_SECOND),
        "minute" => ticks(PER_MINUTE),
        "hour" => ticks(PER_HOUR),
        "day" => ticks(PER_DAY),
        "week" => ticks(7 * PER_DAY),
        "month" => time.plus_months(interval),
        "year" => interval.checked_mul(12).and_then(|months| time.plus_months(months)),
        _ => {
            return Err(call.fails(format_args!(
                "expects its time unit to be one of 'Second', 'Minute', 'Hour', 'Day', 'Week', 'Month', 'Year'. The provided value is '{name}'."
            )));
        }
    };
    moved.ok_or_else(|| out_of_range(call))
}

fn add_interval(call: &Invocation<'_, '_>, direction: i64) -> Result<Value, Failure> {
    let time = moved(call, timestamp(call, 0)?, (1, 2), direction)?;
    write(call, time, 3)
}

fn from_now(call: &Invocation<'_, '_>, direction: i64) -> Result<Value, Failure> {
    let time = moved(call, now(call), (0, 1), direction)?;
    write(call, time, 2)
}

fn zone(call: &Invocation<'_, '_>, index: usize) -> Result<Zone, Failure> {
    let name = call.string(index)?;
    Zone::get(name).ok_or_else(|| {
        // The words are the service's.
        let function = call.function.name;
        Failure::new(format!("In function '{function}', the value provided for the time zone id '{name}' was not valid."))
            .help("name a Windows time zone such as `W. Europe Standard Time`, or an IANA one such as `Europe/Berlin`")
    })
}

/// The time in UTC when the wall clock of the zone that the second argument names shows this; a timestamp that says it
/// is in UTC must be in that zone.
fn to_utc(call: &Invocation<'_, '_>, time: DateTime) -> Result<DateTime, Failure> {
    let (zone, name) = (zone(call, 1)?, call.string(1)?);
    if time.kind() != Kind::Unspecified && !zone.is_utc() {
        return Err(call.fails(format_args!(
            "expects its second parameter to be a time zone matching the time zone indicated by the timestamp. The provided value '{name}' does not match."
        )));
    }
    match zone.to_utc(time) {
        Ok(utc) => utc.ok_or_else(|| out_of_range(call)),
        Err(Gap) => Err(call.fails(format_args!(
            "was invoked with a time that does not exist in the time zone '{name}': its clocks were put forward over it."
        ))),
    }
}

fn convert_from_utc(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let time = timestamp(call, 0)?;
    let local = zone(call, 1)?.wall_clock(time).ok_or_else(|| out_of_range(call))?;
    write(call, local, 2)
}

fn convert_to_utc(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let time = timestamp(call, 0)?;
    write(call, to_utc(call, time)?, 2)
}

fn convert_time_zone(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let time = timestamp(call, 0)?;
    let utc = to_utc(call, time)?;
    let local = zone(call, 2)?.wall_clock(utc).ok_or_else(|| out_of_range(call))?;
    write(call, local, 3)
}

fn date_difference(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    Ok(Value::from(difference(timestamp(call, 0)?, timestamp(call, 1)?)))
}

pub(super) fn locale(call: &Invocation<'_, '_>, index: usize) -> Result<&'static Culture, Failure> {
    let name = call.optional_string(index)?.unwrap_or("en-us");
    culture(name).ok_or_else(|| super::bad_locale(call, name))
}

fn format_date_time(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    write_in(call, timestamp(call, 0)?, 1, locale(call, 2)?)
}

fn parse_date_time(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let text = call.string(0)?;
    let culture = locale(call, 1)?;
    let time = match call.optional_string(2)? {
        Some(format) => parse_exact(text, format, culture, &|| today(call)),
        None => time::parse(text, culture, &|| today(call)),
    };
    let time = time.ok_or_else(|| not_a_timestamp(call, text))?;
    call.text(time.format("o", &INVARIANT).unwrap_or_default())
}
