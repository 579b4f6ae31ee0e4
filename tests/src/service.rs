//! The program at work: its folder, its addresses, its log, its end.

use crate::{
    client::{Answer, Client, Failure},
    lines::Lines,
    program,
    scrape::Scrape,
    wait,
};
use rustix::process::{kill_process, Pid, Signal};
use serde_json::Value;
use std::{
    fs::{self, File},
    io::{self, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};
use tempfile::TempDir;

/// The longest a start may take, on a machine that is busy with other tests.
const START: Duration = Duration::from_secs(30);

/// How long a save may take to show, on such a machine.
pub const SOON: Duration = Duration::from_secs(10);

/// The least that makes a service: every port is the system's to choose, and nothing is kept.
pub const QUIET: &str = r#"version = 1
[server]
listen = "127.0.0.1:0"
[admin]
listen = "127.0.0.1:0"
[observability]
metrics_port = 0
"#;

/// A folder with an `ops.toml`, and the program that was started on it.
#[derive(Debug)]
pub struct Process {
    folder: TempDir,
    child: Child,
    out: Lines,
    err: Lines,
}

impl Process {
    /// Starts `ops serve` on a file with this text.
    ///
    /// # Panics
    /// When it cannot be started at all.
    #[must_use]
    pub fn spawn(text: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self::spawn_in(folder, text, &[])
    }

    /// As [`Self::spawn`], in a folder that is there already, with these variables.
    ///
    /// # Panics
    /// When it cannot be started at all.
    #[must_use]
    pub fn spawn_in(folder: TempDir, text: &str, variables: &[(&str, &str)]) -> Self {
        fs::write(folder.path().join("ops.toml"), text).expect("a file in it");
        let mut command = program::command();
        command.args(["serve", "--config", "ops.toml"]).envs(variables.iter().copied());
        Self::begin(folder, command)
    }

    /// Starts it on a file that is there already, by these words: a program that becomes the last of
    /// its words in the end, as `unshare` and `setpriv` do.
    ///
    /// # Panics
    /// When it cannot be started at all.
    #[must_use]
    pub fn spawn_by(folder: TempDir, file: &str, before: &[&str]) -> Self {
        let mut command = program::command_by(before);
        command.args(["serve", "--config", file]);
        Self::begin(folder, command)
    }

    /// Runs a command that serves, from a folder that has what it needs.
    ///
    /// # Panics
    /// When it cannot be started at all.
    #[must_use]
    pub fn begin(folder: TempDir, mut command: Command) -> Self {
        command.current_dir(folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let (out, err) = (child.stdout.take().map(Lines::of), child.stderr.take().map(Lines::of));
        Self { folder, out: out.expect("its output is ours"), err: err.expect("its errors are ours"), child }
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("ops.toml")
    }

    /// The folder the file is in, which is also the program's.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it wrote to its output so far: the log.
    #[must_use]
    pub fn log(&self) -> Vec<String> {
        self.out.so_far()
    }

    /// What it wrote for the person who started it.
    #[must_use]
    pub fn said(&self) -> Vec<String> {
        self.err.so_far()
    }

    /// Sends it a signal.
    ///
    /// # Panics
    /// When it is gone.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("the process is there");
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// How it ended, once it has and all it wrote is read; the time counts from now, and to where the
    /// kernel has let go of it.
    ///
    /// # Panics
    /// When it is still there after that time.
    #[track_caller]
    pub fn ended(&mut self, within: Duration) -> impl std::future::Future<Output = ExitStatus> + '_ {
        let Self { child, out, err, .. } = self;
        let look = move || std::future::ready(child.try_wait().expect("the process can be waited for"));
        let end = wait::until("the end of the process", within, look);
        async move {
            let status = end.await;
            out.finish();
            err.finish();
            status
        }
    }

    /// Memory in use, in KiB, as the kernel counts it.
    ///
    /// # Errors
    /// When the kernel does not say.
    pub fn resident(&self) -> io::Result<u64> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next()).and_then(|number| number.parse().ok());
        number.ok_or_else(|| io::Error::other("no VmRSS"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended already, or it is ours to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.out.finish();
        self.err.finish();
        if std::thread::panicking() {
            let lines = [self.said(), self.log()].concat();
            let last = lines.len().saturating_sub(60);
            let _ = writeln!(io::stderr(), "--- the program said\n{}", lines[last..].join("\n"));
        }
    }
}

/// A process that serves.
#[derive(Debug)]
pub struct Service {
    /// The process.
    pub process: Process,
    /// Where requests are taken.
    pub server: SocketAddr,
    /// Where metrics and probes are.
    pub metrics: SocketAddr,
    /// The operator's listener.
    pub admin: SocketAddr,
    client: Client,
}

impl Service {
    /// Starts one on a file with this text and waits until it serves.
    ///
    /// # Panics
    /// When it does not come to serve.
    pub async fn start(text: &str) -> Self {
        Self::of(Process::spawn(text)).await
    }

    /// A process, once it serves.
    ///
    /// # Panics
    /// When it ends instead, or says no addresses.
    pub async fn of(mut process: Process) -> Self {
        let addresses = wait::until("the addresses", START, || {
            let said = process.said();
            let ended = process.child.try_wait().expect("the process can be waited for");
            assert!(ended.is_none(), "it ended at once: {}", said.join("\n"));
            let address = |name: &str| said.iter().find_map(|line| address(line, name));
            let all = (|| Some((address("server")?, address("metrics")?, address("admin")?)))();
            // The line that says what to edit comes last.
            std::future::ready(all.filter(|_| said.iter().any(|line| line.starts_with("edit "))))
        });
        let (server, metrics, admin) = addresses.await;
        Self { process, server, metrics, admin, client: Client::http1() }
    }

    /// Asks the service for a path.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.client.get(self.server, path).await
    }

    /// `/metrics`, read.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn scrape(&self) -> Scrape {
        let answer = self.client.get(self.metrics, "/metrics").await.expect("metrics answer");
        Scrape::new(&answer.text())
    }

    /// `/config` of the operator's listener.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn config(&self) -> Value {
        self.client.get(self.admin, "/config").await.expect("the operator's listener answers").json()
    }

    /// Its client, for other listeners and other requests.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Saves as vim and most editors do: another file takes the name.
    ///
    /// # Panics
    /// When the folder is gone.
    pub fn save_by_rename(&self, text: &str) {
        let file = self.process.file();
        let beside = file.with_extension("toml~new");
        fs::write(&beside, text).expect("a file beside it");
        fs::rename(&beside, &file).expect("it takes the name");
    }

    /// Saves in place, in two writes.
    ///
    /// # Panics
    /// When the folder is gone.
    pub fn save_in_place(&self, text: &str) {
        let mut file = File::create(self.process.file()).expect("the file opens");
        let (first, rest) = text.as_bytes().split_at(text.len() / 2);
        file.write_all(first)
            .and_then(|()| file.flush())
            .and_then(|()| file.write_all(rest))
            .expect("the file is written");
    }

    /// `/config`, once it says what is looked for.
    ///
    /// # Panics
    /// When it does not soon.
    #[track_caller]
    pub fn config_once<'s>(
        &'s self,
        what: &'s str,
        look: impl Fn(&Value) -> bool + 's,
    ) -> impl std::future::Future<Output = Value> + 's {
        let look = std::rc::Rc::new(look);
        wait::until(what, SOON, move || {
            let look = look.clone();
            async move { Some(self.config().await).filter(|config| look(config)) }
        })
    }
}

/// The address in a line `listening  NAME http://ADDRESS`.
fn address(line: &str, name: &str) -> Option<SocketAddr> {
    let mut words = line.split_whitespace();
    let named = words.next() == Some("listening") && words.next() == Some(name);
    let url = words.next().filter(|_| named)?;
    url.strip_prefix("http://")?.parse().ok()
}
