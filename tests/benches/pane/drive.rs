//! The measures.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::logs;
use crate::peers::{self, Peer, with};
use crate::pty::Session;
use crate::table::{self, Row, millis, number, quantile};
use crate::{Asked, SIZE};

/// How many lines, and pages, are scrolled through.
const LINES: usize = 300;
const PAGES: usize = 60;

/// How long keys are typed one by one at most.
const MOST: Duration = Duration::from_secs(20);

/// How long a log is followed, and how long nothing is done.
const FOLLOW: Duration = Duration::from_secs(3);
const IDLE: Duration = Duration::from_secs(5);

struct Bench<'a> {
    asked: &'a Asked,
    dir: PathBuf,
    log: PathBuf,
    long: PathBuf,
}

/// Measures all that is installed and prints the table.
pub fn run(asked: &Asked) -> io::Result<()> {
    let dir = tempfile::tempdir()?;
    let path = |name: &str| dir.path().join(name);
    let bench =
        Bench { asked, dir: dir.path().to_owned(), log: path("build.log"), long: path("long.log") };
    logs::build(&bench.log, asked.lines)?;
    logs::long_lines(&bench.long)?;
    let wanted = |name: &str| asked.only.is_empty() || asked.only.iter().any(|only| only == name);
    let known: Vec<Peer> = peers::all().into_iter().filter(|peer| wanted(peer.name)).collect();
    let (found, missing): (Vec<Peer>, Vec<Peer>) =
        known.into_iter().partition(|peer| peer.program.is_some());

    let size = std::fs::metadata(&bench.log)?.len();
    println!(
        "{} lines, {:.1} MB, {}x{}; medians of {}\n",
        asked.lines,
        size as f64 / 1e6,
        SIZE.0,
        SIZE.1,
        asked.runs
    );
    let mut rows = empty_rows();
    for peer in &found {
        eprintln!("measuring {} …", peer.name);
        let figures = bench.figures(peer)?;
        for (row, figure) in rows.iter_mut().zip(figures) {
            row.cells.push(figure);
        }
    }
    let head: Vec<&str> = found.iter().map(|peer| peer.name).collect();
    table::print(&head, &rows);
    bench.scan()?;
    if wanted("buildcat") {
        bench.flood()?;
    }
    if !missing.is_empty() {
        let names: Vec<&str> = missing.iter().map(|peer| peer.name).collect();
        println!("\nnot installed: {}", names.join(", "));
    }
    Ok(())
}

fn empty_rows() -> Vec<Row> {
    [
        "start → first screen, ms",
        "start → last line, ms",
        "CPU to load and index, ms",
        "literal near the end, ms",
        "regex near the end, ms",
        "line scrolled, p50/p99 ms",
        "  bytes",
        "  CPU, ms",
        "page scrolled, p50/p99 ms",
        "  bytes",
        "300 queued lines, ms",
        "  bytes",
        "line scrolled at the end, p50/p99 ms",
        "line beside 1 MB lines, p50/p99 ms",
        "peak memory, MB",
        "1,000 lines/s, p50/p99 ms",
        "  CPU, %",
        "idle, bytes",
        "  CPU, %",
        "  wake-ups/s",
        "quit, ms",
    ]
    .map(|name| Row { name: name.to_owned(), cells: Vec::new() })
    .into()
}

