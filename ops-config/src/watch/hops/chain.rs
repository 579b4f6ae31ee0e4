//! Walking a chain of symlinks and noting every place where it can be bent.

use std::{
    collections::{BTreeSet, VecDeque},
    ffi::OsString,
    fs,
    path::{Component, Path, PathBuf},
};

/// The most symlinks that are followed; the kernel's own bound.
const MOST: usize = 40;

/// What symlinks there are.
pub trait Links {
    /// Where the symlink at `path` points; none where there is no symlink.
    fn target(&self, path: &Path) -> Option<PathBuf>;
}

/// The symlinks of the file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct FileSystem;

impl Links for FileSystem {
    fn target(&self, path: &Path) -> Option<PathBuf> {
        fs::read_link(path).ok()
    }
}

/// The way from a name to a file.
///
/// `config/ops.toml → ..data/ops.toml` with `..data → ..2026_07/` (a ConfigMap) can change by a
/// save of the file, by a new `..data`, or by a new `ops.toml`: three names in two folders. All
/// are here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hops {
    /// The folders that hold a symlink of the chain, or the file itself; free of symlinks.
    pub folders: BTreeSet<PathBuf>,
    /// The symlinks of the chain and the file itself, each within one of `folders`.
    pub names: BTreeSet<PathBuf>,
    /// Where the chain ends, whether or not something is there; none where it never ends.
    pub real: Option<PathBuf>,
}

impl Hops {
    /// The way from `path`, which is absolute.
    #[must_use]
    pub fn of(path: &Path, links: &impl Links) -> Self {
        let mut hops = Self::default();
        let mut left: VecDeque<Stride> = strides(path).collect();
        let mut here = PathBuf::from("/");
        let mut followed = 0;
        while let Some(stride) = left.pop_front() {
            let next = match stride {
                Stride::Root(root) => {
                    here = root;
                    continue;
                }
                Stride::Up => {
                    here.pop();
                    continue;
                }
                Stride::Down(name) => here.join(name),
            };
            let target = links.target(&next);
            if target.is_some() || left.is_empty() {
                hops.folders.insert(here.clone());
                hops.names.insert(next.clone());
            }
            match target {
                None => here = next,
                Some(_) if followed == MOST => return hops,
                Some(target) => {
                    followed += 1;
                    strides(&target).rev().for_each(|stride| left.push_front(stride));
                }
            }
        }
        hops.real = Some(here);
        hops
    }
}

/// One part of a path.
enum Stride {
    Root(PathBuf),
    Up,
    Down(OsString),
}

fn strides(path: &Path) -> impl DoubleEndedIterator<Item = Stride> + '_ {
    path.components().filter_map(|part| match part {
        Component::Prefix(_) | Component::RootDir => Some(Stride::Root(part.as_os_str().into())),
        Component::CurDir => None,
        Component::ParentDir => Some(Stride::Up),
        Component::Normal(name) => Some(Stride::Down(name.to_owned())),
    })
}
