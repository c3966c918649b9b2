//! The password file of libpq: lines `host:port:database:user:password`, in which `*` stands for anything and a
//! backslash takes the meaning from a colon. Source: the chapter "The Password File" of PostgreSQL's manual.

use crate::{Error, Result};
use std::path::{Path, PathBuf};
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// The password for a connection: from the file that is named, else from `PGPASSFILE`, else from `~/.pgpass`. One that
/// is named must be there.
pub(super) fn password(named: Option<PathBuf>, config: &Config) -> Result<Option<String>> {
    let variable = |name: &str| std::env::var_os(name).filter(|text| !text.is_empty()).map(PathBuf::from);
    let is_named = named.is_some();
    let file = named
        .or_else(|| variable("PGPASSFILE"))
        .or_else(|| variable("HOME").map(|home| home.join(".pgpass")));
    let Some(file) = file else { return Ok(None) };
    let fail = |why: String| Error::Address(format!("the password file `{}`: {why}", file.display()));
    match std::fs::read_to_string(&file) {
        Ok(text) => {
            refuse_open_file(&file).map_err(fail)?;
            Ok(find(&text, &wanted(config)))
        }
        Err(error) if is_named => Err(fail(error.to_string())),
        Err(_) => Ok(None),
    }
}

/// Host, port, database and user of a connection, as the file names them.
fn wanted(config: &Config) -> [String; 4] {
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(name)) => name.clone(),
        _ => "localhost".to_owned(),
    };
    let user = config.get_user().unwrap_or_default();
    [
        host,
        config.get_ports().first().copied().unwrap_or(5432).to_string(),
        config.get_dbname().unwrap_or(user).to_owned(),
        user.to_owned(),
    ]
}

fn find(text: &str, wanted: &[String; 4]) -> Option<String> {
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut fields = fields(line).into_iter();
        let matches =
            wanted.iter().all(|value| fields.next().is_some_and(|field| field == "*" || field == *value));
        fields.next().filter(|_| matches)
    })
}

/// The fields of a line; the fifth is the rest.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut letters = line.trim_end_matches('\r').chars();
    while let Some(letter) = letters.next() {
        let letter = match letter {
            ':' if fields.len() < 5 => {
                fields.push(String::new());
                continue;
            }
            '\\' => letters.next().unwrap_or('\\'),
            other => other,
        };
        if let Some(field) = fields.last_mut() {
            field.push(letter);
        }
    }
    fields
}

fn refuse_open_file(file: &Path) -> std::result::Result<(), String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(file).map_err(|error| error.to_string())?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(format!("others may read it (mode {:03o}): chmod 600", mode & 0o777));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_fits_counts() {
        let text = "# comment\nother:5432:db:me:no\ndb.example:*:*:me:a\\:b\\\\c:d\n*:*:*:*:last\n";
        let of = |host: &str, user: &str| {
            find(text, &[host.to_owned(), "5432".to_owned(), "riposte".to_owned(), user.to_owned()])
        };
        assert_eq!(of("db.example", "me").as_deref(), Some("a:b\\c:d"));
        assert_eq!(of("other", "me").as_deref(), Some("last"));
        assert_eq!(find("h:1:d:u", &["h".into(), "1".into(), "d".into(), "u".into()]), None);
    }
}
