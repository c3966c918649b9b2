//! What may follow where the cursor stands: functions, names of the run, properties of values, commands.

use super::command;
use super::lex::{self, Kind, Piece};
use crate::eval::{brief, catalogue};
use riposte_expression::{Context as _, Family, Function, Limits, MapContext, NameKind, Template, functions};
use riposte_value::Value;

/// How many elements of an array are offered.
const ELEMENTS_MAX: usize = 20;
/// How wide a line of the list is, and how much of it a value may take.
const SHOWN_CHARACTERS: usize = 78;
const VALUE_CHARACTERS: usize = 36;

/// What may stand from [`Self::start`] on in place of what is there.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// The first byte that is replaced.
    pub start: usize,
    /// What may stand there.
    pub candidates: Vec<Candidate>,
}

/// One thing that may stand there.
#[derive(Debug, PartialEq, Eq)]
pub struct Candidate {
    /// How it looks in the list.
    pub shown: String,
    /// What is put in.
    pub inserted: String,
}

/// What may follow at `cursor`. Names come from elsewhere: they are shown without what would move the cursor, and those
/// that could not be typed are not put in.
pub fn complete(line: &str, cursor: usize, context: &MapContext) -> Completion {
    let mut found = all(line, cursor, context);
    found.candidates.retain(|candidate| brief::on_a_line(&candidate.inserted) == candidate.inserted);
    found.candidates.iter_mut().for_each(|candidate| candidate.shown = brief::on_a_line(&candidate.shown));
    found
}

fn all(line: &str, cursor: usize, context: &MapContext) -> Completion {
    let (before, after) = line.split_at_checked(cursor).unwrap_or((line, ""));
    if before.starts_with(':') {
        return commands(before, after, context);
    }
    let pieces = lex::pieces(before);
    let site = Site { before, after, pieces: &pieces, context };
    site.complete().unwrap_or_default()
}

/// Where the cursor stands.
struct Site<'a> {
    before: &'a str,
    after: &'a str,
    pieces: &'a [Piece],
    context: &'a MapContext,
}

