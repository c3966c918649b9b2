//! Custom formats: `#,##0.00`, sections, literals, percent, scaling and exponents.

use super::digits::{Digits, Rounding};
use crate::culture::Culture;
use riposte_value::{Value, number};
use std::fmt::Write as _;

/// Significant digits that a double keeps in a custom format.
const SIGNIFICANT: usize = 15;

/// A piece of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// `0`
    Zero,
    /// `#`
    Digit,
    /// The first `.`
    Point,
    Literal(String),
    /// `E0`, `E+0`, `E-0`: the letter, whether a plus is written, the fewest digits.
    Exponent(char, bool, usize),
}

/// A section of a format, read.
#[derive(Debug, Default)]
struct Section {
    pieces: Vec<Piece>,
    /// Places before and after the point.
    whole: usize,
    fraction: usize,
    grouped: bool,
    /// Thousands to divide by.
    scale_down: usize,
    /// Places to move the point to the right: 2 for percent, 3 for per mille.
    scale_up: u32,
}

pub(super) fn format(value: &Value, format: &str, culture: &Culture) -> String {
    if let Value::Float(f) = value
        && !f.is_finite()
    {
        return number::float_text(*f);
    }
    let sections = split(format);
    let digits = significant(value);
    let float = matches!(value, Value::Float(_));
    let section = |index: usize| sections.get(index).map(String::as_str).filter(|text| !text.is_empty());
    // A section of its own for negative numbers writes no sign.
    let (chosen, signed) = if digits.negative && section(1).is_some() { (1, false) } else { (0, true) };
    if digits.is_zero() && section(2).is_some() {
        return write(&read(section(2).unwrap_or_default()), &digits, false, float, culture).0;
    }
    let (text, zero) =
        write(&read(sections.get(chosen).map_or("", String::as_str)), &digits, signed, float, culture);
    // What rounds to zero is written by the section for zero.
    if zero && section(2).is_some() && !digits.is_zero() {
        let zero = Digits::of("0");
        return write(&read(section(2).unwrap_or_default()), &zero, false, float, culture).0;
    }
    text
}

/// The digits of a number as custom formats see them.
fn significant(value: &Value) -> Digits {
    match value {
        Value::Float(f) => {
            // 15 significant digits, written out in full
            let text = format!("{:.*e}", SIGNIFICANT - 1, f);
            let rounded: f64 = text.parse().unwrap_or(*f);
            Digits::of(&format!("{rounded}"))
        }
        Value::Int(i) => Digits::of(&i.to_string()),
        Value::Decimal(d) => Digits::of(&d.to_string()),
        _ => Digits::of("0"),
    }
}

/// The sections between semicolons that stand outside of literals.
fn split(format: &str) -> Vec<String> {
    let mut sections = vec![String::new()];
    let mut quote = None;
    let mut characters = format.chars();
    while let Some(c) = characters.next() {
        if c == ';' && quote.is_none() {
            sections.push(String::new());
            continue;
        }
        if let Some(section) = sections.last_mut() {
            section.push(c);
            if c == '\\' && quote.is_none() {
                section.extend(characters.next());
            }
        }
        match quote {
            Some(open) if open == c => quote = None,
            None if c == '\'' || c == '"' => quote = Some(c),
            _ => {}
        }
    }
    sections
}

fn read(text: &str) -> Section {
    let mut section = Section::default();
    let mut rest = text;
    let (mut point, mut commas) = (false, 0);
    while let Some(c) = rest.chars().next() {
        let mut after = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '0' | '#' => {
                if commas > 0 && !point {
                    section.grouped = true;
                }
                commas = 0;
                if point {
                    section.fraction += 1;
                } else {
                    section.whole += 1;
                }
                section.pieces.push(if c == '0' { Piece::Zero } else { Piece::Digit });
            }
            '.' => {
                if !point {
                    section.scale_down += commas;
                    commas = 0;
                    point = true;
                    section.pieces.push(Piece::Point);
                }
            }
            ',' => commas += usize::from(section.whole > 0 && !point),
            '%' | '‰' => {
                section.scale_up += if c == '%' { 2 } else { 3 };
                section.pieces.push(Piece::Literal(c.to_string()));
            }
            '\'' | '"' => {
                let end = after.find(c).unwrap_or(after.len());
                section.pieces.push(Piece::Literal(after.get(..end).unwrap_or_default().to_owned()));
                after = after.get(end + 1..).unwrap_or_default();
            }
            '\\' => {
                let escaped: String = after.chars().take(1).collect();
                after = after.get(escaped.len()..).unwrap_or_default();
                section.pieces.push(Piece::Literal(escaped));
            }
            'E' | 'e' => match exponent(c, after) {
                Some((piece, remaining)) => {
                    section.pieces.push(piece);
                    after = remaining;
                }
                None => section.pieces.push(Piece::Literal(c.to_string())),
            },
            other => section.pieces.push(Piece::Literal(other.to_string())),
        }
        rest = after;
    }
    section.scale_down += commas;
    section
}

fn exponent(letter: char, text: &str) -> Option<(Piece, &str)> {
    let plus = text.starts_with('+');
    let zeros = text.strip_prefix(['+', '-']).unwrap_or(text);
    let count = zeros.bytes().take_while(|b| *b == b'0').count();
    (count > 0)
        .then(|| (Piece::Exponent(letter, plus, count.min(10)), zeros.get(count..).unwrap_or_default()))
}

