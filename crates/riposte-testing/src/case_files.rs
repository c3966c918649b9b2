//! Reading a folder of case files.

use serde::de::{DeserializeOwned, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The cases of a folder: id, case, what stands beside the cases of its file.
pub(crate) type Filed<T, B> = Vec<(String, T, Rc<B>)>;

/// What may stand beside the cases of a file where nothing may.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Reads every `*.json` directly in the folder. The error names the file and the line.
pub(crate) fn read_folder<T, B>(folder: &Path) -> Result<Filed<T, B>, String>
where
    T: DeserializeOwned,
    B: DeserializeOwned,
{
    let mut cases = Filed::new();
    let mut ids = BTreeSet::new();
    for file in json_files(folder)? {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let (named, beside) = read_file::<T, B>(&file)?;
        for (name, case) in named {
            let id = format!("{stem}/{name}");
            if !ids.insert(id.clone()) {
                return Err(format!("{}: two cases are named `{name}`", file.display()));
            }
            cases.push((id, case, Rc::clone(&beside)));
        }
    }
    if cases.is_empty() { Err(format!("{}: there is no case", folder.display())) } else { Ok(cases) }
}

/// What the runner itself reads of a case.
#[derive(Deserialize)]
struct Name {
    name: Option<String>,
}

type Read<T, B> = (Vec<(String, T)>, Rc<B>);

/// Reads a file twice, once for the names and once as the caller's type: a list read by type keeps serde's line
/// and column, which a detour over a JSON value would lose.
fn read_file<T: DeserializeOwned, B: DeserializeOwned>(file: &Path) -> Result<Read<T, B>, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let wrong = |error: serde_json::Error| format!("{}: {error}", file.display());
    // A syntax error is told as such, whatever else is wrong.
    serde_json::from_str::<IgnoredAny>(&text).map_err(wrong)?;
    let File { cases, beside } = serde_json::from_str::<File<T>>(&text).map_err(wrong)?;
    let beside: B = serde_json::to_string(&beside)
        .and_then(|text| serde_json::from_str(&text))
        .map_err(|error| format!("{}: beside the cases: {error}", file.display()))?;
    let names = serde_json::from_str::<File<Name>>(&text).map_err(wrong)?.cases;
    let names = names.into_iter().enumerate().map(|(at, n)| n.name.unwrap_or_else(|| (at + 1).to_string()));
    Ok((names.zip(cases).collect(), Rc::new(beside)))
}

/// A file of cases: a list, or an object that says what they are about.
struct File<T> {
    cases: Vec<T>,
    beside: BTreeMap<String, Box<RawValue>>,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for File<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FileVisitor(PhantomData))
    }
}

struct FileVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for FileVisitor<T> {
    type Value = File<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of cases or an object with `cases`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<File<T>, A::Error> {
        let mut cases = Vec::new();
        while let Some(case) = items.next_element()? {
            cases.push(case);
        }
        Ok(File { cases, beside: BTreeMap::new() })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<File<T>, A::Error> {
        let mut cases = None;
        let mut beside = BTreeMap::new();
        while let Some(name) = entries.next_key::<String>()? {
            match name.as_str() {
                "about" | "description" => drop(entries.next_value::<String>()?),
                "cases" => cases = Some(entries.next_value()?),
                _ => drop(beside.insert(name, entries.next_value()?)),
            }
        }
        let cases = cases.ok_or_else(|| A::Error::missing_field("cases"))?;
        Ok(File { cases, beside })
    }
}

fn json_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        let is_list = path.file_name().is_some_and(|name| name == crate::known_failures::FILE_NAME);
        if path.extension().is_some_and(|extension| extension == "json") && !is_list {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
