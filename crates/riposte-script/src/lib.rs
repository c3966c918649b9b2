//! JavaScript of playbooks (`JavaScriptCode`): run without any access to its host, bounded in time and memory.
//!
//! The code is the body of a function of `workflowContext`; what it returns, or what the promise that it returns comes
//! to, is the result, as `JSON.stringify` writes it. There are the objects of the language and nothing else: no files, no
//! network, no timers, no `require`. `console` is there and says nothing, as nobody reads it.
//!
//! [`run`] blocks its thread for as long as the script takes. The engine is `QuickJS`, in a heap of its own for each call.
//!
//! ```
//! use riposte_script::{Limits, run};
//! use riposte_value::value;
//!
//! let context = value!({ "actions": { "Read": { "outputs": [1, 2, 3] } } });
//! let code = "return workflowContext.actions.Read.outputs.reduce((sum, n) => sum + n, 0);";
//! assert_eq!(run(code, &context, &Limits::default()).unwrap(), Some(value!(6)));
//! assert!(run("for (;;) {}", &context, &Limits { time: std::time::Duration::from_millis(50), ..Limits::default() }).is_err());
//! ```

mod bounds;
mod console;

use riposte_value::Value;
use rquickjs::promise::PromiseState;
use rquickjs::{CatchResultExt as _, CaughtError, Context, Ctx, Function, Promise, Runtime};
use std::time::{Duration, Instant};

/// How much of the stack a script may use: deep recursion ends with an error of the script.
const STACK_BYTES: usize = 512 * 1024;

/// What a script may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long it may run. Documented: 5 seconds.
    pub time: Duration,
    /// How large its heap may grow, its context and its result among it.
    pub memory_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(5), memory_bytes: 128 * 1024 * 1024 }
    }
}

/// Why there is no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// It threw, or it is no JavaScript. With the message of the error.
    #[error("{0}")]
    Thrown(String),
    /// It ran for too long.
    #[error("the script ran for longer than {} ms", .0.as_millis())]
    TimedOut(Duration),
    /// It used too much memory.
    #[error("the script used more than {} MB of memory", .0 / (1024 * 1024))]
    OutOfMemory(usize),
    /// The promise that it returned waits for something that cannot come.
    #[error("the promise that the script returned is never settled")]
    NeverSettled,
    /// The engine could not be set up.
    #[error("the script engine cannot be started: {0}")]
    Unavailable(String),
}

/// Runs a script. `None`: it returned nothing that JSON knows (`undefined`, a function).
///
/// # Errors
/// It threw, is no JavaScript, or went over its limits.
pub fn run(code: &str, context: &Value, limits: &Limits) -> Result<Option<Value>, ScriptError> {
    let unavailable = |error: rquickjs::Error| ScriptError::Unavailable(error.to_string());
    let runtime = Runtime::new().map_err(unavailable)?;
    let end = Instant::now() + limits.time;
    runtime.set_memory_limit(limits.memory_bytes);
    runtime.set_max_stack_size(STACK_BYTES);
    runtime.set_interrupt_handler(Some(Box::new(move || Instant::now() >= end)));
    let engine = Context::full(&runtime).map_err(unavailable)?;
    let text = engine.with(|ctx| {
        let outcome = evaluate(&ctx, code, &context.to_string(), end);
        outcome.map_err(|failure| failure.read(limits, end))
    })?;
    match text {
        None => Ok(None),
        Some(text) => riposte_value::json::parse(&text)
            .map(Some)
            .map_err(|error| ScriptError::Thrown(format!("the result is not JSON: {error}"))),
    }
}

/// What went wrong inside, before the limits are held against it.
enum Failure {
    Thrown(String),
    NoMemory,
    Pending,
}

impl Failure {
    fn of(error: &CaughtError<'_>) -> Self {
        match error {
            CaughtError::Exception(exception) => {
                let name = exception.as_object().get::<_, String>("name").unwrap_or_default();
                let message = exception.message().unwrap_or_default();
                if name == "InternalError" && message.contains("out of memory") {
                    return Self::NoMemory;
                }
                Self::Thrown(if name.is_empty() { message } else { format!("{name}: {message}") })
            }
            CaughtError::Error(rquickjs::Error::Allocation) => Self::NoMemory,
            CaughtError::Error(error) => Self::Thrown(error.to_string()),
            CaughtError::Value(value) => thrown_value(value),
        }
    }

    /// An interrupted script throws what looks like an error of its own.
    fn read(self, limits: &Limits, end: Instant) -> ScriptError {
        match self {
            Self::NoMemory => ScriptError::OutOfMemory(limits.memory_bytes),
            _ if Instant::now() >= end => ScriptError::TimedOut(limits.time),
            Self::Thrown(message) => ScriptError::Thrown(message),
            Self::Pending => ScriptError::NeverSettled,
        }
    }
}

/// `throw 'text'`; where there is no memory for an error, `null` is thrown.
fn thrown_value(value: &rquickjs::Value<'_>) -> Failure {
    if value.is_null() {
        return Failure::NoMemory;
    }
    let text = value.as_string().and_then(|text| text.to_string().ok());
    Failure::Thrown(text.unwrap_or_else(|| format!("a value of type `{}` was thrown", value.type_name())))
}

fn evaluate(ctx: &Ctx<'_>, code: &str, context: &str, end: Instant) -> Result<Option<String>, Failure> {
    let caught = |error: CaughtError<'_>| Failure::of(&error);
    console::install(ctx).catch(ctx).map_err(caught)?;
    bounds::install(ctx).catch(ctx).map_err(caught)?;
    let call: Function<'_> = ctx
        .eval("(code, context) => new Function('workflowContext', code)(JSON.parse(context))")
        .catch(ctx)
        .map_err(caught)?;
    let returned: rquickjs::Value<'_> = call.call((code, context)).catch(ctx).map_err(caught)?;
    let settled = match Promise::from_value(returned.clone()) {
        Ok(promise) => settle(ctx, &promise, end)?,
        Err(_) => returned,
    };
    let text = ctx.json_stringify(settled).catch(ctx).map_err(caught)?;
    text.map(|text| text.to_string()).transpose().catch(ctx).map_err(caught)
}

/// Works off what the promise waits for.
fn settle<'js>(
    ctx: &Ctx<'js>,
    promise: &Promise<'js>,
    end: Instant,
) -> Result<rquickjs::Value<'js>, Failure> {
    while promise.state() == PromiseState::Pending {
        if Instant::now() >= end || !ctx.execute_pending_job() {
            return Err(Failure::Pending);
        }
    }
    let result = promise.result::<rquickjs::Value<'js>>();
    let result = result.ok_or(Failure::Pending)?;
    result.catch(ctx).map_err(|error| Failure::of(&error))
}
