//! A trigger's definition, read: what starts it, under which conditions, in how many runs, how many at a time.

use super::batch::{BatchConfiguration, read_configurations};
use super::read::read_recurrence;
use riposte_diagnostic::{Diagnostic, join_path, nearest};
use riposte_expression::Template;
use riposte_value::{Object, Text, Value};

/// What starts runs, as far as who provides it must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Starter {
    /// An HTTP request to the trigger's address.
    Request,
    /// A schedule.
    Recurrence,
    /// A schedule whose every slot stands for a window of time, none of which is left out.
    SlidingWindow,
    /// An HTTP request that is sent at each slot.
    HttpPoll,
    /// A connector's operation that is called at each slot.
    ConnectorPoll,
    /// A subscription at a web service, which calls back.
    HttpWebhook,
    /// A subscription through a connector, which calls back.
    ConnectorWebhook,
    /// This installation's own Sentinel connector.
    Sentinel,
    /// Messages that other workflows send, gathered until they are enough.
    Batch,
}

/// Types of triggers. Sentinel's are `ApiConnectionWebhook` with a path of their own.
const TYPES: [(&str, Starter); 10] = [
    ("Request", Starter::Request),
    ("Manual", Starter::Request),
    ("Recurrence", Starter::Recurrence),
    ("SlidingWindow", Starter::SlidingWindow),
    ("Http", Starter::HttpPoll),
    ("ApiConnection", Starter::ConnectorPoll),
    ("HttpWebhook", Starter::HttpWebhook),
    ("ApiConnectionWebhook", Starter::ConnectorWebhook),
    ("ApiConnectionNotification", Starter::ConnectorWebhook),
    ("Batch", Starter::Batch),
];

/// How many runs there may be at a time, and how many more may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Concurrency {
    /// At a time.
    pub runs: usize,
    /// Waiting for their turn; what comes beside them is refused.
    pub waiting: usize,
}

/// A trigger's definition, read.
#[derive(Debug)]
pub struct TriggerPlan {
    /// What starts it; none where its type is not served.
    pub starter: Option<Starter>,
    /// What it asks of others, or is asked with.
    pub(super) inputs: Option<Template>,
    pub(super) recurrence: Option<Template>,
    pub(super) conditions: Vec<(Text, Template)>,
    pub(super) split_on: Option<(Text, Template)>,
    pub(super) tracking: Option<Template>,
    pub(super) split_tracking: Option<Template>,
    /// How many runs at a time; any number without it.
    pub concurrency: Option<Concurrency>,
    /// The configurations of a Batch trigger.
    pub batches: Vec<BatchConfiguration>,
    options: Vec<Text>,
}

/// The most runs at a time (documented), and as many more as may wait without a `maximumWaitingRuns`.
const RUNS_MAX: i64 = 100;
const RUNS_DEFAULT: i64 = 25;
const WAITING_BESIDE_RUNS: i64 = 10;

impl TriggerPlan {
    /// Reads a definition; what is wrong with it goes to `told`, with paths below `path`.
    pub(crate) fn read(
        definition: &Object,
        is_sentinel: bool,
        path: &str,
        told: &mut Vec<Diagnostic>,
    ) -> Self {
        let starter = if is_sentinel { Some(Starter::Sentinel) } else { starter(definition, path, told) };
        let mut reader = Reader { definition, path, told };
        let inputs = reader.template("inputs");
        let recurrence = reader.recurrence(starter);
        let configurations =
            (starter == Some(Starter::Batch)).then(|| definition.get_ignore_case("inputs")).flatten();
        let batches = read_configurations(configurations, &join_path(path, "inputs"), reader.told);
        Self {
            starter,
            inputs,
            recurrence,
            conditions: reader.conditions(),
            split_on: reader.split_on(),
            tracking: reader.nested(&["correlation", "clientTrackingId"]),
            split_tracking: reader.nested(&["splitOnConfiguration", "correlation", "clientTrackingId"]),
            concurrency: reader.concurrency(),
            batches,
            options: options(definition),
        }
    }

    /// Whether `operationOptions` name this option.
    pub fn has_option(&self, name: &str) -> bool {
        self.options.iter().any(|option| option.eq_ignore_ascii_case(name))
    }

    /// Whether an occurrence may become several runs.
    pub fn splits(&self) -> bool {
        self.split_on.is_some()
    }

    /// Whether it has a recurrence.
    pub fn recurs(&self) -> bool {
        self.recurrence.is_some()
    }
}

fn starter(definition: &Object, path: &str, told: &mut Vec<Diagnostic>) -> Option<Starter> {
    let kind = definition.get_ignore_case("type").and_then(Value::as_str).unwrap_or_default();
    let found = TYPES.iter().find(|row| row.0.eq_ignore_ascii_case(kind.trim())).map(|row| row.1);
    if found.is_none() {
        let near = nearest(kind, TYPES.iter().map(|row| row.0));
        let diagnostic =
            Diagnostic::warning("TriggerNotServed", format!("triggers of type `{kind}` start nothing here"))
                .at(join_path(path, "type"));
        told.push(diagnostic.help(near.map_or_else(
            || "its workflow runs when it is started by hand, or with a trigger of another type".to_owned(),
            |near| format!("did you mean `{near}`?"),
        )));
    }
    found
}

fn options(definition: &Object) -> Vec<Text> {
    let given = definition.get_ignore_case("operationOptions").and_then(Value::as_str).unwrap_or_default();
    given.split(',').map(str::trim).filter(|option| !option.is_empty()).map(Text::new).collect()
}

struct Reader<'d, 't> {
    definition: &'d Object,
    path: &'d str,
    told: &'t mut Vec<Diagnostic>,
}

