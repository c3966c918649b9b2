//! Files that commands read.

use crate::exit::Problem;
use riposte_diagnostic::Diagnostic;
use riposte_value::{Value, json};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The largest file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// How deep folders are walked.
const FOLDER_DEPTH_MAX: usize = 64;

/// The text of a file; `-` is stdin.
pub fn text(path: &Path) -> Result<String, Problem> {
    let shown = path.display().to_string();
    let unreadable = |why: String| {
        let message = format!("cannot read `{shown}`: {why}");
        Problem::usage(Diagnostic::error("UnreadableFile", message).in_file(shown.clone()))
    };
    let mut bytes = Vec::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().lock().take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| unreadable(cause(&error)))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(unreadable(format!("it is larger than {} MB", FILE_BYTES_MAX / 1024 / 1024)));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        unreadable(format!("it is not UTF-8 (byte {at}); save it as UTF-8"))
    })
}

/// Why a file could not be read, in the system's words without the number.
fn cause(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// The JSON value in a file, read leniently (comments, trailing commas, a byte order mark).
pub fn value(path: &Path) -> Result<Value, Problem> {
    let text = text(path)?;
    json::parse_lenient(&text).map_err(|error| Problem::usage(not_json(&error, &path.display().to_string())))
}

/// What is said of text that is no JSON.
pub fn not_json(error: &json::Error, file: &str) -> Diagnostic {
    Diagnostic::error("InvalidJson", error.message.clone()).in_file(file).at_line(error.line, error.column)
}

/// The files that paths name: files as they are, folders walked for `*.json` (but not for `*.test.json`, which are
/// tests of playbooks), in order of name.
pub fn json_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Problem> {
    let files = files(paths, &[".json"])?;
    let is_test = |file: &PathBuf| ends_in(file, ".test.json") && !paths.contains(file);
    Ok(files.into_iter().filter(|file| !is_test(file)).collect())
}

/// The files that paths name: files as they are, folders walked for names with one of these endings, in order of name.
pub fn files(paths: &[PathBuf], endings: &[&str]) -> Result<Vec<PathBuf>, Problem> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            walk(path, endings, FOLDER_DEPTH_MAX, &mut files)?;
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn ends_in(file: &Path, ending: &str) -> bool {
    file.file_name().is_some_and(|name| name.to_string_lossy().to_lowercase().ends_with(ending))
}

fn walk(folder: &Path, endings: &[&str], depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Problem> {
    let shown = folder.display().to_string();
    let unreadable = |why: String| {
        let message = format!("cannot read the folder `{shown}`: {why}");
        Problem::usage(Diagnostic::error("UnreadableFile", message))
    };
    if depth == 0 {
        return Err(unreadable(format!("folders nest deeper than {FOLDER_DEPTH_MAX}")));
    }
    let entries = std::fs::read_dir(folder).map_err(|error| unreadable(cause(&error)))?;
    let mut found = Vec::new();
    for entry in entries {
        found.push(entry.map_err(|error| unreadable(cause(&error)))?.path());
    }
    found.sort();
    for path in found {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if path.is_dir() {
            // A link to a folder is not followed, so that a circle of links ends.
            if !path.is_symlink() {
                walk(&path, endings, depth - 1, files)?;
            }
        } else if endings.iter().any(|ending| ends_in(&path, ending)) {
            files.push(path);
        }
    }
    Ok(())
}
