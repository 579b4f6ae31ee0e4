//! The machine, or the process's control group, has memory.

use super::super::{CheckError, CheckFuture, HealthCheck};
use ops_config::value::Name;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

pub(super) struct Memory {
    name: Name,
    min_available: u64,
}

impl Memory {
    pub(super) fn new(name: Name, min_available: u64) -> Self {
        Self { name, min_available }
    }
}

impl HealthCheck for Memory {
    fn name(&self) -> &str {
        self.name.as_str()
    }

    fn check(&self) -> CheckFuture<'_> {
        Box::pin(async {
            // The kernel makes these files up as they are read; nothing waits for a disk.
            let available = available(Path::new("/")).map_err(CheckError::new)?;
            if available >= self.min_available {
                Ok(())
            } else {
                Err(CheckError::new(format_args!("{available} bytes available, {} wanted", self.min_available)))
            }
        })
    }
}

/// The memory the process can still get, in bytes: of the machine, and of each control group it is in, the least.
///
/// # Errors
/// When the kernel does not tell about the machine.
pub(in super::super) fn available(root: &Path) -> io::Result<u64> {
    let meminfo = fs::read_to_string(root.join("proc/meminfo"))?;
    let machine = field(&meminfo, "MemAvailable:")
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "/proc/meminfo has no MemAvailable"))?
        .saturating_mul(1024);
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).unwrap_or_default();
    let left = groups.lines().flat_map(|line| group_room(root, line));
    Ok(left.chain([machine]).min().unwrap_or(machine))
}

/// The room in the group that a line of `/proc/self/cgroup` names, and in those around it.
fn group_room(root: &Path, line: &str) -> Vec<u64> {
    let mut parts = line.splitn(3, ':');
    let (Some(_), Some(controllers), Some(path)) = (parts.next(), parts.next(), parts.next()) else {
        return Vec::new();
    };
    let (mount, version) = match controllers {
        "" => (root.join("sys/fs/cgroup"), &V2),
        some if some.split(',').any(|controller| controller == "memory") => (root.join("sys/fs/cgroup/memory"), &V1),
        _ => return Vec::new(),
    };
    // In a container the path may be the host's; the mount itself is then the container's group.
    let path = mount.join(path.trim_start_matches('/'));
    path.ancestors().take_while(|group| group.starts_with(&mount)).filter_map(|group| version.room(group)).collect()
}

/// The files of one version of control groups.
struct Version {
    limit: &'static str,
    usage: &'static str,
    reclaimable: &'static str,
}

const V2: Version = Version { limit: "memory.max", usage: "memory.current", reclaimable: "inactive_file " };
const V1: Version =
    Version { limit: "memory.limit_in_bytes", usage: "memory.usage_in_bytes", reclaimable: "total_inactive_file " };

impl Version {
    /// What a group may still use; none where it has no limit.
    fn room(&self, group: &Path) -> Option<u64> {
        let number = |file: &str| number(&group.join(file));
        let limit = number(self.limit)?;
        let stat = fs::read_to_string(group.join("memory.stat")).unwrap_or_default();
        // Cached files are given up before anything is killed.
        let used = number(self.usage)?.saturating_sub(field(&stat, self.reclaimable).unwrap_or(0));
        Some(limit.saturating_sub(used))
    }
}

/// The number in a file; none for the word `max`.
fn number(file: &PathBuf) -> Option<u64> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

/// The number behind a name at the begin of a line.
fn field(text: &str, name: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}