impl Bench<'_> {
    fn figures(&self, peer: &Peer) -> io::Result<Vec<String>> {
        let mut all = vec![self.first_screen(peer)?, self.last_line(peer)?];
        let (load, peak) = self.load(peer)?;
        all.push(load);
        let (literal, regex, peak) = self.search(peer, peak)?;
        all.extend([literal, regex]);
        all.extend(self.scroll(peer)?);
        all.push(self.at_the_end(peer)?);
        all.push(self.beside_long_lines(peer)?);
        all.push(peak.map_or_else(String::new, |bytes| number(bytes as f64 / 1e6)));
        all.extend(self.follow(peer)?);
        all.extend(self.idle(peer)?);
        Ok(all)
    }

    fn start(&self, peer: &Peer, args: &[&str], file: &Path) -> io::Result<Session> {
        let program = peer.program.clone().unwrap_or_default();
        Session::start(&program, &with(args, file), &self.dir, self.asked.patience())
    }

    /// The median over some starts of the time from the start to a text.
    fn since_start(
        &self,
        args: &[&str],
        peer: &Peer,
        keys: &str,
        text: &str,
    ) -> io::Result<String> {
        let mut times = Vec::new();
        for _ in 0..self.asked.runs {
            let mut session = self.start(peer, args, &self.log)?;
            if !keys.is_empty() {
                // Typed once it can't be flushed any more.
                if session.wait_text(logs::FIRST).is_none() {
                    return Ok(String::new());
                }
                session.send(keys);
            }
            let Some(at) = session.wait_text(text) else { return Ok(String::new()) };
            times.push((at - session.started).as_secs_f64() * 1e3);
            session.quit(peer.quit);
        }
        Ok(quantile(&mut times, 0.5).map(number).unwrap_or_default())
    }

    fn first_screen(&self, peer: &Peer) -> io::Result<String> {
        self.since_start(peer.open, peer, "", logs::FIRST)
    }

    fn last_line(&self, peer: &Peer) -> io::Result<String> {
        self.since_start(peer.end, peer, peer.end_keys, logs::LAST)
    }

    fn load(&self, peer: &Peer) -> io::Result<(String, Option<u64>)> {
        let mut times = Vec::new();
        let mut peak = None;
        for _ in 0..self.asked.runs.min(3) {
            let mut session = self.start(peer, peer.end, &self.log)?;
            if !peer.end_keys.is_empty() {
                session.wait_text(logs::FIRST);
                session.send(peer.end_keys);
            }
            if session.wait_text(logs::LAST).is_none() {
                return Ok((String::new(), None));
            }
            session.rest();
            times.extend(session.cpu().map(|cpu| cpu.as_secs_f64() * 1e3));
            peak = peak.max(session.peak());
            session.quit(peer.quit);
        }
        Ok((quantile(&mut times, 0.5).map(number).unwrap_or_default(), peak))
    }

    /// From the last key of a search, typed at the top of a log that was
    /// looked through, to the line on the screen.
    fn search(
        &self,
        peer: &Peer,
        mut peak: Option<u64>,
    ) -> io::Result<(String, String, Option<u64>)> {
        let mut medians = Vec::new();
        for expression in [logs::NEEDLE, "need[a-z]+: kil+ed with"] {
            let mut times = Vec::new();
            for _ in 0..self.asked.runs {
                let mut session = self.start(peer, peer.open, &self.log)?;
                if session.wait_text(logs::FIRST).is_none() {
                    break;
                }
                session.rest();
                // vim has another spelling.
                let expression = match peer.name {
                    "vim" => expression.replace('+', "\\+"),
                    _ => expression.to_owned(),
                };
                let at = session.send(&format!("{}{expression}\r", peer.search));
                if let Some(told) = peer.told {
                    if session.wait_text(told).is_none() {
                        break;
                    }
                    session.send("n");
                }
                let Some(found) = session.wait_text("with status 137") else { break };
                times.push((found - at).as_secs_f64() * 1e3);
                peak = peak.max(session.peak());
            }
            medians.push(quantile(&mut times, 0.5).map(number).unwrap_or_default());
        }
        let regex = medians.pop().unwrap_or_default();
        Ok((medians.pop().unwrap_or_default(), regex, peak))
    }

    fn scroll(&self, peer: &Peer) -> io::Result<Vec<String>> {
        let mut session = self.start(peer, peer.open, &self.log)?;
        if session.wait_text(logs::FIRST).is_none() {
            return Ok(vec![String::new(); 7]);
        }
        session.rest();
        let (mut keys, bytes, cpu) = many(&mut session, peer.down, LINES);
        let mut figures = vec![pair(&mut keys), bytes, cpu];
        let (mut keys, bytes, _) = many(&mut session, peer.page, PAGES);
        figures.extend([pair(&mut keys), bytes]);

        let mut times = Vec::new();
        let mut bytes = 0;
        for _ in 0..self.asked.runs {
            let at = session.send(&peer.down.repeat(300));
            let burst = session.answer();
            let Some(last) = burst.last else { break };
            times.push((last - at).as_secs_f64() * 1e3);
            bytes = burst.bytes;
        }
        figures.push(quantile(&mut times, 0.5).map(number).unwrap_or_default());
        figures.push(bytes.to_string());
        Ok(figures)
    }

    /// One line up from the end.
    fn at_the_end(&self, peer: &Peer) -> io::Result<String> {
        let up = if peer.name == "vim" { "\x19" } else { "k" };
        let mut session = self.start(peer, peer.open, &self.log)?;
        session.wait_text(logs::FIRST);
        session.rest();
        session.send("G");
        if session.wait_text(logs::LAST).is_none() {
            return Ok(String::new());
        }
        session.rest();
        Ok(pair(&mut many(&mut session, up, LINES / 3).0))
    }

    fn beside_long_lines(&self, peer: &Peer) -> io::Result<String> {
        // Cut, not wrapped: a page of less is a part of one such line else.
        let cut: &[&str] = match peer.name {
            "less" => &["-S"],
            "vim" => &["-u", "NONE", "-N", "-n", "-R", "+set nowrap"],
            _ => peer.open,
        };
        let mut session = self.start(peer, cut, &self.long)?;
        if session.wait_text("package-0000020-").is_none() {
            return Ok(String::new());
        }
        session.rest();
        Ok(pair(&mut many(&mut session, peer.down, 60).0))
    }

    fn follow(&self, peer: &Peer) -> io::Result<[String; 2]> {
        let Some(args) = peer.follow else { return Ok([String::new(), String::new()]) };
        let file = self.dir.join("live.log");
        let mut out = OpenOptions::new().create(true).write(true).truncate(true).open(&file)?;
        for number in 0..100 {
            out.write_all(logs::live(number).as_bytes())?;
        }
        let mut session = self.start(peer, args, &file)?;
        session.settle(Duration::from_secs(1));
        if peer.name == "lnav" {
            session.send("G");
        }
        session.rest();
        let Some((cpu, _)) = session.now() else { return Ok([String::new(), String::new()]) };
        let began = Instant::now();
        let (tx, written) = mpsc::channel();
        let writer = std::thread::spawn(move || -> io::Result<()> {
            for number in 100.. {
                let due = began + Duration::from_millis(number - 100);
                if due > began + FOLLOW {
                    return Ok(());
                }
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                let at = Instant::now();
                out.write_all(logs::live(number).as_bytes())?;
                let _ = tx.send((number, at));
            }
            Ok(())
        });
        let mut waiting = std::collections::VecDeque::new();
        let mut late = Vec::new();
        let end = began + FOLLOW + Duration::from_secs(2);
        while Instant::now() < end && (waiting.len() + late.len() < 3000 || !waiting.is_empty()) {
            let Some(at) = session.chunk(Duration::from_millis(500)) else { continue };
            waiting.extend(written.try_iter());
            let shown = session.rows().filter_map(|row| logs::live_number(&row)).max();
            while let Some((number, begun)) = waiting.front()
                && Some(*number) <= shown
            {
                late.push(at.saturating_duration_since(*begun).as_secs_f64() * 1e3);
                waiting.pop_front();
            }
        }
        let spent = session.now().map(|(now, _)| now - cpu).unwrap_or_default();
        let share = spent.as_secs_f64() / began.elapsed().min(FOLLOW).as_secs_f64() * 100.0;
        let _ = writer.join();
        Ok([pair(&mut late), number(share)])
    }

    fn idle(&self, peer: &Peer) -> io::Result<[String; 4]> {
        let mut session = self.start(peer, peer.open, &self.log)?;
        if session.wait_text(logs::FIRST).is_none() {
            return Ok([const { String::new() }; 4]);
        }
        session.rest();
        let before = session.now();
        let began = Instant::now();
        let mut bytes = 0;
        while began.elapsed() < IDLE {
            bytes += session.settle(IDLE.saturating_sub(began.elapsed())).bytes;
        }
        let (mut cpu, mut sleeps) = (String::new(), String::new());
        if let (Some((then, slept)), Some((now, sleeping))) = (before, session.now()) {
            cpu = format!("{:.3}", (now - then).as_secs_f64() / IDLE.as_secs_f64() * 100.0);
            sleeps = number((sleeping - slept) as f64 / IDLE.as_secs_f64());
        }
        drop(session);
        let mut times = Vec::new();
        for _ in 0..self.asked.runs {
            let mut session = self.start(peer, peer.open, &self.log)?;
            if session.wait_text(logs::FIRST).is_none() {
                break;
            }
            session.rest();
            times.extend(session.quit(peer.quit).map(|time| time.as_secs_f64() * 1e3));
        }
        let quit = quantile(&mut times, 0.5).map(number).unwrap_or_default();
        Ok([bytes.to_string(), cpu, sleeps, quit])
    }

    /// What merely reading the log takes.
    fn scan(&self) -> io::Result<()> {
        println!();
        for (name, args) in [
            ("wc", vec!["-l"]),
            ("rg", vec!["-F", logs::NEEDLE]),
            ("rg", vec!["need[a-z]+: kil+ed with"]),
        ] {
            let Some(program) = peers::find(name) else {
                println!("{name}: not installed");
                continue;
            };
            let mut times = Vec::new();
            for _ in 0..self.asked.runs {
                let began = Instant::now();
                Command::new(&program).args(&args).arg(&self.log).stdout(Stdio::null()).status()?;
                times.push(began.elapsed().as_secs_f64() * 1e3);
            }
            let time = quantile(&mut times, 0.5).map(number).unwrap_or_default();
            println!("{name} {} as a whole process: {time} ms", args.join(" "));
        }
        Ok(())
    }

    /// A hundred thousand lines a second on standard input, and a key now and
    /// then.
    fn flood(&self) -> io::Result<()> {
        let fifo = self.dir.join("fifo");
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, mode, 0)?;
        let script = "exec \"$0\" open - < \"$1\"";
        let args = [
            "-c".as_ref(),
            script.as_ref(),
            env!("CARGO_BIN_EXE_buildcat").as_ref(),
            fifo.as_os_str(),
        ];
        let patience = self.asked.patience();
        let mut session = Session::start(Path::new("/bin/sh"), &args, &self.dir, patience)?;
        let mut out = File::create(&fifo)?;
        let writer = std::thread::spawn(move || -> io::Result<u64> {
            let began = Instant::now();
            let mut number = 0;
            while began.elapsed() < FOLLOW {
                // A hundred lines each millisecond, in one piece as a pipe has them.
                let piece: String = (number..number + 100).map(logs::live).collect();
                out.write_all(piece.as_bytes())?;
                number += 100;
                let due = began + Duration::from_micros(10 * number);
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
            }
            Ok(number)
        });
        session.wait(|screen| screen.contents().contains("live "));
        let mut late = Vec::new();
        let began = Instant::now();
        let mut open = false;
        while began.elapsed() + Duration::from_millis(300) < FOLLOW {
            // The help opens and closes: that is seen whatever else moves.
            let at = session.send("?");
            open = !open;
            let Some(seen) =
                session.wait(|screen| screen.contents().contains("one line down") == open)
            else {
                break;
            };
            late.push((seen - at).as_secs_f64() * 1e3);
            std::thread::sleep(Duration::from_millis(23));
        }
        let cpu = session.cpu().unwrap_or_default();
        let lines = writer.join().ok().and_then(Result::ok).unwrap_or(0);
        println!(
            "buildcat open -: {:.0} lines/s on standard input, key → frame p50/p99 {} ms, {:.0} % of a core",
            lines as f64 / FOLLOW.as_secs_f64(),
            pair(&mut late),
            cpu.as_secs_f64() / FOLLOW.as_secs_f64() * 100.0
        );
        Ok(())
    }
}

/// Types a key many times, each when the last is drawn: the times, the bytes
/// and the CPU of one.
fn many(session: &mut Session, key: &str, times: usize) -> (Vec<f64>, String, String) {
    let before = session.now();
    let (mut all, mut bytes) = (Vec::new(), 0);
    let deadline = Instant::now() + MOST;
    for _ in 0..times {
        if Instant::now() > deadline {
            break;
        }
        let at = session.send(key);
        let burst = session.settle(Duration::from_secs(2));
        let Some(last) = burst.last else { break };
        all.push((last - at).as_secs_f64() * 1e3);
        bytes += burst.bytes;
    }
    let spent = before.zip(session.now()).map(|((a, _), (b, _))| b - a);
    let each = all.len().max(1);
    let cpu = spent.map(|spent| millis(spent / each as u32)).unwrap_or_default();
    (all, (bytes / each).to_string(), cpu)
}

fn pair(values: &mut [f64]) -> String {
    match (quantile(values, 0.5), quantile(values, 0.99)) {
        (Some(half), Some(most)) => format!("{}/{}", number(half), number(most)),
        _ => String::new(),
    }
}
