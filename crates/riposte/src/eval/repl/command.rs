//! The commands of the terminal, which begin with a colon.

use std::borrow::Cow;
use std::path::PathBuf;

/// A row of [`COMMANDS`].
pub struct Row {
    /// Its name, with the colon.
    pub name: &'static str,
    /// What stands after it.
    pub takes: &'static str,
    /// What it does, in a few words.
    pub does: &'static str,
}

/// Every command, in the order of the help.
pub const COMMANDS: &[Row] = &[
    Row { name: ":help", takes: "[FUNCTION]", does: "this, or what a function does" },
    Row { name: ":functions", takes: "[FAMILY]", does: "the functions there are" },
    Row { name: ":type", takes: "EXPR", does: "the kind of a value" },
    Row { name: ":context", takes: "[NAME]", does: "what an expression may ask for, or a part of it" },
    Row { name: ":context load", takes: "FILE", does: "takes the context from a JSON file" },
    Row { name: ":context set", takes: "NAME EXPR", does: "sets a part: :context set variables.count 3" },
    Row { name: ":quit", takes: "", does: "ends; so does Ctrl-D" },
];

/// A command as it was typed.
#[derive(Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// `:help`, `:help concat`
    Help(&'a str),
    /// `:functions`, `:functions math`
    Functions(&'a str),
    /// `:type 1`
    Type(&'a str),
    /// `:context`, `:context actions`
    Show(&'a str),
    /// `:context load FILE`
    Load(&'a str),
    /// `:context set NAME EXPR`
    Set(&'a str, &'a str),
    /// `:quit`
    Quit,
    /// None of these.
    Unknown(&'a str),
}

/// The command that a name means; a beginning that only one has will do.
pub fn named(typed: &str) -> Option<&'static str> {
    const SHORT: &[(&str, &str)] = &[(":q", ":quit"), (":exit", ":quit"), (":?", ":help"), (":h", ":help")];
    let names = || COMMANDS.iter().map(|row| row.name).filter(|name| !name.contains(' '));
    if let Some(name) = names().find(|name| *name == typed) {
        return Some(name);
    }
    if let Some((_, name)) = SHORT.iter().find(|(short, _)| *short == typed) {
        return Some(name);
    }
    let mut fitting = names().filter(|name| typed.len() > 1 && name.starts_with(typed));
    fitting.next().filter(|_| fitting.next().is_none())
}

/// Reads a line that begins with a colon.
pub fn read(line: &str) -> Command<'_> {
    let (name, rest) = split(line);
    match named(name) {
        Some(":help") => Command::Help(rest),
        Some(":functions") => Command::Functions(rest),
        Some(":type") => Command::Type(rest),
        Some(":quit") => Command::Quit,
        Some(":context") => match split(rest) {
            ("load", file) => Command::Load(file),
            ("set", rest) => {
                let (name, expression) = split(rest);
                Command::Set(name, expression)
            }
            _ => Command::Show(rest),
        },
        _ => Command::Unknown(name),
    }
}

/// The file that was meant: quotes around the name and the backslashes of completion are taken off, `~/` is the home.
pub fn path(typed: &str, home: Option<PathBuf>) -> PathBuf {
    let quoted = ['"', '\''].iter().find_map(|quote| typed.strip_prefix(*quote)?.strip_suffix(*quote));
    let name = match quoted {
        Some(name) => Cow::Borrowed(name),
        // On Windows a backslash stands between folders.
        None if cfg!(windows) => Cow::Borrowed(typed),
        None => rustyline::completion::unescape(typed, Some('\\')),
    };
    match (name.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(name.as_ref()),
    }
}

/// The first word, and what follows it.
fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    text.split_once(char::is_whitespace).map_or((text, ""), |(first, rest)| (first, rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read() {
        for (line, expected) in [
            (":help", Command::Help("")),
            (":help concat", Command::Help("concat")),
            (":h  concat ", Command::Help("concat")),
            (":fun date and time", Command::Functions("date and time")),
            (":type add(1, 2)", Command::Type("add(1, 2)")),
            (":context", Command::Show("")),
            (":context actions", Command::Show("actions")),
            (":context load my file.json", Command::Load("my file.json")),
            (":context set variables.a add(1, 2)", Command::Set("variables.a", "add(1, 2)")),
            (":context set", Command::Set("", "")),
            (":q", Command::Quit),
            (":", Command::Unknown(":")),
            (":fly", Command::Unknown(":fly")),
        ] {
            assert_eq!(read(line), expected, "{line}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn files_are_named_as_in_a_shell() {
        for (typed, expected) in [
            ("a.json", "a.json"),
            ("my file.json", "my file.json"),
            (r"my\ file.json", "my file.json"),
            ("\"my file.json\"", "my file.json"),
            (r"'a\b'", r"a\b"),
            ("~/a.json", "/home/ada/a.json"),
            ("'", "'"),
        ] {
            assert_eq!(path(typed, Some(PathBuf::from("/home/ada"))), PathBuf::from(expected), "{typed}");
        }
    }
}
