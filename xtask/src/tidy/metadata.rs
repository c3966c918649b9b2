//! What cargo knows of the workspace: its crates, and what each of them is built from.

use super::Tree;
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// The crates of the workspace and the graph of packages. Only normal dependencies count: what tests and build
/// scripts use does not reach the product.
#[derive(Debug, Default)]
pub struct Metadata {
    /// The workspace's crates, each with the crates of the workspace that it uses directly.
    pub members: BTreeMap<String, BTreeSet<String>>,
    /// Package id → its name and the ids of what it uses.
    packages: BTreeMap<String, (String, Vec<String>)>,
}

impl Metadata {
    /// Asks cargo.
    pub fn of(tree: &Tree) -> Result<Self> {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(["metadata", "--format-version", "1"]).current_dir(tree.root());
        if let Some(host) = host()? {
            // Other platforms' packages are not downloaded, and are not what runs here.
            command.args(["--filter-platform", &host]);
        }
        let output = command.output().context("cargo does not start")?;
        if !output.status.success() {
            bail!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
        }
        Self::read(&serde_json::from_slice(&output.stdout)?)
    }

    /// Reads what `cargo metadata` prints.
    pub fn read(json: &Value) -> Result<Self> {
        let mut packages = BTreeMap::new();
        let mut names = BTreeMap::new();
        for package in list(json, "packages")? {
            names.insert(text(package, "id")?, text(package, "name")?);
        }
        let resolve = json.get("resolve").context("no `resolve`")?;
        for node in list(resolve, "nodes")? {
            let id = text(node, "id")?;
            let mut uses = Vec::new();
            for used in list(node, "deps")? {
                // A kind of null is a normal dependency.
                if list(used, "dep_kinds")?.iter().any(|kind| kind.get("kind").is_some_and(Value::is_null)) {
                    uses.push(text(used, "pkg")?);
                }
            }
            let name = names.get(&id).cloned().unwrap_or_default();
            packages.insert(id, (name, uses));
        }
        let ids: Vec<&str> = list(json, "workspace_members")?.iter().filter_map(Value::as_str).collect();
        let own: BTreeSet<&str> = ids.iter().copied().collect();
        let mut members = BTreeMap::new();
        for id in ids {
            let Some((name, uses)) = packages.get(id) else { continue };
            let within = uses.iter().filter(|id| own.contains(id.as_str()));
            members.insert(name.clone(), within.filter_map(|id| names.get(id)).cloned().collect());
        }
        Ok(Self { members, packages })
    }

    /// The names of all packages that a crate is built from, with one way to each: `riposte-a → uuid → getrandom`.
    pub fn built_from(&self, member: &str) -> BTreeMap<String, String> {
        let mut ways = BTreeMap::new();
        let mut seen = BTreeSet::new();
        let start = self.packages.iter().find(|(_, (name, _))| name == member).map(|(id, _)| id.clone());
        let mut open: Vec<(String, String)> = start.into_iter().map(|id| (id, String::new())).collect();
        while let Some((id, way)) = open.pop() {
            let Some((name, uses)) = self.packages.get(&id).filter(|_| seen.insert(id.clone())) else {
                continue;
            };
            let way = if way.is_empty() { name.clone() } else { format!("{way} → {name}") };
            open.extend(uses.iter().map(|used| (used.clone(), way.clone())));
            ways.insert(name.clone(), way);
        }
        ways
    }
}

fn list<'a>(json: &'a Value, name: &str) -> Result<&'a Vec<Value>> {
    json.get(name).and_then(Value::as_array).with_context(|| format!("no list `{name}` in cargo's metadata"))
}

fn text(json: &Value, name: &str) -> Result<String> {
    let text = json.get(name).and_then(Value::as_str);
    Ok(text.with_context(|| format!("no text `{name}` in cargo's metadata"))?.to_owned())
}

/// The platform of the compiler, as it names it itself.
fn host() -> Result<Option<String>> {
    let output = Command::new("rustc").arg("-vV").output().context("rustc does not start")?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(told.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned))
}
