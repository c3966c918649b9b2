//! The owner's token at first start.
//!
//! In a new folder it is written to `DATA/owner.token` before the store takes it, so that a crash between the two
//! cannot lose it. It is never logged or printed.

use crate::exit::Problem;
use crate::output;
use riposte_diagnostic::Diagnostic;
use riposte_engine::Engine;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Where the token of a server is.
pub fn token_file(data: &Path) -> PathBuf {
    data.join("owner.token")
}

/// The token that the environment gives.
fn given() -> Option<String> {
    let token = std::env::var("RIPOSTE_BOOTSTRAP_TOKEN").unwrap_or_default();
    Some(token.trim().to_owned()).filter(|token| !token.is_empty())
}

/// Makes the folder of the data, and in a new one the owner's token. To be called before the store is opened.
pub fn prepare(data: Option<&Path>) -> Result<(), Problem> {
    let Some(data) = data else {
        return match given() {
            Some(_) => Ok(()),
            None => Err(Problem::usage(
                Diagnostic::error("MissingToken", "a store in memory has no place for the owner's token")
                    .help("give one with RIPOSTE_BOOTSTRAP_TOKEN"),
            )),
        };
    };
    let unusable = |error: std::io::Error| {
        let message = format!("the folder `{}` cannot be used: {error}", data.display());
        Problem::usage(Diagnostic::error("UnusableFolder", message))
    };
    let mut folder = std::fs::DirBuilder::new();
    folder.recursive(true);
    // What is not sealed in the database is protected by this.
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(data).map_err(unusable)?;
    let is_new = std::fs::read_dir(data).map_err(unusable)?.next().is_none();
    if is_new && given().is_none() {
        let token = format!("rip_{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
        write(&token_file(data), &token)?;
    }
    Ok(())
}

/// Gives a new server its owner. A server that has one keeps it.
pub async fn ensure(engine: &Engine, data: Option<&Path>) -> Result<(), Problem> {
    let refused = |error: riposte_engine::Error| Problem::usage(Diagnostic::error(error.code, error.message));
    let file = data.map(token_file);
    let held = match file.as_ref().filter(|file| file.exists()) {
        Some(file) => Some(crate::input::text(file)?.trim().to_owned()),
        None => None,
    };
    let known = given().or(held.filter(|token| !token.is_empty()));
    let made = engine.ensure_owner_token(known).await.map_err(refused)?;
    match (made, file) {
        (Some(token), Some(file)) => write(&file, &token),
        _ => Ok(()),
    }
}

/// The token of a server whose folder this is, for who runs in the same process.
pub fn token(data: &Path) -> Result<String, Problem> {
    match given() {
        Some(token) => Ok(token),
        None => Ok(crate::input::text(&token_file(data))?.trim().to_owned()),
    }
}

/// Writes the file whole and for its owner alone, and says where it is.
fn write(file: &Path, token: &str) -> Result<(), Problem> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let written = options.open(file).and_then(|mut out| {
        writeln!(out, "{token}")?;
        out.sync_all()
    });
    written.map_err(|error| {
        let message = format!("cannot keep the owner's token in `{}`: {error}", file.display());
        Problem::usage(Diagnostic::error("UnusableFolder", message))
    })?;
    output::note(format_args!("the owner's token is in {}", file.display()));
    Ok(())
}
