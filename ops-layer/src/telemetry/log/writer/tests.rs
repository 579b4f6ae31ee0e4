use super::{Writer, CAPACITY};
use proptest::prelude::*;
use std::{
    io::{self, BufRead, BufReader, Write},
    os::unix::net::UnixStream,
    sync::{mpsc, Arc, Mutex, Weak},
    thread,
    time::Duration,
};

const LONG: Duration = Duration::from_secs(10);

fn start(output: impl Write + Send + 'static) -> Writer {
    Writer::start(output, |lost| format!("lost {lost}\n"))
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("not poisoned").clone()).expect("UTF-8")
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An output that says that it is asked, and takes nothing until the other end of the gate is gone.
struct Stuck {
    asked: mpsc::Sender<()>,
    gate: mpsc::Receiver<()>,
    kept: Kept,
}

impl Write for Stuck {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.asked.send(());
        let _ = self.gate.recv();
        self.kept.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn lines_are_written_whole_and_in_order() {
    let kept = Kept::default();
    let writer = start(kept.clone());
    let lines: Vec<String> = (0..1000).map(|n| format!("line {n}\n")).collect();
    for line in &lines {
        writer.push(line);
    }
    assert!(writer.flush(LONG));
    assert_eq!(kept.text(), lines.concat());
    assert_eq!(writer.dropped(), 0);
}

#[test]
fn a_line_is_seen_though_nobody_asks_for_it_and_no_other_comes() {
    struct Told(mpsc::Sender<Vec<u8>>);
    impl Write for Told {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.send(bytes.to_vec());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let (sender, written) = mpsc::channel();
    let writer = start(Told(sender));
    for line in ["one\n", "two\n", "three\n"] {
        writer.push(line);
        assert_eq!(written.recv_timeout(LONG).expect("it is written"), line.as_bytes());
    }
}

#[test]
fn a_stuck_output_blocks_nobody_loses_only_what_is_beyond_the_bound_and_is_told_how_much() {
    let (asked, is_asked) = mpsc::channel();
    let (release, gate) = mpsc::channel();
    let kept = Kept::default();
    let writer = start(Stuck { asked, gate, kept: kept.clone() });
    let line = "x".repeat(1023) + "\n";
    // It holds this one; the others wait behind it.
    writer.push(&line);
    is_asked.recv_timeout(LONG).expect("it writes");
    let (room, lines) = (CAPACITY / line.len(), 3 * CAPACITY / line.len());
    (0..lines).for_each(|_| writer.push(&line));
    let dropped = lines - room;
    assert_eq!(writer.dropped(), dropped as u64);
    assert!(!writer.flush(Duration::from_millis(1)), "it is stuck");
    drop(release);
    assert!(writer.flush(LONG));
    writer.push("after\n");
    assert!(writer.flush(LONG));
    let text = kept.text();
    assert_eq!(text.matches("lost").count(), 1, "once");
    let end = format!("lost {dropped}\nafter\n");
    assert!(text.ends_with(&end), "where the lines would have been");
    assert_eq!(text.len(), (1 + room) * line.len() + end.len());
}

/// An output that does at each write what comes next, and everything afterwards.
struct Moody(Vec<Mood>, Kept);

#[derive(Clone, Copy, Debug)]
enum Mood {
    /// Takes so many bytes.
    Takes(usize),
    Fails,
    Interrupted,
    Full,
}

impl Write for Moody {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.pop() {
            Some(Mood::Takes(most)) => self.1.write(&bytes[..most.min(bytes.len())]),
            Some(Mood::Fails) => Err(io::ErrorKind::StorageFull.into()),
            Some(Mood::Interrupted) => Err(io::ErrorKind::Interrupted.into()),
            Some(Mood::Full) => Err(io::ErrorKind::WouldBlock.into()),
            None => self.1.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn mood() -> impl Strategy<Value = Mood> {
    prop_oneof![(0usize..9).prop_map(Mood::Takes), Just(Mood::Fails), Just(Mood::Interrupted), Just(Mood::Full)]
}

proptest! {
    /// What a full disk takes of a line is never continued by another, and what is missing is counted.
    #[test]
    fn an_output_that_fails_for_a_while_shows_whole_lines_and_how_many_are_missing(
        moods in prop::collection::vec(mood(), 0..12),
    ) {
        let kept = Kept::default();
        let writer = start(Moody(moods, kept.clone()));
        let lines: Vec<String> = (0..30).map(|n| format!("line {n};\n")).collect();
        for line in &lines {
            writer.push(line);
            prop_assert!(writer.flush(LONG));
        }
        let text = kept.text();
        let whole: Vec<&str> = text.lines().filter(|line| line.starts_with("line") && line.ends_with(';')).collect();
        prop_assert!(whole.iter().all(|line| lines.contains(&format!("{line}\n"))), "{}", text);
        prop_assert_eq!(whole.len() + usize::try_from(writer.dropped()).expect("small"), lines.len(), "{}", text);
        let told: u64 = text.lines().filter_map(|line| line.strip_prefix("lost ")?.parse::<u64>().ok()).sum();
        prop_assert!(told >= writer.dropped(), "{} of {}: {}", told, writer.dropped(), text);
        prop_assert!(text.ends_with("line 29;\n"));
    }
}

#[test]
fn an_output_that_is_gone_costs_one_try_for_each_batch() {
    struct Gone(Arc<Mutex<u32>>);
    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            *self.0.lock().expect("not poisoned") += 1;
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let tries = Arc::<Mutex<u32>>::default();
    let writer = start(Gone(Arc::clone(&tries)));
    for n in 1..=20 {
        writer.push("a\n");
        assert!(writer.flush(LONG));
        assert_eq!((*tries.lock().expect("not poisoned"), writer.dropped()), (n, u64::from(n)));
    }
}

#[test]
fn the_last_writer_leaves_nothing_unwritten() {
    struct Told(Kept, #[expect(dead_code, reason = "held until the thread ends")] mpsc::Sender<()>);
    impl Write for Told {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let (ended, wait) = mpsc::channel();
    let kept = Kept::default();
    let writer = start(Told(kept.clone(), ended));
    writer.push("a\n");
    drop(writer);
    assert!(matches!(wait.recv_timeout(LONG), Err(mpsc::RecvTimeoutError::Disconnected)), "the thread has ended");
    assert_eq!(kept.text(), "a\n");
}

#[test]
fn to_flush_waits_for_what_came_before_and_not_for_what_others_log_meanwhile() {
    /// While it writes a line, another comes.
    struct Busy(Arc<Mutex<Weak<Writer>>>);
    impl Write for Busy {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if let Some(writer) = self.0.lock().expect("not poisoned").upgrade() {
                writer.push("again\n");
            }
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let busy = Arc::default();
    let writer = Arc::new(start(Busy(Arc::clone(&busy))));
    *busy.lock().expect("not poisoned") = Arc::downgrade(&writer);
    for _ in 0..10 {
        writer.push("a\n");
        assert!(writer.flush(LONG), "it is written");
    }
}

#[test]
fn an_output_that_does_not_block_loses_nothing_when_it_is_full() {
    let (output, reader) = UnixStream::pair().expect("a pair");
    output.set_nonblocking(true).expect("a mode");
    let writer = start(output);
    let lines: Vec<String> = (0..4000).map(|n| format!("{n:>200}\n")).collect();
    for line in &lines {
        writer.push(line);
    }
    assert!(!writer.flush(Duration::from_millis(50)), "nobody reads, and it does not hold that much");
    let read = thread::spawn(move || BufReader::new(reader).lines().collect::<Result<Vec<_>, _>>().expect("text"));
    assert!(writer.flush(LONG));
    assert_eq!(writer.dropped(), 0);
    drop(writer);
    let read = read.join().expect("it reads");
    assert!(read.iter().eq(lines.iter().map(|line| line.trim_end_matches('\n'))), "{} lines", read.len());
}

#[test]
fn an_output_that_panics_costs_its_lines_and_nobody_waits_for_it() {
    struct Panics(Arc<Mutex<u32>>);
    impl Write for Panics {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            *self.0.lock().expect("not poisoned") += 1;
            panic!("{} bytes are too many", bytes.len());
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let tries = Arc::<Mutex<u32>>::default();
    let writer = start(Panics(Arc::clone(&tries)));
    for n in 1..=3 {
        writer.push("a\n");
        assert!(writer.flush(LONG), "there is nothing to wait for");
        assert_eq!((*tries.lock().expect("not poisoned"), writer.dropped()), (1, n));
    }
}
