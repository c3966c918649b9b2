//! Cultures: how languages write dates and numbers, in the words of .NET.
//!
//! The facts are .NET's over the Unicode CLDR's, in `cultures.txt`, which `xtask/cultures` generates; American English,
//! which nearly every evaluation asks for, is compiled in.

mod english_us;
mod records;

/// How a culture writes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Culture {
    pub dates: Dates,
    pub numbers: Numbers,
}

/// How a culture writes dates and times.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Dates {
    pub months: [&'static str; 12],
    pub months_short: [&'static str; 12],
    /// From Sunday on.
    pub days: [&'static str; 7],
    pub days_short: [&'static str; 7],
    pub am: &'static str,
    pub pm: &'static str,
    pub order: DateOrder,
    pub date_separator: &'static str,
    pub time_separator: &'static str,
    pub short_date: &'static str,
    pub long_date: &'static str,
    pub short_time: &'static str,
    pub long_time: &'static str,
    pub month_day: &'static str,
    pub year_month: &'static str,
}

/// In which order a date of three numbers stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateOrder {
    MonthDayYear,
    DayMonthYear,
    YearMonthDay,
}

/// How a culture writes numbers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Numbers {
    pub number: Layout,
    pub currency: Layout,
    pub percent: Layout,
    pub minus: &'static str,
    pub plus: &'static str,
    pub currency_symbol: &'static str,
    pub percent_symbol: &'static str,
    pub per_mille_symbol: &'static str,
    pub not_a_number: &'static str,
    pub infinity: &'static str,
    pub negative_infinity: &'static str,
}

/// How numbers, amounts or percentages are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Digits after the point where a format does not say how many.
    pub places: usize,
    pub groups: Groups,
    pub decimal: &'static str,
    pub group: &'static str,
    /// The pattern of a number that is not negative: `#` stands for the digits, `$` and `%` for the symbols.
    pub positive: &'static str,
    /// The pattern of a negative number; `-` stands for the minus sign.
    pub negative: &'static str,
}

/// How many digits stand in a group, from the point on; 0 means that there is no further group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Groups {
    pub first: usize,
    pub rest: usize,
}

/// American English, which stands for the invariant culture where dates are read and written without one.
pub(crate) use english_us::EN_US as INVARIANT;

/// The culture of a name such as `fr-FR`, whatever the case. A country that is not known has the ways of its language
/// (`de-XX` those of `de`); the empty name is the invariant culture's. `None` if the language is not known.
pub(crate) fn culture(name: &str) -> Option<&'static Culture> {
    if name.eq_ignore_ascii_case("en-US") { Some(&INVARIANT) } else { records::culture(name) }
}
