//! The decimal digits of numbers.

use riposte_value::{Value, number};

/// Significant digits that a double keeps in a custom format.
const CUSTOM_SIGNIFICANT: usize = 15;

/// What a number is, which decides how it is rounded and whether zero has a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Decimal,
    Float,
}

/// A number as `0.digits × 10^scale`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Digits {
    pub negative: bool,
    /// `0` to `9`, the first of them not `0`; none for zero.
    list: Vec<u8>,
    pub scale: i32,
    pub kind: Kind,
}

impl Digits {
    /// All digits; of a double the fewest that read back the same.
    pub fn all(number: &Value) -> Option<Self> {
        match number {
            Value::Float(f) => Some(Self::scientific(*f, &number::scientific(*f))),
            Value::Int(i) => Some(Self::plain(&i.to_string(), Kind::Integer)),
            Value::Decimal(d) => Some(Self::plain(&d.to_string(), Kind::Decimal)),
            _ => None,
        }
    }

    /// Of a double so many significant digits, rounded half to even; of other numbers all digits.
    pub fn significant(number: &Value, count: usize) -> Option<Self> {
        match number {
            Value::Float(f) => Some(Self::scientific(*f, &format!("{f:.*e}", count.saturating_sub(1)))),
            _ => Self::all(number),
        }
    }

    /// Of a double so many digits after the point, rounded half to even; of other numbers all digits.
    pub fn places(number: &Value, count: usize) -> Option<Self> {
        match number {
            Value::Float(f) => Some(Self::plain(&format!("{f:.count$}"), Kind::Float)),
            _ => Self::all(number),
        }
    }

    pub fn for_custom_format(number: &Value) -> Option<Self> {
        Self::significant(number, CUSTOM_SIGNIFICANT)
    }

    /// The digits of text such as `-12.50`.
    fn plain(text: &str, kind: Kind) -> Self {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let all = whole.bytes().chain(fraction.bytes());
        let leading = all.clone().take_while(|digit| *digit == b'0').count();
        let digits: Vec<u8> = all.skip(leading).collect();
        let length = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        let scale =
            if digits.is_empty() { -length(fraction.len()) } else { length(whole.len()) - length(leading) };
        Self { negative, list: digits, scale, kind }.without_false_digits()
    }

    /// The digits of text such as `-1.25e-7`.
    fn scientific(number: f64, text: &str) -> Self {
        let text = text.trim_start_matches('-');
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let digits =
            if number == 0.0 { Vec::new() } else { mantissa.bytes().filter(u8::is_ascii_digit).collect() };
        let scale = exponent.parse::<i32>().unwrap_or(0).saturating_add(1);
        let negative = number.is_sign_negative();
        Self { negative, list: digits, scale: if number == 0.0 { 0 } else { scale }, kind: Kind::Float }
            .without_false_digits()
    }

    /// Zeros at the end say something of a decimal only.
    fn without_false_digits(mut self) -> Self {
        if self.kind == Kind::Float {
            self.trim();
            if self.list.is_empty() {
                self.scale = 0;
            }
        }
        self
    }

    fn trim(&mut self) {
        while self.list.last() == Some(&b'0') {
            self.list.pop();
        }
    }

    pub fn is_zero(&self) -> bool {
        self.list.is_empty()
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn get(&self, index: usize) -> Option<char> {
        self.list.get(index).map(|digit| char::from(*digit))
    }

    pub fn iter(&self) -> impl Iterator<Item = char> + '_ {
        self.list.iter().map(|digit| char::from(*digit))
    }

    /// Zero has no sign, but for doubles, and no places.
    pub fn settle_zero(&mut self) {
        if self.kind != Kind::Float {
            self.negative = false;
        }
        self.scale = 0;
    }

    /// Keeps so many digits, rounding half away from zero if `round`, and no zeros at the end.
    pub fn keep(&mut self, count: i32, round: bool) {
        let count = usize::try_from(count).ok();
        let up = count.and_then(|count| self.list.get(count)).is_some_and(|digit| round && *digit >= b'5');
        self.list.truncate(count.unwrap_or(0));
        if up {
            while self.list.last() == Some(&b'9') {
                self.list.pop();
            }
            match self.list.last_mut() {
                Some(digit) => *digit += 1,
                None => {
                    self.list.push(b'1');
                    self.scale = self.scale.saturating_add(1);
                }
            }
        }
        self.trim();
        if self.list.is_empty() {
            self.settle_zero();
        }
    }

    /// Rounds for a standard format, for which doubles have been rounded already.
    pub fn keep_exactly(&mut self, count: i32) {
        self.keep(count, self.kind != Kind::Float);
    }
}
