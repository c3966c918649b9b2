//! What the terminal says of functions and commands, read from their tables.

use super::command::COMMANDS;
use crate::eval::catalogue;
use crate::output::{Style, paint};
use riposte_diagnostic::nearest;
use riposte_expression::{Function, function, functions};

/// `:help`
pub fn help(colour: bool) -> String {
    let mut out = String::from(
        "Type an expression: add(1, 2), or as it stands in a definition: @{toUpper('a')}b\n\
         Tab completes functions, names of the run and properties; a line goes on while\n\
         brackets or quotes are open. Ctrl-C drops the line. A line that begins with a\n\
         blank is not kept in the history.\n\n",
    );
    for row in COMMANDS {
        let call = format!("{} {}", row.name, row.takes);
        let call = paint(colour, Style::Bold, &format!("{call:28}"));
        out.extend(["  ", call.as_str(), "  ", row.does, "\n"]);
    }
    out.truncate(out.trim_end().len());
    out
}

/// `:help NAME`; what to do if there is no such thing.
pub fn help_on(name: &str, colour: bool) -> Result<String, String> {
    if let Some(row) =
        COMMANDS.iter().find(|row| row.name == name || row.name.strip_prefix(':') == Some(name))
    {
        return Ok(format!("{} {}\n  {}", row.name, row.takes, row.does));
    }
    let name = name.split('(').next().unwrap_or(name);
    match function(name) {
        Some(function) => Ok(describe(function, colour)),
        None => Err(match nearest(name, functions().iter().map(|function| function.name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => ":functions lists the functions".to_owned(),
        }),
    }
}

fn describe(function: &Function, colour: bool) -> String {
    let signature = catalogue::signature(function);
    let family = paint(colour, Style::Dim, &format!("[{}]", function.family.as_str()));
    let mut out =
        format!("{} {family}\n  {}", paint(colour, Style::Bold, &signature), function.documentation);
    for example in function.examples {
        let result = paint(colour, Style::Green, example.result);
        out.extend(["\n  ", example.expression, "  →  ", result.as_str()]);
    }
    out
}

/// `:functions`, or those of one family; the names of the families if there is none of that name.
pub fn list(family: &str, colour: bool) -> Result<String, String> {
    let families = catalogue::families();
    let wanted = family.trim().to_lowercase();
    let chosen: Vec<_> =
        families.iter().filter(|family| family.as_str().to_lowercase().starts_with(&wanted)).collect();
    match chosen.as_slice() {
        [] => {
            Err(format!("families: {}", families.iter().map(|f| f.as_str()).collect::<Vec<_>>().join(", ")))
        }
        [family] => Ok(catalogue::section(**family, colour)),
        several => {
            let rows = several.iter().map(|family| {
                let names: Vec<_> = catalogue::members(**family).map(|function| function.name).collect();
                let heading = paint(colour, Style::Bold, family.as_str());
                format!("{heading}\n{}", wrapped(&names, 78))
            });
            Ok(rows.collect::<Vec<_>>().join("\n"))
        }
    }
}

/// Words in lines of at most `width` characters, indented by two.
fn wrapped(words: &[&str], width: usize) -> String {
    let mut lines = vec![String::from(" ")];
    for word in words {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= width => line.extend([" ", word]),
            _ => lines.push(format!("  {word}")),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_explained_from_their_rows() {
        let text = help_on("CONCAT", false).unwrap();
        assert!(text.starts_with("concat(text1, [text2], …) [string]\n  "), "{text}");
        assert!(text.contains("\n  concat("), "{text}");
        assert_eq!(help_on("concat(", false).unwrap(), text);
        assert_eq!(help_on("conkat", false).unwrap_err(), "did you mean `concat`?");
        assert!(help_on(":type", false).unwrap().contains("kind"));
        assert!(help_on("type", false).is_ok());
    }

    #[test]
    fn functions_are_listed_by_family() {
        let all = list("", false).unwrap();
        assert!(all.contains("\ndate and time\n  addDays "), "{all}");
        assert!(all.lines().all(|line| line.chars().count() <= 78));
        let mathematics = list("MATH", false).unwrap();
        assert!(mathematics.contains("add(summand_1, summand_2)  "), "{mathematics}");
        assert!(!mathematics.contains("concat"));
        assert!(list("cooking", false).unwrap_err().starts_with("families: "));
    }
}
