//! The mocks of a run: finding the answer to a call, and telling afterwards what was missing and what was not needed.

use super::Auto;
use super::reply::{Asked, Reply};
use super::rule::Rule;
use crate::exit::{Exit, Problem};
use crate::playbook::call::Call;
use crate::playbook::document::Document;
use crate::playbook::format::{self, Kind};
use crate::playbook::play::{Answer, Answers};
use jiff::Timestamp;
use riposte_diagnostic::{Diagnostic, join_path};
use riposte_value::{Text, Value};
use riposte_workflow::{Command, Outcome};
use std::path::Path;
use std::time::Duration;

/// The mocks of a run.
#[derive(Debug)]
pub struct Mocks {
    rules: Vec<Rule>,
    default: Fallback,
    auto: Auto,
    missed: Vec<String>,
    faults: Vec<String>,
}

/// What answers a call that no mock fits.
#[derive(Debug, Default)]
pub enum Fallback {
    /// Nothing.
    #[default]
    Fail,
    /// A plausible success.
    Auto,
    /// This.
    Reply(Box<Reply>),
}

impl Fallback {
    /// The `default` of mocks that fit their form; `None` where they have none.
    pub fn read(mocks: &Value, path: &str, out: &mut Vec<Diagnostic>) -> Option<Self> {
        Some(match mocks.get("default")? {
            Value::String(word) if word == "auto" => Self::Auto,
            Value::String(_) => Self::Fail,
            reply => Self::Reply(Box::new(Reply::read(reply, &join_path(path, "default"), out))),
        })
    }
}

impl Mocks {
    /// Mocks in the order in which they are asked.
    pub fn new(rules: Vec<Rule>, default: Fallback, auto: Auto) -> Self {
        Self { rules, default, auto, missed: Vec::new(), faults: Vec::new() }
    }

    /// Reads a mock file. `auto` answers where the file says so.
    pub fn read(path: &Path, auto: Auto) -> Result<(Self, Document), Problem> {
        let document = Document::read(path)?;
        let mut faults = Vec::new();
        format::check(&document.value, Kind::Object(&format::MOCKS), "$", &mut faults);
        let rules = Rule::read_all(&document.value, "$", false, &mut faults);
        let default = Fallback::read(&document.value, "$", &mut faults).unwrap_or_default();
        if !faults.is_empty() {
            let placed = |fault: Diagnostic| {
                let path = fault.location.path.clone().unwrap_or_else(|| "$".to_owned());
                document.diagnose(fault, &path)
            };
            return Err(Problem { exit: Exit::Usage, diagnostics: faults.into_iter().map(placed).collect() });
        }
        Ok((Self::new(rules, default, auto), document))
    }

    /// What made up the answers that were left to it.
    pub fn auto(&self) -> &Auto {
        &self.auto
    }

    /// Hands back what made up answers.
    pub fn into_auto(self) -> Auto {
        self.auto
    }

    /// The mocks.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Calls that no mock answered.
    pub fn missed(&self) -> &[String] {
        &self.missed
    }

    /// Answers that could not be given, and why.
    pub fn faults(&self) -> &[String] {
        &self.faults
    }

    /// What a trial run warns of: mocks that nobody asked, and calls that nobody answered.
    pub fn warnings(&self, document: &Document) -> Vec<Diagnostic> {
        let unused = self.rules.iter().filter_map(|rule| Some((rule.unused()?, rule.path.as_str())));
        let unused =
            unused.map(|(message, path)| document.diagnose(Diagnostic::warning("UnusedMock", message), path));
        let missed = self.missed.iter().chain(&self.faults);
        let missed = missed.map(|message| {
            Diagnostic::warning("MissingMock", message.clone())
                .in_file(&document.file)
                .help("add an answer to `actions` or `calls`, or `\"default\": \"auto\"`")
        });
        unused.chain(missed).collect()
    }
}

impl Answers for Mocks {
    fn answer(&mut self, command: &Command, at: Timestamp) -> Answer {
        let call = Call::of(command);
        let api = self.auto.api(&call).map(str::to_owned);
        let rule = self.rules.iter_mut().find(|rule| rule.is_for(command, &call, api.as_deref()));
        let found =
            rule.and_then(|rule| rule.next().map(|(reply, before)| (reply, before, rule.source.clone())));
        let (reply, before, source) = match (found, &self.default) {
            (Some(found), _) => found,
            (None, _) if self.auto.is_sentinel(&call) => return self.auto.answer(command, at),
            (None, Fallback::Auto) => return self.auto.answer(command, at),
            (None, Fallback::Reply(reply)) => (reply.as_ref().clone(), 0, "mock default".to_owned()),
            (None, Fallback::Fail) => {
                let message = format!(
                    "no mock answers `{} {}` of action `{}`",
                    call.method, call.address, command.action
                );
                self.missed.push(message.clone());
                return unanswered(message);
            }
        };
        let asked = Asked { command, call: &call, before };
        reply.answer(&asked, source.clone()).unwrap_or_else(|why| {
            let message = format!("the {source} has an expression without a value: {why}");
            self.faults.push(message.clone());
            unanswered(message)
        })
    }
}

/// A call that nothing answers: it fails, so that a forgotten mock shows.
fn unanswered(message: String) -> Answer {
    let outcome = Outcome::NoResponse { code: Text::new_static("NotSupported"), message };
    Answer { after: Duration::ZERO, outcome, callback: None, source: "nothing".to_owned() }
}
