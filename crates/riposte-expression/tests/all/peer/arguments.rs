//! Random arguments, of kinds that both sides read alike.

use riposte_testing::Random;
use riposte_value::{Object, Text, Value};
use std::fmt::Write as _;

/// A kind of argument.
#[derive(Clone, Copy, Debug)]
pub enum Argument {
    /// A text of letters, digits, signs, blanks; some outside of ASCII.
    Text,
    /// The same, longer than an `Index`: the service refuses to begin at the very end, the peer does not.
    Long,
    /// A text without capitals: the peer minds case where the service does not.
    Lower,
    /// One to three of a few small letters, so that it is found in a `Lower`.
    Part,
    /// A text without `!'()*`: JavaScript leaves these alone in addresses, .NET does not.
    Unmarked,
    /// A text of ASCII letters of one case: order is the same in every culture.
    Plain,
    /// An integer that a double holds, and its products with a `Small` too.
    Whole,
    /// An integer from -9 to 9.
    Small,
    /// An integer from 0 to 9. As a text too: the peer writes groups of thousands, and a minus sign that is no hyphen.
    Index,
    /// An integer from 1 to 9: the peer refuses to count to nothing.
    Count,
    /// A positive integer: the peer rounds quotients down, the service towards zero.
    Natural,
    /// A number with a fraction.
    Real,
    /// True or false.
    Flag,
    /// Null.
    Nothing,
    /// An array of texts.
    Texts,
    /// An array of `Part`.
    Parts,
    /// An array of `Plain`.
    Plains,
    /// An array of small integers.
    Wholes,
    /// An array of integers from 0 to 9: the peer sorts numbers as texts.
    Indexes,
    /// An object with some of the names `a` to `e`.
    Object,
    /// One of the names `a` to `e`.
    Key,
    /// A name that no object has.
    NewKey,
    /// The text of an integer.
    WholeText,
    /// The text of a number with a fraction.
    RealText,
    /// JSON text.
    Json,
    /// Base64 of an ASCII text: the peer takes bytes for characters.
    Base64,
    /// Percent-encoded text.
    Escaped,
    /// A data URI of an ASCII text: the peer takes bytes for characters.
    DataUri,
    /// An absolute HTTP address with a path.
    Uri,
    /// The same with a port: the peer knows no default.
    PortUri,
    /// A timestamp as the peer wants it: `yyyy-MM-ddTHH:mm:ss.fffZ`.
    Time,
    /// A format of times that both know.
    TimeFormat,
    /// A unit of time with a fixed length.
    TimeUnit,
}

const ANY: &[char] = &[
    'a', 'b', 'c', 'd', 'e', 'X', 'Y', 'Z', '0', '1', '9', ' ', ' ', '-', '_', '.', ',', ';', ':', '/', '\\',
    '\'', '"', '<', '&', '%', '+', '=', '?', '#', '@', '{', '(', '[', '*', '$', '~', '\t', '\n', 'é', 'Ä',
    'ñ', 'Ж', '中', '😀',
];
const LOWER: &[char] = &['a', 'b', 'c', 'a', 'b', ' ', '1', '-', 'é', '.'];
const ASCII: &[char] =
    &['a', 'b', 'Z', '0', ' ', '-', '_', '.', ',', '/', '"', '<', '&', '%', '+', '=', '\n', '~'];
const PART: &[char] = &['a', 'b', 'c'];
const KEYS: &[&str] = &["a", "b", "c", "d", "e"];

impl Argument {
    /// A random value of the kind.
    pub fn draw(self, random: &mut Random) -> Value {
        match self {
            Self::Text => Value::from(letters(random, ANY, 0, 12)),
            Self::Long => Value::from(letters(random, ANY, 10, 14)),
            Self::Lower => Value::from(letters(random, LOWER, 0, 12)),
            Self::Part => Value::from(letters(random, PART, 1, 3)),
            Self::Unmarked => {
                let text = letters(random, ANY, 0, 12);
                Value::from(text.replace(['!', '\'', '(', ')', '*'], ""))
            }
            Self::Plain => Value::from(letters(random, &['a', 'b', 'k', 'z'], 1, 4)),
            Self::Whole => Value::Int(between(random, -2_000_000_000, 2_000_000_000)),
            Self::Small => Value::Int(between(random, -9, 9)),
            Self::Index => Value::Int(between(random, 0, 9)),
            Self::Count => Value::Int(between(random, 1, 9)),
            Self::Natural => Value::Int(between(random, 1, 2_000_000_000)),
            Self::Real => Value::Float(real(random)),
            Self::Flag => Value::Bool(random.chance(1, 2)),
            Self::Nothing => Value::Null,
            Self::Texts => array(random, Self::Text),
            Self::Parts => array(random, Self::Part),
            Self::Plains => array(random, Self::Plain),
            Self::Wholes => array(random, Self::Small),
            Self::Indexes => array(random, Self::Index),
            Self::Object => object(random),
            Self::Key => Value::text(random.pick(KEYS).unwrap()),
            Self::NewKey => Value::from(format!("n{}", random.below(100))),
            _ => self.draw_text(random),
        }
    }

