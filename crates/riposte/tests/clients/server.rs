//! A server as a process, ended with its test.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

pub struct Server {
    child: Child,
    pub url: String,
    folder: PathBuf,
}

impl Server {
    /// On a free port of loopback, with a folder of its own; `tls` is `auto` or `off`.
    pub fn start(tls: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("clients-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_riposte"))
            .args(["serve", "--listen", "127.0.0.1:0", "--tls", tls, "--data"])
            .arg(folder.join("data"))
            .env_remove("RIPOSTE_BOOTSTRAP_TOKEN")
            .env("RIPOSTE_LOG", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = loop {
            let line = lines.next().expect("the process says where it listens").unwrap();
            if let Some(url) = line.strip_prefix("listening on ") {
                break url.to_owned();
            }
        };
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url, folder }
    }

    /// The owner's token.
    pub fn token(&self) -> String {
        std::fs::read_to_string(self.folder.join("data/owner.token")).unwrap().trim().to_owned()
    }

    /// The certificate that clients are to trust, where the server speaks TLS.
    pub fn authority(&self) -> Option<PathBuf> {
        let file = self.folder.join("data/tls/ca.pem");
        file.exists().then_some(file)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
