//! A PostgreSQL server for tests, from the installed binaries: started when a test first asks, stopped with the last
//! handle, and gone with the process in any case.
//!
//! A folder made by `initdb` is kept beside the other temporary files and copied for each server, since making one
//! takes seconds. PostgreSQL refuses to run as root; the server is then given to the user `postgres` or `nobody`.

use crate::{fail, skip};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak, mpsc};
use std::time::{Duration, Instant};

/// How long a server may take to start.
const START_MAX: Duration = Duration::from_secs(30);
/// How long it may take to stop before it is killed.
const STOP_MAX: Duration = Duration::from_secs(10);
/// What the folder of `initdb` is called; another number for other settings of `initdb`.
const TEMPLATE: &str = "riposte-postgres-template-1";

/// A server. The last handle stops it.
pub struct Postgres {
    /// The process, and what lets the thread go that has started it.
    process: Mutex<(Child, mpsc::Sender<()>)>,
    bin: PathBuf,
    user: Option<User>,
    folder: PathBuf,
    port: Option<u16>,
    settings: Vec<String>,
}

impl Postgres {
    /// The server that the tests of this process share, or `None` and one line `skipped: …` where PostgreSQL is not
    /// installed. Tests do not touch each other in databases of their own ([`Self::database`]).
    pub fn shared() -> Option<Arc<Self>> {
        static SHARED: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = shared.upgrade() {
            return Some(running);
        }
        let server = Arc::new(Self::start(&[])?);
        *shared = Arc::downgrade(&server);
        Some(server)
    }

    /// A server of the test's own with further settings, such as `ssl=on`; with settings it listens on loopback too.
    pub fn start(settings: &[&str]) -> Option<Self> {
        let Some(bin) = binaries() else {
            skip(
                "PostgreSQL is not installed (initdb and postgres); tests of the PostgreSQL store are left out",
            );
            return None;
        };
        let user = (user_id() == 0).then(unprivileged);
        let folder = new_folder(&template(&bin, user.as_ref()), user.as_ref());
        let port = (!settings.is_empty()).then(free_port);
        let settings = settings.iter().map(|setting| (*setting).to_owned()).collect();
        Some(Self::over(bin, user, folder, port, settings))
    }

    /// A server that puts what it commits on disk, for measuring; the others do not, since tests do not cut the power.
    pub fn durable() -> Option<Self> {
        Self::start(&["fsync=on"])
    }

    /// A server that speaks TLS on loopback, with a certificate and its key in PEM; the certificate is in the file
    /// `server.crt` of its folder.
    pub fn start_tls(certificate: &str, key: &str) -> Option<Self> {
        let mut server = Self::start(&["ssl=off"])?;
        for (name, text) in [("server.crt", certificate), ("server.key", key)] {
            let file = server.folder.join(name);
            let written = std::fs::write(&file, text);
            written.unwrap_or_else(|error| fail(&error.to_string()));
            give(&file, 0o600, server.user.as_ref());
        }
        server.crash();
        server.settings = vec!["ssl=on".to_owned()];
        server.restart();
        Some(server)
    }

    fn over(
        bin: PathBuf,
        user: Option<User>,
        folder: PathBuf,
        port: Option<u16>,
        settings: Vec<String>,
    ) -> Self {
        let process = Mutex::new(spawn(command(&bin, user.as_ref(), &folder, port, &settings)));
        let server = Self { process, bin, user, folder, port, settings };
        server.wait();
        server
    }

    /// Stops the server at once, as a crash would. (SIGQUIT; SIGKILL would leave its processes behind.)
    pub fn crash(&self) {
        let (process, _) = &mut *self.process.lock().unwrap_or_else(PoisonError::into_inner);
        stop(process, "QUIT");
    }

    /// Starts a server again that was stopped.
    pub fn restart(&self) {
        let command = command(&self.bin, self.user.as_ref(), &self.folder, self.port, &self.settings);
        *self.process.lock().unwrap_or_else(PoisonError::into_inner) = spawn(command);
        self.wait();
    }

