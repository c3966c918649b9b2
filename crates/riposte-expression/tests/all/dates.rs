//! What holds for every timestamp: it survives writing and reading, moving there and back, and a journey through a zone.

use crate::shared::evaluate;
use proptest::prelude::*;
use riposte_expression::time::{DateTime, Kind};
use riposte_value::{Object, Value};

/// The value of an expression as text.
fn text(expression: &str) -> Result<String, String> {
    let value =
        evaluate(None, Some(expression), &Value::from(Object::new())).map_err(|failed| failed.message)?;
    Ok(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

/// A timestamp without a zone, in the round-trip form.
fn timestamp() -> impl Strategy<Value = String> {
    (0..=3_155_378_975_999_999_999_i64)
        .prop_map(|ticks| DateTime::new(ticks, Kind::Unspecified).unwrap().round_trip())
}

/// A time in UTC while zones change their clocks as they do today.
fn recent() -> impl Strategy<Value = String> {
    (629_000_000_000_000_000..640_000_000_000_000_000_i64)
        .prop_map(|ticks| DateTime::new(ticks - ticks % 10_000_000, Kind::Utc).unwrap().round_trip())
}

fn culture() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "en-US", "en-GB", "de-DE", "fr-FR", "es-ES", "ja-JP", "ru-RU", "fi-FI", "pl-PL",
    ])
}

fn zone() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "Pacific Standard Time",
        "W. Europe Standard Time",
        "GMT Standard Time",
        "Lord Howe Standard Time",
        "Nepal Standard Time",
        "Newfoundland Standard Time",
        "Pacific SA Standard Time",
        "Asia/Tokyo",
        "UTC",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_format_reads_what_it_writes(
        time in timestamp(),
        culture in culture(),
        format in prop::sample::select(vec![
            "o",
            "yyyy-MM-ddTHH:mm:ss.fffffff",
            "dddd, d. MMMM yyyy HH:mm:ss.FFFFFFF",
            "ddd dd MMM yyyy H:m:s.fffffff",
            "fffffff ss mm tt hh dd/MM/yyyy",
            "yyyyMMddHHmmssfffffff",
        ]),
    ) {
        let written = text(&format!("formatDateTime('{time}', '{format}', '{culture}')")).unwrap();
        let read = text(&format!("parseDateTime('{written}', '{culture}', '{format}')"));
        prop_assert_eq!(read, Ok(time), "{}", written);
    }

    #[test]
    fn a_culture_reads_its_own_dates(
        time in timestamp(),
        culture in prop::sample::select(vec!["en-US", "en-GB", "de-DE", "fr-FR", "es-ES", "ru-RU", "fi-FI"]),
        format in prop::sample::select(vec!["G", "F", "d", "D", "s"]),
    ) {
        let written = text(&format!("formatDateTime('{time}', '{format}', '{culture}')")).unwrap();
        let read = text(&format!("parseDateTime('{written}', '{culture}')")).unwrap_or_else(|why| panic!("{written}: {why}"));
        let again = text(&format!("formatDateTime('{read}', '{format}', '{culture}')"));
        prop_assert_eq!(again, Ok(written));
        prop_assert_eq!(&read[..10], &time[..10]);
    }

    #[test]
    fn what_is_added_can_be_taken_away(time in timestamp(), amount in -2_000_000..2_000_000_i64) {
        for unit in ["Days", "Hours", "Minutes", "Seconds"] {
            if let Ok(moved) = text(&format!("add{unit}('{time}', {amount})")) {
                prop_assert_eq!(text(&format!("add{unit}('{moved}', {})", -amount)), Ok(time.clone()));
                prop_assert_eq!(text(&format!("subtractFromTime('{moved}', {amount}, '{unit}')")), Ok(time.clone()));
            }
        }
    }

    #[test]
    fn differences_change_their_sign(a in timestamp(), b in timestamp()) {
        let there = text(&format!("dateDifference('{a}', '{b}')")).unwrap();
        let back = text(&format!("dateDifference('{b}', '{a}')")).unwrap();
        prop_assert!(a == b || there == format!("-{back}") || back == format!("-{there}"), "{} {}", there, back);
    }

    #[test]
    fn a_wall_clock_leads_back_to_itself(time in recent(), zone in zone()) {
        let wall = text(&format!("convertFromUtc('{time}', '{zone}')")).unwrap();
        let utc = text(&format!("convertToUtc('{wall}', '{zone}')")).unwrap();
        prop_assert_eq!(text(&format!("convertFromUtc('{utc}', '{zone}')")), Ok(wall));
    }

    #[test]
    fn fragments_of_dates_never_panic(
        fragments in prop::collection::vec(
            prop::sample::select(vec![
                "2018", "18", "3", "03", "15", "-", "/", ".", ",", " ", "T", "Z", "Mar", "März", "Thu", "AM", "PM", "GMT",
                "+02:00", "-8", "13:27:36", ":", "年", "月", "日", "時", "#", "\0", "é", "99999999", "999999999", "AD", "t",
            ]),
            0..12,
        ),
        culture in culture(),
    ) {
        let _ = text(&format!("parseDateTime('{}', '{culture}')", fragments.concat()));
    }
}
