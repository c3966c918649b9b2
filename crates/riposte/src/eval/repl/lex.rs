//! The pieces of a line that is still being typed: never an error, whatever is missing.

/// A piece of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: Kind,
    /// Its first byte.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
}

/// What a piece of a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The name of a function or property, or `true`, `false`, `null`.
    Name,
    /// `'…'`
    Text,
    /// `'…` to the end of the line.
    OpenText,
    /// `42`, `-1.5E+3`
    Number,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `[`
    OpenBracket,
    /// `]`
    CloseBracket,
    /// `,`
    Comma,
    /// `.`
    Dot,
    /// `?`
    Question,
    /// `@` or `@{` where an expression begins in text.
    Begin,
    /// `}` where it ends.
    End,
    /// Text of a template, outside its expressions.
    Literal,
    /// What no expression holds.
    Stray,
}

/// The pieces of a line, without the blanks between them. A line is an expression, or text with `@…` in it as it
/// stands in a definition.
pub fn pieces(line: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    if let Some(rest) = line.strip_prefix('@') {
        if rest.starts_with('@') {
            push(&mut pieces, Kind::Literal, 0, line.len());
            return pieces;
        }
        if !rest.starts_with('{') {
            push(&mut pieces, Kind::Begin, 0, 1);
            expression(line, 1, false, &mut pieces);
            return pieces;
        }
    }
    expression(line, 0, false, &mut pieces);
    let odd = pieces.iter().any(|piece| matches!(piece.kind, Kind::Stray | Kind::OpenText));
    if odd && line.contains("@{") {
        pieces.clear();
        template(line, &mut pieces);
    }
    pieces
}

/// Whether something that was opened is not closed, so that the line goes on.
pub fn is_open(line: &str) -> bool {
    let mut depth = 0_i64;
    for piece in pieces(line) {
        match piece.kind {
            Kind::Open | Kind::OpenBracket => depth += 1,
            Kind::Close | Kind::CloseBracket | Kind::End => depth -= 1,
            Kind::OpenText => return true,
            Kind::Begin if line.get(piece.start..piece.end) == Some("@{") => depth += 1,
            _ => {}
        }
        // One closing mark too many is a mistake that more typing does not mend.
        if depth < 0 {
            return false;
        }
    }
    depth > 0
}

fn push(pieces: &mut Vec<Piece>, kind: Kind, start: usize, end: usize) {
    if start < end {
        pieces.push(Piece { kind, start, end });
    }
}

fn template(line: &str, pieces: &mut Vec<Piece>) {
    let mut at = 0;
    let mut literal = 0;
    while let Some(found) = line.get(at..).and_then(|rest| rest.find("@{")) {
        let mark = at + found;
        at = mark + 2;
        // `@@{` is the text `@{`.
        if line.get(..mark).is_some_and(|before| before.ends_with('@')) {
            continue;
        }
        push(pieces, Kind::Literal, literal, mark);
        push(pieces, Kind::Begin, mark, at);
        at = expression(line, at, true, pieces);
        literal = at;
    }
    push(pieces, Kind::Literal, literal, line.len());
}

/// Reads pieces from `at` to the end of the line, or past the `}` that ends an expression in a template; returns where
/// it stopped.
fn expression(line: &str, mut at: usize, in_template: bool, pieces: &mut Vec<Piece>) -> usize {
    while let Some(c) = line.get(at..).and_then(|rest| rest.chars().next()) {
        let next = at + c.len_utf8();
        let (kind, end) = match c {
            c if c.is_whitespace() => {
                at = next;
                continue;
            }
            '(' => (Kind::Open, next),
            ')' => (Kind::Close, next),
            '[' => (Kind::OpenBracket, next),
            ']' => (Kind::CloseBracket, next),
            ',' => (Kind::Comma, next),
            '.' => (Kind::Dot, next),
            '?' => (Kind::Question, next),
            '}' if in_template => {
                push(pieces, Kind::End, at, next);
                return next;
            }
            '\'' => text(line, at),
            '0'..='9' | '+' | '-' => (Kind::Number, number(line, at)),
            c if is_name(c) => (Kind::Name, run(line, at, is_name)),
            _ => (Kind::Stray, next),
        };
        push(pieces, kind, at, end);
        at = end;
    }
    at
}

