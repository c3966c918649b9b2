//! What to do next.

use super::demo::Incident;
use crate::output::{self, Style, paint};
use crate::serve::token_file;
use std::path::Path;

/// Says where the server is, how to sign in, and a few things to try.
pub fn show(url: &str, data: &Path, incident: &Incident) {
    let colour = output::colours(&std::io::stdout());
    let bold = |text: &str| paint(colour, Style::Bold, text);
    let number = &incident.number;
    let token = match std::env::var_os("RIPOSTE_BOOTSTRAP_TOKEN") {
        Some(_) => "\"$RIPOSTE_BOOTSTRAP_TOKEN\"".to_owned(),
        None => format!("$(cat {})", token_file(data).display()),
    };
    output::line(format_args!(
        "
{} {url}; without its token nothing answers. In another terminal:

  export RIPOSTE_URL={url} RIPOSTE_TOKEN={token}

  riposte incident show {number}          # the incident, its comments and its timeline
  riposte run list                 # runs; `riposte run show ID` shows one as a tree
  riposte health list              # how rules and playbooks fared
  riposte playbook check FILE      # check a playbook of your own
  riposte import FILE              # and bring it in

Ctrl-C ends the demo; `riposte up` takes it up again with another incident.",
        bold("The server goes on at")
    ));
}
