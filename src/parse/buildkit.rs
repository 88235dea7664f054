//! BuildKit's plain progress output: `#6 0.340 text`.
//!
//! Source of the format: moby/buildkit `util/progress/progressui/printer.go`.

use std::borrow::Cow;

use super::role::looks_like_chore;

/// A line that begins with `#N `.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Vertex<'a> {
    /// The vertex's number; 0 is the client's own line about the builder.
    pub number: u32,
    /// What the line says of it.
    pub line: Line<'a>,
}

/// What a vertex line says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Line<'a> {
    /// `#6 0.340 text`: output, and the second since the vertex began.
    Output {
        /// Seconds since the vertex began.
        seconds: f64,
        /// The output itself, without number and second.
        text: &'a str,
    },
    /// `#6 ...`: another vertex is shown next; this one goes on.
    Left,
    /// `#6 DONE 1.2s` or `#6 DONE`.
    Done {
        /// How long the vertex worked in all.
        seconds: Option<f64>,
    },
    /// `#6 CACHED`.
    Cached,
    /// `#6 CANCELED`.
    Canceled,
    /// `#6 ERROR: message`; the message may go on over bare lines.
    Error(&'a str),
    /// `#6 WARN: message`.
    Warn(&'a str),
    /// A name or a status; which of them only the fold can tell.
    Words(&'a str),
}

/// Reads `#N rest`; `None` for any other line.
pub fn vertex(text: &str) -> Option<Vertex<'_>> {
    let b = text.as_bytes();
    if b.first() != Some(&b'#') {
        return None;
    }
    let mut number: u32 = 0;
    let mut at = 1;
    while let Some(digit) = b.get(at).filter(|c| c.is_ascii_digit()) {
        number = number.checked_mul(10)?.checked_add(u32::from(digit - b'0'))?;
        at += 1;
    }
    // A number is never written with leading zeros, and always has a space after it.
    if at == 1 || b.get(at) != Some(&b' ') || (b.get(1) == Some(&b'0') && at > 2) {
        return None;
    }
    let rest = text.get(at + 1..)?;
    Some(Vertex { number, line: words(rest) })
}

fn words(rest: &str) -> Line<'_> {
    match rest.as_bytes().first() {
        Some(c) if c.is_ascii_digit() => match output(rest) {
            Some((seconds, text)) => Line::Output { seconds, text },
            None => Line::Words(rest),
        },
        Some(b'.') if rest == "..." => Line::Left,
        Some(b'D') if rest == "DONE" => Line::Done { seconds: None },
        Some(b'D') => match rest.strip_prefix("DONE ").and_then(seconds) {
            Some(s) => Line::Done { seconds: Some(s) },
            None => Line::Words(rest),
        },
        Some(b'C') if rest == "CACHED" => Line::Cached,
        Some(b'C') if rest == "CANCELED" => Line::Canceled,
        Some(b'E') if rest == "ERROR:" => Line::Error(""),
        Some(b'E') => rest.strip_prefix("ERROR: ").map_or(Line::Words(rest), Line::Error),
        Some(b'W') => rest.strip_prefix("WARN: ").map_or(Line::Words(rest), Line::Warn),
        _ => Line::Words(rest),
    }
}

/// Reads `12.3s`.
pub fn seconds(text: &str) -> Option<f64> {
    let number = text.strip_suffix('s')?;
    number.as_bytes().first().filter(|c| c.is_ascii_digit())?;
    number.parse().ok()
}

/// Reads `0.340 text`: one to three decimals, then a space or the line's end.
///
/// By hand, since this runs on nearly every line of a log and `f64::parse` on
/// five digits costs more than the rest of the line.
pub fn output(text: &str) -> Option<(f64, &str)> {
    let b = text.as_bytes();
    let mut at = 0;
    let mut value: u64 = 0;
    while let Some(digit) = b.get(at).filter(|c| c.is_ascii_digit()) {
        value = value * 10 + u64::from(digit - b'0');
        at += 1;
        if at > 9 {
            return None;
        }
    }
    if at == 0 || b.get(at) != Some(&b'.') {
        return None;
    }
    let point = at;
    at += 1;
    while let Some(digit) = b.get(at).filter(|c| c.is_ascii_digit()) {
        value = value * 10 + u64::from(digit - b'0');
        at += 1;
        if at - point > 4 {
            return None;
        }
    }
    let scale = match at - point - 1 {
        1 => 10.0,
        2 => 100.0,
        3 => 1000.0,
        _ => return None,
    };
    let seconds = value as f64 / scale;
    match b.get(at) {
        None => Some((seconds, "")),
        Some(b' ') => Some((seconds, text.get(at + 1..)?)),
        Some(_) => None,
    }
}

