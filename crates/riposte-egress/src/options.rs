//! Limits of one call.

use std::time::Duration;

/// Limits of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallOptions {
    /// From the first look-up to the last byte, redirects included. 120 s, as a synchronous call has on the service.
    pub timeout: Duration,
    /// The largest response body, decompressed. 100 MB.
    pub response_bytes_max: usize,
    /// What to do with a redirect.
    pub redirects: Redirects,
}

/// What to do with a redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redirects {
    /// Follow it, at most ten times, each hop through the gate.
    Follow,
    /// Hand it back as the response.
    Return,
}

impl Default for CallOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_mins(2),
            response_bytes_max: 100 * 1024 * 1024,
            redirects: Redirects::Follow,
        }
    }
}