fn text(line: &str, start: usize) -> (Kind, usize) {
    let mut at = start + 1;
    loop {
        let Some(found) = line.get(at..).and_then(|rest| rest.find('\'')) else {
            return (Kind::OpenText, line.len());
        };
        at += found + 1;
        if !line.get(at..).is_some_and(|rest| rest.starts_with('\'')) {
            return (Kind::Text, at);
        }
        at += 1;
    }
}

fn number(line: &str, start: usize) -> usize {
    let after_sign = start + usize::from(line.get(start..).is_some_and(|rest| rest.starts_with(['+', '-'])));
    let mut at = run(line, after_sign, |c| c.is_ascii_digit() || c == '.');
    if line.get(at..).is_some_and(|rest| rest.starts_with(['e', 'E'])) {
        at += 1;
        at += usize::from(line.get(at..).is_some_and(|rest| rest.starts_with(['+', '-'])));
        at = run(line, at, |c| c.is_ascii_digit());
    }
    at.max(start + 1)
}

fn run(line: &str, start: usize, belongs: impl Fn(char) -> bool) -> usize {
    let rest = line.get(start..).unwrap_or_default();
    start + rest.find(|c| !belongs(c)).unwrap_or(rest.len())
}

/// What names may hold; the scanner of the language says the same.
pub fn is_name(c: char) -> bool {
    !matches!(c, '.' | ',' | '(' | ')' | '{' | '}' | '@' | '[' | ']' | '?' | '\'' | '"') && !c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fall_into_pieces() {
        for (line, expected) in [
            ("", ""),
            ("add( 1,-2.5E+3)", "Name:add Open:( Number:1 Comma:, Number:-2.5E+3 Close:)"),
            (
                "body('a''b')?['x'].y",
                "Name:body Open:( Text:'a''b' Close:) Question:? OpenBracket:[ Text:'x' CloseBracket:] Dot:. Name:y",
            ),
            ("concat('it", "Name:concat Open:( OpenText:'it"),
            ("@body('a')", "Begin:@ Name:body Open:( Text:'a' Close:)"),
            ("@@x", "Literal:@@x"),
            (
                "it's @{add(1, 2)}!",
                "Literal:it's  Begin:@{ Name:add Open:( Number:1 Comma:, Number:2 Close:) End:} Literal:!",
            ),
            ("a @@{x} @{'}'", "Literal:a @@{x}  Begin:@{ Text:'}'"),
            ("'@{x}'", "Text:'@{x}'"),
            ("1.x", "Number:1. Name:x"),
            ("a \"b\" é漢", "Name:a Stray:\" Name:b Stray:\" Name:é漢"),
        ] {
            let found: Vec<String> = pieces(line)
                .iter()
                .map(|piece| format!("{:?}:{}", piece.kind, line.get(piece.start..piece.end).unwrap()))
                .collect();
            assert_eq!(found.join(" "), expected, "{line}");
        }
    }

    #[test]
    fn lines_go_on_while_something_is_open() {
        for (line, expected) in [
            ("", false),
            ("add(1,", true),
            ("add(1,\n2)", false),
            ("body('x", true),
            ("body('x')?[", true),
            ("add(1))", false),
            ("add(1))(", false),
            ("'it''s", true),
            ("'it''s'", false),
            ("a @{add(1,2)", true),
            ("a @{add(1,2)} (", false),
            ("@add(1", true),
            ("@@add(1", false),
        ] {
            assert_eq!(is_open(line), expected, "{line}");
        }
    }
}
