//! The program in a pseudo-terminal, with an emulator that reads its screen.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Long enough for a loaded machine; a healthy run never waits that long.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program people get where CI built it, else the one under test.
pub fn program() -> PathBuf {
    std::env::var_os("BUILDCAT_E2E_BIN")
        .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_buildcat")), PathBuf::from)
}

/// A command with an environment of its own and a home at `home`.
pub fn command(program: impl AsRef<Path>, args: &[&str], home: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new(program.as_ref());
    command.args(args);
    command.env_clear();
    command.env("HOME", home);
    command.env("BUILDCAT_LATE_LINES", "5s");
    command.env("PATH", "/usr/bin:/bin");
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command.cwd(home);
    command
}

/// A running program and its screen; killed when this is dropped.
pub struct Terminal {
    emulator: vt100::Parser,
    raw: Vec<u8>,
    output: mpsc::Receiver<Vec<u8>>,
    input: Box<dyn Write + Send>,
    child: Option<Box<dyn portable_pty::Child + Send + Sync>>,
    master: Option<Box<dyn MasterPty + Send>>,
}

/// What a program left behind.
pub struct Ended {
    /// The exit status.
    pub code: u32,
    /// The screen after it.
    pub screen: vt100::Screen,
    /// All that it sent.
    pub raw: Vec<u8>,
}

impl Terminal {
    /// Starts `buildcat` with `args` and a home of its own at `home`.
    pub fn start(args: &[&str], home: &Path, rows: u16, cols: u16) -> Self {
        Self::spawn(command(program(), args, home), rows, cols)
    }

    /// Starts any command.
    pub fn spawn(command: CommandBuilder, rows: u16, cols: u16) -> Self {
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let input = pair.master.take_writer().expect("a writer");
        let (tx, output) = mpsc::channel();
        std::thread::spawn(move || {
            let mut buf = [0; 8192];
            while let Ok(n) = reader.read(&mut buf) {
                if n == 0 || tx.send(buf[..n].to_vec()).is_err() {
                    return;
                }
            }
        });
        let emulator = vt100::Parser::new(rows, cols, 0);
        Self {
            emulator,
            raw: Vec::new(),
            output,
            input,
            child: Some(child),
            master: Some(pair.master),
        }
    }

    /// The screen as the emulator has it.
    pub fn screen(&self) -> &vt100::Screen {
        self.emulator.screen()
    }

    /// The process that was started.
    pub fn pid(&self) -> rustix::process::Pid {
        let pid = self.child.as_ref().and_then(|child| child.process_id()).expect("it runs");
        rustix::process::Pid::from_raw(pid as i32).expect("a process id")
    }

    /// Types bytes.
    pub fn send(&mut self, keys: &str) {
        self.input.write_all(keys.as_bytes()).expect("the program reads keys");
        self.input.flush().expect("the program reads keys");
    }

    /// Changes the size of the terminal.
    pub fn resize(&mut self, rows: u16, cols: u16) {
        self.emulator.screen_mut().set_size(rows, cols);
        self.claim(rows, cols);
    }

    /// Has the terminal call itself another size than it has.
    pub fn claim(&mut self, rows: u16, cols: u16) {
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        self.master.as_ref().expect("a terminal").resize(size).expect("a resize");
    }

    /// Reads output until the screen is as wanted.
    #[track_caller]
    pub fn wait(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !wanted(self.emulator.screen()) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(error) => panic!(
                    "waited for {what}: {error}\n--- screen ---\n{}\n---",
                    self.emulator.screen().contents()
                ),
            }
        }
    }

    /// Reads output until a text is on the screen.
    #[track_caller]
    pub fn wait_text(&mut self, text: &str) {
        self.wait(text, |screen| screen.contents().contains(text));
    }

    /// Reads output until the program has sent some bytes.
    #[track_caller]
    pub fn wait_sent(&mut self, bytes: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !String::from_utf8_lossy(&self.raw).contains(bytes) {
            let left = deadline.saturating_duration_since(Instant::now());
            let more = self.output.recv_timeout(left);
            self.take(&more.unwrap_or_else(|error| panic!("waited for {bytes:?}: {error}")));
        }
    }

    /// Reads the rest of the output and waits for the program to end.
    #[track_caller]
    pub fn end(mut self) -> Ended {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    panic!("the program did not end:\n{}", self.emulator.screen().contents())
                }
            }
        }
        let code =
            self.child.as_mut().expect("a child").wait().expect("an exit status").exit_code();
        let raw = std::mem::take(&mut self.raw);
        Ended { code, screen: self.emulator.screen().clone(), raw }
    }

    /// Closes the terminal under the program, which must be about to write,
    /// and gives its exit status.
    #[track_caller]
    pub fn close(mut self) -> u32 {
        // The reader's own handle is closed when it finds nobody to send to.
        self.output = mpsc::channel().1;
        self.input = Box::new(std::io::sink());
        self.master = None;
        let mut child = self.child.take().expect("a child");
        let mut killer = child.clone_killer();
        let (tx, rx) = mpsc::channel();
        std::thread::spawn(move || tx.send(child.wait()));
        match rx.recv_timeout(PATIENCE) {
            Ok(status) => status.expect("an exit status").exit_code(),
            Err(_) => {
                let _ = killer.kill();
                panic!("the program goes on without a terminal");
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.raw.extend_from_slice(bytes);
        self.emulator.process(bytes);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
        }
    }
}
