//! `cargo run -p xtask -- COMMAND`: work on the repository that is done by a program.

use anyhow::{Result, bail};
use std::path::Path;
use std::process::ExitCode;
use xtask::seeds;
use xtask::tidy::{self, Tree};

const USAGE: &str = "usage: cargo run -p xtask -- tidy | tidy NAME… | checks | ratchet | seeds
  tidy      look at the tree; exit code 1 if something is untidy
  ratchet   lower the listed sizes to what they are now; never raises one
  checks    what `tidy` looks at
  seeds     write seeds for the fuzz targets";

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    match arguments.as_slice() {
        ["tidy", names @ ..] => run(&Tree::read(&root)?, names),
        ["ratchet"] => Ok(print(&tidy::tighten(&Tree::read(&root)?)?)),
        ["seeds"] => Ok(print(&seeds::write(&Tree::read(&root)?)?)),
        ["checks"] => {
            for check in tidy::CHECKS {
                println!("{:10} {}", check.name, check.about);
            }
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            eprintln!("{USAGE}");
            Ok(ExitCode::from(2))
        }
    }
}

fn print(lines: &[String]) -> ExitCode {
    for line in lines {
        println!("{line}");
    }
    ExitCode::SUCCESS
}

fn run(tree: &Tree, names: &[&str]) -> Result<ExitCode> {
    if let Some(unknown) = names.iter().find(|name| tidy::CHECKS.iter().all(|check| check.name != **name)) {
        bail!("there is no check `{unknown}`; `xtask checks` lists them");
    }
    let mut found = 0;
    let mut looked = 0;
    for check in tidy::CHECKS.iter().filter(|check| names.is_empty() || names.contains(&check.name)) {
        looked += 1;
        for finding in (check.run)(tree)? {
            found += 1;
            eprintln!("{}: {finding}", check.name);
        }
    }
    println!("tidy: {looked} checks, {} files, {found} findings", tree.len());
    Ok(if found == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
