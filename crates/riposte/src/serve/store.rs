//! Where the data lies: `--data` and `--store`.

use crate::exit::Problem;
use riposte_diagnostic::Diagnostic;
use std::path::PathBuf;

/// The folder when nobody names one.
const DATA_DEFAULT: &str = "data";
/// What a store may be, for who has named none of these.
const SUCH_AS: &str =
    "such as --store sqlite:/var/lib/riposte or --store postgres://riposte@db.example/riposte";

/// Where everything that the server keeps is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The folder of the data, or of the key, the owner's token and the certificate beside a database; `None` keeps
    /// everything in memory.
    pub data: Option<PathBuf>,
    /// The URL of a database.
    pub database: Option<String>,
}

/// The place that `--data` and `--store` name together.
pub fn place(data: Option<PathBuf>, store: Option<&str>) -> Result<Place, Problem> {
    let in_folder = |folder: PathBuf| Ok(Place { data: Some(folder), database: None });
    let Some(store) = store else { return in_folder(data.unwrap_or_else(|| DATA_DEFAULT.into())) };
    let refuse = |code: &'static str, message: String, help: &str| {
        Err(Problem::usage(Diagnostic::error(code, message).help(help)))
    };
    let scheme = store.split(':').next().unwrap_or_default().to_ascii_lowercase();
    match scheme.as_str() {
        "sqlite" => {}
        "postgres" | "postgresql" => {
            let data = Some(data.unwrap_or_else(|| DATA_DEFAULT.into()));
            return Ok(Place { data, database: Some(store.to_owned()) });
        }
        _ => {
            return refuse("UnknownStore", format!("`{scheme}` is not a kind of store"), SUCH_AS);
        }
    }
    let folder = store.get("sqlite:".len()..).unwrap_or_default();
    if folder == ":memory:" {
        return match data {
            None => Ok(Place::default()),
            Some(_) => refuse(
                "InvalidStore",
                "a store in memory has no folder".to_owned(),
                "leave out either --data or --store",
            ),
        };
    }
    let folder = folder.strip_prefix("//").unwrap_or(folder);
    if folder.is_empty() {
        return refuse("InvalidStore", format!("`{store}` names no folder"), SUCH_AS);
    }
    match data {
        Some(data) if data.as_os_str() != folder => refuse(
            "InvalidStore",
            format!("--data `{}` and --store `{store}` name different folders", data.display()),
            "leave out either of them",
        ),
        _ => in_folder(folder.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores() {
        let of = |data: Option<&str>, store: Option<&str>| {
            let place = place(data.map(Into::into), store);
            place.map_err(|problem| problem.diagnostics[0].code.to_string())
        };
        let folder = |folder: &str| Ok(Place { data: Some(folder.into()), database: None });
        let database =
            |folder: &str, url: &str| Ok(Place { data: Some(folder.into()), database: Some(url.to_owned()) });
        assert_eq!(of(None, None), folder("data"));
        assert_eq!(of(Some("d"), None), folder("d"));
        assert_eq!(of(None, Some("sqlite:/srv/r")), folder("/srv/r"));
        assert_eq!(of(None, Some("sqlite:///srv/r")), folder("/srv/r"));
        assert_eq!(of(None, Some("sqlite::memory:")), Ok(Place::default()));
        assert_eq!(of(Some("d"), Some("sqlite:e")), Err("InvalidStore".into()));
        assert_eq!(of(None, Some("sqlite:")), Err("InvalidStore".into()));
        assert_eq!(of(None, Some("postgres://h/d")), database("data", "postgres://h/d"));
        assert_eq!(of(Some("k"), Some("postgresql://h/d")), database("k", "postgresql://h/d"));
        assert_eq!(of(None, Some("mysql://h/d")), Err("UnknownStore".into()));
    }
}