/// A vertex's name, taken apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Name<'a> {
    /// The platform, in builds for several: `linux/arm64`.
    pub platform: Option<&'a str>,
    /// The stage, with the bake target or service in front where the client
    /// puts one there.
    pub stage: Option<&'a str>,
    /// The place in the stage and how many there are.
    pub place: Option<(u32, u32)>,
    /// Whether it is one of the builder's own chores (`[internal] …`, `[auth] …`,
    /// exports, cache imports) and no instruction of a Dockerfile.
    pub chore: bool,
    /// Where the text behind the bracket begins.
    pub text_at: usize,
}

/// Takes a vertex's name apart.
///
/// `[linux/arm64 builder 2/5] RUN make`, `[ 2/11] RUN make`, `[internal] load
/// build context`, `exporting to image`. Bake and compose put the target in
/// front of the bracket's words (`[web builder 2/5] …`, `[web linux/arm64 2/5]
/// …`) and in a bracket of its own before names that have none (`[web]
/// exporting to image`).
pub fn name(name: &str) -> Name<'_> {
    let chore = Name { chore: true, ..Name::default() };
    let Some((inside, _)) = name.strip_prefix('[').and_then(|rest| rest.split_once("] ")) else {
        return chore;
    };
    let text_at = inside.len() + 3;
    let (head, last) = match inside.trim_end().rsplit_once(' ') {
        Some((head, last)) => (head.trim(), last),
        None => ("", inside.trim()),
    };
    let place = last
        .split_once('/')
        .and_then(|(index, total)| Some((index.parse().ok()?, total.parse().ok()?)));
    let (head, chore) = if place.is_some() {
        (head, false)
    } else if matches!(last, "internal" | "auth") {
        (head, true)
    } else {
        // Only in front of a known name is the bracket a target's.
        let text = name.get(text_at..).unwrap_or("");
        let target = Some(inside.trim()).filter(|_| looks_like_chore(text));
        return target.map_or(chore, |stage| Name { stage: Some(stage), text_at, ..chore });
    };
    let (first, tail) = head.split_once(' ').unwrap_or((head, ""));
    let (second, last) = tail.trim_start().split_once(' ').unwrap_or((tail.trim_start(), ""));
    let (platform, stage) = if is_platform(first) {
        (Some(first), tail.trim())
    } else if is_platform(second) {
        // Behind a bake target; the stage is named without it then.
        (Some(second), if last.trim().is_empty() { first } else { last.trim() })
    } else {
        (None, head)
    };
    Name { platform, stage: (!stage.is_empty()).then_some(stage), place, chore, text_at }
}

fn is_platform(word: &str) -> bool {
    let Some((os, arch)) = word.split_once('/') else { return false };
    matches!(os, "linux" | "windows" | "darwin" | "freebsd" | "wasi" | "wasip1")
        && !arch.is_empty()
        && !arch.contains("->")
        || (matches!(os, "linux" | "windows") && arch.contains("->"))
}

/// A vertex's progress: `sha256:ab… 10.49MB / 30.10MB 0.5s`, `transferring
/// context: 4.31kB done`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Status<'a> {
    /// What is worked on: a layer, or what is done.
    pub what: &'a str,
    /// Bytes so far.
    pub bytes: Option<u64>,
    /// Bytes in all, where they are known beforehand.
    pub total: Option<u64>,
    /// Seconds it has taken, where that's more than nothing.
    pub seconds: Option<f64>,
    /// Whether it's over.
    pub done: bool,
}

/// Reads words behind `#N ` as a status; any words are one, with nothing
/// known of them but themselves.
pub fn status(words: &str) -> Status<'_> {
    let (rest, done) = words.strip_suffix(" done").map_or((words, false), |rest| (rest, true));
    let took = rest.rsplit_once(' ').and_then(|(rest, last)| Some((rest, seconds(last)?)));
    let (rest, seconds) = took.map_or((rest, None), |(rest, seconds)| (rest, Some(seconds)));
    let last = |text: &'_ str| -> Option<(usize, u64)> {
        let (rest, last) = text.rsplit_once(' ')?;
        Some((rest.len(), size(last)?))
    };
    let Some((end, size)) = last(rest) else {
        return Status { what: rest, bytes: None, total: None, seconds, done };
    };
    let before = rest.get(..end).unwrap_or("");
    if let Some(before) = before.strip_suffix(" /")
        && let Some((end, bytes)) = last(before)
    {
        let what = before.get(..end).unwrap_or("");
        return Status { what, bytes: Some(bytes), total: Some(size), seconds, done };
    }
    Status { what: before, bytes: Some(size), total: None, seconds, done }
}

