//! `/api/…`: Riposte's own paths.

mod alert_rules;
mod alerts;
mod import;
mod rules;
mod timeline;
