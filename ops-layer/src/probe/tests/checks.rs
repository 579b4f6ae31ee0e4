//! The kinds of checks, each against the real thing.

use super::super::{
    kind::{available, Disk},
    CheckError, CheckResult, HealthCheck, HealthChecker, HealthState, PoolPing,
};
use ops_config::section::ProbesConfig;
use std::{
    fs,
    path::Path,
    sync::{
        atomic::{AtomicUsize, Ordering::SeqCst},
        mpsc, Arc, Mutex,
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

async fn result(text: &str) -> CheckResult {
    let pools: PoolPing = Arc::new(|name| {
        Box::pin(async move {
            if name.as_str() == "main" {
                Ok(())
            } else {
                Err(CheckError::new("closed"))
            }
        })
    });
    let checker = HealthChecker::new("1", pools);
    let text = format!("success_threshold = 1\n[checks.it]\n{text}");
    checker.apply(&toml::from_str::<ProbesConfig>(&text).expect("valid"));
    checker.first_round().await;
    checker.snapshot().remove(0)
}

async fn answering(status: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 1024]).await;
            let _ = stream.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes()).await;
        }
    });
    address.to_string()
}

#[tokio::test]
async fn http_takes_any_status_below_400() {
    for (status, is_well) in [("200 OK", true), ("302 Found", true), ("404 Not Found", false), ("500 Oh", false)] {
        let address = answering(status).await;
        let result = result(&format!("kind = \"http\"\nurl = \"http://{address}/health\"")).await;
        assert_eq!(result.status == HealthState::Healthy, is_well, "{result:?}");
        assert!(is_well || result.message.is_some_and(|message| message.contains(&status[..3])));
    }
}

#[tokio::test]
async fn http_and_tcp_say_why_nobody_answers() {
    let gone = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("bound");
    for text in [format!("kind = \"http\"\nurl = \"http://{gone}/\""), format!("kind = \"tcp\"\naddress = \"{gone}\"")]
    {
        let result = result(&text).await;
        assert_eq!(result.status, HealthState::Unhealthy);
        assert!(result.message.as_ref().is_some_and(|message| message.contains("refused")), "{result:?}");
    }
}

#[tokio::test]
async fn tcp_needs_only_a_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    assert_eq!(result(&format!("kind = \"tcp\"\naddress = \"{address}\"")).await.status, HealthState::Healthy);
}

#[tokio::test]
async fn disk_looks_at_the_room_that_is_free() {
    let disk = |path: &str, size: &str| format!("kind = \"disk\"\npath = \"{path}\"\nmin_free = \"{size}\"");
    assert_eq!(result(&disk("/", "1KiB")).await.status, HealthState::Healthy);
    let full = result(&disk("/", "1024TiB")).await;
    assert!(full.message.is_some_and(|message| message.contains("wanted")));
    let nowhere = result(&disk("/not/there", "1KiB")).await;
    assert!(nowhere.message.is_some_and(|message| message.contains("/not/there: No such file")));
}

#[tokio::test]
async fn a_disk_that_hangs_holds_one_thread_however_often_it_is_looked_at() {
    let (gone, gate) = mpsc::channel::<()>();
    let (gate, looks) = (Mutex::new(gate), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&looks);
    let hangs = move |_: &Path| {
        counted.fetch_add(1, SeqCst);
        let _ = gate.lock().expect("no panic").recv();
        Ok(1024)
    };
    let disk = Disk::asking("disk".parse().expect("a name"), "/net".into(), 1024, Arc::new(hangs));
    for look in 0..5 {
        let outcome = tokio::time::timeout(Duration::from_millis(20), disk.check()).await;
        // Cut while it waits for the first look, refused afterwards.
        assert_eq!(outcome.is_err(), look == 0, "{outcome:?}");
        assert!(
            outcome.is_err()
                || outcome.is_ok_and(|outcome| outcome.is_err_and(|error| error.reason().contains("not ended")))
        );
    }
    assert_eq!(looks.load(SeqCst), 1);
    drop(gone);
    while disk.check().await.is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(looks.load(SeqCst), 2, "it is looked at again");
}

#[tokio::test]
async fn memory_looks_at_what_is_available() {
    assert_eq!(result("kind = \"memory\"\nmin_available = \"1KiB\"").await.status, HealthState::Healthy);
    let low = result("kind = \"memory\"\nmin_available = \"1024TiB\"").await;
    assert!(low.message.is_some_and(|message| message.contains("wanted")));
}

#[tokio::test]
async fn pool_asks_whoever_knows_the_pools() {
    assert_eq!(result("kind = \"pool\"\npool = \"main\"").await.status, HealthState::Healthy);
    assert_eq!(result("kind = \"pool\"\npool = \"other\"").await.message.as_deref(), Some("closed"));
}

fn write(root: &Path, file: &str, text: &str) {
    let file = root.join(file);
    fs::create_dir_all(file.parent().expect("in a folder")).expect("can be made");
    fs::write(file, text).expect("can be written");
}

#[test]
fn memory_is_the_least_of_the_machine_and_every_group_around() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert!(available(root).is_err(), "the kernel tells nothing");
    write(root, "proc/meminfo", "MemTotal: 9000 kB\nMemAvailable: 1000 kB\n");
    assert_eq!(available(root).expect("told"), 1_024_000);

    // Version 2, where only a group around has a limit, and part of what it uses can be given up.
    write(root, "proc/self/cgroup", "0::/slice/service\n");
    write(root, "sys/fs/cgroup/slice/service/memory.max", "max\n");
    write(root, "sys/fs/cgroup/slice/memory.max", "600000\n");
    write(root, "sys/fs/cgroup/slice/memory.current", "500000\n");
    write(root, "sys/fs/cgroup/slice/memory.stat", "anon 1\ninactive_file 100000\n");
    assert_eq!(available(root).expect("told"), 200_000);

    // Version 1.
    write(root, "proc/self/cgroup", "5:cpu,memory:/docker/x\n1:name=systemd:/docker/x\n");
    write(root, "sys/fs/cgroup/memory/memory.limit_in_bytes", "90000\n");
    write(root, "sys/fs/cgroup/memory/memory.usage_in_bytes", "50000\n");
    write(root, "sys/fs/cgroup/memory/memory.stat", "total_inactive_file 10000\n");
    assert_eq!(available(root).expect("told"), 50_000);
}
