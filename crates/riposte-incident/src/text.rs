//! Comparing text without regard to case: by simple Unicode case folding, character by character, so that `İ` and
//! `ß` stay one character.

/// A character folded: the one character that its lower case is, else itself.
pub fn fold_char(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    match c {
        // Its upper case is `I`, but it is a letter of its own.
        'ı' => return c,
        // Unicode folds these together though neither has an upper case of one character.
        '\u{1fd3}' => return '\u{390}',
        '\u{1fe3}' => return '\u{3b0}',
        '\u{fb05}' => return '\u{fb06}',
        _ => {}
    }
    // Upper case first, so that what shares an upper case (`σ` and `ς`, `ſ` and `s`) folds together.
    let upper = single(c.to_uppercase(), c);
    single(upper.to_lowercase(), upper)
}

/// A text folded.
pub fn fold(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.chars().map(fold_char).collect() }
}

/// Whether two texts are equal without regard to case.
pub fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
        || (!(a.is_ascii() && b.is_ascii()) && a.chars().map(fold_char).eq(b.chars().map(fold_char)))
}

/// Adds a text to a list unless it is there, without regard to case. Returns whether it was added.
pub(crate) fn add_unique(list: &mut Vec<riposte_value::Text>, text: &riposte_value::Text) -> bool {
    let new = !list.iter().any(|item| same(item, text));
    if new {
        list.push(text.clone());
    }
    new
}

fn single(mut mapped: impl Iterator<Item = char>, otherwise: char) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(c), None) => c,
        _ => otherwise,
    }
}
