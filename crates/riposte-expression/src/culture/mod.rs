//! Cultures: how languages write dates and numbers, in the words of .NET.
//!
//! The facts are .NET's over the Unicode CLDR's, in `cultures.txt`, which `xtask/cultures` generates; American English,
//! which nearly every evaluation asks for, is compiled in.

mod calendar;
mod english_us;
mod records;

pub(crate) use calendar::Calendar;

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
    /// The months as they stand beside a day: `5 marca` of `marzec`.
    pub months_genitive: [&'static str; 12],
    pub months_short_genitive: [&'static str; 12],
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
    pub calendar: Calendar,
    pub era: &'static str,
    /// The last year, in the culture's calendar, that two digits can mean.
    pub two_digit_year_max: i64,
}

impl Dates {
    /// The names of months as a field of three letters (`short`) or more writes them, by what stands before and after
    /// it in the format: .NET takes the genitive where the nearest field of a day, before or after, is a number.
    pub fn month_names(&self, short: bool, before: &str, after: &str) -> &[&'static str; 12] {
        let ending = before.rfind('d').and_then(|at| before.get(..=at));
        let beginning = after.find('d').and_then(|at| after.get(at..));
        let beside_day = ending.is_some_and(|text| !text.ends_with("ddd"))
            || beginning.is_some_and(|text| !text.starts_with("ddd"));
        match (short, beside_day) {
            (true, true) => &self.months_short_genitive,
            (true, false) => &self.months_short,
            (false, true) => &self.months_genitive,
            (false, false) => &self.months,
        }
    }

    /// The names of months that a field of three letters (`short`) or more reads, in the order in which they are tried.
    pub fn month_name_sets(&self, short: bool) -> [&[&'static str; 12]; 2] {
        if short {
            [&self.months_short_genitive, &self.months_short]
        } else {
            [&self.months_genitive, &self.months]
        }
    }

    /// The year that two digits mean: of those with these digits the last that is not after the culture's limit.
    pub fn full_year(&self, two_digits: i64) -> i64 {
        let max = self.two_digit_year_max;
        let year = max - max % 100 + two_digits;
        if year > max { year - 100 } else { year }
    }
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