    /// A random text that is written by rules.
    fn draw_text(self, random: &mut Random) -> Value {
        let text = match self {
            Self::WholeText => Self::Whole.draw(random).to_string(),
            Self::RealText => real(random).to_string(),
            Self::Json => {
                let kinds = [Self::Object, Self::Wholes, Self::Texts, Self::Whole, Self::Real, Self::Flag];
                random.pick(&kinds).unwrap().draw(random).to_string()
            }
            Self::Base64 => base64(letters(random, ASCII, 0, 12).as_bytes()),
            Self::Escaped => escaped(&letters(random, ANY, 0, 12)),
            Self::DataUri => {
                format!(
                    "data:text/plain;charset=utf-8;base64,{}",
                    base64(letters(random, ASCII, 1, 9).as_bytes())
                )
            }
            Self::Uri => uri(random, false),
            Self::PortUri => uri(random, true),
            Self::Time => format!(
                "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                between(random, 1971, 2099),
                between(random, 1, 12),
                between(random, 1, 28),
                between(random, 0, 23),
                between(random, 0, 59),
                between(random, 0, 59),
                between(random, 0, 999)
            ),
            Self::TimeFormat => {
                let formats = [
                    "yyyy-MM-dd",
                    "yyyy-MM-ddTHH:mm:ss",
                    "dd/MM/yyyy HH:mm",
                    "HH:mm:ss.fff",
                    "yyyyMMddHHmmss",
                ];
                (*random.pick(&formats).unwrap()).to_owned()
            }
            _ => (*random.pick(&["Second", "Minute", "Hour", "Day", "Week"]).unwrap()).to_owned(),
        };
        Value::from(text)
    }
}

fn letters(random: &mut Random, from: &[char], least: u64, most: u64) -> String {
    (0..least + random.below(most - least + 1)).filter_map(|_| random.pick(from)).collect()
}

fn between(random: &mut Random, least: i64, most: i64) -> i64 {
    least + i64::try_from(random.below(u64::try_from(most - least + 1).unwrap())).unwrap()
}

/// A number with one to four places, never whole.
fn real(random: &mut Random) -> f64 {
    let places = between(random, 1, 4);
    let digits = between(random, -9_999_999, 9_999_999);
    let digits = if digits % 10 == 0 { digits + 1 } else { digits };
    format!("{digits}e-{places}").parse().unwrap()
}

fn array(random: &mut Random, of: Argument) -> Value {
    Value::from((0..random.below(7)).map(|_| of.draw(random)).collect::<Vec<_>>())
}

fn object(random: &mut Random) -> Value {
    let mut object = Object::new();
    for key in KEYS {
        if random.chance(1, 2) {
            let kind = random.pick(&[Argument::Whole, Argument::Lower, Argument::Flag, Argument::Wholes]);
            object.insert(Text::new(key), kind.unwrap().draw(random));
        }
    }
    Value::from(object)
}

fn base64(bytes: &[u8]) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    STANDARD.encode(bytes)
}

/// Every byte that is no letter or digit as `%XX`.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}

fn uri(random: &mut Random, port: bool) -> String {
    let mut uri = String::from(*random.pick(&["http", "https"]).unwrap());
    uri += "://";
    uri += &letters(random, &['a', 'b', 'c', '1'], 1, 6);
    uri += random.pick(&[".example", ".example.com", ".net"]).unwrap();
    if port || random.chance(1, 2) {
        let _ = write!(uri, ":{}", between(random, 1, 65_535));
    }
    for _ in 0..=random.below(3) {
        uri += "/";
        uri += &letters(random, &['a', 'B', '7', '-', '_', '.', '~'], 1, 6);
    }
    if random.chance(1, 2) {
        let _ = write!(uri, "?{}={}", letters(random, PART, 1, 3), letters(random, &['x', 'Y', '1'], 1, 5));
    }
    uri
}
