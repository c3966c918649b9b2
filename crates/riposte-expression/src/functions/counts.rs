//! What the service says to a call with a number of arguments that the function does not take.
//!
//! The sentences differ from function to function, and tell more than the count does: they name the parameters. Those
//! in `counts.txt` are the service's, as the project `FlowForger` (Apache-2.0) recorded them there, spelling included
//! ("seccond", "three parameter"). A line is the name of the function, its sentence, and after a `#` the part of the
//! usage page, where the service names one.

use super::Function;
use crate::error::Failure;

const SENTENCES: &str = include_str!("counts.txt");

/// The sentence about a function, and the part of the usage page.
fn measured(name: &str) -> Option<(&'static str, Option<&'static str>)> {
    let (_, sentence) =
        SENTENCES.lines().filter_map(|line| line.split_once(": ")).find(|(function, _)| *function == name)?;
    Some(match sentence.split_once(" #") {
        Some((sentence, page)) => (sentence, Some(page)),
        None => (sentence, None),
    })
}

/// The error for a call with a number of arguments that the function does not take; `written` is its name as the call
/// spells it.
pub(crate) fn wrong_count(function: &Function, written: &str, given: usize) -> Failure {
    let sentence = match measured(function.name) {
        _ if function.arguments_max == Some(0) => "must not have any parameters.".to_owned(),
        Some((sentence, page)) => {
            let sentence = sentence.replace("{count}", &given.to_string());
            match page {
                Some(page) => {
                    format!("{sentence} Please see https://aka.ms/logicexpressions#{page} for usage details.")
                }
                None => sentence,
            }
        }
        None => unmeasured(function, given),
    };
    Failure::new(format!("The template language function '{written}' {sentence}"))
        .help(format!("its parameters are `{}({})`", function.name, function.parameters))
}

/// The sentence for a function that nothing was measured of.
fn unmeasured(function: &Function, given: usize) -> String {
    const WORDS: [&str; 5] = ["no", "one", "two", "three", "four"];
    let word = |n: usize| WORDS.get(n).copied().unwrap_or("more");
    let noun = |n: usize| if n == 1 { "parameter" } else { "parameters" };
    let (min, names) = (function.arguments_min, function.parameters);
    let expects = match function.arguments_max {
        Some(max) if max == min => format!("{} {}", word(min), noun(min)),
        Some(max) => format!("{} to {} parameters", word(min), word(max)),
        None => format!("at least {} {}", word(min), noun(min)),
    };
    format!("expects {expects}: {names}. The function was invoked with '{given}' parameter(s).")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::function;

    #[test]
    fn every_line_is_about_a_function() {
        assert!(SENTENCES.lines().count() > 100);
        for line in SENTENCES.lines() {
            let (name, _) = line.split_once(": ").expect("a name");
            assert_eq!(function(name).map(|function| function.name), Some(name));
        }
    }
}
