//! One step under way: what is known, what is to do, what it has produced.

use super::records::restore_records;
use super::{Reason, Scope};
use crate::actions::{Completion, Started};
use crate::program::{Action, StaticResult};
use crate::state::{Here, Pending, Phase, Task};
use crate::{
    ActionRecord, CallSettings, Command, CommandId, CommandKind, ErrorBody, Program, ResponseToCaller,
    RunEnd, RunStart, State, Status, Step,
};
use jiff::Timestamp;
use riposte_expression::{EvaluationError, Template};
use riposte_value::{Text, Value};
use std::cell::Cell;

/// How many actions one step starts at most. A run with more to do continues in another step, so that no step keeps
/// the store waiting for long.
const ACTIONS_PER_STEP: u32 = 50_000;

/// What starting an action comes to: a completion, or one that says why it failed.
pub(crate) type Run = Result<Completion, Box<Completion>>;

/// One step under way.
pub(crate) struct Machine<'p> {
    pub program: &'p Program,
    pub state: State,
    pub at: Timestamp,
    pub random: Cell<u64>,
    pub commands: Vec<Command>,
    /// Commands that end subscriptions: they go out even if the run ends in this step.
    pub farewells: Vec<Command>,
    pub records: Vec<ActionRecord>,
    pub finished: Option<RunEnd>,
    pub response: Option<ResponseToCaller>,
    /// Actions with actions inside that started in this step: if they still run at its end, history says so.
    pub begun: Vec<Here>,
    /// Limits of time on actions with actions inside that started in this step.
    pub limits: Vec<(Here, Timestamp)>,
    budget: u32,
}

impl<'p> Machine<'p> {
    pub fn new(program: &'p Program, mut state: State, at: Timestamp, seed: u64) -> Self {
        if let Some(records) = state.restored.take() {
            restore_records(program, &mut state, records);
        }
        Self {
            program,
            state,
            at,
            random: Cell::new(seed),
            commands: Vec::new(),
            farewells: Vec::new(),
            records: Vec::new(),
            finished: None,
            response: None,
            begun: Vec::new(),
            limits: Vec::new(),
            budget: ACTIONS_PER_STEP,
        }
    }

    /// Starts the run, if it has not started.
    pub fn begin(&mut self, start: Box<RunStart>) {
        if self.state.phase != Phase::New {
            return;
        }
        self.state.phase = Phase::Running;
        self.state.start = Some(start);
        self.state.started_at = Some(self.at);
        self.state.variables = vec![None; self.program.variables.len()];
        self.enter_root();
    }

    /// Works through all that needs nothing from outside.
    pub fn work(&mut self) {
        while self.state.phase == Phase::Running {
            let Some(task) = self.state.tasks.pop() else { break };
            if self.budget == 0 {
                self.state.tasks.push(task);
                self.continue_later();
                break;
            }
            self.budget -= 1;
            match task {
                Task::Start(here) => self.start(here),
                Task::Turn(here) => self.turn(here),
            }
        }
    }

    /// Asks for another step.
    pub fn continue_later(&mut self) {
        self.state.continuations += 1;
        let command = Command {
            id: CommandId(Text::from(format!("continue#{}", self.state.continuations))),
            action: Text::default(),
            repetition: Vec::new(),
            attempt: self.state.continuations,
            deadline: None,
            settings: CallSettings::default(),
            kind: CommandKind::Timer { due: self.at },
        };
        self.command(command, None);
    }

    /// Gives a command, which is pending from now on.
    pub fn command(&mut self, command: Command, here: Option<Here>) {
        self.commands.push(command.clone());
        self.state.pending.push(Pending { command, here });
    }

    pub fn into_step(mut self) -> Step {
        for here in std::mem::take(&mut self.begun) {
            let slot = self.state.slot(here);
            if let Some(record) = slot.record.get().filter(|_| !slot.is_done()) {
                let record = record.clone();
                self.records.push(record);
            }
        }
        if self.is_running() {
            self.set_limits();
        }
        if self.state.phase == Phase::Ended {
            self.commands.clear();
        } else {
            let pending = self.farewells.iter().cloned().map(|command| Pending { command, here: None });
            self.state.pending.extend(pending);
        }
        self.commands.append(&mut self.farewells);
        Step {
            state: self.state,
            commands: self.commands,
            records: self.records,
            finished: self.finished,
            response: self.response,
        }
    }

