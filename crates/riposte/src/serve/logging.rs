//! The log: on stderr, as much as `RIPOSTE_LOG` says.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Begins to log; `level` counts where `RIPOSTE_LOG` says nothing.
pub fn start(level: &str) {
    let wanted = std::env::var("RIPOSTE_LOG").unwrap_or_default();
    let wanted = if wanted.trim().is_empty() { level } else { wanted.as_str() };
    let filter = EnvFilter::try_new(wanted).unwrap_or_else(|_| EnvFilter::new(level));
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .try_init();
    // Only a second start in one process can fail, and then the first one's log goes on.
    drop(started);
}
