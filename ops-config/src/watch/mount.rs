//! Files that are mounted by themselves.

use std::path::Path;

/// Whether another file was mounted over this one, as containers mount a single file of their
/// host. What happens to that file happens in a folder of the host: no event of the folder here
/// tells of it, only one of the file itself.
#[cfg(target_os = "linux")]
pub(super) fn is_mount(file: &Path) -> bool {
    use rustix::fs::{statx, AtFlags, StatxAttributes, StatxFlags, CWD};
    statx(CWD, file, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::empty())
        .is_ok_and(|found| found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

#[cfg(not(target_os = "linux"))]
pub(super) const fn is_mount(_: &Path) -> bool {
    false
}
