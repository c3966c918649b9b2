//! Where the data lies: `--data` and `--store`.

use crate::exit::Problem;
use riposte_diagnostic::Diagnostic;
use std::path::PathBuf;

/// The folder when nobody names one.
const DATA_DEFAULT: &str = "data";

/// The folder of the data; `None` keeps everything in memory (`sqlite::memory:`).
pub fn folder(data: Option<PathBuf>, store: Option<&str>) -> Result<Option<PathBuf>, Problem> {
    let Some(store) = store else { return Ok(Some(data.unwrap_or_else(|| DATA_DEFAULT.into()))) };
    let refuse = |code: &'static str, message: String, help: &str| {
        Err(Problem::usage(Diagnostic::error(code, message).help(help)))
    };
    let scheme = store.split(':').next().unwrap_or_default().to_ascii_lowercase();
    match scheme.as_str() {
        "sqlite" => {}
        "postgres" | "postgresql" => {
            let message = "the PostgreSQL store comes with a later version".to_owned();
            return refuse("StoreNotAvailable", message, "keep the data in a folder: --data DIR");
        }
        _ => {
            let message = format!("`{scheme}` is not a kind of store");
            return refuse("UnknownStore", message, "such as --store sqlite:/var/lib/riposte");
        }
    }
    let place = store.get("sqlite:".len()..).unwrap_or_default();
    if place == ":memory:" {
        return match data {
            None => Ok(None),
            Some(_) => refuse(
                "InvalidStore",
                "a store in memory has no folder".to_owned(),
                "leave out either --data or --store",
            ),
        };
    }
    let place = place.strip_prefix("//").unwrap_or(place);
    if place.is_empty() {
        return refuse(
            "InvalidStore",
            format!("`{store}` names no folder"),
            "such as --store sqlite:/var/lib/riposte",
        );
    }
    match data {
        Some(data) if data.as_os_str() != place => refuse(
            "InvalidStore",
            format!("--data `{}` and --store `{store}` name different folders", data.display()),
            "leave out either of them",
        ),
        _ => Ok(Some(place.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores() {
        let of = |data: Option<&str>, store: Option<&str>| {
            folder(data.map(Into::into), store).map_err(|problem| problem.diagnostics[0].code.to_string())
        };
        assert_eq!(of(None, None), Ok(Some("data".into())));
        assert_eq!(of(Some("d"), None), Ok(Some("d".into())));
        assert_eq!(of(None, Some("sqlite:/srv/r")), Ok(Some("/srv/r".into())));
        assert_eq!(of(None, Some("sqlite:///srv/r")), Ok(Some("/srv/r".into())));
        assert_eq!(of(None, Some("sqlite::memory:")), Ok(None));
        assert_eq!(of(Some("d"), Some("sqlite:e")), Err("InvalidStore".into()));
        assert_eq!(of(None, Some("sqlite:")), Err("InvalidStore".into()));
        assert_eq!(of(None, Some("postgres://h/d")), Err("StoreNotAvailable".into()));
        assert_eq!(of(None, Some("mysql://h/d")), Err("UnknownStore".into()));
    }
}
