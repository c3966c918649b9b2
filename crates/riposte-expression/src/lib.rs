//! The workflow expression language: scan, parse, compile, evaluate.
//!
//! ```
//! use riposte_expression::{MapContext, Template};
//! use riposte_value::value;
//!
//! let inputs = value!({
//!     "subject": "Incident @{triggerBody()?['object']?['properties']?['incidentNumber']}",
//!     "hosts": "@union(body('Hosts'), createArray('web-1'))"
//! });
//! let template = Template::compile(&inputs).unwrap();
//! let context = MapContext::new(value!({
//!     "trigger": { "outputs": { "body": { "object": { "properties": { "incidentNumber": 7 } } } } },
//!     "actions": { "Hosts": { "outputs": { "body": ["db-1"] } } }
//! }));
//! assert_eq!(
//!     template.evaluate(&context).unwrap(),
//!     value!({ "subject": "Incident 7", "hosts": ["db-1", "web-1"] })
//! );
//! ```

pub mod ast;
mod casing;
mod compare;
mod content;
mod context;
mod culture;
mod error;
mod evaluate;
mod functions;
mod lent;
mod limits;
mod map_context;
mod number;
mod number_format;
mod parse;
mod path;
mod program;
mod references;
mod scan;
mod scratch;
mod shown;
mod size;
mod template;
mod text;
pub mod time;
mod trace;
mod uri;
mod utf16;
mod xml;
mod xpath;

pub use context::{Context, NameKind};
pub use error::{CompileError, EvaluationError, ParseError};
pub use functions::{Example, Family, Function, Purity, function, functions};
pub use limits::{EXPRESSION_CHARACTERS_MAX, Limits};
pub use map_context::MapContext;
pub use parse::{NESTING_MAX, parse};
pub use references::{CallReference, NameReference, Place, References};
pub use riposte_diagnostic::Span;
pub use template::Template;
pub use time::Ticks;
pub use trace::{Trace, trace};
