//! A child process under a budget: a command enters; how it ended, what it printed, its time and its memory leave.
//!
//! The budget is on memory that the child holds (its largest resident set, as Linux counts it), not on address space: wasmtime
//! reserves gigabytes of addresses for guards and pools that hold no memory, so that a limit on addresses would end every child
//! that runs native code. Memory and time are read every few milliseconds, and a child beyond either is killed. In that time a
//! child touches some megabytes more, which is what the figures may be off by.
//!
//! The budget of time is processor time of all threads of the child, since other processes of a busy machine do not add to it. A
//! child that waits, and so uses none, ends after `WAIT_FACTOR` times the budget on the clock.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How many times its budget of processor time a child may take on the clock.
const WAIT_FACTOR: u32 = 5;

/// How often a child is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// The most bytes that are kept of each output of a child, the rest is counted.
const KEPT_BYTES: usize = 1 << 20;

/// Processor time of one tick in `/proc/PID/stat`; Linux has 100 a second for programs, whatever the kernel counts by.
const TICK: Duration = Duration::from_millis(10);

/// What a child may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Bytes of memory that the child holds at any moment.
    pub memory_bytes: u64,
    /// Processor time of all threads.
    pub time: Duration,
    /// Bytes that the child reads from files and pipes, again and again included; `u64::MAX` for a child that may read any number.
    pub read_bytes: u64,
}

/// The limit of a budget that a child was killed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Killed {
    /// It held more memory.
    Memory,
    /// It used more processor time.
    Time,
    /// It read more bytes.
    Reading,
    /// It neither ended nor used its processor time.
    Waiting,
}

/// What is known of a child that has ended.
#[derive(Debug)]
pub struct Ended {
    /// How it ended, or was ended.
    pub status: ExitStatus,
    /// Why it was killed; `None` if it ended by itself.
    pub killed: Option<Killed>,
    /// The first bytes of its standard output.
    pub stdout: String,
    /// The first bytes of its standard error.
    pub stderr: String,
    /// The bytes of both outputs.
    pub printed_bytes: u64,
    /// Processor time of all threads, in ticks of 10 ms.
    pub time: Duration,
    /// The most memory that it held.
    pub peak_bytes: u64,
    /// Bytes that it read.
    pub read_bytes: u64,
}

/// What a child has used so far, as far as the system tells.
#[derive(Clone, Copy, Debug, Default)]
struct Used {
    time: Duration,
    peak_bytes: u64,
    read_bytes: u64,
}

impl Used {
    /// Looks at a process. What cannot be read any more stays as it was.
    fn look(&mut self, process: &str) {
        self.peak_bytes = peak_bytes_of(process).unwrap_or(0).max(self.peak_bytes);
        self.time = processor_time_of(process).unwrap_or_default().max(self.time);
        self.read_bytes = read_bytes_of(process).unwrap_or(0).max(self.read_bytes);
    }

    fn beyond(&self, budget: &Budget) -> Option<Killed> {
        if self.peak_bytes > budget.memory_bytes {
            Some(Killed::Memory)
        } else if self.time > budget.time {
            Some(Killed::Time)
        } else if self.read_bytes > budget.read_bytes {
            Some(Killed::Reading)
        } else {
            None
        }
    }
}

/// Runs a command until it ends or is beyond its budget.
///
/// # Errors
///
/// When it cannot be started, or this system does not tell what a process uses.
pub fn run(command: &mut Command, budget: Budget) -> io::Result<Ended> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let stdout = child.stdout.take().map(|pipe| std::thread::spawn(move || read(pipe)));
    let stderr = child.stderr.take().map(|pipe| std::thread::spawn(move || read(pipe)));
    let watched = watch(&mut child, budget);
    if watched.is_err() {
        child.kill()?;
        child.wait()?;
    }
    let (status, killed, used) = watched?;
    let text = |thread: Option<std::thread::JoinHandle<(Vec<u8>, u64)>>| {
        let (bytes, count) = thread.and_then(|thread| thread.join().ok()).unwrap_or_default();
        (String::from_utf8_lossy(&bytes).into_owned(), count)
    };
    let (stdout, out_bytes) = text(stdout);
    let (stderr, err_bytes) = text(stderr);
    let Used { time, peak_bytes, read_bytes } = used;
    Ok(Ended {
        status,
        killed,
        stdout,
        stderr,
        printed_bytes: out_bytes + err_bytes,
        time,
        peak_bytes,
        read_bytes,
    })
}

