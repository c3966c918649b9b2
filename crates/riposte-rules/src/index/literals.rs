//! What stands in every text that a regular expression matches.

use regex_syntax::hir::{Hir, HirKind};

/// Alternatives beyond this are too many to look for.
const ALTERNATIVES_MAX: usize = 32;
/// A shorter text stands in too many others.
const LENGTH_MIN: usize = 2;

/// Texts in lower case of which one stands in whatever the expression matches without regard to case, itself in lower
/// case; none if nothing can be said.
pub(super) fn required(pattern: &str) -> Option<Vec<Box<str>>> {
    // Read with regard to case: the letters are as they are written, and not classes of both cases.
    let hir = regex_syntax::Parser::new().parse(pattern).ok()?;
    of(&hir)
}

fn of(hir: &Hir) -> Option<Vec<Box<str>>> {
    match hir.kind() {
        HirKind::Literal(literal) => longest_ascii(&literal.0).map(|text| vec![text]),
        HirKind::Capture(capture) => of(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => of(&repetition.sub),
        HirKind::Concat(parts) => {
            let shortest =
                |texts: &Vec<Box<str>>| texts.iter().map(|text| text.len()).min().unwrap_or_default();
            parts.iter().filter_map(of).max_by_key(shortest)
        }
        HirKind::Alternation(parts) => {
            let each: Option<Vec<Vec<Box<str>>>> = parts.iter().map(of).collect();
            let all: Vec<Box<str>> = each?.into_iter().flatten().collect();
            (all.len() <= ALTERNATIVES_MAX).then_some(all)
        }
        HirKind::Empty | HirKind::Class(_) | HirKind::Look(_) | HirKind::Repetition(_) => None,
    }
}

/// The longest piece of ASCII. Which other letters are one letter in another case, expressions and conditions may see in
/// different ways.
fn longest_ascii(bytes: &[u8]) -> Option<Box<str>> {
    let pieces = bytes.split(|byte| !byte.is_ascii());
    let longest = pieces.max_by_key(|piece| piece.len()).filter(|piece| piece.len() >= LENGTH_MIN)?;
    std::str::from_utf8(longest).ok().map(|text| text.to_ascii_lowercase().into_boxed_str())
}

#[cfg(test)]
mod tests {
    use super::required;
    use proptest::prelude::*;
    use regex::RegexBuilder;

    #[test]
    fn what_must_stand_there_is_found() {
        let cases = [
            ("^Sign-In from \\d+ countries$", "sign-in from "),
            ("(foo|barrier) x", "foo,barrier"),
            ("(abc)+d?", "abc"),
            ("a[0-9]+b", ""),
            ("(abc)*", ""),
            ("abc|.", ""),
            ("évil\\.exe", "vil.exe"),
            ("(?x) ab c # note", "abc"),
            ("\\x41\\x42", "ab"),
            ("(?i)abc", ""),
        ];
        for (pattern, expected) in cases {
            assert_eq!(required(pattern).unwrap_or_default().join(","), expected, "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn what_matches_has_it(
            pattern in "((ks|[a-b]|ſK|K|\\(ab\\|sk\\)|é)[+?*]?){1,5}",
            text in "[kKsSſKabABéÉ]{0,8}",
        ) {
            let Ok(regex) = RegexBuilder::new(&pattern).case_insensitive(true).build() else { return Ok(()) };
            if let (true, Some(needed)) = (regex.is_match(&text), required(&pattern)) {
                let folded = riposte_incident::fold(&text);
                prop_assert!(needed.iter().any(|needed| folded.contains(&**needed)), "{pattern} {text} {needed:?}");
            }
        }
    }
}
