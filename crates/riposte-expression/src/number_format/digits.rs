//! The decimal digits of numbers.

use riposte_value::Value;

/// A number as sign, digits before the point and digits after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Digits {
    pub negative: bool,
    pub whole: String,
    pub fraction: String,
}

impl Digits {
    /// The number rounded half to even to so many digits after the point, exactly; `scale` moves the point first.
    pub fn rounded_even(number: &Value, places: usize, scale: u32) -> Option<Self> {
        let text = match number {
            Value::Float(f) if f.is_finite() => {
                // Rust writes the exact value of a double, rounded half to even. Moving the point beforehand keeps it exact.
                let all = format!("{f:.1100}");
                return Some(Self::of(&all).moved(scale).round(places, Rounding::Even));
            }
            Value::Int(i) => i.to_string(),
            Value::Decimal(d) => d.to_string(),
            _ => return None,
        };
        Some(Self::of(&text).moved(scale).round(places, Rounding::Even))
    }

    /// The digits of plain decimal text.
    pub fn of(text: &str) -> Self {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        Self { negative, whole: whole.trim_start_matches('0').to_owned(), fraction: fraction.to_owned() }
    }

    /// Moves the point to the right.
    pub fn moved(mut self, places: u32) -> Self {
        for _ in 0..places {
            let digit = if self.fraction.is_empty() { '0' } else { self.fraction.remove(0) };
            if !(self.whole.is_empty() && digit == '0') {
                self.whole.push(digit);
            }
        }
        self
    }

    /// Moves the point to the left.
    pub fn moved_left(mut self, places: usize) -> Self {
        for _ in 0..places {
            self.fraction.insert(0, self.whole.pop().unwrap_or('0'));
        }
        self
    }

    pub fn is_zero(&self) -> bool {
        self.whole.is_empty() && self.fraction.bytes().all(|b| b == b'0')
    }

    /// Rounds to so many digits after the point, and fills up with zeros.
    pub fn round(mut self, places: usize, rounding: Rounding) -> Self {
        let rest = self.fraction.get(places..).unwrap_or_default();
        let last = self
            .fraction
            .get(..places)
            .and_then(|kept| kept.bytes().last())
            .or_else(|| self.whole.bytes().last());
        let odd = last.is_some_and(|digit| (digit - b'0') % 2 == 1);
        let up = match rest.bytes().next() {
            Some(b'6'..=b'9') => true,
            Some(b'5') => {
                rounding == Rounding::Away || odd || rest.bytes().skip(1).any(|digit| digit != b'0')
            }
            _ => false,
        };
        self.fraction.truncate(places);
        while self.fraction.len() < places {
            self.fraction.push('0');
        }
        if up {
            self.increment();
        }
        self
    }

    /// Adds one in the last place.
    fn increment(&mut self) {
        let places = self.fraction.len();
        let mut all: Vec<u8> = self.whole.bytes().chain(self.fraction.bytes()).collect();
        let mut carry = true;
        for digit in all.iter_mut().rev() {
            if *digit == b'9' {
                *digit = b'0';
            } else {
                *digit += 1;
                carry = false;
                break;
            }
        }
        if carry {
            all.insert(0, b'1');
        }
        let text: String = all.into_iter().map(char::from).collect();
        let (whole, fraction) = text.split_at(text.len() - places);
        whole.clone_into(&mut self.whole);
        fraction.clone_into(&mut self.fraction);
    }
}

/// What becomes of a half.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rounding {
    Even,
    Away,
}

/// Writes digits before the point in groups of three.
pub(super) fn grouped(whole: &str, separator: &str) -> String {
    let whole = if whole.is_empty() { "0" } else { whole };
    let mut out = String::with_capacity(whole.len() * 4 / 3);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push_str(separator);
        }
        out.push(digit);
    }
    out
}

/// Significant digits and the power of ten of the first: `1234.5` is `12345` and 3. At most `max` digits, rounded.
pub(super) fn scientific(number: &Value, max: usize) -> Option<(bool, String, i32)> {
    let text = match number {
        Value::Float(f) if f.is_finite() => format!("{:.*e}", max.saturating_sub(1), f),
        Value::Int(i) => rounded_significant(&i.to_string(), max),
        Value::Decimal(d) => rounded_significant(&d.to_string(), max),
        _ => return None,
    };
    let (negative, text) = text.strip_prefix('-').map_or((false, text.as_str()), |rest| (true, rest));
    let (mantissa, exponent) = text.split_once('e')?;
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    Some((negative, digits, exponent.parse().ok()?))
}

/// Plain decimal text in the form `d.ddde±x` with at most `max` digits, halves away from zero.
fn rounded_significant(text: &str, max: usize) -> String {
    let digits = Digits::of(text);
    let sign = if digits.negative { "-" } else { "" };
    let all = format!("{}{}", digits.whole, digits.fraction);
    let significant = all.trim_start_matches('0');
    if significant.is_empty() {
        return format!("0.{}e0", "0".repeat(max.saturating_sub(1)));
    }
    let leading = all.len() - significant.len();
    let exponent = i32::try_from(digits.whole.len()).unwrap_or(0) - i32::try_from(leading).unwrap_or(0) - 1;
    let (first, rest) = significant.split_at(1);
    let rounded = Digits { negative: false, whole: first.to_owned(), fraction: rest.to_owned() }
        .round(max.saturating_sub(1), Rounding::Away);
    let exponent = exponent + i32::from(rounded.whole.len() > 1);
    let (whole, carried) = rounded.whole.split_at(1);
    let mut fraction = format!("{carried}{}", rounded.fraction);
    fraction.truncate(max.saturating_sub(1));
    format!("{sign}{whole}.{fraction}e{exponent}")
}
