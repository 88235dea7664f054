//! A program in a pseudo-terminal, and what it costs.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::{QUIET, SIZE};

/// Output that doesn't pause is no burst any more after so long.
const LONGEST: Duration = Duration::from_secs(5);

/// How long a program may take to end.
const LEAVE: Duration = Duration::from_secs(5);

/// The kernel's unit of CPU time.
const TICK: Duration = Duration::from_millis(10);

/// A running program; killed when this is dropped.
pub struct Session {
    emulator: vt100::Parser,
    chunks: Receiver<(Instant, Vec<u8>)>,
    input: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
    pid: u32,
    /// When it was started.
    pub started: Instant,
    /// What takes longer isn't waited for.
    patience: Duration,
}

/// Output that came without a pause.
#[derive(Clone, Copy, Debug, Default)]
pub struct Burst {
    /// When the last of it came.
    pub last: Option<Instant>,
    /// How much it was.
    pub bytes: usize,
}

impl Session {
    /// Starts a program with a home of its own. What takes longer than
    /// `patience` isn't waited for.
    pub fn start(
        program: &Path,
        args: &[impl AsRef<OsStr>],
        home: &Path,
        patience: Duration,
    ) -> io::Result<Self> {
        let size = PtySize { rows: SIZE.1, cols: SIZE.0, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).map_err(io::Error::other)?;
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env_clear();
        for (name, value) in
            [("PATH", "/usr/bin:/bin"), ("TERM", "xterm-256color"), ("LANG", "C.UTF-8")]
        {
            command.env(name, value);
        }
        command.env("HOME", home);
        command.cwd(home);
        let mut reader = pair.master.try_clone_reader().map_err(io::Error::other)?;
        let input = pair.master.take_writer().map_err(io::Error::other)?;
        let (tx, chunks) = mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 1 << 16];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                if tx.send((Instant::now(), buffer[..n].to_vec())).is_err() {
                    return;
                }
            }
        });
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).map_err(io::Error::other)?;
        drop(pair.slave);
        let pid = child.process_id().ok_or_else(|| io::Error::other("no process id"))?;
        let emulator = vt100::Parser::new(SIZE.1, SIZE.0, 0);
        let _master = pair.master;
        Ok(Self { emulator, chunks, input, child, _master, pid, started, patience })
    }

    /// Types; the moment before it did.
    pub fn send(&mut self, keys: &str) -> Instant {
        let at = Instant::now();
        // A program that is gone shows in what is waited for next.
        let _ = self.input.write_all(keys.as_bytes());
        at
    }

    /// Reads output until the screen is as wanted; when the chunk came that
    /// made it so, `None` if none did.
    pub fn wait(&mut self, wanted: impl Fn(&vt100::Screen) -> bool) -> Option<Instant> {
        let deadline = Instant::now() + self.patience;
        loop {
            let (at, chunk) = self
                .chunks
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
                .ok()?;
            self.emulator.process(&chunk);
            if wanted(self.emulator.screen()) {
                return Some(at);
            }
        }
    }

    /// [`Session::wait`] for a text.
    pub fn wait_text(&mut self, text: &str) -> Option<Instant> {
        self.wait(|screen| screen.contents().contains(text))
    }

    /// Reads one chunk of output, if one comes in time.
    pub fn chunk(&mut self, within: Duration) -> Option<Instant> {
        let (at, chunk) = self.chunks.recv_timeout(within).ok()?;
        self.emulator.process(&chunk);
        Some(at)
    }

    /// Reads output, whose first is waited for so long, until there is none for
    /// a while.
    pub fn settle(&mut self, first: Duration) -> Burst {
        let mut burst = Burst::default();
        let mut patience = first;
        let deadline = Instant::now() + first + LONGEST;
        while Instant::now() < deadline {
            match self.chunks.recv_timeout(patience) {
                Ok((at, chunk)) => {
                    self.emulator.process(&chunk);
                    burst.last = Some(at);
                    burst.bytes += chunk.len();
                    patience = QUIET;
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
        burst
    }

    /// Reads the answer to something that was typed; see [`Session::settle`].
    pub fn answer(&mut self) -> Burst {
        self.settle(self.patience)
    }

    /// Reads output until the program has used next to no CPU for a while. Some
    /// never do.
    pub fn rest(&mut self) {
        let deadline = Instant::now() + self.patience;
        let mut busy = true;
        while busy && Instant::now() < deadline {
            let before = self.cpu();
            let until = Instant::now() + Duration::from_millis(250);
            while Instant::now() < until {
                self.settle(Duration::from_millis(50));
            }
            let spent = self.cpu().zip(before).map(|(now, before)| now - before);
            busy = spent.is_some_and(|spent| spent > TICK);
        }
    }

    /// The rows of the screen.
    pub fn rows(&self) -> impl Iterator<Item = String> + '_ {
        self.emulator.screen().rows(0, SIZE.0)
    }

    /// CPU time of all its threads, those that ended too; in steps of [`TICK`].
    pub fn cpu(&self) -> Option<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).ok()?;
        let mut fields = stat.rsplit(')').next()?.split_whitespace().skip(11);
        let mut ticks = || fields.next()?.parse::<u64>().ok();
        Some(TICK * u32::try_from(ticks()? + ticks()?).ok()?)
    }

    /// CPU time of the threads that there are, exactly; and how often they
    /// went to sleep.
    pub fn now(&self) -> Option<(Duration, u64)> {
        let (mut nanos, mut sleeps) = (0, 0);
        for task in fs::read_dir(format!("/proc/{}/task", self.pid)).ok()? {
            let task = task.ok()?.path();
            let stat = fs::read_to_string(task.join("schedstat")).ok()?;
            nanos += stat.split_whitespace().next()?.parse::<u64>().ok()?;
            let status = fs::read_to_string(task.join("status")).ok()?;
            sleeps += field(&status, "voluntary_ctxt_switches:")?;
        }
        Some((Duration::from_nanos(nanos), sleeps))
    }

    /// The most memory it has had, in bytes.
    pub fn peak(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).ok()?;
        Some(field(&status, "VmHWM:")? * 1024)
    }

    /// Types what ends it, and says how long it took to be gone.
    pub fn quit(mut self, keys: &str) -> Option<Duration> {
        let at = self.send(keys);
        loop {
            if self.child.try_wait().ok()?.is_some() {
                return Some(at.elapsed());
            }
            if at.elapsed() > LEAVE {
                return None;
            }
            // Output that ended tells that it did, or is about to.
            if let Err(RecvTimeoutError::Disconnected) =
                self.chunks.recv_timeout(Duration::from_micros(100))
            {
                self.child.wait().ok()?;
                return Some(at.elapsed());
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn field(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}