    /// The action at a place.
    pub fn action(&self, here: Here) -> &'p Action {
        let block = self.state.frame(here.frame).map_or(usize::MAX, |frame| frame.block);
        self.program.action_at(block, here.slot)
    }

    /// Starts an action whose predecessors have all ended, or skips it.
    fn start(&mut self, here: Here) {
        if let Some(reason) = self.unmet(here) {
            self.skip(here, &reason);
            return;
        }
        let action = self.action(here);
        if let Some(result) = &action.settings.static_result {
            self.complete_statically(here, result);
            return;
        }
        let deadline = match self.block_deadline(here) {
            Ok(deadline) => deadline,
            Err(failure) => {
                self.skip_inside(here, &failure.code);
                self.complete(here, *failure);
                return;
            }
        };
        match action.kind.start(self, here) {
            Ok(Started::Waiting) => self.limits.extend(deadline.map(|due| (here, due))),
            Ok(Started::Skipped(reason)) => self.skip(here, &reason),
            Ok(Started::Done(completion)) => self.complete(here, completion),
            Ok(Started::Ended(completion, end)) => {
                self.close(here, completion);
                self.terminate(end);
            }
            Err(failure) => self.complete(here, *failure),
        }
    }

    /// Ends an action with its static result. What stands inside of it does not run.
    fn complete_statically(&mut self, here: Here, result: &StaticResult) {
        let action = self.action(here);
        let completion = Completion::of_static_result(result);
        let reason = Reason::Dependency {
            around: action.name.clone(),
            status: completion.status,
            code: completion.code.clone(),
        };
        self.close(here, completion);
        for block in &action.blocks {
            self.skip_block(here, *block, &reason);
        }
        self.after(here);
    }

    /// Evaluates a template at a place. A failure is the action's.
    pub fn evaluate(&self, here: Here, template: &Template) -> Result<Value, Box<Completion>> {
        if let Some(constant) = template.constant() {
            return Ok(constant.clone());
        }
        template.evaluate(&self.scope(here)).map_err(|error| self.inputs_failure(here, &error))
    }

    /// What expressions see at a place.
    pub fn scope(&self, here: Here) -> Scope<'_, 'p> {
        Scope { machine: self, frame: here.frame, item: None, current: None, callback: None }
    }

    /// The failure of an action whose inputs cannot be evaluated. The words are the service's, which gives no other
    /// line and column than zero.
    pub fn inputs_failure(&self, here: Here, error: &EvaluationError) -> Box<Completion> {
        self.invalid_inputs(here, &error.message)
    }

    /// As [`Self::inputs_failure`], from the detail alone.
    pub fn invalid_inputs(&self, here: Here, detail: &str) -> Box<Completion> {
        let name = &self.action(here).name;
        Box::new(Completion::failed(
            "BadRequest",
            ErrorBody::new(
                "InvalidTemplate",
                format!(
                    "Unable to process template language expressions in action '{name}' inputs at line '0' and column '0': '{detail}'."
                ),
            ),
        ))
    }

    /// The failure of an action outside its inputs: a condition, a loop's expression.
    pub fn invalid_expression(&self, here: Here, detail: &str) -> Box<Completion> {
        let name = &self.action(here).name;
        Box::new(Completion::failed(
            "BadRequest",
            ErrorBody::new(
                "InvalidTemplate",
                format!(
                    "Unable to process template language expressions for action '{name}' at line '0' and column '0': '{detail}'."
                ),
            ),
        ))
    }

    /// The run's status while it goes on or after it ended, for checks.
    pub fn is_running(&self) -> bool {
        self.state.phase == Phase::Running
    }

    /// Marks an action as under way and makes its record.
    pub fn open(&mut self, here: Here, inputs: Option<Value>) {
        let record = self.fresh_record(here, Status::Running);
        let action = self.action(here);
        let slot = self.state.slot_mut(here);
        slot.status = Some(Status::Running);
        slot.record = crate::state::Kept::record(record);
        self.set_inputs(action, here, inputs);
    }

    /// As [`Self::open`], for an action with actions inside.
    pub fn open_block(&mut self, here: Here, inputs: Option<Value>) {
        self.open(here, inputs);
        self.begun.push(here);
    }
}
