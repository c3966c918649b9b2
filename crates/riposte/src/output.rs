//! What commands print: data on stdout, diagnostics on stderr, colour only where a person looks.

use riposte_diagnostic::Diagnostic;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

/// How data is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For scripts: JSON, alone on stdout.
    Json,
}

/// Prints a line on stdout. A reader that has gone away (`| head`) ends the process quietly.
pub fn line(text: impl Display) {
    let mut out = io::stdout().lock();
    if let Err(error) = writeln!(out, "{text}").and_then(|()| out.flush())
        && error.kind() == io::ErrorKind::BrokenPipe
    {
        std::process::exit(0);
    }
}

/// Says something on stderr.
pub fn note(text: impl Display) {
    // Nowhere is left to report that stderr is gone.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Shows diagnostics on stderr.
pub fn diagnose(diagnostics: &[Diagnostic]) {
    let colour = colours(&io::stderr());
    for diagnostic in diagnostics {
        if colour {
            note(diagnostic.coloured());
        } else {
            note(diagnostic);
        }
    }
}

/// A way to make text stand out on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Less important.
    Dim,
    /// Headings.
    Bold,
    /// In vain.
    Red,
    /// Done.
    Green,
    /// Beware.
    Yellow,
    /// Names.
    Cyan,
}

/// Whether colours are shown on a stream: it is a terminal, and `NO_COLOR` is not set.
pub fn colours(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The text, made to stand out if `colour`.
pub fn paint(colour: bool, style: Style, text: &str) -> String {
    if !colour {
        return text.to_owned();
    }
    let code = match style {
        Style::Dim => "2",
        Style::Bold => "1",
        Style::Red => "31",
        Style::Green => "32",
        Style::Yellow => "33",
        Style::Cyan => "36",
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}

/// Keeps what text from elsewhere says, without what would move the cursor or end the line: control characters
/// become spaces.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Text cut to at most `width` characters, with `…` in place of what is left out.
pub fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    short.push('…');
    short
}
