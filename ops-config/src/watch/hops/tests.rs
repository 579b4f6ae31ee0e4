use super::{FileSystem, Hops, Links};
use proptest::{collection::vec, prelude::*};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

struct Tree(BTreeMap<PathBuf, PathBuf>);

impl Links for Tree {
    fn target(&self, path: &Path) -> Option<PathBuf> {
        self.0.get(path).cloned()
    }
}

fn tree(links: &[(&str, &str)]) -> Tree {
    Tree(links.iter().map(|(link, target)| (link.into(), target.into())).collect())
}

fn paths(paths: &[&str]) -> BTreeSet<PathBuf> {
    paths.iter().map(Into::into).collect()
}

#[test]
fn a_plain_file_is_watched_in_its_folder() {
    let hops = Hops::of(Path::new("/etc/ops/ops.toml"), &tree(&[]));
    assert_eq!(hops.folders, paths(&["/etc/ops"]));
    assert_eq!(hops.names, paths(&["/etc/ops/ops.toml"]));
    assert_eq!(hops.real.unwrap(), Path::new("/etc/ops/ops.toml"));
}

#[test]
fn a_config_map_is_watched_where_its_data_is_swapped_and_where_it_is() {
    let links = tree(&[("/etc/ops/ops.toml", "..data/ops.toml"), ("/etc/ops/..data", "..2026_07")]);
    let hops = Hops::of(Path::new("/etc/ops/ops.toml"), &links);
    assert_eq!(hops.folders, paths(&["/etc/ops", "/etc/ops/..2026_07"]));
    assert_eq!(hops.names, paths(&["/etc/ops/ops.toml", "/etc/ops/..data", "/etc/ops/..2026_07/ops.toml"]));
    assert_eq!(hops.real.unwrap(), Path::new("/etc/ops/..2026_07/ops.toml"));
}

#[test]
fn a_folder_on_the_way_may_be_a_link() {
    let hops =
        Hops::of(Path::new("/etc/ops/a/../ops.toml"), &tree(&[("/etc/ops", "/srv/v1"), ("/srv/v1/a", "/var/b")]));
    assert_eq!(hops.folders, paths(&["/etc", "/srv/v1", "/var"]));
    assert_eq!(hops.real.unwrap(), Path::new("/var/ops.toml"));
}

#[test]
fn links_in_a_circle_come_to_an_end() {
    let hops = Hops::of(Path::new("/a/b"), &tree(&[("/a/b", "c"), ("/a/c", "b")]));
    assert_eq!(hops.real, None);
    assert_eq!(hops.names, paths(&["/a/b", "/a/c"]));
}

const FOLDERS: [&str; 3] = ["x", "y", "x/z"];
const NAMES: [&str; 4] = ["a", "b", "c", "z"];

/// A link in one of three folders to a name in another, told in one of three ways.
fn link() -> impl Strategy<Value = (String, String)> {
    (0..3usize, 0..4usize, 0..3usize, 0..4usize, 0..3u8).prop_map(|(folder, name, to, target, way)| {
        let up = if folder == 2 { "../.." } else { ".." };
        let target = match way {
            0 => NAMES[target].to_owned(),
            1 => format!("{up}/{}/{}", FOLDERS[to], NAMES[target]),
            _ => format!("./{up}/{}/./{}", FOLDERS[to], NAMES[target]),
        };
        (format!("{}/{}", FOLDERS[folder], NAMES[name]), target)
    })
}

proptest! {
    /// Feature: production-excellence, Property 21: no link can bend the way to a file unseen.
    #[test]
    fn only_the_names_of_a_chain_can_bend_it(links in vec(link(), 0..8), folder in 0..3usize, name in 0..4usize) {
        let links: BTreeMap<_, _> = links.into_iter().map(|(link, target)| (Path::new("/").join(link), target.into())).collect();
        let path = Path::new("/").join(FOLDERS[folder]).join(NAMES[name]);
        let hops = Hops::of(&path, &Tree(links.clone()));
        for name in &hops.names {
            prop_assert!(hops.folders.contains(name.parent().unwrap()));
        }
        for link in links.keys().filter(|link| !hops.names.contains(*link)) {
            let mut fewer = links.clone();
            fewer.remove(link);
            prop_assert_eq!(&Hops::of(&path, &Tree(fewer)), &hops);
        }
    }

    /// Feature: production-excellence, Property 21: the chain ends where the system says.
    #[test]
    fn the_chain_ends_where_the_system_says(links in vec(link(), 0..8), folder in 0..3usize, name in 0..4usize) {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        for folder in FOLDERS {
            std::fs::create_dir_all(root.join(folder)).unwrap();
        }
        for (link, target) in links {
            // Taken already by another link or a folder.
            drop(std::os::unix::fs::symlink(target, root.join(link)));
        }
        for (folder, name) in FOLDERS.iter().zip(NAMES) {
            drop(std::fs::File::create_new(root.join(folder).join(name)));
        }
        let path = root.join(FOLDERS[folder]).join(NAMES[name]);
        let hops = Hops::of(&path, &FileSystem);
        if let Ok(real) = path.canonicalize() {
            prop_assert_eq!(hops.real, Some(real));
        }
    }
}
