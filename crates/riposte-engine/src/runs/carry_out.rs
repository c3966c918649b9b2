//! Carrying out commands outside: HTTP through the egress gate, scripts, and timers. Each in a task of its own, so that the
//! branches of a run do not wait for each other; what came of it is put into the run's mailbox.

use super::begin::Reach;
use super::drive::Drive;
use super::requests::{Recorder, RequestLog};
use super::script;
use super::work::until;
use crate::shared::Shared;
use futures_util::FutureExt as _;
use riposte_connector::{
    Call, CallContext, CallError, Exchange, OutgoingRequest, Transfer, WorkflowIdentity, service_call,
};
use riposte_egress::CallOptions;
use riposte_value::{Text, Value};
use riposte_workflow::{Command, CommandKind, EventKind, Outcome};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

impl Drive {
    /// Carries a command out in a task.
    pub(super) fn carry_out(&mut self, command: Command) {
        let mailbox = self.mailbox.clone();
        if let CommandKind::Timer { due } = command.kind {
            let wait = self.shared.clock.until(due);
            self.tasks.spawn(async move {
                wait.await;
                // The run may have ended.
                let _ = mailbox.send(EventKind::TimerFired { command: command.id });
            });
            return;
        }
        let shared = Arc::clone(&self.shared);
        let reach = Arc::clone(&self.launch.reach);
        let context = self.call_context(&command);
        let recorder = Recorder::new(self.requests.clone(), &self.launch.program, &command);
        let chunked = command.settings.chunked;
        let timeout = command.deadline.map(|deadline| until(self.now(), deadline));
        self.tasks.spawn(async move {
            let call = AssertUnwindSafe(call(&shared, &reach, &command.kind, &context, (chunked, &recorder)))
                .catch_unwind();
            let outcome = match timeout {
                None => call.await,
                Some(timeout) => {
                    tokio::time::timeout(timeout, call).await.unwrap_or_else(|_| Ok(timed_out()))
                }
            };
            let outcome = outcome.unwrap_or_else(|_| panicked());
            // The run may have ended.
            let _ = mailbox.send(EventKind::Finished { command: command.id, outcome });
        });
    }

    /// Sends what ends subscriptions after the run has ended. Nobody waits for the answers.
    pub(super) fn take_leave(&self, commands: Vec<Command>) {
        for command in commands {
            let (shared, reach) = (Arc::clone(&self.shared), Arc::clone(&self.launch.reach));
            let context = self.call_context(&command);
            // The run's history is closed.
            let recorder = Recorder::new(RequestLog::default(), &self.launch.program, &command);
            tokio::spawn(async move {
                let said = call(&shared, &reach, &command.kind, &context, (false, &recorder)).await;
                if let Outcome::NoResponse { code, message } = said {
                    tracing::warn!(action = %command.action, %code, message, "a subscription cannot be ended");
                }
            });
        }
    }

    /// What a call says of its run. The key is the run's id and the command's: the same after a crash.
    fn call_context(&self, command: &Command) -> CallContext {
        let beginning = &self.launch.beginning;
        let workflow = |name: &str| Text::new(beginning.workflow.str_at(&[name]).unwrap_or_default());
        CallContext {
            idempotency_key: Text::from(format!("{}/{}", self.launch.id, command.id)),
            workflow: (!command.settings.suppress_workflow_headers).then(|| WorkflowIdentity {
                id: workflow("id"),
                name: workflow("name"),
                run_id: Text::new(&self.launch.id),
                operation_name: command.action.clone(),
                client_tracking_id: beginning.trigger.client_tracking_id.clone(),
                ..WorkflowIdentity::default()
            }),
        }
    }
}

fn timed_out() -> Outcome {
    Outcome::NoResponse { code: Text::new("ActionTimedOut"), message: "The action has timed out.".to_owned() }
}

fn panicked() -> Outcome {
    Outcome::NoResponse {
        code: Text::new("InternalServerError"),
        message: "the call went down inside the engine".to_owned(),
    }
}

fn refused(error: &CallError) -> Outcome {
    Outcome::NoResponse { code: Text::new(&error.code), message: error.to_string() }
}

async fn call(
    shared: &Shared,
    reach: &Reach,
    kind: &CommandKind,
    context: &CallContext,
    (chunked, recorder): (bool, &Recorder),
) -> Outcome {
    let built = match kind {
        CommandKind::Http { inputs } | CommandKind::HttpWebhook { inputs } => {
            riposte_connector::http_action::build(inputs, context)
        }
        CommandKind::ApiConnection { connection, inputs } => {
            connector_call(shared, reach, connection, inputs, context)
        }
        CommandKind::ApiConnectionWebhook { connection, inputs } => {
            let mut inputs = inputs.clone();
            if let Some(object) = inputs.as_object_mut() {
                object.insert("method", "post");
            }
            connector_call(shared, reach, connection, &inputs, context)
        }
        CommandKind::Function { function, inputs } => {
            service_call::function(function, inputs, |name| shared.services.function_app(name), context)
        }
        CommandKind::ApiManagement { api, inputs } => {
            service_call::managed_api(api, inputs, |name| shared.services.managed_api(name), context)
        }
        CommandKind::Script { code, context } => return script::run(code.clone(), context.clone()).await,
        _ => Err(CallError::new("NotSupported", "this kind of call is not supported")),
    };
    let request = match built {
        Err(error) => return refused(&error),
        Ok(Call::Ready(request)) => request,
        Ok(Call::NeedsToken { request, token }) => match shared.token(&token, reach.identified).await {
            Ok(token) => request.with_bearer(&token),
            Err(outcome) => return outcome,
        },
    };
    exchange(shared, request, chunked, recorder).await
}

/// Sends a request, or the requests that it comes to, and reads the answer.
async fn exchange(shared: &Shared, request: OutgoingRequest, chunked: bool, recorder: &Recorder) -> Outcome {
    let options = CallOptions::default();
    let (mut transfer, mut request) = Transfer::begin(request, chunked, options.response_bytes_max);
    loop {
        let open = recorder.begin(shared, &request);
        let response = match shared.egress.send(request, options).await {
            Ok(response) => {
                open.answered(&response);
                response
            }
            Err(error) => {
                open.failed(error.code(), &error.to_string());
                return Outcome::NoResponse { code: Text::new(error.code()), message: error.to_string() };
            }
        };
        match transfer.next(response) {
            Err(error) => return refused(&error),
            Ok(Exchange::Send(next)) => request = next,
            Ok(Exchange::Done(response)) => {
                let content = riposte_connector::read_response(&response);
                return Outcome::Response {
                    status_code: content.status_code,
                    headers: content.headers,
                    body: content.body,
                };
            }
        }
    }
}

fn connector_call(
    shared: &Shared,
    reach: &Reach,
    connection: &str,
    inputs: &Value,
    context: &CallContext,
) -> Result<Call, CallError> {
    let Some(state) = shared.connection_state(connection).filter(|_| reach.reaches(connection)) else {
        return Err(CallError::new(
            "ConnectionNotFound",
            format!("connection `{connection}` does not exist"),
        )
        .help("import its template, or create it"));
    };
    let definition = shared.connector_definition(&state)?;
    riposte_connector::build_request(&definition, &state.connection, inputs, context)
}