/// Writes the digits by a section; says whether they were rounded to zero.
fn write(section: &Section, digits: &Digits, signed: bool, float: bool, culture: &Culture) -> (String, bool) {
    let has_exponent = section.pieces.iter().any(|piece| matches!(piece, Piece::Exponent(..)));
    let scaled = digits.clone().moved(section.scale_up).moved_left(section.scale_down * 3);
    let (shown, power) = if has_exponent {
        mantissa(&scaled, section)
    } else {
        (scaled.round(section.fraction, Rounding::Away), 0)
    };
    let zero = shown.is_zero();
    // Integers and decimals lose their sign with their last digit, doubles do not.
    let signed = signed && (float || !zero);
    let mut out = String::new();
    if signed && digits.negative && !(zero && section.whole == 0) && section.writes(&shown) {
        out.push('-');
    }
    section.lay_out(&shown, power, culture, &mut out);
    (out, zero)
}

/// The digits with the point moved so that as many stand before it as there are places, and the power that undoes it.
fn mantissa(digits: &Digits, section: &Section) -> (Digits, i64) {
    let whole = section.whole.max(1);
    let all = format!("{}{}", digits.whole, digits.fraction);
    let significant = all.trim_start_matches('0');
    if significant.is_empty() {
        return (digits.clone().round(section.fraction, Rounding::Away), 0);
    }
    let leading = all.len() - significant.len();
    let length = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let mut power = length(digits.whole.len()) - length(leading) - length(whole);
    let mut padded = significant.to_owned();
    while padded.len() < whole {
        padded.push('0');
    }
    let (head, tail) = padded.split_at(whole);
    let mut shown = Digits { negative: digits.negative, whole: head.to_owned(), fraction: tail.to_owned() }
        .round(section.fraction, Rounding::Away);
    if shown.whole.len() > whole {
        shown = shown.moved_left(1).round(section.fraction, Rounding::Away);
        power += 1;
    }
    (shown, power)
}

impl Section {
    /// Whether anything of the number is written, so that a sign before it means something.
    fn writes(&self, shown: &Digits) -> bool {
        let zeros = self.pieces.contains(&Piece::Zero);
        let literals = self.pieces.iter().any(|piece| matches!(piece, Piece::Literal(_)));
        zeros || literals || !shown.is_zero()
    }

    fn lay_out(&self, shown: &Digits, power: i64, culture: &Culture, out: &mut String) {
        let numbers = &culture.numbers;
        let first_zero =
            self.pieces.iter().take_while(|p| **p != Piece::Point).position(|p| *p == Piece::Zero);
        let (mut place, mut fraction_at) = (0, 0);
        let extra = shown.whole.len().saturating_sub(self.whole);
        let last_zero = self.last_fraction_zero();
        let trimmed = shown.fraction.trim_end_matches('0').len().max(last_zero);
        let total = self.whole.max(shown.whole.len());
        let mut in_fraction = false;
        for (index, piece) in self.pieces.iter().enumerate() {
            match piece {
                Piece::Zero | Piece::Digit if !in_fraction => {
                    // The first place takes all digits that have no place of their own.
                    let take = if place == 0 { extra + 1 } else { 1 };
                    for step in 0..take {
                        let position = if place == 0 { step } else { extra + place };
                        let from_right = total - position;
                        let digit = (from_right <= shown.whole.len())
                            .then(|| shown.whole.as_bytes().get(shown.whole.len() - from_right))
                            .flatten();
                        let forced = first_zero.is_some_and(|zero| index >= zero);
                        match digit {
                            Some(digit) => out.push(char::from(*digit)),
                            None if forced => out.push('0'),
                            None => continue,
                        }
                        if self.grouped && from_right > 1 && (from_right - 1).is_multiple_of(3) {
                            out.push_str(numbers.group);
                        }
                    }
                    place += 1;
                }
                Piece::Zero | Piece::Digit => {
                    if fraction_at < trimmed {
                        out.extend(
                            shown.fraction.as_bytes().get(fraction_at).map(|digit| char::from(*digit)),
                        );
                    }
                    fraction_at += 1;
                }
                Piece::Point => {
                    if self.whole == 0 {
                        out.push_str(&shown.whole);
                    }
                    in_fraction = true;
                    if trimmed > 0 {
                        out.push_str(numbers.decimal);
                    }
                }
                Piece::Literal(text) => out.push_str(text),
                Piece::Exponent(letter, plus, width) => {
                    let sign = if power < 0 {
                        "-"
                    } else if *plus {
                        "+"
                    } else {
                        ""
                    };
                    out.push(*letter);
                    out.push_str(sign);
                    // Writing to a String cannot fail.
                    let _ = write!(out, "{:0width$}", power.unsigned_abs(), width = *width);
                }
            }
        }
    }

    /// How many digits after the point are written in any case.
    fn last_fraction_zero(&self) -> usize {
        let fraction = self.pieces.iter().skip_while(|piece| **piece != Piece::Point);
        let places = fraction.filter(|piece| matches!(piece, Piece::Zero | Piece::Digit));
        places
            .enumerate()
            .filter(|(_, piece)| **piece == Piece::Zero)
            .map(|(at, _)| at + 1)
            .last()
            .unwrap_or(0)
    }
}