impl Site<'_> {
    fn complete(&self) -> Option<Completion> {
        let Some((last, rest)) = self.pieces.split_last() else { return Some(Completion::default()) };
        let touches = last.end == self.before.len();
        match last.kind {
            Kind::OpenText => self.quoted(rest, last.start, self.text(last).strip_prefix('\'')),
            Kind::Open | Kind::OpenBracket => self.quoted(self.pieces, self.before.len(), None),
            Kind::Dot => self.after_dot(rest, last.start, ""),
            Kind::Name if touches => match rest.split_last() {
                Some((dot, rest)) if dot.kind == Kind::Dot => {
                    self.after_dot(rest, dot.start, self.text(last))
                }
                _ => Some(named(last.start, self.text(last), self.after)),
            },
            _ => None,
        }
    }

    fn text(&self, piece: &Piece) -> &str {
        self.before.get(piece.start..piece.end).unwrap_or_default()
    }

    /// A name in a call, or a key in brackets: text that follows `pieces`, `None` if it is not begun.
    fn quoted(&self, pieces: &[Piece], start: usize, begun: Option<&str>) -> Option<Completion> {
        let (mark, rest) = pieces.split_last()?;
        let typed = begun.unwrap_or_default().replace("''", "'");
        match mark.kind {
            Kind::Open => {
                let function = rest.last().filter(|piece| piece.kind == Kind::Name)?;
                let values = self.names(named_by(self.text(function))?);
                Some(self.strings(start, &typed, ")", &values))
            }
            Kind::OpenBracket => match self.value_before(rest)? {
                Value::Object(object) => {
                    let properties =
                        object.iter().map(|(name, value)| (name.to_string(), Some(value.clone())));
                    Some(self.strings(start, &typed, "]", &properties.collect::<Vec<_>>()))
                }
                Value::Array(items) if begun.is_none() => Some(elements(start, &items, self.after)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The names of one kind, with what they stand for.
    fn names(&self, kind: NameKind) -> Vec<(String, Option<Value>)> {
        let value = |name: &str| match kind {
            NameKind::Parameter => self.context.parameter(name),
            NameKind::Variable => self.context.variable(name),
            NameKind::Loop => self.context.items(name),
            NameKind::Action => self.context.action_outputs(name),
            NameKind::Until | NameKind::Scope => None,
        };
        self.context.names(kind).iter().map(|name| (name.to_string(), value(name))).collect()
    }

    fn strings(
        &self,
        start: usize,
        typed: &str,
        close: &str,
        values: &[(String, Option<Value>)],
    ) -> Completion {
        // What is closed already stays closed once.
        let close = match self.after.strip_prefix('\'') {
            Some(_) => String::new(),
            None if self.after.starts_with(close) => "'".to_owned(),
            None => format!("'{close}"),
        };
        let candidates =
            values.iter().filter(|(name, _)| begins(name, typed)).map(|(name, value)| Candidate {
                shown: described(name, value.as_ref()),
                inserted: format!("'{}{close}", name.replace('\'', "''")),
            });
        Completion { start, candidates: candidates.collect() }
    }

    /// A property after a dot. A name that cannot stand there takes brackets instead.
    fn after_dot(&self, pieces: &[Piece], dot: usize, typed: &str) -> Option<Completion> {
        let value = self.value_before(pieces)?;
        let properties = value.as_object()?.iter().filter(|(name, _)| begins(name, typed));
        let candidates = properties.map(|(name, value)| {
            let plain = !name.is_empty() && name.chars().all(lex::is_name);
            let inserted =
                if plain { format!(".{name}") } else { format!("['{}']", name.replace('\'', "''")) };
            Candidate { shown: described(name, Some(value)), inserted }
        });
        Some(Completion { start: dot, candidates: candidates.collect() })
    }

    /// The value of the path that `pieces` ends with.
    fn value_before(&self, pieces: &[Piece]) -> Option<Value> {
        let pieces = match pieces.split_last() {
            Some((question, rest)) if question.kind == Kind::Question => rest,
            _ => pieces,
        };
        let text = self.before.get(path_start(pieces)?..pieces.last()?.end)?;
        Template::compile_expression(text).ok()?.evaluate_within(self.context, Limits::default()).ok()
    }
}

/// Where the path begins that `pieces` ends with: `a(1)?['x']` in `concat(a(1)?['x']`.
fn path_start(pieces: &[Piece]) -> Option<usize> {
    let mut at = pieces.len();
    loop {
        at = at.checked_sub(1)?;
        let kind_at = |at: Option<usize>| at.and_then(|at| pieces.get(at)).map(|piece| piece.kind);
        match kind_at(Some(at))? {
            Kind::Close => {
                at = partner(pieces, at)?.checked_sub(1)?;
                return (kind_at(Some(at)) == Some(Kind::Name))
                    .then(|| pieces.get(at).map(|piece| piece.start))?;
            }
            Kind::CloseBracket => at = partner(pieces, at)?,
            Kind::Name => {
                at = at.checked_sub(1)?;
                if kind_at(Some(at)) != Some(Kind::Dot) {
                    return None;
                }
            }
            Kind::Text => return pieces.get(at).map(|piece| piece.start),
            _ => return None,
        }
        // A step was passed over; a question mark may stand before it.
        if kind_at(at.checked_sub(1)) == Some(Kind::Question) {
            at -= 1;
        }
    }
}

/// The opening mark that goes with the closing one at `at`.
fn partner(pieces: &[Piece], at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, piece) in pieces.iter().enumerate().take(at + 1).rev() {
        match piece.kind {
            Kind::Close | Kind::CloseBracket => depth += 1,
            Kind::Open | Kind::OpenBracket => {
                depth -= 1;
                if depth == 0 {
                    return Some(index);
                }
            }
            _ => {}
        }
    }
    None
}

fn begins(name: &str, typed: &str) -> bool {
    name.to_lowercase().starts_with(&typed.to_lowercase())
}

fn described(name: &str, value: Option<&Value>) -> String {
    match value {
        Some(value) => format!("{name} = {}", brief::of(value, VALUE_CHARACTERS)),
        None => name.to_owned(),
    }
}

fn elements(start: usize, items: &[Value], after: &str) -> Completion {
    let close = if after.starts_with(']') { "" } else { "]" };
    let candidates = items.iter().take(ELEMENTS_MAX).enumerate().map(|(index, item)| Candidate {
        shown: described(&index.to_string(), Some(item)),
        inserted: format!("{index}{close}"),
    });
    Completion { start, candidates: candidates.collect() }
}

/// Functions, and the three words of the language.
fn named(start: usize, typed: &str, after: &str) -> Completion {
    let mut found: Vec<&Function> =
        functions().iter().filter(|function| begins(function.name, typed)).collect();
    if found.is_empty() {
        let typed = typed.to_lowercase();
        found = functions().iter().filter(|function| function.name.to_lowercase().contains(&typed)).collect();
    }
    let called = after.starts_with('(');
    let mut candidates: Vec<Candidate> = found
        .into_iter()
        .map(|function| Candidate {
            shown: crate::output::cut(&signature_and_doc(function), SHOWN_CHARACTERS),
            inserted: match (called, function.arguments_max) {
                (true, _) => function.name.to_owned(),
                (false, Some(0)) => format!("{}()", function.name),
                (false, _) => format!("{}(", function.name),
            },
        })
        .collect();
    let words = ["false", "null", "true"].into_iter().filter(|word| begins(word, typed));
    candidates.extend(words.map(|word| Candidate { shown: word.to_owned(), inserted: word.to_owned() }));
    Completion { start, candidates }
}

fn signature_and_doc(function: &Function) -> String {
    format!("{}  {}", catalogue::signature(function), function.documentation)
}

/// What the first argument of a function names.
fn named_by(function: &str) -> Option<NameKind> {
    Some(match function.to_ascii_lowercase().as_str() {
        "parameters" => NameKind::Parameter,
        "variables" => NameKind::Variable,
        "actions"
        | "outputs"
        | "body"
        | "actionoutputs"
        | "actionbody"
        | "formdatavalue"
        | "formdatamultivalues"
        | "multipartbody" => NameKind::Action,
        "items" => NameKind::Loop,
        "iterationindexes" => NameKind::Until,
        "result" => NameKind::Scope,
        _ => return None,
    })
}

/// The names of commands, and what stands after them.
fn commands(before: &str, after: &str, context: &MapContext) -> Completion {
    let plain = |start: usize, words: Vec<(String, String)>| Completion {
        start,
        candidates: words.into_iter().map(|(inserted, shown)| Candidate { shown, inserted }).collect(),
    };
    let Some((name, rest)) = before.split_once(char::is_whitespace) else {
        let found = command::COMMANDS.iter().filter(|row| begins(row.name, before));
        let shown =
            |row: &command::Row| format!("{} {}  {}", row.name, row.takes, row.does).replace("   ", "  ");
        return plain(0, found.map(|row| (row.name.to_owned(), shown(row))).collect());
    };
    let word = rest.rsplit(char::is_whitespace).next().unwrap_or_default();
    let start = before.len() - word.len();
    let of = |words: &mut dyn Iterator<Item = &str>| {
        words.filter(|candidate| begins(candidate, word)).map(|w| (w.to_owned(), w.to_owned())).collect()
    };
    match command::named(name) {
        Some(":help") => plain(
            start,
            of(&mut functions().iter().map(|f| f.name).chain(command::COMMANDS.iter().map(|row| row.name))),
        ),
        Some(":functions") => plain(before.len() - rest.trim_start().len(), {
            let typed = rest.trim_start();
            let families = catalogue::families().into_iter().map(Family::as_str);
            let found = families.filter(|family| begins(family, typed));
            found.map(|family| (family.to_owned(), family.to_owned())).collect()
        }),
        Some(":context") if rest == word => plain(start, of(&mut ["load", "set"].into_iter())),
        Some(":context") => match rest.strip_prefix("set ").and_then(|rest| rest.split_once(' ')) {
            Some((_, expression)) => shifted(before.len() - expression.len(), expression, after, context),
            None => Completion::default(),
        },
        Some(":type") => shifted(before.len() - rest.len(), rest, after, context),
        _ => Completion::default(),
    }
}

/// Completes an expression that begins at `start` of the line.
fn shifted(start: usize, expression: &str, after: &str, context: &MapContext) -> Completion {
    let found = complete(&format!("{expression}{after}"), expression.len(), context);
    Completion { start: found.start + start, ..found }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    fn context() -> MapContext {
        MapContext::new(value!({
            "trigger": { "outputs": { "body": { "severity": "High", "odd name": 1, "it's": 2, "list": [{ "n": 1 }, 5] } } },
            "actions": { "Get_report": { "outputs": { "body": { "score": 87 } } }, "Get_host": {} },
            "variables": { "count": 3, "it's": 4 },
            "items": { "For_each": { "ip": "203.0.113.7" } },
            "result": { "Scope": [] }
        }))
    }

    /// The line with each candidate put in.
    fn completed(line: &str) -> Vec<String> {
        let cursor = line.find('|').unwrap();
        let line = line.replace('|', "");
        let found = complete(&line, cursor, &context());
        let put = |candidate: &Candidate| {
            let after = line.get(cursor..).unwrap();
            format!("{}{}{after}", line.get(..found.start).unwrap(), candidate.inserted)
        };
        found.candidates.iter().map(put).collect()
    }

    #[test]
    fn what_may_follow() {
        for (line, expected) in [
            ("formatN|", &["formatNumber("][..]),
            ("FORMATn|", &["formatNumber("]),
            ("formatN|(1)", &["formatNumber(1)"]),
            ("concat(1, triggerB|)", &["concat(1, triggerBody())"]),
            ("tru|", &["true"]),
            ("FormDataM|", &["formDataMultiValues("]),
            ("|", &[]),
            ("concat(|", &[]),
            ("'text|", &[]),
            // names
            ("body(|", &["body('Get_report')", "body('Get_host')"]),
            ("body('get_r|", &["body('Get_report')"]),
            ("body('get_r|')", &["body('Get_report')"]),
            ("body('get_r|)", &["body('Get_report')"]),
            ("variables('|", &["variables('count')", "variables('it''s')"]),
            ("variables('it''|", &["variables('it''s')"]),
            ("items(|)", &["items('For_each')"]),
            ("result('|", &["result('Scope')"]),
            ("parameters('|", &[]),
            // properties
            ("triggerBody()?['s|", &["triggerBody()?['severity']"]),
            ("triggerBody()?['s|']", &["triggerBody()?['severity']"]),
            (
                "triggerBody()[|",
                &[
                    "triggerBody()['severity']",
                    "triggerBody()['odd name']",
                    "triggerBody()['it''s']",
                    "triggerBody()['list']",
                ],
            ),
            (
                "triggerBody().|",
                &[
                    "triggerBody().severity",
                    "triggerBody()['odd name']",
                    "triggerBody()['it''s']",
                    "triggerBody().list",
                ],
            ),
            ("triggerBody()?.o|", &["triggerBody()?['odd name']"]),
            ("triggerBody()?.list[|", &["triggerBody()?.list[0]", "triggerBody()?.list[1]"]),
            ("triggerBody()?['list'][0]?['|", &["triggerBody()?['list'][0]?['n']"]),
            ("concat('a', body('Get_report')?['|", &["concat('a', body('Get_report')?['score']"]),
            ("first(triggerBody()?['list']).|", &["first(triggerBody()?['list']).n"]),
            ("body('None')?['|", &[]),
            ("triggerBody()?['severity'].|", &[]),
            ("score @{body('Get_report')?.|}", &["score @{body('Get_report')?.score}"]),
            ("@body('Get_report')?.|", &["@body('Get_report')?.score"]),
            // commands
            (":h|", &[":help"]),
            (":help formatn|", &[":help formatNumber"]),
            (":functions da|", &[":functions date and time"]),
            (":context l|", &[":context load"]),
            (":type variables('c|", &[":type variables('count')"]),
            (":context set item body('get_r|", &[":context set item body('Get_report')"]),
        ] {
            assert_eq!(completed(line), expected, "{line}");
        }
    }

    #[test]
    fn the_list_tells_what_things_are() {
        let shown = |line: &str| {
            let found = complete(line, line.len(), &context());
            found.candidates.into_iter().map(|candidate| candidate.shown).next().unwrap_or_default()
        };
        assert!(shown("toUpp").starts_with("toUpper(text"), "{}", shown("toUpp"));
        assert_eq!(shown("variables('c"), "count = 3");
        assert_eq!(shown("triggerBody()?['sev"), "severity = \"High\"");
        assert_eq!(shown("triggerBody().list[0].n"), "n = 1");
    }

    #[test]
    fn names_from_elsewhere_do_not_move_the_cursor() {
        let body = value!({ "a\u{1b}[2J": 1, "a\nb": 2, "a\u{202e}": 3, "ab": 4 });
        let context = MapContext::new(value!({ "item": body, "variables": { "a\u{9b}2J": 1, "ab": 2 } }));
        for line in ["item().", "item()?['a", "variables('"] {
            let found = complete(line, line.len(), &context).candidates;
            assert_eq!(found.len(), 1, "{line}: {found:?}");
            assert!(found.iter().all(|candidate| candidate.shown.starts_with("ab = ")), "{line}: {found:?}");
        }
    }

    #[test]
    fn no_line_is_too_odd() {
        for line in [
            "]",
            ")]",
            "[[['",
            "a.b.c.",
            "?.",
            ")(.",
            "'a'.",
            "x)].",
            "\u{1f600}(",
            "@{@{",
            ":",
            ":context set",
            ": ",
        ] {
            for cursor in (0..=line.len()).filter(|at| line.is_char_boundary(*at)) {
                let _ = complete(line, cursor, &context());
            }
        }
    }
}
