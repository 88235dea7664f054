//! What carries a log puts its own words before each line; behind them is the log.
//!
//! Of a log saved from elsewhere than the service, every line may begin with the moment at
//! which it came: in the logs of GitHub Actions (`2026-11-23T21:53:58.0671480Z text`, from
//! `gh run view --log` behind the job and the step, and tabs), GitLab CI (`…Z 01O text`),
//! Jenkins (`[2026-11-23T21:53:58.067Z] text`) and `aws logs tail`
//! (`2026-11-23T21:53:58.067000+00:00 stream text`). A builder begins no line so.

/// What a clean line says behind the words of what carried it, which may be all of it.
pub fn carried(clean: &str) -> &str {
    match clean.as_bytes() {
        [b'0'..=b'9', ..] => dated(clean).unwrap_or(clean),
        [b'[', b'0'..=b'9', ..] => bracketed(clean).unwrap_or(clean),
        [b'A'..=b'Z' | b'a'..=b'z', ..] => tabbed(clean).unwrap_or(clean),
        _ => clean,
    }
}

/// What follows a moment, and a stream's name or a mark behind it.
fn dated(text: &str) -> Option<&str> {
    let rest = moment(text)?;
    if rest.is_empty() {
        return Some(rest);
    }
    let rest = rest.strip_prefix(' ')?;
    Some(stream(rest).or_else(|| mark(rest)).unwrap_or(rest))
}

fn bracketed(text: &str) -> Option<&str> {
    let rest = moment(text.strip_prefix('[')?)?.strip_prefix(']')?;
    Some(rest.strip_prefix(' ').unwrap_or(rest))
}

/// What follows the names of a job and a step, and a moment.
fn tabbed(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once('\t')?;
    let (_, rest) = rest.split_once('\t')?;
    dated(rest.strip_prefix('\u{feff}').unwrap_or(rest))
}

/// What follows `2026-11-23T21:53:58`, its fraction if it has one, and its zone.
fn moment(text: &str) -> Option<&str> {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00";
    let (moment, rest) = text.split_at_checked(SHAPE.len())?;
    let fits = |(is, shape): (u8, &u8)| match shape {
        b'0' => is.is_ascii_digit(),
        other => is == *other,
    };
    moment.bytes().zip(SHAPE).all(fits).then_some(())?;
    let rest = match rest.strip_prefix('.') {
        Some(rest) => rest.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    if let Some(rest) = rest.strip_prefix('Z') {
        return Some(rest);
    }
    let zone = rest.strip_prefix(['+', '-'])?;
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    match digits(zone) {
        4 => zone.get(4..),
        2 => zone.get(2..)?.strip_prefix(':').filter(|rest| digits(rest) >= 2)?.get(2..),
        _ => None,
    }
}

/// What follows the name of a log stream of CodeBuild, which ends with an id: 36
/// characters, as `0a1b2c3d-…`.
fn stream(text: &str) -> Option<&str> {
    const ID: usize = 36;
    let (name, rest) = text.split_once(' ')?;
    let id = name.get(name.len().checked_sub(ID)?..)?;
    let hex = |(nth, byte): (usize, u8)| match nth {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    id.bytes().enumerate().all(hex).then_some(rest)
}

/// What follows GitLab's mark of where a line was printed: `00O`, `01E`, with a `+` where
/// it goes on.
fn mark(text: &str) -> Option<&str> {
    match text.as_bytes() {
        [a, b, b'O' | b'E', b' ' | b'+', ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
            text.get(4..)
        }
        [a, b, b'O' | b'E'] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => Some(""),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_carried_a_line_is_taken_off() {
        for (line, text) in [
            ("2026-11-23T21:53:58.0671480Z #7 0.1 text", "#7 0.1 text"),
            ("2026-11-23T21:53:58Z ", ""),
            ("2026-11-23T21:53:58Z", ""),
            ("2026-11-23T21:53:58.067000+00:00 #7 DONE 1s", "#7 DONE 1s"),
            ("2026-11-23T21:53:58+0100 text", "text"),
            ("2026-11-23T21:53:58.067000+00:00 0a1b2c3d-3a52-4c8b-9a86-0d6c3b1e7a10 #1 a", "#1 a"),
            ("2026-11-23T21:53:58Z build/0a1b2c3d-3a52-4c8b-9a86-0d6c3b1e7a10 #1 a", "#1 a"),
            ("build\tRun docker build\t2026-11-23T21:53:58.0671480Z #7 DONE 1s", "#7 DONE 1s"),
            ("[2026-11-23T21:53:58.067Z] #7 DONE 1s", "#7 DONE 1s"),
            ("[2026-11-23T21:53:58.067Z]", ""),
            ("2026-11-23T21:53:58.067148Z 01O #7 DONE 1s", "#7 DONE 1s"),
            ("2026-11-23T21:53:58.067148Z 00E+more", "more"),
            ("2026-11-23T21:53:58.067148Z 00O", ""),
        ] {
            assert_eq!(carried(line), text, "{line:?}");
        }
    }

    #[test]
    fn what_a_line_says_itself_stays() {
        for line in [
            "",
            "#7 0.1 2026-11-23T21:53:58Z text",
            "0.340 text",
            "2026-11-23 21:53:58 text",
            "2026-11-23T21:53:58 text",
            "2026-11-23T21:53:58.067Ztext",
            "2026-11-23T21:53:58+0 text",
            "[2026-11-23T21:53:58.067Z text",
            "[Container] 2026/01/22 23:28:03.574404 Running",
            "[2/5] RUN a",
            "Step 1/5 : FROM a",
            "a\tb\tc",
            "é\té\t2026-11-23T21:53:5",
        ] {
            assert_eq!(carried(line), line);
        }
    }
}
