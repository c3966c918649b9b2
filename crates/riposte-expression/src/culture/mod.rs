//! Cultures: how languages write dates and numbers. Facts from the Unicode CLDR, in the words of .NET.

mod eastern;
mod english;
mod english_us;
mod german_and_romance;
mod northern;

/// How a culture writes.
#[derive(Debug)]
pub(crate) struct Culture {
    /// `en-US`
    pub name: &'static str,
    pub dates: Dates,
    pub numbers: Numbers,
}

/// How a culture writes dates and times.
#[derive(Debug)]
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
#[derive(Debug)]
pub(crate) struct Numbers {
    pub decimal: &'static str,
    pub group: &'static str,
    /// The percent format: `n` stands for the number.
    pub percent: &'static str,
    /// The currency format: `n` stands for the number, `$` for the symbol.
    pub currency: &'static str,
    pub symbol: &'static str,
    /// Digits of an amount after the decimal separator.
    pub currency_digits: usize,
}

/// American English, which stands for the invariant culture too.
pub(crate) use english_us::EN_US as INVARIANT;

/// The culture of a name such as `fr-FR`, whatever the case; of a language alone, its home. `None` if the name means
/// nothing here.
pub(crate) fn culture(name: &str) -> Option<&'static Culture> {
    if name.is_empty() {
        return Some(&INVARIANT);
    }
    let all = || {
        std::iter::once(&INVARIANT)
            .chain(english::ALL)
            .chain(german_and_romance::ALL)
            .chain(northern::ALL)
            .chain(eastern::ALL)
    };
    all().find(|culture| culture.name.eq_ignore_ascii_case(name)).or_else(|| {
        let language = |culture: &&Culture| {
            culture.name.split('-').next().is_some_and(|language| language.eq_ignore_ascii_case(name))
        };
        all().find(language)
    })
}
