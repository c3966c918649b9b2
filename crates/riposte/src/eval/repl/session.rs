//! What a line means, and what it is answered: everything of the terminal but the terminal.

use super::command::{self, Command};
use super::{describe, show};
use crate::eval::brief;
use crate::eval::context::{self, Contexts, GROUPS, SINGLES};
use crate::eval::evaluate;
use riposte_diagnostic::{Diagnostic, nearest};
use riposte_expression::{Limits, MapContext};
use riposte_value::{Object, SmolStr, Value};

/// One sitting at the terminal.
pub struct Session {
    values: Value,
    contexts: Contexts,
    limits: Limits,
    colour: bool,
}

/// What a line is answered.
#[derive(Debug)]
pub enum Reply {
    /// Nothing.
    Silence,
    /// For stdout.
    Text(String),
    /// For stderr.
    Problem(Vec<Diagnostic>),
    /// The end.
    Quit,
}

impl Reply {
    fn problem(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Problem(vec![Diagnostic::error("InvalidCommand", message).help(help)])
    }
}

impl Session {
    /// With a context to begin with.
    pub fn new(values: Option<Value>, limits: Limits, colour: bool) -> Self {
        let values = values.unwrap_or_else(|| Value::from(Object::new()));
        Self { values, contexts: Contexts::new(), limits, colour }
    }

    /// What expressions may ask for now.
    pub fn context(&mut self) -> MapContext {
        // Values that are no context do not get here.
        self.contexts.of(Some(&self.values)).unwrap_or_default()
    }

    /// Answers a line.
    pub fn answer(&mut self, line: &str) -> Reply {
        let line = line.trim();
        if line.is_empty() {
            return Reply::Silence;
        }
        if !line.starts_with(':') {
            return self.told(line, show::value);
        }
        match command::read(line) {
            Command::Help("") => Reply::Text(describe::help(self.colour)),
            Command::Help(name) => match describe::help_on(name, self.colour) {
                Ok(text) => Reply::Text(text),
                Err(help) => Reply::problem(format!("there is no function `{name}`"), help),
            },
            Command::Functions(family) => match describe::list(family, self.colour) {
                Ok(text) => Reply::Text(text),
                Err(help) => Reply::problem(format!("there is no family `{family}`"), help),
            },
            Command::Type("") => Reply::problem(":type needs an expression", ":type add(1, 2)"),
            Command::Type(expression) => self.told(expression, |value, _| value.kind().as_str().to_owned()),
            Command::Show(part) => self.show(part),
            Command::Load("") => Reply::problem(":context load needs a file", ":context load context.json"),
            Command::Load(file) => self.load(file),
            Command::Set(name, expression) => self.set(name, expression),
            Command::Quit => Reply::Quit,
            Command::Unknown(name) => {
                let names = command::COMMANDS.iter().map(|row| row.name);
                let help = nearest(name, names).map(|near| format!("did you mean `{near}`?"));
                let help = help.unwrap_or_else(|| ":help lists the commands".to_owned());
                Reply::problem(format!("there is no command `{name}`"), help)
            }
        }
    }

    fn told(&mut self, expression: &str, tell: impl FnOnce(&Value, bool) -> String) -> Reply {
        let context = self.context();
        match evaluate(expression, &context, self.limits) {
            Ok(value) => Reply::Text(tell(&value, self.colour)),
            Err(diagnostics) => Reply::Problem(diagnostics),
        }
    }

    /// The whole context, or the part under a name such as `actions.Get_report`.
    fn show(&self, name: &str) -> Reply {
        let mut part = &self.values;
        for step in name.split('.').filter(|step| !step.is_empty()) {
            match part.get_ignore_case(step) {
                Some(found) => part = found,
                None => {
                    let names: Vec<&str> =
                        part.as_object().into_iter().flat_map(Object::keys).map(SmolStr::as_str).collect();
                    let help = match names.as_slice() {
                        [] => "there is nothing; :context set NAME EXPR puts something in".to_owned(),
                        names => format!("there are {}", names.join(", ")),
                    };
                    return Reply::problem(format!("the context has no `{name}`"), help);
                }
            }
        }
        Reply::Text(show::value(part, self.colour))
    }

    fn load(&mut self, file: &str) -> Reply {
        if file == "-" {
            return Reply::problem("the terminal is stdin, and no file", ":context load context.json");
        }
        match context::read(&command::path(file, std::env::home_dir())) {
            Ok(values) => {
                let names: Vec<&str> =
                    values.as_object().into_iter().flat_map(Object::keys).map(SmolStr::as_str).collect();
                let reply = Reply::Text(format!("context: {}", brief::on_a_line(&names.join(", "))));
                self.values = values;
                reply
            }
            Err(problem) => Reply::Problem(problem.diagnostics),
        }
    }

