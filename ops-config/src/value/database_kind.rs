//! Which kinds of database a pool opens, and how the address of each is written.
//!
//! The drivers read addresses too, but not as an operator needs it: parameters that they do not know they ignore, or
//! log with the value, and a password with a `/` in it they take for a port. So what can be told from the text alone
//! is told here, before a driver sees it.

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DatabaseKind {
    /// `SQLite`, within this process.
    Sqlite,
    /// `PostgreSQL`.
    Postgres,
    /// `MySQL` and `MariaDB`.
    MySql,
}

/// What is wrong with an address whose scheme is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressFault<'a> {
    /// No `//` after the scheme.
    NoHost,
    /// A line break or another control character.
    Control,
    /// A `#`, or an `@` behind the host: most likely of a password that is not percent-encoded.
    Unencoded,
    /// A port that is no number from 0 to 65535, also where a password is not percent-encoded.
    Port,
    /// A parameter that the driver does not know. Its name may be part of a password.
    Parameter(&'a str),
}

impl DatabaseKind {
    /// Every scheme, with what it stands for.
    pub const SCHEMES: [(&'static str, Self); 5] = [
        ("sqlite", Self::Sqlite),
        ("postgres", Self::Postgres),
        ("postgresql", Self::Postgres),
        ("mysql", Self::MySql),
        ("mariadb", Self::MySql),
    ];

    /// The kind of an address, by its scheme.
    #[must_use]
    pub fn of(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once(':')?;
        Self::SCHEMES.iter().find(|(known, _)| *known == scheme && !rest.is_empty()).map(|(_, kind)| *kind)
    }

    /// The parameters of an address that are known. `SQLite`'s driver refuses all others itself.
    #[must_use]
    pub const fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::Sqlite => &[],
            Self::Postgres => &[
                "sslmode",
                "sslrootcert",
                "sslcert",
                "sslkey",
                "host",
                "hostaddr",
                "port",
                "dbname",
                "user",
                "password",
                "application_name",
                "options",
                "statement-cache-capacity",
                "ssl-mode",
                "ssl-root-cert",
                "ssl-ca",
                "ssl-cert",
                "ssl-key",
            ],
            Self::MySql => &[
                "ssl-mode",
                "ssl-ca",
                "ssl-cert",
                "ssl-key",
                "charset",
                "collation",
                "socket",
                "timezone",
                "statement-cache-capacity",
                "sslmode",
                "sslca",
                "sslcert",
                "sslkey",
                "time-zone",
            ],
        }
    }

    /// How an address of this kind looks, as the end of "expected …".
    #[must_use]
    pub const fn expected(self) -> &'static str {
        match self {
            Self::Sqlite => "a database address such as \"sqlite:///var/lib/app.db\"",
            Self::Postgres => "a database address such as \"postgres://user:password@host:5432/database\"",
            Self::MySql => "a database address such as \"mysql://user:password@host:3306/database\"",
        }
    }

    /// What is wrong with an address of this kind, as far as the text alone can tell.
    #[must_use]
    pub fn fault(self, url: &str) -> Option<AddressFault<'_>> {
        // A path of SQLite's may hold anything, and its driver says what it does not know.
        if self == Self::Sqlite {
            return None;
        }
        if url.contains(char::is_control) {
            return Some(AddressFault::Control);
        }
        let Some(rest) = url.split_once(':').and_then(|(_, rest)| rest.strip_prefix("//")) else {
            return Some(AddressFault::NoHost);
        };
        let (authority, behind) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if rest.contains('#') || behind.contains('@') {
            return Some(AddressFault::Unencoded);
        }
        if !has_port(authority) {
            return Some(AddressFault::Port);
        }
        let query = behind.split_once('?').map_or("", |(_, query)| query);
        let names = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split('=').next().unwrap_or(pair));
        names.into_iter().find(|name| !self.knows(name)).map(AddressFault::Parameter)
    }

    fn knows(self, name: &str) -> bool {
        let is_option = self == Self::Postgres && name.starts_with("options[") && name.ends_with(']');
        is_option || self.parameters().contains(&name)
    }
}

/// Whether the port of a host is a number, where there is one.
fn has_port(authority: &str) -> bool {
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    // The colons of an IPv6 address stand in brackets.
    let behind = host.rsplit_once(']').map_or(host, |(_, behind)| behind);
    match behind.split_once(':') {
        Some((_, port)) => {
            port.is_empty() || port.bytes().all(|digit| digit.is_ascii_digit()) && port.parse::<u16>().is_ok()
        }
        None => true,
    }
}