fn watch(child: &mut Child, budget: Budget) -> io::Result<(ExitStatus, Option<Killed>, Used)> {
    let process = child.id().to_string();
    let start = Instant::now();
    let mut used = Used::default();
    loop {
        // Looked at before it is waited for: once it is, nothing is known of it any more.
        used.look(&process);
        let is_waiting = start.elapsed() > budget.time * WAIT_FACTOR;
        if let Some(killed) = used.beyond(&budget).or(is_waiting.then_some(Killed::Waiting)) {
            child.kill()?;
            return Ok((child.wait()?, Some(killed), used));
        }
        if let Some(status) = child.try_wait()? {
            // Beyond its budget in its last moments.
            return Ok((status, used.beyond(&budget), used));
        }
        std::thread::sleep(LOOK);
    }
}

/// Reads all, and keeps the first bytes.
fn read(mut pipe: impl Read) -> (Vec<u8>, u64) {
    let (mut kept, mut count) = (Vec::new(), 0);
    let mut buffer = vec![0; 1 << 16];
    loop {
        match pipe.read(&mut buffer) {
            Ok(0) | Err(_) => return (kept, count),
            Ok(read) => {
                count += read as u64;
                let room = KEPT_BYTES.saturating_sub(kept.len()).min(read);
                kept.extend_from_slice(buffer.get(..room).unwrap_or_default());
            }
        }
    }
}

/// Returns the most memory that a process has held so far, in bytes; `None` where the system does not tell.
pub fn peak_bytes_of(process: &str) -> Option<u64> {
    status_bytes(process, "VmHWM:")
}

/// Reads a line of the status of a process, which Linux gives in kilobytes; `None` where the system does not tell.
pub fn status_bytes(process: &str, line: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|found| found.strip_prefix(line))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1_024)
}

/// Returns the bytes that a process has read from files and pipes; `None` where the system does not tell.
fn read_bytes_of(process: &str) -> Option<u64> {
    let io = std::fs::read_to_string(format!("/proc/{process}/io")).ok()?;
    io.lines().find_map(|line| line.strip_prefix("rchar:"))?.trim().parse().ok()
}

/// Returns the processor time of all threads of a process; `None` where the system does not tell.
fn processor_time_of(process: &str) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name of the program stands in parentheses and may have blanks.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let ticks: u32 = fields.next()?.parse::<u32>().ok()?.checked_add(fields.next()?.parse().ok()?)?;
    Some(TICK * ticks)
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn shell(script: &str, budget: Budget) -> Ended {
        run(Command::new("sh").args(["-c", script]), budget).unwrap()
    }

    const SMALL: Budget =
        Budget { memory_bytes: 64 << 20, time: Duration::from_millis(300), read_bytes: 8 << 20 };

    #[test]
    fn a_child_ends_by_itself_or_at_its_budget() {
        let ended = shell("echo out; echo err >&2; exit 3", SMALL);
        assert_eq!((ended.status.code(), ended.killed), (Some(3), None));
        assert_eq!(
            (ended.stdout.as_str(), ended.stderr.as_str(), ended.printed_bytes),
            ("out\n", "err\n", 8)
        );
        assert_eq!(shell("while :; do :; done", SMALL).killed, Some(Killed::Time));
        let reads = "exec dd if=/dev/zero of=/dev/null bs=1M count=100000";
        assert_eq!(shell(reads, SMALL).killed, Some(Killed::Reading));
        assert_eq!(shell("exec sleep 60", SMALL).killed, Some(Killed::Waiting));
        let hoards = "x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done";
        assert_eq!(
            shell(hoards, Budget { time: Duration::from_secs(20), ..SMALL }).killed,
            Some(Killed::Memory)
        );
    }
}