    /// The folder of the server's files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The port on loopback, if it listens there.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// A new, empty database; answers its URL.
    pub fn database(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed));
        self.execute("postgres", &format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    /// The URL of a database.
    pub fn url(&self, database: &str) -> String {
        let socket = self.folder.to_string_lossy().replace('/', "%2F");
        format!("postgres://postgres@{socket}:{}/{database}", self.port.unwrap_or(5432))
    }

    /// Runs statements in a database; answers the first column of what the last one answered.
    pub fn execute(&self, database: &str, sql: &str) -> Vec<String> {
        match execute(&self.url(database), sql) {
            Ok(answered) => answered,
            Err(error) => fail(&format!("{sql}: {error}")),
        }
    }

    /// Ends the connections of all clients to a database, as an administrator would; answers how many.
    pub fn disconnect_all(&self, url: &str) -> usize {
        let database = url.rsplit('/').next().unwrap_or_default();
        let sql =
            format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'");
        self.execute("postgres", &sql).len()
    }

    fn wait(&self) {
        let since = Instant::now();
        while let Err(error) = execute(&self.url("postgres"), "SELECT 1") {
            if since.elapsed() > START_MAX {
                let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                fail(&format!("postgres does not start: {error}\n{log}"));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let (process, _) = self.process.get_mut().unwrap_or_else(PoisonError::into_inner);
        // Clients are thrown out, then it stops.
        stop(process, "INT");
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn stop(process: &mut Child, signal: &str) {
    let _ = Command::new("kill").args([&format!("-{signal}"), &process.id().to_string()]).status();
    let since = Instant::now();
    while matches!(process.try_wait(), Ok(None)) {
        if since.elapsed() > STOP_MAX {
            let _ = process.kill();
            let _ = process.wait();
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// How the server is started.
fn command(
    bin: &Path,
    user: Option<&User>,
    folder: &Path,
    port: Option<u16>,
    settings: &[String],
) -> Command {
    let mut command = as_user("postgres", bin, user);
    command.arg("-D").arg(folder).args(["-c", "fsync=off", "-c", "max_connections=200", "-k"]).arg(folder);
    match port {
        None => command.args(["-c", "listen_addresses="]),
        Some(port) => command.args(["-c", "listen_addresses=127.0.0.1", "-p", &port.to_string()]),
    };
    for setting in settings {
        command.args(["-c", setting]);
    }
    let log = File::options().create(true).append(true).open(folder.join("log"));
    let log = log.unwrap_or_else(|error| fail(&error.to_string()));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    command
}

/// Runs statements on a connection of their own, in a thread, since the caller may be inside of a runtime.
fn execute(url: &str, sql: &str) -> Result<Vec<String>, String> {
    let (url, sql) = (url.to_owned(), sql.to_owned());
    let work = async move {
        let connected = tokio_postgres::connect(&url, tokio_postgres::NoTls).await;
        let (client, connection) = connected.map_err(|error| error.to_string())?;
        tokio::spawn(connection);
        let answered = client.simple_query(&sql).await.map_err(|error| match error.as_db_error() {
            Some(told) => told.message().to_owned(),
            None => error.to_string(),
        })?;
        let first = |message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        };
        Ok(answered.into_iter().filter_map(first).collect())
    };
    let thread = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(|error| error.to_string())?.block_on(work)
    });
    thread.join().unwrap_or_else(|_| Err("the thread panicked".to_owned()))
}

/// The folder with `initdb` and `postgres`: on the path, or where Debian keeps it.
fn binaries() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort();
    let installed = std::env::split_paths(&path).chain([PathBuf::from("/usr/local/bin")]);
    let has_both = |folder: &PathBuf| folder.join("initdb").exists() && folder.join("postgres").exists();
    let found = installed.chain(versions.into_iter().rev()).find(has_both)?;
    // A link in another folder does not lead `initdb` to its files.
    let initdb = std::fs::canonicalize(found.join("initdb")).ok()?;
    Some(initdb.parent()?.to_owned())
}

/// A user and group by their numbers.
struct User {
    user: String,
    group: String,
}

/// Who runs the server if the tests are run by root.
fn unprivileged() -> User {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let found = ["postgres", "nobody"].iter().find_map(|wanted| {
        users.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            let (user, group) = (fields.nth(1)?, fields.next()?);
            (name == *wanted).then(|| User { user: user.to_owned(), group: group.to_owned() })
        })
    });
    found.unwrap_or_else(|| fail("neither `postgres` nor `nobody` is a user of this system"))
}

fn user_id() -> u32 {
    // The owner of the process's own entry; without one (not on Linux) the tests are not run by root.
    #[cfg(unix)]
    if let Ok(entry) = std::fs::metadata("/proc/self") {
        return std::os::unix::fs::MetadataExt::uid(&entry);
    }
    1
}

/// A command of PostgreSQL, run by a user that it does not refuse, and ended with this process.
fn as_user(name: &str, bin: &Path, user: Option<&User>) -> Command {
    let has_setpriv = Path::new("/usr/bin/setpriv").exists() || Path::new("/bin/setpriv").exists();
    if !has_setpriv && user.is_none() {
        return Command::new(bin.join(name));
    }
    let mut command = Command::new("setpriv");
    if let Some(User { user, group }) = user {
        command.args(["--reuid", user, "--regid", group, "--clear-groups"]);
    }
    // SIGQUIT: it stops at once.
    command.args(["--pdeathsig", "QUIT"]);
    command.arg("--").arg(bin.join(name)).current_dir("/");
    command
}

/// Starts the server from a thread that lives as long as its handle: the server is told to end with that thread, and so
/// with the process, however that ends.
fn spawn(mut command: Command) -> (Child, mpsc::Sender<()>) {
    let (started, start) = mpsc::channel();
    let (keep, kept) = mpsc::channel::<()>();
    std::thread::spawn(move || {
        // Whoever waits is told of a failure too.
        let _ = started.send(command.spawn());
        let _ = kept.recv();
    });
    match start.recv() {
        Ok(Ok(process)) => (process, keep),
        Ok(Err(error)) => fail(&format!("postgres cannot be started: {error}")),
        Err(error) => fail(&error.to_string()),
    }
}

/// A folder as `initdb` makes it, made once.
fn template(bin: &Path, user: Option<&User>) -> PathBuf {
    let version = checked(Command::new(bin.join("postgres")).arg("--version").output());
    let version: String = version.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '.').collect();
    let who = user.map_or("own", |user| user.user.as_str());
    let ready = std::env::temp_dir().join(format!("{TEMPLATE}-{version}-{who}-{}", user_id()));
    if ready.exists() {
        return ready;
    }
    let made = empty_folder("making", user);
    let mut initdb = as_user("initdb", bin, user);
    initdb.arg("-D").arg(&made);
    initdb.args([
        "-U",
        "postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
        "--no-instructions",
    ]);
    initdb.arg("--wal-segsize=1");
    checked(initdb.output());
    if std::fs::rename(&made, &ready).is_err() {
        // Another process was first.
        let _ = std::fs::remove_dir_all(&made);
    }
    ready
}

