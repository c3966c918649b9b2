//! Reading loose forms: tokens off the text, through the states, into the fields of a timestamp.

use super::super::{Date, DateTime, PER_HOUR, PER_MINUTE, day_number};
use super::Today;
use super::order::{day_before_month, year_before_month};
use super::stamp::{Suffix, clock, complete, stamp, twelve_hours};
use super::states::{After, State, Step, Token, Whole, step};
use super::words::{Half, Separator, Unit, Word, separator, word};
use crate::culture::{Culture, DateOrder};

/// The most digits that a number may have.
const DIGITS_MAX: usize = 8;

/// A date; what is missing is found out at the end.
#[derive(Debug, Default)]
struct Parts {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
}

pub(super) struct Reader<'a> {
    rest: &'a str,
    culture: &'a Culture,
    state: State,
    /// Numbers that are of no date or time yet.
    numbers: Vec<i64>,
    /// A number that was long enough to be a year, and the name of a month.
    year: Option<i64>,
    month: Option<i64>,
    weekday: Option<i64>,
    half: Option<Half>,
    zone: Suffix,
    /// What a whole form has made.
    date: Parts,
    has_date: bool,
    has_time: bool,
    hour: Option<i64>,
    minute: Option<i64>,
    second: Option<i64>,
    /// In seconds; a binary fraction, as .NET rounds that.
    fraction: f64,
}