    fn set(&mut self, name: &str, expression: &str) -> Reply {
        let steps: Vec<&str> = name.split('.').collect();
        let first = steps.first().copied().unwrap_or_default();
        let group = GROUPS.contains(&first);
        let known = (group && steps.len() > 1) || SINGLES.contains(&first);
        if expression.is_empty() || !known || steps.iter().any(|step| step.is_empty()) {
            let groups = GROUPS.iter().map(|group| format!("{group}.NAME"));
            let names: Vec<String> =
                groups.chain(SINGLES.iter().map(|single| (*single).to_owned())).collect();
            let help = format!("NAME begins with one of {}", names.join(", "));
            return Reply::problem(":context set needs a name and an expression", help);
        }
        let context = self.context();
        let value = match evaluate(expression, &context, self.limits) {
            Ok(value) => value,
            Err(diagnostics) => return Reply::Problem(diagnostics),
        };
        let mut values = self.values.clone();
        put(&mut values, &steps, value.clone());
        if let Err(message) = self.contexts.of(Some(&values)) {
            return Reply::problem(message, "for example 2026-11-21T09:30:00Z, in quotes");
        }
        self.values = values;
        Reply::Text(format!("{name} = {}", show::value(&value, self.colour)))
    }
}

/// Puts a value in at a path, making objects where there are none.
fn put(target: &mut Value, steps: &[&str], value: Value) {
    let Some((first, rest)) = steps.split_first() else {
        *target = value;
        return;
    };
    if target.as_object().is_none() {
        *target = Value::from(Object::new());
    }
    let Some(object) = target.as_object_mut() else { return };
    // Names mean the same in any case, so that one must not be there twice.
    let name =
        object.get_key_value_ignore_case(first).map_or_else(|| (*first).into(), |(name, _)| name.clone());
    let mut inner = object.get(&name).cloned().unwrap_or(Value::Null);
    put(&mut inner, rest, value);
    object.insert(name, inner);
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    fn session() -> Session {
        let values = value!({ "variables": { "Count": 3 }, "actions": { "Get": { "outputs": { "body": { "a": 1 } } } } });
        Session::new(Some(values), Limits::default(), false)
    }

    /// What is said, on whichever stream.
    fn said(session: &mut Session, line: &str) -> String {
        match session.answer(line) {
            Reply::Silence => String::new(),
            Reply::Text(text) => text,
            Reply::Problem(diagnostics) => diagnostics.iter().map(ToString::to_string).collect(),
            Reply::Quit => "QUIT".to_owned(),
        }
    }

    #[test]
    fn lines_are_answered() {
        let mut session = session();
        for (line, expected) in [
            ("", ""),
            ("  ", ""),
            ("add(variables('count'), 1)", "4"),
            (" concat('a',\n'b')", "'ab'"),
            ("@{variables('count')} of 3", "'3 of 3'"),
            (":type variables('count')", "Integer"),
            (":type 'x'", "String"),
            (":context set variables.count add(variables('count'), 1)", "variables.count = 4"),
            ("variables('Count')", "4"),
            (":context variables", "{\n  \"Count\": 4\n}"),
            (":context set trigger.outputs.body.title 'x'", "trigger.outputs.body.title = 'x'"),
            ("triggerBody().title", "'x'"),
            (":context set utcNow '2026-11-21T09:30:00Z'", "utcNow = '2026-11-21T09:30:00Z'"),
            ("utcNow('yyyy')", "'2026'"),
            (":q", "QUIT"),
        ] {
            assert_eq!(said(&mut session, line), expected, "{line}");
        }
    }

    #[test]
    fn mistakes_are_told_and_change_nothing() {
        let mut session = session();
        for (line, expected) in [
            ("ad(1)", "did you mean `add`?"),
            ("body('Get')['b']", "= note: `body('Get')` is {\"a\": 1}"),
            (":fly", "there is no command `:fly`"),
            (":hlep", "did you mean `:help`?"),
            (":help conkat", "did you mean `concat`?"),
            (":functions cooking", "families: "),
            (":type", ":type needs an expression"),
            (":context set", "NAME begins with one of parameters.NAME"),
            (":context set variables 1", "NAME begins with"),
            (":context set variables. 1", "NAME begins with"),
            (":context set utcNow 'soon'", "`utcNow` is no timestamp"),
            (":context set variables.x ad()", "did you mean `add`?"),
            (":context nothing", "there are variables, actions"),
            (":context load /nowhere/at/all.json", "cannot read"),
            (":context load", "needs a file"),
        ] {
            let said = said(&mut session, line);
            assert!(said.contains(expected), "{line}: {said}");
        }
        assert_eq!(said(&mut session, "variables('count')"), "3");
        assert!(!said(&mut session, "utcNow()").is_empty());
    }
}
