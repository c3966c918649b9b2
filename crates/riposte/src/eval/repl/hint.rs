//! What a call still needs, shown behind the cursor.

use super::lex::{self, Kind};
use riposte_expression::function;

/// The parameters that are not given yet, where the next one would be typed.
pub fn hint(line: &str, cursor: usize) -> Option<String> {
    if line.starts_with(':') || cursor != line.len() {
        return None;
    }
    let pieces = lex::pieces(line);
    if !matches!(pieces.last()?.kind, Kind::Open | Kind::Comma) {
        return None;
    }
    // Each call or bracket that is open here: its function, and how many arguments are given.
    let mut open: Vec<(Option<&str>, usize)> = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        match piece.kind {
            Kind::Open | Kind::OpenBracket => {
                let name = index.checked_sub(1).and_then(|before| pieces.get(before));
                let name = name.filter(|name| name.kind == Kind::Name && piece.kind == Kind::Open);
                open.push((name.and_then(|name| line.get(name.start..name.end)), 0));
            }
            Kind::Close | Kind::CloseBracket => drop(open.pop()),
            Kind::Comma => {
                if let Some((_, given)) = open.last_mut() {
                    *given += 1;
                }
            }
            _ => {}
        }
    }
    let (name, given) = open.pop()?;
    let function = function(name?)?;
    let parameters: Vec<&str> = function.parameters.split(", ").filter(|name| !name.is_empty()).collect();
    let endless = function.arguments_max.is_none();
    let missing = match parameters.get(given..) {
        Some(missing) if !missing.is_empty() => missing.join(", "),
        _ if endless => "…".to_owned(),
        _ if given == 0 => String::new(),
        _ => return None,
    };
    let blank = if line.ends_with(',') { " " } else { "" };
    Some(format!("{blank}{missing})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_shown() {
        for (line, expected) in [
            ("replace(", Some("text, oldText, newText)")),
            ("replace('a',", Some(" oldText, newText)")),
            ("replace('a', ", Some("oldText, newText)")),
            ("replace('a', replace(", Some("text, oldText, newText)")),
            ("replace('a', concat('b', 'c'), ", Some("newText)")),
            ("replace('a', createArray(1, 2)[0], ", Some("newText)")),
            ("replace(1,2,3,", None),
            ("replace('a", None),
            ("replace", None),
            ("unheardOf(", None),
            ("triggerBody(", Some(")")),
            ("concat(1,2,3,4,", Some(" …)")),
            ("x @{not(", Some("expression)")),
            (":help (", None),
            ("", None),
        ] {
            assert_eq!(hint(line, line.len()).as_deref(), expected, "{line}");
        }
    }
}
