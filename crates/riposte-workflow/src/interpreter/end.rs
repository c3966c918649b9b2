//! The end of a run: by itself, by a Terminate action, by somebody who cancels it.

use super::block::no_dependent_succeeded;
use super::{Machine, Reason};
use crate::actions::Ending;
use crate::record::secured_marker;
use crate::state::{FrameId, Here, Phase};
use crate::{ErrorBody, RunEnd, Status};
use riposte_value::{Object, Text, Value};

/// The frame of the workflow's outermost block.
pub(super) const ROOT: FrameId = 0;

impl Machine<'_> {
    /// All actions have ended.
    pub fn run_done(&mut self, status: Status) {
        let mut end = if status == Status::Succeeded {
            RunEnd { status, code: None, error: None, outputs: Value::from(Object::new()) }
        } else {
            let error = no_dependent_succeeded();
            RunEnd {
                status,
                code: Some(error.code.clone()),
                error: Some(error),
                outputs: Value::from(Object::new()),
            }
        };
        match self.outputs() {
            Ok(outputs) => end.outputs = outputs,
            // what failed first is told first
            Err(error) if status == Status::Succeeded => {
                end.status = Status::Failed;
                end.code = Some(error.code.clone());
                end.error = Some(error);
            }
            Err(_) => {}
        }
        self.end(end);
    }

    fn outputs(&self) -> Result<Value, ErrorBody> {
        let mut outputs = Object::with_capacity(self.program.outputs.len());
        for output in &self.program.outputs {
            let value =
                output.value.evaluate(&self.scope(Here { frame: ROOT, slot: 0 })).map_err(|error| {
                    let detail = if output.secure { "it is made of what is secured" } else { &error.message };
                    self.without_secrets(ErrorBody::new(
                        "OutputParameterEvaluationFailed",
                        format!(
                            "Unable to process template language expressions in output parameter '{}': '{}'.",
                            output.name, detail
                        ),
                    ))
                })?;
            let value = if output.secure { secured_marker() } else { value };
            outputs.insert(
                output.name.clone(),
                Value::object([("type", Value::from(&output.kind)), ("value", value)]),
            );
        }
        Ok(Value::from(outputs))
    }

    /// A Terminate action has ended the run: what is under way is cancelled (measured: the scopes around the Terminate
    /// too), what has not started is skipped. Outputs are not evaluated.
    pub fn terminate(&mut self, ending: Ending) {
        self.stop("Terminated");
        let error = ending.error.filter(|_| ending.status == Status::Failed);
        let code = (ending.status != Status::Succeeded).then(|| Text::new_static("Terminated"));
        self.end(RunEnd { status: ending.status, code, error, outputs: Value::from(Object::new()) });
    }

    /// Somebody cancelled the run.
    pub fn cancel(&mut self) {
        if !self.is_running() {
            return;
        }
        self.stop("ActionSkipped");
        self.end(RunEnd {
            status: Status::Cancelled,
            code: Some(Text::new_static("Cancelled")),
            error: None,
            outputs: Value::from(Object::new()),
        });
    }

    /// The time that the run may take is over.
    pub fn expire(&mut self) {
        if !self.is_running() {
            return;
        }
        self.stop("ActionSkipped");
        let error = ErrorBody::new(
            "WorkflowRunTimedOut",
            "The workflow run did not end in the time that a run may take.",
        );
        self.end(RunEnd {
            status: Status::TimedOut,
            code: Some(error.code.clone()),
            error: Some(error),
            outputs: Value::from(Object::new()),
        });
    }

    fn stop(&mut self, skipped_code: &'static str) {
        self.stop_frame(ROOT, &Reason::Stopped { code: skipped_code });
    }

    fn end(&mut self, end: RunEnd) {
        let state = &mut self.state;
        state.phase = Phase::Ended;
        // nothing is asked of a run that has succeeded; another one may be opened again
        if end.status == Status::Succeeded {
            state.frames.clear();
            state.variables.clear();
        }
        self.finished = Some(end);
        state.pending.clear();
        state.tasks.clear();
        state.start = None;
    }
}