/// A copy of the template.
fn new_folder(template: &Path, user: Option<&User>) -> PathBuf {
    let folder = empty_folder("data", user);
    checked(Command::new("cp").arg("-a").arg(template.join(".")).arg(&folder).output());
    folder
}

/// A folder that only the server's user may look into. What processes left behind that were killed is removed.
fn empty_folder(purpose: &str, user: Option<&User>) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let (parent, prefix) = (std::env::temp_dir(), "riposte-pg-");
    for entry in std::fs::read_dir(&parent).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let maker = name.strip_prefix(prefix).and_then(|rest| rest.split('-').next());
        if maker.is_some_and(|pid| Path::new("/proc/self").exists() && !Path::new("/proc").join(pid).exists())
        {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder = parent.join(format!("{prefix}{}-{purpose}{number}", std::process::id()));
    std::fs::create_dir(&folder).unwrap_or_else(|error| fail(&format!("{}: {error}", folder.display())));
    give(&folder, 0o700, user);
    folder
}

/// Gives a file or folder to the server's user alone.
fn give(path: &Path, mode: u32, user: Option<&User>) {
    use std::os::unix::fs::{PermissionsExt as _, chown};
    let closed = std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode));
    let owned = match user {
        Some(User { user, group }) => chown(path, user.parse().ok(), group.parse().ok()),
        None => Ok(()),
    };
    closed.and(owned).unwrap_or_else(|error| fail(&format!("{}: {error}", path.display())));
}

fn free_port() -> u16 {
    let bound = std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    bound.unwrap_or_else(|error| fail(&error.to_string())).port()
}

fn checked(ran: std::io::Result<Output>) -> String {
    let output = ran.unwrap_or_else(|error| fail(&error.to_string()));
    if !output.status.success() {
        fail(&String::from_utf8_lossy(&output.stderr));
    }
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
