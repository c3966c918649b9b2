//! How starting an action comes out, and how an action ends.

use crate::http_status;
use crate::interpreter::{Answer, Reason};
use crate::program::StaticResult;
use crate::{ErrorBody, Status};
use riposte_value::{Object, Text, Value};

/// How starting an action comes out, if it does not fail.
pub(crate) enum Started {
    /// It has ended.
    Done(Completion),
    /// It is under way.
    Waiting,
    /// It is not to run after all.
    Skipped(Reason),
    /// It has ended, and the run with it.
    Ended(Completion, Ending),
}

/// How a Terminate action ends the run.
#[derive(Debug, Clone)]
pub(crate) struct Ending {
    pub status: Status,
    pub error: Option<ErrorBody>,
}

/// How an action ended.
#[derive(Debug, Clone)]
pub(crate) struct Completion {
    pub status: Status,
    pub code: Text,
    pub error: Option<ErrorBody>,
    /// None leaves what the record has.
    pub inputs: Option<Value>,
    pub outputs: Option<Value>,
    pub iteration_count: Option<u64>,
    pub repetition_count: Option<u64>,
}

impl Completion {
    pub fn new(status: Status, code: impl Into<Text>) -> Self {
        Self {
            status,
            code: code.into(),
            error: None,
            inputs: None,
            outputs: None,
            iteration_count: None,
            repetition_count: None,
        }
    }

    pub fn succeeded(code: &'static str) -> Self {
        Self::new(Status::Succeeded, Text::new_static(code))
    }

    pub fn failed(code: &'static str, error: ErrorBody) -> Self {
        Self { error: Some(error), ..Self::new(Status::Failed, Text::new_static(code)) }
    }

    /// An action whose time was over.
    pub fn timed_out() -> Self {
        let error = ErrorBody::new("ActionTimedOut", "The execution of the action timed out.");
        Self { error: Some(error), ..Self::new(Status::TimedOut, Text::new_static("ActionTimedOut")) }
    }

    /// What an answer means for the action that asked. Measured: below 400 is success, and a failure has no error of
    /// its own beside the answer.
    pub fn of_answer(answer: Answer) -> Self {
        let status = if answer.status_code < 400 { Status::Succeeded } else { Status::Failed };
        let mut outputs = Object::with_capacity(3);
        outputs.insert("statusCode", answer.status_code);
        outputs.insert("headers", answer.headers);
        if let Some(body) = answer.body {
            outputs.insert("body", body);
        }
        Self::new(status, http_status::name(answer.status_code)).outputs(Value::from(outputs))
    }

    pub fn of_static_result(result: &StaticResult) -> Self {
        Self {
            error: result.error.clone(),
            outputs: result.outputs.clone(),
            ..Self::new(result.status, result.code.clone())
        }
    }

    pub fn inputs(self, inputs: Value) -> Self {
        Self { inputs: Some(inputs), ..self }
    }

    pub fn outputs(self, outputs: Value) -> Self {
        Self { outputs: Some(outputs), ..self }
    }

    /// `{"body": …}` as outputs.
    pub fn body(self, body: Value) -> Self {
        self.outputs(Value::object([("body", body)]))
    }
}
