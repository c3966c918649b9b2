//! Between the time of the language (ticks of 100 ns since the year one) and that of events.

use jiff::Timestamp;
use riposte_expression::Ticks;

const PER_SECOND: i64 = 10_000_000;

pub(crate) fn ticks(time: Timestamp) -> Ticks {
    let (seconds, nanos) = (time.as_second(), i64::from(time.subsec_nanosecond()));
    Ticks(Ticks::UNIX_EPOCH.0.saturating_add(seconds.saturating_mul(PER_SECOND)).saturating_add(nanos / 100))
}

pub(crate) fn timestamp(ticks: Ticks) -> Option<Timestamp> {
    let since = ticks.0.checked_sub(Ticks::UNIX_EPOCH.0)?;
    let nanos = i32::try_from(since.rem_euclid(PER_SECOND) * 100).ok()?;
    Timestamp::new(since.div_euclid(PER_SECOND), nanos).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let time: Timestamp = "2026-11-21T12:34:56.1234567Z".parse().unwrap();
        assert_eq!(timestamp(ticks(time)), Some(time));
        assert_eq!(ticks(Timestamp::UNIX_EPOCH), Ticks::UNIX_EPOCH);
    }
}
