//! What a process holds, as the kernel counts it.

use crate::service::Process;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
};

/// What a process holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Footprint {
    /// Open descriptors: of each kind without a name how many, and of each file. Sockets are `listening`,
    /// or else `socket`; connections that clients made are not counted, as they are theirs to close.
    pub descriptors: BTreeMap<String, usize>,
    /// Threads, by their names without numbers.
    pub threads: BTreeMap<String, usize>,
}

impl Footprint {
    /// Counts.
    ///
    /// # Errors
    /// When the kernel does not say.
    pub fn of(process: &Process) -> io::Result<Self> {
        let proc = Path::new("/proc").join(process.id().to_string());
        let links = fs::read_dir(proc.join("fd"))?;
        // One that is closed while we look is not there any more.
        let links = links.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
        let links: Vec<_> = links.map(|link| link.to_string_lossy().into_owned()).collect();
        let sockets = Sockets::of(&proc, &links)?;
        let mut descriptors = BTreeMap::new();
        for kind in links.iter().filter_map(|link| sockets.kind(link)) {
            *descriptors.entry(kind.to_owned()).or_default() += 1;
        }
        let mut threads = BTreeMap::new();
        for entry in fs::read_dir(proc.join("task"))? {
            let Ok(name) = fs::read_to_string(entry?.path().join("comm")) else { continue };
            let name = name.trim().trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
            *threads.entry(name.to_owned()).or_default() += 1;
        }
        Ok(Self { descriptors, threads })
    }
}

/// The sockets of a process that speak TCP.
struct Sockets {
    listening: BTreeSet<String>,
    accepted: BTreeSet<String>,
}

impl Sockets {
    fn of(proc: &Path, links: &[String]) -> io::Result<Self> {
        const LISTEN: &str = "0A";
        let (four, six) = (fs::read_to_string(proc.join("net/tcp"))?, fs::read_to_string(proc.join("net/tcp6")));
        let text = four + &six.unwrap_or_default();
        // Of the whole machine: number, local address, peer, state, six more, inode.
        let rows = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let rows = rows.filter_map(|row| {
            let port = row.get(1)?.rsplit_once(':')?.1.to_owned();
            Some((port, *row.get(3)? == LISTEN, format!("socket:[{}]", row.get(9)?)))
        });
        let rows: Vec<_> = rows.filter(|(_, _, link)| links.contains(link)).collect();
        let (listening, others): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(_, listens, _)| *listens);
        let ports: BTreeSet<_> = listening.iter().map(|(port, ..)| port.clone()).collect();
        let accepted = others.into_iter().filter(|(port, ..)| ports.contains(port)).map(|(.., link)| link).collect();
        Ok(Self { listening: listening.into_iter().map(|(.., link)| link).collect(), accepted })
    }

    fn kind<'l>(&self, link: &'l str) -> Option<&'l str> {
        match link {
            link if self.accepted.contains(link) => None,
            link if self.listening.contains(link) => Some("listening"),
            link if link.starts_with('/') => Some(link),
            link => link.split(':').next(),
        }
    }
}