impl Reader<'_, '_> {
    fn fault(&mut self, code: &'static str, member: &str, message: String) {
        self.told.push(Diagnostic::error(code, message).at(join_path(self.path, member)));
    }

    /// A member as a template. Faults of expressions in `inputs` are told where the definition is compiled.
    fn template(&self, member: &str) -> Option<Template> {
        Template::compile(self.definition.get_ignore_case(member)?).ok()
    }

    fn compile(&mut self, value: &Value, path: &str) -> Option<Template> {
        match Template::compile(value) {
            Ok(template) => Some(template),
            Err(errors) => {
                self.told.extend(errors.into_iter().map(|error| {
                    Diagnostic::error("InvalidExpression", error.to_string()).at(path.to_owned())
                }));
                None
            }
        }
    }

    fn nested(&mut self, members: &[&str]) -> Option<Template> {
        let (first, rest) = members.split_first()?;
        let mut value = self.definition.get_ignore_case(first)?;
        for member in rest {
            value = value.get_ignore_case(member)?;
        }
        let value = value.clone();
        let path = members.iter().fold(self.path.to_owned(), |path, member| join_path(&path, member));
        self.compile(&value, &path)
    }

    fn recurrence(&mut self, starter: Option<Starter>) -> Option<Template> {
        let needs = matches!(
            starter,
            Some(Starter::Recurrence | Starter::SlidingWindow | Starter::HttpPoll | Starter::ConnectorPoll)
        );
        let Some(value) = self.definition.get_ignore_case("recurrence").filter(|value| !value.is_null())
        else {
            if needs {
                self.told.push(
                    Diagnostic::error("MissingProperty", "`recurrence` is missing: the trigger needs it")
                        .at(self.path.to_owned()),
                );
            }
            return None;
        };
        let path = join_path(self.path, "recurrence");
        let value = value.clone();
        let template = self.compile(&value, &path)?;
        if let Some(constant) = template.constant()
            && let Err(faults) = read_recurrence(constant, &path)
        {
            self.told.extend(faults);
        }
        Some(template)
    }

    fn conditions(&mut self) -> Vec<(Text, Template)> {
        let Some(given) = self.definition.get_ignore_case("conditions").filter(|c| !c.is_null()) else {
            return Vec::new();
        };
        let Some(conditions) = given.as_array() else {
            self.fault(
                "InvalidTrigger",
                "conditions",
                format!("`conditions` must be an array, and is {given}"),
            );
            return Vec::new();
        };
        let mut compiled = Vec::with_capacity(conditions.len());
        for (index, condition) in conditions.iter().enumerate() {
            let path = format!("{}.conditions[{index}].expression", self.path);
            let Some(expression) = condition.get_ignore_case("expression") else {
                self.told.push(
                    Diagnostic::error("MissingProperty", "`expression` is missing: a condition needs it")
                        .at(path),
                );
                continue;
            };
            let expression = expression.clone();
            let text = expression.as_str().map_or_else(|| Text::from(expression.to_string()), Text::new);
            if let Some(template) = self.compile(&expression, &path) {
                compiled.push((text, template));
            }
        }
        compiled
    }

    /// Documented: an expression that is rooted at what the trigger brought.
    fn split_on(&mut self) -> Option<(Text, Template)> {
        let given = self.definition.get_ignore_case("splitOn").filter(|split| !split.is_null())?.clone();
        let rooted = given.as_str().is_some_and(|text| {
            let text = text.trim_start_matches(['@', '{', ' ']).to_ascii_lowercase();
            text.starts_with("triggerbody()") || text.starts_with("triggeroutputs()")
        });
        if !rooted {
            let message =
                format!("`splitOn` must be an expression that begins with `@triggerBody()`, and is {given}");
            self.fault("InvalidSplitOn", "splitOn", message);
            return None;
        }
        let path = join_path(self.path, "splitOn");
        let text = Text::new(given.as_str().unwrap_or_default());
        Some((text, self.compile(&given, &path)?))
    }

    fn concurrency(&mut self) -> Option<Concurrency> {
        let single =
            options(self.definition).iter().any(|option| option.eq_ignore_ascii_case("SingleInstance"));
        let given = self
            .definition
            .get_ignore_case("runtimeConfiguration")
            .and_then(|runtime| runtime.get_ignore_case("concurrency"))
            .filter(|given| !given.is_null())
            .cloned();
        let Some(given) = given else {
            // Documented: an occurrence while a run is under way starts nothing.
            return single.then_some(Concurrency { runs: 1, waiting: 0 });
        };
        if single {
            let message = "`concurrency` and the option `SingleInstance` exclude each other".to_owned();
            self.fault("InvalidConcurrency", "operationOptions", message);
        }
        let runs = self.bounded(&given, "runs", RUNS_DEFAULT, 1);
        let waiting =
            self.bounded(&given, "maximumWaitingRuns", (runs + WAITING_BESIDE_RUNS).min(RUNS_MAX), 0);
        Some(Concurrency {
            runs: usize::try_from(runs).unwrap_or(1),
            waiting: usize::try_from(waiting).unwrap_or(0),
        })
    }

    fn bounded(&mut self, given: &Value, member: &str, default: i64, least: i64) -> i64 {
        let Some(value) = given.get_ignore_case(member).filter(|value| !value.is_null()) else {
            return default;
        };
        // An expression is not evaluated here: the service takes numbers alone.
        match value.as_i64().filter(|number| (least..=RUNS_MAX).contains(number)) {
            Some(number) => number,
            None => {
                let path = "runtimeConfiguration.concurrency";
                let message =
                    format!("`{member}` must be a number from {least} to {RUNS_MAX}, and is {value}");
                self.fault("InvalidConcurrency", path, message);
                default
            }
        }
    }
}
