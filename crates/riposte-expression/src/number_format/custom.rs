//! Custom formats: `#,##0.00`, sections, literals, percent, scaling and exponents.
//!
//! .NET reads a section twice: first to see how many places it has, and again to write them one by one.

use super::digits::Digits;
use super::standard::{ends_group, exponent};
use crate::culture::{Groups, Numbers};

/// The most digits that an exponent is filled up to.
const EXPONENT_WIDTH_MAX: usize = 10;

pub(super) fn format(mut digits: Digits, format: &str, numbers: &Numbers) -> String {
    // .NET reads a format up to the first NUL.
    let format: Vec<char> = format.chars().take_while(|c| *c != '\0').collect();
    let section_of = |wanted: usize| section(&format, wanted);
    let wanted = if digits.is_zero() { 2 } else { usize::from(digits.negative) };
    let mut start = section_of(wanted);
    let mut shape = Shape::of(format.get(start..).unwrap_or_default());
    if digits.is_zero() {
        digits.settle_zero();
    } else {
        shape.round(&mut digits);
        if digits.is_zero() {
            // What rounds to zero is written by the section for zero.
            start = section_of(2);
            shape = Shape::of(format.get(start..).unwrap_or_default());
        }
    }
    let section = format.get(start..).unwrap_or_default();
    // A section of its own for negative numbers writes no sign.
    let signed = digits.negative && start == 0;
    let written = Writer::new(&digits, &shape, numbers).write(section);
    if signed && !(written.is_empty() && digits.scale == 0) {
        format!("{}{written}", numbers.minus)
    } else {
        written
    }
}

/// Where a section begins, counted from 0; that of the first where it is missing or empty.
fn section(format: &[char], mut wanted: usize) -> usize {
    if wanted == 0 {
        return 0;
    }
    let mut at = 0;
    while let Some(c) = format.get(at) {
        at += 1;
        match c {
            '\'' | '"' => at = after_literal(format, at, *c),
            '\\' => at += 1,
            ';' => {
                wanted -= 1;
                if wanted == 0 {
                    return if format.get(at).is_some_and(|next| *next != ';') { at } else { 0 };
                }
            }
            _ => {}
        }
    }
    0
}

/// The place after the quote that ends a literal.
fn after_literal(format: &[char], from: usize, quote: char) -> usize {
    let rest = format.get(from..).unwrap_or_default();
    from + rest.iter().position(|c| *c == quote).map_or(rest.len(), |at| at + 1)
}

/// Whether an exponent follows an `E`: `0`, `+0` or `-0`. Says how many characters stand before its first zero.
fn exponent_sign(rest: &[char]) -> Option<usize> {
    match rest {
        ['0', ..] => Some(0),
        ['+' | '-', '0', ..] => Some(1),
        _ => None,
    }
}

fn zeros(text: &[char]) -> usize {
    text.iter().take_while(|c| **c == '0').count()
}

/// What a section has places for.
#[derive(Debug, Clone, Copy)]
struct Shape {
    places: i32,
    /// Places before the point.
    before_point: i32,
    /// Digits that are written before the point in any case.
    first_zero: i32,
    /// The last digit that is written in any case: 0 or less, counted from the point.
    last_zero: i32,
    grouped: bool,
    scientific: bool,
    /// Places to move the point to the right.
    shift: i32,
}

impl Shape {
    fn of(section: &[char]) -> Self {
        let (mut places, mut point, mut first_zero, mut last_zero) = (0, None, None, 0);
        // Where the last commas stand, and how many.
        let mut commas: Option<(i32, i32)> = None;
        let (mut grouped, mut scientific, mut shift) = (false, false, 0);
        let mut at = 0;
        while let Some(c) = section.get(at).filter(|c| **c != ';') {
            at += 1;
            match c {
                '#' => places += 1,
                '0' => {
                    first_zero = first_zero.or(Some(places));
                    places += 1;
                    last_zero = places;
                }
                '.' => point = point.or(Some(places)),
                ',' if places > 0 && point.is_none() => {
                    commas = match commas {
                        Some((place, count)) if place == places => Some((place, count + 1)),
                        before => {
                            grouped |= before.is_some();
                            Some((places, 1))
                        }
                    };
                }
                '%' => shift += 2,
                '‰' => shift += 3,
                '\'' | '"' => at = after_literal(section, at, *c),
                '\\' => at += 1,
                'E' | 'e' => {
                    if let Some(sign) = exponent_sign(section.get(at..).unwrap_or_default()) {
                        at += sign + zeros(section.get(at + sign..).unwrap_or_default());
                        scientific = true;
                    }
                }
                _ => {}
            }
        }
        let before_point = point.unwrap_or(places);
        match commas {
            Some((place, count)) if place == before_point => shift -= count * 3,
            Some(_) => grouped = true,
            None => {}
        }
        let first_zero = first_zero.map_or(0, |zero| (before_point - zero).max(0));
        let last_zero = (before_point - last_zero).min(0);
        Self { places, before_point, first_zero, last_zero, grouped, scientific, shift }
    }

