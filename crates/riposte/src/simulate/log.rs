//! The vendor's log: each call as a JSON line, written before it is answered.

use super::Call;
use super::lookups::Turn;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

/// How many calls are kept in memory for `GET /__log`.
const ENTRIES_MAX: usize = 100_000;

/// One call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    /// When it came, RFC 3339.
    pub(super) time: String,
    pub(super) method: String,
    /// Path and query.
    pub(super) path: String,
    pub(super) idempotency_key: Option<String>,
    pub(super) status: u16,
    pub(super) turn: Turn,
    /// Tells requests apart that share an idempotency key.
    pub(super) fingerprint: String,
}

impl Entry {
    pub(super) fn new(call: &Call, status: u16, turn: Turn) -> Self {
        Self {
            time: jiff::Timestamp::now().to_string(),
            method: call.method.clone(),
            path: call.target.clone(),
            idempotency_key: call.idempotency_key.clone(),
            status,
            turn,
            fingerprint: super::lookups::fingerprint(call),
        }
    }
}

/// The log.
pub(super) struct CallLog {
    file: Option<File>,
    lines: VecDeque<String>,
}

impl CallLog {
    /// Opens the log and reads what the file holds from before; a line that was cut short by a crash is passed over.
    pub(super) fn open(path: Option<&Path>) -> io::Result<(Self, Vec<Entry>)> {
        let Some(path) = path else { return Ok((Self { file: None, lines: VecDeque::new() }, Vec::new())) };
        let mut file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        if !text.is_empty() && !text.ends_with('\n') {
            file.write_all(b"\n")?;
        }
        let entries: Vec<Entry> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let lines = entries.iter().filter_map(|entry| serde_json::to_string(entry).ok());
        let skipped = entries.len().saturating_sub(ENTRIES_MAX);
        Ok((Self { file: Some(file), lines: lines.skip(skipped).collect() }, entries))
    }

    /// Appends a call and hands it to the operating system.
    pub(super) fn append(&mut self, entry: &Entry) -> io::Result<()> {
        let line = serde_json::to_string(entry)?;
        if let Some(file) = &mut self.file {
            file.write_all(format!("{line}\n").as_bytes())?;
            file.flush()?;
        }
        if self.lines.len() == ENTRIES_MAX {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
        Ok(())
    }

    /// The calls as JSON lines.
    pub(super) fn lines(&self) -> String {
        let mut out = String::new();
        for line in &self.lines {
            out.push_str(line);
            out.push('\n');
        }
        out
    }
}
