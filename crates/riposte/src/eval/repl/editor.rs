//! The line editor: keys, colours and completion, by way of the pure parts beside this one.

use super::{complete, highlight, hint, lex};
use riposte_expression::MapContext;
use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hinter, HistoryHinter};
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Helper, Result};
use std::borrow::Cow;

/// What the editor asks while a line is typed.
pub struct Assistant {
    /// What expressions may ask for.
    pub context: MapContext,
    /// Whether lines are coloured.
    pub colour: bool,
    files: FilenameCompleter,
    history: HistoryHinter,
}

impl Assistant {
    /// One that knows a context.
    pub fn new(context: MapContext, colour: bool) -> Self {
        Self { context, colour, files: FilenameCompleter::new(), history: HistoryHinter::new() }
    }
}

impl Helper for Assistant {}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(&self, line: &str, cursor: usize, context: &Context<'_>) -> Result<(usize, Vec<Pair>)> {
        if line.starts_with(":context load ") {
            return self.files.complete(line, cursor, context);
        }
        let found = complete::complete(line, cursor, &self.context);
        let pair = |candidate: complete::Candidate| Pair {
            display: candidate.shown,
            replacement: candidate.inserted,
        };
        Ok((found.start, found.candidates.into_iter().map(pair).collect()))
    }
}

impl Hinter for Assistant {
    type Hint = String;

    fn hint(&self, line: &str, cursor: usize, context: &Context<'_>) -> Option<String> {
        // A dimmed hint without colours would look as if it had been typed.
        if !self.colour {
            return None;
        }
        hint::hint(line, cursor).or_else(|| self.history.hint(line, cursor, context))
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, cursor: usize) -> Cow<'l, str> {
        if self.colour { Cow::Owned(highlight::line(line, cursor)) } else { Cow::Borrowed(line) }
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _default: bool) -> Cow<'b, str> {
        if self.colour { Cow::Owned(format!("\x1b[1m{prompt}\x1b[0m")) } else { Cow::Borrowed(prompt) }
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        if self.colour { Cow::Owned(format!("\x1b[2m{hint}\x1b[0m")) } else { Cow::Borrowed(hint) }
    }

    fn highlight_char(&self, _line: &str, _cursor: usize, _kind: CmdKind) -> bool {
        self.colour
    }
}

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext<'_>) -> Result<ValidationResult> {
        let line = context.input();
        let goes_on = !line.trim_start().starts_with(':') && lex::is_open(line);
        Ok(if goes_on { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}
