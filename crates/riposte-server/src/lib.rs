//! REST: every Azure wire shape, the routing table, limits and TLS.
//!
//! [`serve`] puts an [`Engine`](riposte_engine::Engine) behind one listener. Every path comes from one table of
//! routes, and each row names the Azure action that its caller must hold; a row without one cannot be written.
//! Handlers read the request, call the engine and shape the answer, nothing else.
//!
//! ```no_run
//! # async fn example(engine: riposte_engine::Engine) -> Result<(), riposte_server::Error> {
//! use riposte_server::{Options, serve};
//!
//! let options = Options::new(([127, 0, 0, 1], 8700).into());
//! serve(engine, options, |url| println!("listening on {url}"), async { tokio::signal::ctrl_c().await.ok(); }).await
//! # }
//! ```

mod answer;
mod api_version;
mod base_url;
mod body;
mod dispatch;
mod filter;
mod openapi;
mod options;
mod order_by;
mod paging;
mod query;
mod refusal;
mod refused;
mod request;
mod route;
mod routes;
mod serve;
mod tls;
mod warning;

pub use options::{Limits, Options, Tls};
pub use routes::{RouteSummary, route_summaries};
pub use serve::{Error, serve};
