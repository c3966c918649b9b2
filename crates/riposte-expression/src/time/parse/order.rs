//! In which order a culture writes a month with a day and with a year, read off its formats.

use crate::culture::Culture;

/// The letters of year, month and day of the month (`y`, `M`, `d`) in a format, in their order.
fn letters(format: &str) -> [Option<char>; 2] {
    let mut found = [None; 2];
    let mut count = 0;
    let mut quoted = false;
    let mut rest = format.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' | '%' => drop(rest.next()),
            '\'' | '"' => quoted = !quoted,
            'y' | 'M' | 'd' if !quoted => {
                let mut repeated = 1;
                while rest.next_if_eq(&c).is_some() {
                    repeated += 1;
                }
                // `ddd` is the day of the week.
                if c == 'd' && repeated > 2 {
                    continue;
                }
                if let Some(slot) = found.get_mut(count) {
                    *slot = Some(c);
                    count += 1;
                }
            }
            _ => {}
        }
    }
    found
}

/// Whether the day stands before the month where there is no year; `None` if the culture does not say.
pub(super) fn day_before_month(culture: &Culture) -> Option<bool> {
    match letters(culture.dates.month_day) {
        [Some('d'), Some('M')] => Some(true),
        [Some('M'), Some('d')] => Some(false),
        _ => None,
    }
}

/// Whether the year stands before the month where there is no day; `None` if the culture does not say.
pub(super) fn year_before_month(culture: &Culture) -> Option<bool> {
    match letters(culture.dates.year_month) {
        [Some('y'), Some('M')] => Some(true),
        [Some('M'), Some('y')] => Some(false),
        _ => None,
    }
}
