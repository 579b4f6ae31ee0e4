//! The server at work.

use super::{
    family::Family,
    kind::{Kind, USER, WITNESS},
    Witness,
};
use crate::{lines::Lines, wait};
use rustix::process::{geteuid, kill_process, Pid, Signal};
use std::{
    io::{self, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    os::unix::fs::chown,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;

/// The longest that a start or an end may take, recovery after a kill included, on a machine that is busy.
const PATIENCE: Duration = Duration::from_mins(1);

/// Who owns nothing, on Debian and elsewhere: PostgreSQL refuses to be run by root.
const NOBODY: u32 = 65_534;

/// A server; it ends, with all its processes, when this is dropped.
#[derive(Debug)]
pub struct Server {
    kind: Kind,
    folder: TempDir,
    address: SocketAddr,
    password: String,
    is_durable: bool,
    /// None while it is down.
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    log: Lines,
}

impl Server {
    /// One that does not wait for the disk, and so forgets what it confirmed when the machine ends, but not when it
    /// is ended itself.
    ///
    /// # Panics
    /// When it cannot be started.
    pub async fn start(kind: Kind) -> Self {
        Self::start_as(kind, false).await
    }

    /// One that keeps what it confirms.
    ///
    /// # Panics
    /// When it cannot be started.
    pub async fn durable(kind: Kind) -> Self {
        Self::start_as(kind, true).await
    }

    async fn start_as(kind: Kind, is_durable: bool) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        if geteuid().is_root() {
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).expect("root may give its folder away");
        }
        let password = std::iter::repeat_with(fastrand::alphanumeric).take(24).collect();
        let mut server = Self { kind, folder, address: own_address(), password, is_durable, running: None };
        let made = kind.make(server.folder.path(), owner, &server.password);
        made.unwrap_or_else(|error| panic!("the files of {} are not made: {error}", kind.program()));
        server.begin().await;
        if kind == Kind::Postgres {
            let mut witness = server.witness_of("postgres").await.expect("it has just answered");
            witness.execute(&format!("CREATE ROLE {USER} LOGIN PASSWORD '{}'", server.password)).await;
            witness.execute(&format!("CREATE DATABASE {USER} OWNER {USER}")).await;
        }
        server
    }

    /// Whose server it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Where it listens, also when it is down.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address for a pool: a user who is no administrator, and a database of its own.
    #[must_use]
    pub fn url(&self) -> String {
        self.kind.url(self.address, USER, &self.password)
    }

    /// The password in [`Self::url`], for a test that looks where it must not be.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }

    /// A connection of the administrator to the database of the service.
    ///
    /// # Panics
    /// When there is none.
    pub async fn witness(&self) -> Witness {
        self.witness_of(USER).await.expect("the administrator is let in")
    }

    async fn witness_of(&self, database: &str) -> Result<Witness, sqlx::Error> {
        let url = self.kind.url(self.address, WITNESS, &self.password);
        Witness::connect(self.kind, &url.replace(&format!("/{USER}?"), &format!("/{database}?"))).await
    }

    /// Ends it at once, with all its processes, as a machine does that loses its power.
    ///
    /// # Panics
    /// When it is down, or does not end.
    pub async fn kill_9(&mut self) {
        let mut running = self.running.take().expect("it runs");
        let family = running.kill();
        wait::holds("the end of its processes", PATIENCE, || family.has_ended()).await;
    }

    /// Holds it still: whoever has a connection keeps it and gets no answer, and the kernel takes new ones for it.
    ///
    /// # Panics
    /// When it is down.
    pub fn stop(&self) {
        self.family().signal(Signal::STOP);
    }

    /// Lets it go on after [`Self::stop`].
    ///
    /// # Panics
    /// When it is down.
    pub fn cont(&self) {
        self.family().signal(Signal::CONT);
    }

    /// Ends it as its administrator does who does not wait for others, and cuts their connections.
    ///
    /// # Panics
    /// When it is down, or does not end.
    pub async fn shut_down(&mut self) {
        let signal = match self.kind {
            Kind::Postgres => Signal::INT,
            Kind::Maria => Signal::TERM,
        };
        let running = self.running.as_mut().expect("it runs");
        kill_process(running.pid(), signal).expect("the process is there");
        let child = &mut running.child;
        let look = move || child.try_wait().expect("the process can be waited for").is_some();
        wait::holds("the end of the server", PATIENCE, look).await;
        self.running = None;
    }

    /// Starts it again where it was, after it has ended or was ended; takes it down first where it runs.
    ///
    /// # Panics
    /// When it cannot be started.
    pub async fn restart(&mut self) {
        if self.running.is_some() {
            self.shut_down().await;
        }
        self.begin().await;
    }

    /// What it wrote to its log since it was started last.
    #[must_use]
    pub fn log(&self) -> Vec<String> {
        self.running.as_ref().map(|running| running.log.so_far()).unwrap_or_default()
    }

    async fn begin(&mut self) {
        let folder = self.folder.path();
        let command = self.kind.serve(folder, owner, self.address, self.is_durable);
        let mut command = command.expect("its programs are there");
        command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let log = Lines::of(child.stderr.take().expect("its errors are ours"));
        self.running = Some(Running { child, log });
        let this = &*self;
        // The first to be let in is the proof: PostgreSQL listens while it still recovers.
        let database = if this.kind == Kind::Postgres { "postgres" } else { USER };
        wait::until("a server that answers", PATIENCE, || async { this.witness_of(database).await.ok() }).await;
    }

    fn family(&self) -> Family {
        Family::hold(self.running.as_ref().expect("it runs").pid())
    }
}

impl Running {
    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Kills it and those it has started.
    fn kill(&mut self) -> Family {
        let family = Family::hold(self.pid());
        family.signal(Signal::KILL);
        // Killed, it ends; it is ours to wait for.
        let _ = self.child.wait();
        family
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.kill();
        }
        self.log.finish();
        if std::thread::panicking() {
            let lines = self.log.so_far();
            let last = lines.len().saturating_sub(30);
            let _ = writeln!(io::stderr(), "--- the database said\n{}", lines[last..].join("\n"));
        }
    }
}

/// An address of this machine that nobody else listens on, whatever port: one can be given up and taken again.
fn own_address() -> SocketAddr {
    let part = || fastrand::u8(2..=254);
    let host = IpAddr::V4(Ipv4Addr::new(127, part(), part(), part()));
    let listener = TcpListener::bind((host, 0)).expect("this machine has all of 127.0.0.0/8");
    listener.local_addr().expect("it is bound")
}

/// A program that runs as the owner of the folder. `setpriv` becomes it, so that its number is the program's.
fn owner(program: &Path) -> Command {
    if !geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.arg(format!("--reuid={NOBODY}")).arg(format!("--regid={NOBODY}")).arg("--clear-groups");
    command.arg(program).env("HOME", "/");
    command
}