/// Reads `688B`, `4.31kB`, `10.49MB`, `1.20GB`: a size in bytes.
fn size(text: &str) -> Option<u64> {
    let number = text.strip_suffix('B')?;
    let (number, unit) = match number.as_bytes().last()? {
        b'k' => (number.strip_suffix('k')?, 1e3),
        b'M' => (number.strip_suffix('M')?, 1e6),
        b'G' => (number.strip_suffix('G')?, 1e9),
        b'T' => (number.strip_suffix('T')?, 1e12),
        _ => (number, 1.0),
    };
    number.as_bytes().first().filter(|b| b.is_ascii_digit())?;
    Some((number.parse::<f64>().ok()? * unit).round() as u64)
}

/// The Dockerfile line a warning names: `… (line 9)`.
pub fn warning_line(text: &str) -> Option<u32> {
    let (_, tail) = text.trim_end().strip_suffix(')')?.rsplit_once("(line ")?;
    tail.parse().ok()
}

/// The exit code that ends an error message: `…: exit code: 127`.
pub fn exit_code(message: &str) -> Option<i32> {
    let (_, tail) = message.rsplit_once("exit code: ")?;
    let digits = tail.len() - tail.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    tail.get(..digits)?.parse().ok()
}

/// The shell command of an error message: `process "/bin/sh -c make" did not
/// complete successfully: …`, with Go's quoting undone, or `executor failed
/// running [/bin/sh -c make]: …`. `None` for a command in exec form, whose
/// words can't be told apart any more.
pub fn command(message: &str) -> Option<Cow<'_, str>> {
    if let Some((_, rest)) = message.split_once("executor failed running [/bin/sh -c ") {
        return Some(Cow::Borrowed(rest.rsplit_once("]: ").map_or(rest, |(command, _)| command)));
    }
    let (_, rest) = message.split_once("process \"/bin/sh -c ")?;
    let (quoted, _) = rest.split_once("\" did not complete successfully")?;
    if !quoted.contains('\\') {
        return Some(Cow::Borrowed(quoted));
    }
    let mut plain = String::with_capacity(quoted.len());
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            Some('r') => plain.push('\r'),
            Some(mark @ ('"' | '\\')) => plain.push(mark),
            other => plain.extend(std::iter::once('\\').chain(other)),
        }
    }
    Some(Cow::Owned(plain))
}

