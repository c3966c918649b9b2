//! `riposte eval` on a terminal: one expression after the other, with history and completion.
//!
//! What a line means is in [`session`], what may follow the cursor in [`complete`]; here is what needs the terminal.

mod command;
mod complete;
mod describe;
mod editor;
mod highlight;
mod hint;
mod history;
mod lex;
mod session;
mod show;

pub use show::harmless;

use crate::exit::{Exit, Outcome, Problem};
use crate::output::{self, Style, paint};
use editor::Assistant;
use riposte_diagnostic::Diagnostic;
use riposte_expression::Limits;
use riposte_value::Value;
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{CompletionType, Config, Editor};
use session::{Reply, Session};
use std::path::PathBuf;

const PROMPT: &str = "> ";

/// Asks until the end.
pub fn run(values: Option<Value>, limits: Limits, keep_history: bool) -> Outcome {
    let colour = output::colours(&std::io::stdout());
    let mut session = Session::new(values, limits, colour);
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .history_ignore_space(true)
        .max_history_size(history::LINES_MAX)
        .map_err(unusable)?
        .history_ignore_dups(true)
        .map_err(unusable)?
        .build();
    let mut editor: Editor<Assistant, DefaultHistory> = Editor::with_config(config).map_err(unusable)?;
    editor.set_helper(Some(Assistant::new(session.context(), colour)));
    let kept = if keep_history { remembered(&mut editor) } else { None };
    let greeting =
        format!("riposte {}: expressions; :help tells more, Ctrl-D ends", env!("CARGO_PKG_VERSION"));
    output::line(paint(colour, Style::Dim, &greeting));
    loop {
        let line = match editor.readline(PROMPT) {
            Ok(line) => line,
            // Ctrl-C drops the line.
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => return Ok(Exit::Done),
            Err(error) => return Err(unusable(error)),
        };
        let added = editor.add_history_entry(line.as_str()).unwrap_or(false);
        if let Some(file) = kept.as_ref().filter(|_| added) {
            // Kept at once: a sitting may end with the terminal. That it cannot be kept has been told at the start.
            let _ = editor.append_history(file);
        }
        match session.answer(&line) {
            Reply::Silence => {}
            Reply::Text(text) => output::line(text),
            Reply::Problem(diagnostics) => output::diagnose(&diagnostics),
            Reply::Quit => return Ok(Exit::Done),
        }
        if let Some(assistant) = editor.helper_mut() {
            assistant.context = session.context();
        }
    }
}

/// Takes up the history of earlier sittings; the file to add to, if there can be one.
fn remembered(editor: &mut Editor<Assistant, DefaultHistory>) -> Option<PathBuf> {
    let file = history::file(|name| std::env::var_os(name))?;
    let taken = history::prepare(&file).map_err(|error| error.to_string());
    match taken.and_then(|()| editor.load_history(&file).map_err(|error| error.to_string())) {
        Ok(()) => Some(file),
        Err(why) => {
            output::note(format_args!("no history is kept: {}: {why}", file.display()));
            None
        }
    }
}

fn unusable(error: impl std::fmt::Display) -> Problem {
    let help = "give the expression as an argument, or through a pipe";
    Problem::usage(
        Diagnostic::error("TerminalUnusable", format!("the terminal cannot be used: {error}")).help(help),
    )
}