/// What a token was, for the reader.
enum Read {
    Token(Token),
    /// Nothing that matters.
    Skip,
    /// The `T`: a time in ISO 8601 must follow, to the end.
    Clock,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, culture: &'a Culture) -> Self {
        Self {
            rest: text,
            culture,
            state: State::Start,
            numbers: Vec::with_capacity(3),
            year: None,
            month: None,
            weekday: None,
            half: None,
            zone: Suffix::None,
            date: Parts::default(),
            has_date: false,
            has_time: false,
            hour: None,
            minute: None,
            second: None,
            fraction: 0.0,
        }
    }

    pub(super) fn read(mut self, today: Today<'_>) -> Option<DateTime> {
        let mut whole = false;
        loop {
            let token = match self.token()? {
                Read::Skip => continue,
                Read::Clock if matches!(self.state, State::YN | State::YNDash) => return self.iso_time(),
                Read::Clock => return None,
                Read::Token(token) => self.unseparated(token),
            };
            match step(self.state, token) {
                Step::Bad => return None,
                Step::Go(state) => self.state = state,
                Step::Done(form) => {
                    self.complete(form)?;
                    whole = true;
                    self.state = State::Start;
                }
            }
            let last = matches!(token, Token::End | Token::Number(After::End) | Token::Month(After::End));
            if last {
                return whole.then(|| self.finish(today))?;
            }
        }
    }

    /// Where one mark separates dates as well as times, a year says which it was; and a separator that nothing of
    /// the kind can follow separates nothing.
    fn unseparated(&mut self, token: Token) -> Token {
        let dates = &self.culture.dates;
        if dates.date_separator != dates.time_separator {
            return token;
        }
        if matches!(token, Token::Year(_)) {
            self.state = match self.state {
                State::Hour => State::NDash,
                State::HourMinute => State::NDashNDash,
                other => other,
            };
        }
        let at_end = self.rest.is_empty();
        if !at_end && step(self.state, token) != Step::Bad {
            return token;
        }
        let after = if at_end { After::End } else { After::Space };
        match token {
            Token::Year(After::DateSeparator) => Token::Year(after),
            Token::Number(After::DateSeparator | After::TimeSeparator) => Token::Number(after),
            Token::Month(After::DateSeparator) => Token::Month(after),
            other => other,
        }
    }

    fn token(&mut self) -> Option<Read> {
        self.rest = self.rest.trim_start();
        let Some(first) = self.rest.chars().next() else {
            return Some(Read::Token(Token::End));
        };
        if first.is_ascii_digit() {
            return self.number();
        }
        let Some((word, length)) = word(self.rest, self.culture) else {
            return self.sign_or_mark(first);
        };
        self.skip(length);
        match word {
            Word::Nothing => Some(Read::Skip),
            Word::Half(half) => self.half.replace(half).is_none().then_some(Read::Skip),
            Word::Era => Some(Read::Token(Token::Era)),
            Word::Weekday(day) => self.weekday.replace(day).is_none().then_some(Read::Token(Token::Weekday)),
            Word::Zone => {
                self.set_zone(Suffix::Utc)?;
                Some(Read::Token(Token::Zone))
            }
            Word::Month(month) => {
                if self.month.replace(month).is_some() {
                    return None;
                }
                Some(Read::Token(Token::Month(self.after_month()?)))
            }
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn set_zone(&mut self, zone: Suffix) -> Option<()> {
        (self.zone == Suffix::None).then_some(())?;
        self.zone = zone;
        Some(())
    }

    /// An offset apart from a time, or NULs at the end.
    fn sign_or_mark(&mut self, first: char) -> Option<Read> {
        if matches!(first, '+' | '-') {
            let (offset, length) = offset(self.rest)?;
            self.set_zone(Suffix::Offset(offset))?;
            self.skip(length);
            return Some(Read::Skip);
        }
        self.rest = self.rest.trim_start_matches('\0');
        self.rest.is_empty().then_some(Read::Skip)
    }

    fn number(&mut self) -> Option<Read> {
        let length = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let number = self.rest.get(..length)?.parse::<i64>().ok().filter(|_| length <= DIGITS_MAX)?;
        if self.numbers.len() == 3 {
            return None;
        }
        self.skip(length);
        if self.state == State::HourMinute && self.rest.len() > 1 && self.rest.starts_with('.') {
            self.skip(1);
            self.fraction = self.digits_after_point();
        }
        let in_time = matches!(self.state, State::Hour | State::HourMinute);
        if in_time {
            self.offset_after_time()?;
        }
        if length > 2 {
            if self.year.replace(number).is_some() {
                return None;
            }
            return self.after_year(number);
        }
        let after = match self.separator(Token::Number) {
            Separator::Plain(after) => after,
            Separator::Hyphen => After::DateSeparator,
            // .NET passes over what is marked a second time.
            Separator::Half(_) if self.half.is_some() => return Some(Read::Skip),
            Separator::Half(half) => {
                self.half = Some(half);
                // `1/10 5 AM`: the date is whole.
                if self.state == State::NDashN {
                    self.complete(Whole::NN)?;
                }
                After::Half
            }
            Separator::Unit(Unit::Year) => return self.unit(Unit::Year, self.full_year(number)),
            Separator::Unit(unit) => return self.unit(unit, number),
            Separator::Clock => {
                self.numbers.push(number);
                return Some(Read::Clock);
            }
        };
        self.numbers.push(number);
        if after == After::Half && in_time {
            self.offset_after_time()?;
        }
        let year_began =
            matches!(self.state, State::Y | State::YN | State::YNDash | State::YM | State::YMDash);
        if after == After::TimeSeparator && year_began && self.one_separator() {
            return Some(Read::Token(Token::Number(After::DateSeparator)));
        }
        Some(Read::Token(Token::Number(after)))
    }

    fn one_separator(&self) -> bool {
        self.culture.dates.date_separator == self.culture.dates.time_separator
    }

    fn after_year(&mut self, number: i64) -> Option<Read> {
        let after = match self.separator(Token::Year) {
            Separator::Plain(After::TimeSeparator) if !self.one_separator() => return None,
            Separator::Plain(After::TimeSeparator) | Separator::Hyphen => After::DateSeparator,
            Separator::Plain(after) => after,
            Separator::Half(_) if self.half.is_some() => return Some(Read::Skip),
            Separator::Half(half) => {
                self.half = Some(half);
                After::Space
            }
            Separator::Unit(unit) => return self.unit(unit, number),
            Separator::Clock => return None,
        };
        Some(Read::Token(Token::Year(after)))
    }

    fn after_month(&mut self) -> Option<After> {
        match self.separator(Token::Month) {
            Separator::Plain(After::TimeSeparator) if !self.one_separator() => None,
            Separator::Plain(After::TimeSeparator) | Separator::Hyphen => Some(After::DateSeparator),
            Separator::Plain(after) => Some(after),
            _ => None,
        }
    }

    /// Takes the separator. A hyphen that could not separate here is left, to be the sign of an offset.
    fn separator(&mut self, token: fn(After) -> Token) -> Separator {
        let before = self.rest;
        self.rest = self.rest.trim_start();
        match self.rest.chars().next() {
            None => return Separator::Plain(After::End),
            Some(c) if c.is_ascii_digit() => return Separator::Plain(After::Space),
            Some(_) => {}
        }
        let Some((separator, length)) = separator(self.rest, self.culture) else {
            return Separator::Plain(After::Space);
        };
        if separator == Separator::Hyphen
            && step(self.state, token(After::DateSeparator)) == Step::Bad
            && matches!(step(self.state, token(After::Space)), Step::Done(_))
        {
            self.rest = before;
            return Separator::Plain(After::Space);
        }
        self.skip(length);
        separator
    }

    fn unit(&mut self, unit: Unit, number: i64) -> Option<Read> {
        let slot = match unit {
            Unit::Year => &mut self.date.year,
            Unit::Month => &mut self.date.month,
            Unit::Day => &mut self.date.day,
            Unit::Hour => &mut self.hour,
            Unit::Minute => &mut self.minute,
            Unit::Second => &mut self.second,
        };
        if slot.replace(number).is_some() {
            return None;
        }
        match unit {
            Unit::Year => self.year = Some(number),
            Unit::Month => self.month = Some(number),
            _ => {}
        }
        Some(Read::Token(match unit {
            Unit::Year | Unit::Month | Unit::Day => Token::DateUnit,
            Unit::Hour | Unit::Minute | Unit::Second => Token::TimeUnit,
        }))
    }

    /// Digits after a point, as a fraction of one.
    fn digits_after_point(&mut self) -> f64 {
        let (mut sum, mut place) = (0.0, 0.1);
        while let Some(digit) = self.rest.bytes().next().filter(u8::is_ascii_digit) {
            sum += f64::from(digit - b'0') * place;
            place *= 0.1;
            self.skip(1);
        }
        sum
    }

    fn offset_after_time(&mut self) -> Option<()> {
        let after = self.rest.trim_start();
        if self.rest.len() > 1 && after.starts_with(['+', '-']) {
            let (offset, length) = offset(after)?;
            self.set_zone(Suffix::Offset(offset))?;
            self.rest = after.get(length..)?;
        }
        Some(())
    }

    /// The year that a number of one or two digits means; a longer one is the year itself.
    fn full_year(&self, year: i64) -> i64 {
        if year < 100 { self.culture.dates.full_year(year) } else { year }
    }

    /// The day of a date by the culture's calendar, if there is such a date.
    fn day_number(&self, year: i64, month: i64, day: i64) -> Option<i64> {
        self.culture.dates.calendar.day_number(Date { year, month, day })
    }

    /// A form is whole: its numbers become fields.
    fn complete(&mut self, form: Whole) -> Option<()> {
        let numbers = std::mem::take(&mut self.numbers);
        let number = |index: usize| numbers.get(index).copied();
        let time = match form {
            Whole::Hour => Some((number(0)?, None, None)),
            Whole::HourMinute => Some((number(0)?, Some(number(1)?), None)),
            Whole::HourMinuteSecond => Some((number(0)?, Some(number(1)?), Some(number(2)?))),
            Whole::TimeUnits | Whole::DateUnits => return Some(()),
            _ => None,
        };
        if let Some((hour, minute, second)) = time {
            if self.has_time || (form == Whole::Hour && self.half.is_none()) {
                return None;
            }
            self.has_time = true;
            (self.hour, self.minute, self.second) =
                (Some(hour), minute.or(self.minute), second.or(self.second));
            return Some(());
        }
        self.date(form, &numbers)
    }

    fn date(&mut self, form: Whole, numbers: &[i64]) -> Option<()> {
        match form {
            Whole::DateUnitsN => {
                let free = numbers.len() == 1 && self.date.day.is_none();
                self.date.day = numbers.first().copied().filter(|_| free);
                return self.date.day.map(drop);
            }
            Whole::NUnits => {
                if self.date.month.is_none() || self.date.year.is_some() {
                    return None;
                }
                (self.date.year, self.date.day) = (Some(self.full_year(*numbers.first()?)), Some(1));
                return Some(());
            }
            _ => {}
        }
        if self.has_date {
            return None;
        }
        let date = self.form(form, numbers)?;
        let Parts { year, month: Some(month), day: Some(day) } = date else {
            return None;
        };
        if let Some(year) = year {
            self.day_number(year, month, day)?;
        }
        self.date = date;
        self.has_date = true;
        Some(())
    }

    /// Which number is what.
    fn form(&self, form: Whole, numbers: &[i64]) -> Option<Parts> {
        use DateOrder::{DayMonthYear, MonthDayYear, YearMonthDay};
        let whole =
            |year: i64, month, day| Some(Parts { year: Some(year), month: Some(month), day: Some(day) });
        let of_year = |month, day| Some(Parts { year: None, month: Some(month), day: Some(day) });
        let order = self.culture.dates.order;
        match (form, numbers) {
            (Whole::NN, &[a, b]) if day_before_month(self.culture)? => of_year(b, a),
            (Whole::NN, &[a, b]) => of_year(a, b),
            (Whole::Nnn, &[a, b, c]) => match order {
                YearMonthDay => whole(self.full_year(a), b, c),
                MonthDayYear => whole(self.full_year(c), a, b),
                DayMonthYear => whole(self.full_year(c), b, a),
            },
            (Whole::MN | Whole::NM, &[n]) => {
                let year_first = form == Whole::NM;
                let day_is_elsewhere = day_before_month(self.culture)? != year_first;
                if day_is_elsewhere && year_before_month(self.culture)? == year_first {
                    return whole(self.full_year(n), self.month?, 1);
                }
                of_year(self.month?, n)
            }
            (Whole::Mnn, &[a, b]) => {
                let month = self.month?;
                let (first, second) = ((self.full_year(b), a), (self.full_year(a), b));
                let (first, second) = if order == YearMonthDay { (second, first) } else { (first, second) };
                let fits = |(year, day): &(i64, i64)| self.day_number(*year, month, *day).is_some();
                let (year, day) = [first, second].into_iter().find(fits)?;
                whole(year, month, day)
            }
            (Whole::Ynn, &[a, b]) => whole(self.year?, a, b),
            (Whole::Nny, &[a, b]) if matches!(order, MonthDayYear | YearMonthDay) => whole(self.year?, a, b),
            (Whole::Nny, &[a, b]) => whole(self.year?, b, a),
            (Whole::Ymn, &[n]) => whole(self.year?, self.month?, n),
            (Whole::YN, &[n]) => whole(self.year?, n, 1),
            (Whole::YM, &[]) => whole(self.year?, self.month?, 1),
            (Whole::NNUnits, &[a, b]) => match (self.date.year, self.date.month, self.date.day) {
                (Some(year), None, None) => whole(year, a, b),
                (None, Some(month), None) if order == YearMonthDay => whole(self.full_year(a), month, b),
                (None, Some(month), None) => whole(self.full_year(b), month, a),
                _ => None,
            },
            _ => None,
        }
    }

    fn finish(self, today: Today<'_>) -> Option<DateTime> {
        let hour = self.hour.unwrap_or(0);
        let hour = match self.half {
            Some(half) => twelve_hours(hour, half == Half::Afternoon)?,
            None => hour,
        };
        let Parts { year, month, day } = self.date;
        let day = complete(year, month, day, self.culture, today)?;
        if self.weekday.is_some_and(|weekday| (day + 1) % 7 != weekday) {
            return None;
        }
        let ticks = clock(hour, self.minute.unwrap_or(0), self.second.unwrap_or(0), ticks(self.fraction))?;
        stamp(day, ticks, self.zone)
    }

    /// After the `T`: `HH:mm[:ss[.f]][Z|±HH:mm]` and nothing more.
    fn iso_time(mut self) -> Option<DateTime> {
        let [month, day] = *self.numbers.as_slice() else {
            return None;
        };
        let day = day_number(self.year?, month, day)?;
        let hour = self.two_digits()?;
        self.mark(":").then_some(())?;
        let minute = self.two_digits()?;
        let mut second = 0;
        if self.mark(":") {
            second = self.two_digits()?;
            if self.rest.starts_with('.') {
                self.skip(1);
                self.rest.starts_with(|c: char| c.is_ascii_digit()).then_some(())?;
                self.fraction = self.digits_after_point();
            }
        }
        self.rest = self.rest.trim_start();
        if self.rest.starts_with(['+', '-']) {
            let (offset, length) = offset(self.rest)?;
            self.set_zone(Suffix::Offset(offset))?;
            self.skip(length);
        } else if self.rest.starts_with(['Z', 'z']) {
            self.set_zone(Suffix::Utc)?;
            self.skip(1);
        }
        let ended = self.rest.trim_start().trim_start_matches('\0').is_empty();
        let ticks = clock(hour, minute, second, ticks(self.fraction)).filter(|_| ended)?;
        stamp(day, ticks, self.zone)
    }

    /// Takes a mark, and the blanks before it.
    fn mark(&mut self, mark: &str) -> bool {
        let after = self.rest.trim_start().strip_prefix(mark);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    /// Takes two digits, and the blanks before them.
    fn two_digits(&mut self) -> Option<i64> {
        let (digits, rest) = self.rest.trim_start().split_at_checked(2)?;
        self.rest = rest;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    }
}

/// A fraction of a second in ticks.
fn ticks(fraction: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a fraction of one times ten million")]
    let ticks = (fraction * 1e7).round_ties_even() as i64;
    ticks
}

/// An offset from UTC, `±H[H][:m[m]]` or `±[H]Hmm`, in ticks, and its length in bytes.
fn offset(text: &str) -> Option<(i64, usize)> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let hours_end = 1 + digits(text.get(1..)?);
    let (hours, minutes, end) = match hours_end {
        2 | 3 if text.get(hours_end..)?.starts_with(':') => {
            let start = hours_end + 1;
            let length = digits(text.get(start..)?);
            let minutes = number(start, start + length).filter(|_| length <= 2)?;
            (number(1, hours_end)?, minutes, start + length)
        }
        2 | 3 => (number(1, hours_end)?, 0, hours_end),
        4 | 5 => (number(1, hours_end - 2)?, number(hours_end - 2, hours_end)?, hours_end),
        _ => return None,
    };
    let ticks = hours * PER_HOUR + minutes * PER_MINUTE;
    (minutes < 60).then_some((if text.starts_with('-') { -ticks } else { ticks }, end))
}