/// Whether words behind `#N ` can only be a status and never a name.
///
/// Decides what to make of a vertex whose header was lost with lines cut off.
pub fn is_status(words: &str) -> bool {
    const STARTS: [&str; 12] = [
        "sha256:",
        "extracting ",
        "transferring ",
        "exporting layers",
        "exporting manifest",
        "exporting config",
        "exporting attestation",
        "writing image ",
        "naming to ",
        "pushing ",
        "unpacking to ",
        "sending tarball",
    ];
    STARTS.iter().any(|start| words.starts_with(start)) || words.ends_with(" done")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line<'_> {
        vertex(text).unwrap().line
    }

    #[test]
    fn output_has_a_second_with_one_to_three_decimals() {
        assert_eq!(line("#6 0.340 text"), Line::Output { seconds: 0.34, text: "text" });
        assert_eq!(line("#6 12.34   two"), Line::Output { seconds: 12.34, text: "  two" });
        assert_eq!(line("#6 812.3 a"), Line::Output { seconds: 812.3, text: "a" });
        assert_eq!(line("#7 0.340 "), Line::Output { seconds: 0.34, text: "" });
        assert_eq!(line("#7 0.340"), Line::Output { seconds: 0.34, text: "" });
        for words in ["1.2345 x", "12 packages", "1.2.3 released", "99999999999.1 x"] {
            let text = format!("#7 {words}");
            assert_eq!(line(&text), Line::Words(words));
        }
    }

    #[test]
    fn ends() {
        assert_eq!(line("#7 DONE 12.3s"), Line::Done { seconds: Some(12.3) });
        assert_eq!(line("#7 DONE"), Line::Done { seconds: None });
        assert_eq!(line("#7 DONE is a word"), Line::Words("DONE is a word"));
        assert_eq!(line("#7 CACHED"), Line::Cached);
        assert_eq!(line("#7 CANCELED"), Line::Canceled);
        assert_eq!(line("#7 ERROR: no"), Line::Error("no"));
        assert_eq!(line("#7 ..."), Line::Left);
        assert_eq!(line("#7 .... "), Line::Words(".... "));
    }

    #[test]
    fn statuses() {
        let of = |words| {
            let s = status(words);
            (s.what, s.bytes, s.total, s.seconds, s.done)
        };
        assert_eq!(
            of("sha256:ab 10.49MB / 30.10MB 0.5s"),
            ("sha256:ab", Some(10_490_000), Some(30_100_000), Some(0.5), false)
        );
        assert_eq!(
            of("sha256:ab 30.10MB / 30.10MB 1.5s done"),
            ("sha256:ab", Some(30_100_000), Some(30_100_000), Some(1.5), true)
        );
        assert_eq!(
            of("transferring context: 4.31kB done"),
            ("transferring context:", Some(4310), None, None, true)
        );
        assert_eq!(
            of("transferring dockerfile: 688B"),
            ("transferring dockerfile:", Some(688), None, None, false)
        );
        assert_eq!(
            of("exporting layers 3.1s done"),
            ("exporting layers", None, None, Some(3.1), true)
        );
        assert_eq!(of("extracting sha256:ab"), ("extracting sha256:ab", None, None, None, false));
        assert_eq!(of("a / b"), ("a / b", None, None, None, false));
        assert_eq!(of("1B"), ("1B", None, None, None, false));
    }

    #[test]
    fn the_command_of_an_error() {
        let of = |text: &str| command(text).map(Cow::into_owned);
        let end = "did not complete successfully: exit code: 2";
        assert_eq!(
            of(&format!(r#"process "/bin/sh -c echo \"a\\n\" &&\tb\n" {end}"#)),
            Some("echo \"a\\n\" &&\tb\n".into())
        );
        assert_eq!(
            of("executor failed running [/bin/sh -c a [b]: c]: exit code: 1"),
            Some("a [b]: c".into())
        );
        assert_eq!(of(&format!("process \"make all\" {end}")), None);
        assert_eq!(of("process \"/bin/sh -c cut"), None);
    }

    #[test]
    fn other_lines_with_a_hash() {
        for text in ["#", "# 1", "#x", "#12", "#007 x", "#99999999999 x", "##1 x", " #1 x"] {
            assert_eq!(vertex(text), None, "{text:?}");
        }
    }

    #[test]
    fn names() {
        let of = |text| {
            let n = name(text);
            (n.platform, n.stage, n.place, n.chore, &text[n.text_at..])
        };
        assert_eq!(of("[ 2/11] RUN x"), (None, None, Some((2, 11)), false, "RUN x"));
        assert_eq!(of("[b 2/5] COPY a b"), (None, Some("b"), Some((2, 5)), false, "COPY a b"));
        assert_eq!(
            of("[linux/arm64 b 2/5] RUN [ 1/2] x"),
            (Some("linux/arm64"), Some("b"), Some((2, 5)), false, "RUN [ 1/2] x")
        );
        assert_eq!(
            of("[linux/arm/v7  2/12] RUN x"),
            (Some("linux/arm/v7"), None, Some((2, 12)), false, "RUN x")
        );
        assert_eq!(
            of("[linux/amd64->arm64 1/4] FROM x"),
            (Some("linux/amd64->arm64"), None, Some((1, 4)), false, "FROM x")
        );
        assert_eq!(
            of("[linux/amd64 internal] load metadata for x"),
            (Some("linux/amd64"), None, None, true, "load metadata for x")
        );
        assert_eq!(
            of("[web linux/arm64 b 2/5] RUN x"),
            (Some("linux/arm64"), Some("b"), Some((2, 5)), false, "RUN x")
        );
        assert_eq!(
            of("[web linux/arm64  2/12] RUN x"),
            (Some("linux/arm64"), Some("web"), Some((2, 12)), false, "RUN x")
        );
        assert_eq!(
            of("[web] exporting to image"),
            (None, Some("web"), None, true, "exporting to image")
        );
        assert!(of("exporting to image").3);
        assert!(of("[1/x] y").3);
    }
}
