//! A line in colours.

use super::lex::{self, Kind, Piece};
use riposte_expression::function;

const FUNCTION: &str = "36";
const UNKNOWN: &str = "31";
const TEXT: &str = "32";
const NUMBER: &str = "33";
const WORD: &str = "35";
const MARK: &str = "1;34";
const COMMAND: &str = "1";

/// The line with ANSI colours: names of functions that exist, and of such as do not, text, numbers; the bracket at the
/// cursor, and the one that goes with it.
pub fn line(line: &str, cursor: usize) -> String {
    if let Some(end) = line.strip_prefix(':').map(|rest| 1 + rest.find(' ').unwrap_or(rest.len())) {
        let (command, rest) = line.split_at_checked(end).unwrap_or((line, ""));
        return format!("\x1b[{COMMAND}m{command}\x1b[0m{rest}");
    }
    let pieces = lex::pieces(line);
    let pair = pair_at(&pieces, cursor);
    let mut out = String::with_capacity(line.len() * 2);
    let mut at = 0;
    for (index, piece) in pieces.iter().enumerate() {
        out.push_str(line.get(at..piece.start).unwrap_or_default());
        let text = line.get(piece.start..piece.end).unwrap_or_default();
        let style = if pair.is_some_and(|(a, b)| a == index || b == index) {
            Some(MARK)
        } else {
            style(&pieces, index, text)
        };
        match style {
            Some(style) => out.extend(["\x1b[", style, "m", text, "\x1b[0m"]),
            None => out.push_str(text),
        }
        at = piece.end;
    }
    out.push_str(line.get(at..).unwrap_or_default());
    out
}

fn style(pieces: &[Piece], index: usize, text: &str) -> Option<&'static str> {
    let neighbour = |at: Option<usize>| at.and_then(|at| pieces.get(at)).map(|piece| piece.kind);
    match pieces.get(index)?.kind {
        Kind::Name if neighbour(index.checked_sub(1)) == Some(Kind::Dot) => None,
        Kind::Name if neighbour(Some(index + 1)) == Some(Kind::Open) => {
            Some(if function(text).is_some() { FUNCTION } else { UNKNOWN })
        }
        Kind::Name if ["true", "false", "null"].iter().any(|word| word.eq_ignore_ascii_case(text)) => {
            Some(WORD)
        }
        Kind::Text | Kind::OpenText => Some(TEXT),
        Kind::Number => Some(NUMBER),
        Kind::Begin | Kind::End => Some(WORD),
        Kind::Stray => Some(UNKNOWN),
        _ => None,
    }
}

/// The bracket before the cursor (or under it) and its partner.
fn pair_at(pieces: &[Piece], cursor: usize) -> Option<(usize, usize)> {
    let is_bracket = |piece: &Piece| {
        matches!(piece.kind, Kind::Open | Kind::Close | Kind::OpenBracket | Kind::CloseBracket)
    };
    let at = pieces
        .iter()
        .position(|piece| is_bracket(piece) && piece.end == cursor)
        .or_else(|| pieces.iter().position(|piece| is_bracket(piece) && piece.start == cursor))?;
    let mut open = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        match piece.kind {
            Kind::Open | Kind::OpenBracket => open.push((index, piece.kind)),
            Kind::Close | Kind::CloseBracket => {
                let wanted = if piece.kind == Kind::Close { Kind::Open } else { Kind::OpenBracket };
                let (partner, kind) = open.pop()?;
                if partner == at || index == at {
                    return (kind == wanted).then_some((partner, index));
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Colours as `<36:…>`, which is easier to read.
    fn shown(text: &str, cursor: usize) -> String {
        line(text, cursor)
            .replace("\x1b[0m", ">")
            .replace("\x1b[", "<")
            .replace('m', ":")
            .replace("na:e", "name")
    }

    #[test]
    fn lines_are_coloured() {
        for (text, expected) in [
            ("", ""),
            ("add(1, x)", "<36:add>(<33:1>, x)"),
            ("ad(true)", "<31:ad>(<35:true>)"),
            ("body('x').add", "<36:body>(<32:'x'>).add"),
            ("'open", "<32:'open>"),
            ("a @{1}", "a <35:@{><33:1><35:}>"),
            (":help add", "<1::help> add"),
            ("é \"", "é <31:\">"),
        ] {
            assert_eq!(shown(text, 99), expected, "{text}");
        }
    }

    #[test]
    fn brackets_at_the_cursor_are_paired() {
        for (text, cursor, expected) in [
            ("not(true)", 9, "<36:not><1;34:(><35:true><1;34:)>"),
            ("not(true)", 3, "<36:not><1;34:(><35:true><1;34:)>"),
            ("not(true]", 9, "<36:not>(<35:true>]"),
            ("not(true", 4, "<36:not>(<35:true>"),
        ] {
            assert_eq!(shown(text, cursor), expected, "{text}");
        }
    }
}
