//! Workflow definitions: model, check, compile, and the pure interpreter.
//!
//! [`compile`] reads a definition and reports every fault; [`step`] takes a run from one event to the next. Neither
//! knows a clock, chance or the world: time and randomness come with the event, what is wanted from outside goes out as
//! commands. Whoever calls [`step`] commits what it gives in one transaction, carries the commands out and brings their
//! outcomes back as events.
//!
//! ```
//! use riposte_value::{Object, Value, value};
//! use riposte_workflow::{Outcome, RunStart, Status, TriggerOccurrence, compile, drive};
//!
//! let (program, diagnostics) = compile(&value!({
//!     "triggers": { "manual": { "type": "Request", "kind": "Http" } },
//!     "actions": {
//!         "Look_up": { "type": "Http", "inputs": { "method": "GET", "uri": "https://ti.example/@{triggerBody()?['ip']}" } },
//!         "Verdict": { "type": "Compose", "inputs": "@body('Look_up')?['verdict']", "runAfter": { "Look_up": ["Succeeded"] } }
//!     }
//! }));
//! assert!(diagnostics.is_empty());
//! let at = "2026-11-21T12:00:00Z".parse().unwrap();
//! let start = RunStart::of_trigger("run-1", "manual", value!({ "body": { "ip": "192.0.2.7" } }), at);
//! let run = drive(&program.unwrap(), start, &mut |_call| Outcome::Response {
//!     status_code: 200,
//!     headers: Object::new(),
//!     body: Some(value!({ "verdict": "malicious" })),
//! }, at);
//! assert_eq!(run.end.status, Status::Succeeded);
//! assert_eq!(run.record("Verdict").unwrap().outputs, Some(value!("malicious")));
//! ```

mod actions;
mod command;
mod drive;
mod duration;
mod event;
mod exact;
mod http_status;
mod interpreter;
mod kept;
mod program;
mod record;
mod state;
mod status;
mod step;
mod time;
mod trace;
pub mod trigger;

pub use command::{CallSettings, Command, CommandId, CommandKind};
pub use drive::{DrivenRun, drive};
pub use event::{CallbackSigner, Event, EventKind, Outcome, PERMANENT_CODES, RunStart, TriggerOccurrence};
pub use http_status::name as status_name;
pub use interpreter::step;
pub use program::{Hidden, Parameter, Program, Trigger, TriggerKind, compile};
pub use record::{ActionRecord, ErrorBody, RepetitionIndex, RetryEntry, secured_marker};
pub use state::State;
pub use status::Status;
pub use step::{ResponseToCaller, RunEnd, Step};
pub use trace::{Past, expression_traces};
