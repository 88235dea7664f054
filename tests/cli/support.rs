//! The built program with a home of its own, against its own simulated service.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use tempfile::TempDir;
use tokio::net::TcpSocket;

/// The id of the build that the scenario `default` plays.
pub const DEFAULT: &str = "6f1c0f5e-3a52-4c8b-9a86-0d6c3b1e7a10";
/// The id of the build that the scenario `success-warnings` plays.
pub const SUCCESS: &str = "48b6f2d1-c90e-4573-8e3a-d05c7a16b9f4";
/// The id of the build that the scenario `timeout` plays.
pub const TIMEOUT: &str = "a91c57e0-24d8-4be6-9f73-6c0b8d2e15fa";

/// A key that must never be seen in any output.
pub const KEY: &str = "sk_neverprinted";

/// What a run of the program gave.
#[derive(Debug)]
pub struct Output {
    pub status: ExitStatus,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Output {
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.stdout).unwrap()
    }

    /// Checks exit status, standard output and standard error, all exactly.
    #[track_caller]
    pub fn is(&self, code: i32, stdout: &str, stderr: &str) {
        assert_eq!((self.stderr.as_str(), self.text()), (stderr, stdout));
        assert_eq!(self.code(), Some(code));
    }

    /// Checks that nothing but a complaint came, and that it says all of this.
    #[track_caller]
    pub fn complains(&self, code: i32, parts: &[&str]) {
        for part in parts {
            assert!(self.stderr.contains(part), "{part:?} is not in {:?}", self.stderr);
        }
        assert_eq!((self.code(), self.text()), (Some(code), ""), "{}", self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
    }
}

/// A home directory, and the variables that the program is given besides.
pub struct Home {
    dir: TempDir,
    vars: Vec<(String, String)>,
}

impl Home {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), vars: Vec::new() }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The same with a variable set, or changed.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.vars.retain(|(known, _)| known != name);
        self.vars.push((name.to_owned(), value.to_owned()));
    }

    /// Writes a file below the home directory, which only its owner can read.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_buildcat"));
        command
            .args(args)
            .env_clear()
            .env("HOME", self.path())
            .env("BUILDCAT_LATE_LINES", "5s")
            .current_dir(self.path());
        command.envs(self.vars.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, args: &[&str]) -> Output {
        finished(self.command(args).spawn().unwrap())
    }

    /// Runs the program with something to read on standard input.
    pub fn run_with(&self, args: &[&str], input: &[u8]) -> Output {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // Less than a pipe holds, or the program would have to read to let us end.
        assert!(input.len() < 60_000);
        // One that doesn't read it may have ended before.
        if let Err(error) = stdin.write_all(input) {
            assert_eq!(error.kind(), ErrorKind::BrokenPipe, "{error}");
        }
        drop(stdin);
        finished(child)
    }
}

pub fn finished(child: Child) -> Output {
    let output = child.wait_with_output().unwrap();
    Output {
        status: output.status,
        stdout: output.stdout,
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// `buildcat demo --serve`, killed when this is dropped.
pub struct Service {
    child: Child,
    url: String,
    /// Kept open: the program must not write into a closed pipe.
    _stdout: BufReader<ChildStdout>,
    home: Home,
}

impl Service {
    /// A service on which the scenario is over almost at once.
    pub fn start(scenario: &str) -> Self {
        Self::at_speed(scenario, "1000")
    }

    pub fn at_speed(scenario: &str, speed: &str) -> Self {
        let home = Home::new();
        let mut child = home
            .command(&["demo", scenario, "--serve", "--speed", speed])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut url = String::new();
        let read = stdout.read_line(&mut url);
        let service = Self { child, url: url.trim_end().to_owned(), _stdout: stdout, home };
        read.unwrap();
        assert!(service.url.starts_with("http://127.0.0.1:"), "{:?}", service.url);
        service
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// A home with a key for this service.
    pub fn home(&self) -> Home {
        Home::new().with("PIPECAT_API_HOST", &self.url).with("PIPECAT_API_KEY", KEY)
    }

    /// The same, once the played build is over and its late lines are there.
    pub fn over(&self) -> Home {
        let home = self.home();
        let all = ["logs", "latest", "--follow", "--poll-interval", "250ms", "-o", "all.log"];
        let output = home.run(&all);
        assert_eq!(output.stderr, "");
        std::fs::remove_file(home.path().join("all.log")).unwrap();
        home
    }

    /// Whether it still runs; takes what it said on standard output since.
    pub fn end(mut self) -> String {
        self.child.kill().unwrap();
        let mut rest = String::new();
        self._stdout.read_to_string(&mut rest).unwrap();
        rest
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = self.home.path();
    }
}

/// A port on which nothing listens, nor will while it is kept, and its address.
pub fn closed() -> (TcpSocket, String) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    (socket, url)
}

/// A log of the corpus.
pub fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(name)
}

/// The log that a scenario plays.
pub fn scenario(name: &str) -> String {
    let path = format!("assets/scenarios/{name}.log");
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}
