//! Environments with client libraries: made once below `target/clients`, and kept until what they hold is to be another.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// An environment that scripts run in.
pub struct Environment {
    program: PathBuf,
    folder: PathBuf,
}

impl Environment {
    /// The command that runs a script.
    pub fn command(&self, script: &Path) -> Command {
        let mut command = Command::new(&self.program);
        // Modules of JavaScript are looked for beside the script.
        if script.extension().is_some_and(|extension| extension == "mjs") {
            let copy = self.folder.join(script.file_name().unwrap());
            std::fs::copy(script, &copy).unwrap();
            command.arg(copy);
        } else {
            command.arg(script);
        }
        for name in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
            command.env_remove(name);
        }
        command.env("PYTHONDONTWRITEBYTECODE", "1").stdin(Stdio::null());
        command
    }
}

/// A virtual environment of Python with these packages; none, told, where it cannot be made.
pub fn python(name: &str, packages: &[String]) -> Option<Environment> {
    let folder = place(name);
    let program = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let wanted = packages.join("\n");
    if !holds(&folder, &wanted) {
        let _ = std::fs::remove_dir_all(&folder);
        let base = ["python3", "python"].into_iter().find(|name| answers(name))?;
        must(name, Command::new(base).args(["-m", "venv"]).arg(&folder))?;
        let mut install = Command::new(&program);
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(packages);
        must(name, &mut install)?;
        std::fs::write(folder.join(HELD), wanted).unwrap();
    }
    Some(Environment { program, folder })
}

/// A folder with the packages of `package.json`; none, told, where it cannot be made.
pub fn node() -> Option<Environment> {
    let folder = place("node");
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/node/package.json");
    let wanted = std::fs::read_to_string(manifest).unwrap();
    if !answers("node") || !answers("npm") {
        return None;
    }
    if !holds(&folder, &wanted) {
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("package.json"), &wanted).unwrap();
        let mut install = Command::new("npm");
        install.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]);
        must("node", install.current_dir(&folder))?;
        std::fs::write(folder.join(HELD), wanted).unwrap();
    }
    Some(Environment { program: "node".into(), folder })
}

/// Says what an environment holds; written last, so that one that was given up half-way is made anew.
const HELD: &str = "held.txt";

fn place(name: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let folder = target.join("clients");
    std::fs::create_dir_all(&folder).unwrap();
    folder.join(name)
}

fn holds(folder: &Path, wanted: &str) -> bool {
    std::fs::read_to_string(folder.join(HELD)).is_ok_and(|held| held == wanted)
}

/// Whether a program is there.
fn answers(program: &str) -> bool {
    let found = Command::new(program).arg("--version").stdin(Stdio::null()).output();
    let is_there = found.is_ok_and(|output| output.status.success());
    if !is_there {
        println!("skipped: `{program}` is absent");
    }
    is_there
}

/// Runs what makes an environment. Where that fails, packages cannot be had: told, and the test passes.
fn must(name: &str, command: &mut Command) -> Option<Output> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    if output.status.success() {
        return Some(output);
    }
    println!("skipped: {name} cannot be installed: {}", String::from_utf8_lossy(&output.stderr).trim());
    None
}