    /// Moves the point and rounds to the places that there are.
    fn round(&self, digits: &mut Digits) {
        digits.scale = digits.scale.saturating_add(self.shift);
        let count = if self.scientific {
            self.places
        } else {
            digits.scale.saturating_add(self.places - self.before_point)
        };
        digits.keep(count, true);
    }
}

/// Writes the digits of a number to the places of a section.
struct Writer<'a> {
    digits: &'a Digits,
    shape: &'a Shape,
    numbers: &'a Numbers,
    groups: Option<Groups>,
    /// Digits written.
    used: usize,
    /// Digits that have no place of their own and stand before the first place; if negative, places without a digit.
    adjust: i32,
    /// The place that comes next, counted from the point to the left.
    place: i32,
    scientific: bool,
    point_written: bool,
    out: String,
}

impl<'a> Writer<'a> {
    fn new(digits: &'a Digits, shape: &'a Shape, numbers: &'a Numbers) -> Self {
        let (place, adjust) = if shape.scientific {
            (shape.before_point, 0)
        } else {
            (digits.scale.max(shape.before_point), digits.scale - shape.before_point)
        };
        let groups = (shape.grouped && !numbers.number.group.is_empty()).then_some(numbers.number.groups);
        Self {
            digits,
            shape,
            numbers,
            groups,
            used: 0,
            adjust,
            place,
            scientific: shape.scientific,
            point_written: false,
            out: String::new(),
        }
    }

    fn write(mut self, section: &[char]) -> String {
        let mut at = 0;
        while let Some(c) = section.get(at).copied().filter(|c| *c != ';') {
            at += 1;
            if matches!(c, '#' | '0' | '.') {
                self.digits_without_place();
            }
            match c {
                '#' | '0' => self.digit(),
                '.' => self.point(),
                '‰' => self.out.push_str(self.numbers.per_mille_symbol),
                '%' => self.out.push_str(self.numbers.percent_symbol),
                ',' => {}
                '\'' | '"' => {
                    let after = after_literal(section, at, c);
                    let literal = section.get(at..after).unwrap_or_default();
                    self.out.extend(literal.strip_suffix(&[c]).unwrap_or(literal));
                    at = after;
                }
                '\\' => {
                    self.out.extend(section.get(at));
                    at += 1;
                }
                'E' | 'e' => at += self.exponent(c, section.get(at..).unwrap_or_default()),
                other => self.out.push(other),
            }
        }
        self.out
    }

    fn next_digit(&mut self) -> Option<char> {
        let digit = self.digits.get(self.used);
        self.used += usize::from(digit.is_some());
        digit
    }

    fn digits_without_place(&mut self) {
        while self.adjust > 0 {
            let digit = self.next_digit().unwrap_or('0');
            self.put(digit);
            self.adjust -= 1;
        }
    }

    fn digit(&mut self) {
        let digit = if self.adjust < 0 {
            self.adjust += 1;
            (self.place <= self.shape.first_zero).then_some('0')
        } else {
            self.next_digit().or_else(|| (self.place > self.shape.last_zero).then_some('0'))
        };
        match digit {
            Some(digit) => self.put(digit),
            None => self.place -= 1,
        }
    }

    /// Writes a digit, and a separator if a group ends with it.
    fn put(&mut self, digit: char) {
        self.out.push(digit);
        self.place -= 1;
        let ends = |groups| usize::try_from(self.place).is_ok_and(|left| ends_group(left, groups));
        if self.groups.is_some_and(ends) {
            self.out.push_str(self.numbers.number.group);
        }
    }

    fn point(&mut self) {
        if self.place != 0 || self.point_written {
            return;
        }
        let more = self.shape.before_point < self.shape.places && self.used < self.digits.len();
        if self.shape.last_zero < 0 || more {
            self.out.push_str(self.numbers.number.decimal);
            self.point_written = true;
        }
    }

    /// Writes the exponent, or what only begins like one; says how many characters it took.
    fn exponent(&mut self, letter: char, rest: &[char]) -> usize {
        let sign = exponent_sign(rest);
        if self.scientific {
            let Some(sign) = sign else {
                self.out.push(letter);
                return 0;
            };
            let plus = rest.first() == Some(&'+');
            let width = zeros(rest.get(sign..).unwrap_or_default());
            let power = if self.digits.is_zero() { 0 } else { self.digits.scale - self.shape.before_point };
            exponent(power, letter, width.min(EXPONENT_WIDTH_MAX), plus, self.numbers, &mut self.out);
            self.scientific = false;
            return sign + width;
        }
        self.out.push(letter);
        let sign = usize::from(matches!(rest, ['+' | '-', ..]));
        let taken = sign + zeros(rest.get(sign..).unwrap_or_default());
        self.out.extend(rest.get(..taken).unwrap_or_default());
        taken
    }
}
