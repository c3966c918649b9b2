//! `/api/…`: Riposte's own paths.

mod alerts;
mod import;
mod timeline;
