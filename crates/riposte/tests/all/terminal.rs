//! `riposte eval` on a terminal: typed at for real, through a pseudo-terminal.

use crate::process::{Folder, command};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const CTRL_C: &str = "\u{3}";
const CTRL_D: &str = "\u{4}";
const UP: &str = "\u{1b}[A";

/// A sitting at a terminal.
struct Sitting {
    keyboard: File,
    screen: Arc<Mutex<Vec<u8>>>,
    /// How much of the screen was looked at.
    seen: usize,
    child: Child,
}

impl Sitting {
    fn begin(folder: &Folder, arguments: &[&str], colour: bool) -> Self {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&terminal).unwrap();
        unlockpt(&terminal).unwrap();
        let name = ptsname(&terminal, Vec::new()).unwrap();
        let other =
            OpenOptions::new().read(true).write(true).open(OsStr::from_bytes(name.as_bytes())).unwrap();
        let mut command = command();
        command.arg("eval").args(arguments);
        command.env("XDG_STATE_HOME", folder.path("state")).env("TERM", "xterm");
        if colour {
            command.env_remove("NO_COLOR");
        } else {
            command.env("NO_COLOR", "1");
        }
        command.stdin(other.try_clone().unwrap()).stdout(other.try_clone().unwrap()).stderr(other);
        let child = command.spawn().unwrap();
        drop(command);
        let keyboard = File::from(terminal);
        let screen = Arc::new(Mutex::new(Vec::new()));
        let (mut output, shared) = (keyboard.try_clone().unwrap(), screen.clone());
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut piece) {
                shared.lock().unwrap().extend_from_slice(&piece[..count]);
            }
        });
        let mut sitting = Self { keyboard, screen, seen: 0, child };
        sitting.wait("> ");
        sitting
    }

    fn type_in(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until something new on the screen holds the text, and looks no further than there.
    #[track_caller]
    fn wait(&mut self, text: &str) {
        let began = Instant::now();
        loop {
            let screen = self.screen.lock().unwrap().clone();
            let fresh = String::from_utf8_lossy(&screen[self.seen..]).into_owned();
            if let Some(at) = fresh.find(text) {
                self.seen += fresh[..at + text.len()].len();
                return;
            }
            assert!(began.elapsed() < Duration::from_mins(1), "`{text}` does not appear: {fresh:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Types a line, and waits for what it is answered and for the next prompt.
    #[track_caller]
    fn ask(&mut self, line: &str, answer: &str) {
        self.type_in(line);
        self.type_in("\r");
        self.wait(&format!("\r\n{answer}\r\n"));
        self.wait("> ");
    }

    /// Waits until a line is there, and drops it.
    #[track_caller]
    fn drop_line(&mut self, typed: &str) {
        self.wait(typed);
        self.type_in(CTRL_C);
        self.wait("\r\n");
        self.wait("> ");
    }

    #[track_caller]
    fn end(&mut self) {
        self.type_in(CTRL_D);
        let began = Instant::now();
        while began.elapsed() < Duration::from_mins(1) {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert_eq!(status.code(), Some(0));
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the sitting does not end");
    }
}

impl Drop for Sitting {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn history(folder: &Folder) -> PathBuf {
    folder.path("state/riposte/eval_history")
}

#[test]
fn expressions_are_answered_one_after_the_other() {
    let folder = Folder::new();
    let context =
        folder.write("context.json", r#"{"actions": {"Get": {"outputs": {"body": {"score": 87}}}}}"#);
    let mut sitting =
        Sitting::begin(&folder, &["--context", context.to_str().unwrap(), "--no-history"], false);
    sitting.ask("add(1, 2)", "3");
    sitting.ask("body('get')?['score']", "87");
    // A line goes on while something is open.
    sitting.ask("concat('a',\r'b')", "'ab'");
    sitting.ask(":context set variables.n 41", "variables.n = 41");
    sitting.ask("add(variables('n'), 1)", "42");
    sitting.type_in("ad(1)\r");
    sitting.wait("did you mean `add`?");
    // What was typed is dropped by Ctrl-C, and the sitting goes on.
    sitting.type_in("concat('never");
    sitting.drop_line("never");
    sitting.ask("mul(6, 7)", "42");
    sitting.end();
    assert!(!history(&folder).exists(), "--no-history keeps none");
}

#[test]
fn tab_completes_functions_names_and_properties() {
    let folder = Folder::new();
    let context =
        folder.write("context.json", r#"{"actions": {"Get": {"outputs": {"body": {"score": 87}}}}}"#);
    let mut sitting =
        Sitting::begin(&folder, &["--context", context.to_str().unwrap(), "--no-history"], false);
    sitting.ask("toUpp\t'a')", "'A'");
    sitting.ask("bod\t'\t?[\t", "87");
    sitting.ask("body('Get').s\t", "87");
    sitting.type_in("format\t\t");
    sitting.wait("formatDateTime(timestamp");
    sitting.drop_line("> ");
    sitting.end();
}

#[test]
fn history_is_kept_for_its_owner_alone() {
    let folder = Folder::new();
    let mut sitting = Sitting::begin(&folder, &[], false);
    sitting.ask("add(20, 3)", "23");
    sitting.ask(" concat('secret', '!')", "'secret!'");
    sitting.end();
    let kept = std::fs::read_to_string(history(&folder)).unwrap();
    assert!(kept.contains("add(20, 3)"), "{kept}");
    assert!(!kept.contains("secret"), "a line that begins with a blank is not kept: {kept}");
    assert_eq!(std::fs::metadata(history(&folder)).unwrap().permissions().mode() & 0o777, 0o600);
    // The next sitting goes back to it, even if others could read it for a while.
    std::fs::set_permissions(history(&folder), std::fs::Permissions::from_mode(0o644)).unwrap();
    let mut sitting = Sitting::begin(&folder, &[], false);
    sitting.ask(UP, "23");
    sitting.end();
    assert_eq!(std::fs::metadata(history(&folder)).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn colours_are_for_those_who_want_them() {
    let folder = Folder::new();
    let mut sitting = Sitting::begin(&folder, &["--no-history"], true);
    sitting.ask("concat('a')", "\u{1b}[32m'a'\u{1b}[0m");
    sitting.end();
    let coloured = String::from_utf8_lossy(&sitting.screen.lock().unwrap()).into_owned();
    assert!(coloured.contains("\u{1b}[36mconcat\u{1b}[0m"), "{coloured:?}");
    let mut sitting = Sitting::begin(&folder, &["--no-history"], false);
    sitting.ask("concat('a')", "'a'");
    sitting.end();
    let plain = String::from_utf8_lossy(&sitting.screen.lock().unwrap()).into_owned();
    assert!(!plain.contains("\u{1b}[3"), "{plain:?}");
}
