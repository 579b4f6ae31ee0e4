//! What differs between the servers: programs, arguments, addresses.

use crate::outside::{found, Need};
use std::{fs, io, net::SocketAddr, path::Path, process::Command};

/// Whose server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// PostgreSQL.
    Postgres,
    /// MariaDB, which speaks as MySQL does.
    Maria,
}

/// The user of the service under test, and the database that is its own.
pub(super) const USER: &str = "ops";

/// The user of a witness, who may do everything.
pub(super) const WITNESS: &str = "witness";

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Postgres, Self::Maria];

    /// The name of its program.
    #[must_use]
    pub const fn program(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Maria => "mariadbd",
        }
    }

    /// What a test of it needs.
    #[must_use]
    pub const fn needs(self) -> [Need; 2] {
        let making = match self {
            Self::Postgres => "initdb",
            Self::Maria => "mariadb-install-db",
        };
        [Need::Program(self.program()), Need::Program(making)]
    }

    /// The address as a pool takes it.
    pub(super) fn url(self, address: SocketAddr, user: &str, password: &str) -> String {
        match self {
            Self::Postgres => format!("postgres://{user}:{password}@{address}/{USER}?sslmode=disable"),
            Self::Maria => format!("mysql://{user}:{password}@{address}/{USER}?ssl-mode=disabled"),
        }
    }

    /// Makes the files of a server that has no data yet. `owner` becomes the program it is given.
    pub(super) fn make(self, folder: &Path, owner: impl Fn(&Path) -> Command, password: &str) -> io::Result<()> {
        let (data, secret) = (folder.join("data"), folder.join("secret"));
        let mut command = match self {
            Self::Postgres => {
                fs::write(&secret, password)?;
                let mut command = owner(&program("initdb")?);
                command.args(["--no-sync", "--no-instructions", "--no-locale", "--encoding=UTF8"]);
                command.arg(format!("--username={WITNESS}")).arg(argument("--pwfile=", &secret));
                command.args(["--auth=scram-sha-256".into(), argument("--pgdata=", &data)]);
                command
            }
            Self::Maria => {
                // Read at every start, before anybody is let in.
                let user = |name: &str| {
                    format!(
                        "CREATE USER IF NOT EXISTS '{name}'@'%' IDENTIFIED BY '{password}';\n\
                         GRANT ALL ON {}.* TO '{name}'@'%';\n",
                        if name == WITNESS { "*" } else { USER }
                    )
                };
                fs::write(&secret, format!("CREATE DATABASE IF NOT EXISTS {USER};\n{}{}", user(WITNESS), user(USER)))?;
                let mut command = owner(&program("mariadb-install-db")?);
                command.args(["--no-defaults", "--skip-test-db", "--skip-name-resolve"]);
                command.args(["--auth-root-authentication-method=normal".into(), argument("--datadir=", &data)]);
                // Not the folder that all share: a server that starts takes what lies there for its own leavings.
                command.arg(argument("--tmpdir=", folder));
                command
            }
        };
        let output = command.current_dir(folder).output()?;
        let said = || String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned();
        output.status.success().then_some(()).ok_or_else(|| io::Error::other(said()))?;
        match self {
            // Whoever comes from this machine must know a password.
            Self::Postgres => fs::write(data.join("pg_hba.conf"), "host all all 127.0.0.0/8 scram-sha-256\n"),
            Self::Maria => Ok(()),
        }
    }

    /// The server on those files. It stays in the foreground and writes its log to its errors.
    pub(super) fn serve(
        self,
        folder: &Path,
        owner: impl Fn(&Path) -> Command,
        address: SocketAddr,
        is_durable: bool,
    ) -> io::Result<Command> {
        let mut command = owner(&program(self.program())?);
        let (data, host, port) = (folder.join("data"), address.ip(), address.port());
        match self {
            Self::Postgres => {
                let on = if is_durable { "on" } else { "off" };
                command.arg("-D").arg(data);
                command.args(["fsync", "synchronous_commit", "full_page_writes"].map(|key| format!("--{key}={on}")));
                command.args([format!("--listen_addresses={host}"), format!("--port={port}")]);
                command.args(["--unix_socket_directories=", "--ssl=off", "--shared_buffers=16MB"]);
                command.args(["--max_connections=120", "--jit=off"]);
            }
            Self::Maria => {
                let kept = if is_durable { ["1", "fsync"] } else { ["0", "nosync"] };
                command.args(["--no-defaults".into(), argument("--datadir=", &data), argument("--tmpdir=", folder)]);
                command.arg(format!("--innodb-flush-log-at-trx-commit={}", kept[0]));
                command.arg(format!("--innodb-flush-method={}", kept[1]));
                command.args([format!("--bind-address={host}"), format!("--port={port}")]);
                command.args(["--socket=socket", "--pid-file=pid", "--init-file=../secret", "--skip-ssl"]);
                command.args(["--skip-name-resolve", "--innodb-buffer-pool-size=16M", "--max-connections=120"]);
            }
        }
        Ok(command)
    }
}

fn program(name: &str) -> io::Result<std::path::PathBuf> {
    found(name).ok_or_else(|| io::Error::other(format!("{name} is not installed")))
}

fn argument(name: &str, path: &Path) -> String {
    format!("{name}{}", path.display())
}
