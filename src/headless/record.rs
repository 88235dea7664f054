//! Records of builds as text: `status` and `list`.

use std::io::{self, Write};

use jiff::Timestamp;

use super::paint::Paint;
use crate::domain::{Build, BuildStatus};
use crate::{human, text};

/// Prints one record, a field a line; fields that are missing are left out.
///
/// # Errors
/// When `out` can't be written.
pub fn status(out: &mut dyn Write, build: &Build, paint: Paint, now: Timestamp) -> io::Result<()> {
    let id = build.id.as_deref().unwrap_or("(no id)");
    writeln!(out, "{}  {}", paint.status(&build.status), paint.bold(&text::plain(id)))?;
    for (name, value) in fields(build, now) {
        writeln!(out, "  {}  {}", paint.dim(&format!("{name:<10}")), text::plain(&value))?;
    }
    Ok(())
}

fn fields(build: &Build, now: Timestamp) -> Vec<(&'static str, String)> {
    let time = |t: Timestamp| format!("{} UTC", t.strftime("%Y-%m-%d %H:%M:%S"));
    let duration = build.duration_seconds().map(human::duration).or_else(|| {
        let since = now.duration_since(build.started_at?).as_secs_f64();
        (!build.status.is_terminal()).then(|| format!("{} so far", human::duration(since)))
    });
    let context = match (build.context_size_bytes, build.context_hash.as_deref()) {
        (Some(size), Some(hash)) => Some(format!("{} (hash {hash})", human::bytes(size))),
        (Some(size), None) => Some(human::bytes(size)),
        (None, hash) => hash.map(|hash| format!("hash {hash}")),
    };
    let image = match (build.image_uri.as_deref(), build.image_size_bytes) {
        (Some(uri), Some(size)) => Some(format!("{uri} ({})", human::bytes(size))),
        (Some(uri), None) => Some(uri.to_owned()),
        (None, size) => size.map(human::bytes),
    };
    [
        ("message", build.error_message.clone()),
        ("took", duration),
        ("region", build.region.clone()),
        ("source", build.source()),
        ("dockerfile", build.dockerfile_path.clone()),
        ("context", context),
        ("image", image),
        ("created", build.created_at.map(time)),
        ("started", build.started_at.map(time)),
        ("completed", build.completed_at.map(time)),
    ]
    .into_iter()
    .filter_map(|(name, value)| value.filter(|v| !v.trim().is_empty()).map(|v| (name, v)))
    .collect()
}

/// Prints that there are no builds at all.
///
/// # Errors
/// When `out` can't be written.
pub fn none(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "There are no builds yet. `pipecat cloud deploy` starts one.")
}

/// Prints builds as a table, newest first as served, and how many more there
/// are.
///
/// # Errors
/// When `out` can't be written.
pub fn list(
    out: &mut dyn Write,
    builds: &[&Build],
    total: Option<u64>,
    offset: u64,
    paint: Paint,
    now: Timestamp,
) -> io::Result<()> {
    if builds.is_empty() {
        return match total.filter(|total| (1..=offset).contains(total)) {
            Some(total) => {
                let all = human::plural(total, "build");
                writeln!(out, "There are {all}; --offset {offset} begins after the last.")
            }
            None => writeln!(out, "No builds match."),
        };
    }
    let rows: Vec<[String; 6]> = builds.iter().map(|build| row(build, now)).collect();
    let head = ["STATUS", "BUILD", "REGION", "CREATED", "TOOK", "SOURCE"].map(str::to_owned);
    let mut widths = [0; 6];
    for row in std::iter::once(&head).chain(&rows) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(text::width(cell));
        }
    }
    writeln!(out, "{}", paint.dim(line(&head, &widths).trim_end()))?;
    for (row, build) in rows.iter().zip(builds) {
        let line = line(row, &widths);
        // The status is painted after the columns are measured, so that
        // colour codes don't count as width.
        let painted = match row.first().and_then(|status| line.strip_prefix(status.as_str())) {
            Some(rest) => format!("{}{}", paint.status(&build.status), rest),
            None => line,
        };
        writeln!(out, "{}", painted.trim_end())?;
    }
    let shown = offset + builds.len() as u64;
    match total {
        Some(total) if total > shown => writeln!(
            out,
            "{}",
            paint.dim(&format!("{} more; --offset {shown} goes on", human::count(total - shown)))
        ),
        _ => Ok(()),
    }
}

fn row(build: &Build, now: Timestamp) -> [String; 6] {
    let plain =
        |text: Option<&str>| text.map_or_else(|| "-".to_owned(), |t| text::plain(t).into_owned());
    let created = build.created_at.or(build.started_at);
    [
        Paint::new(false).status(&build.status),
        plain(build.id.as_deref()),
        plain(build.region.as_deref()),
        created.map_or_else(|| "-".to_owned(), |t| human::age(now.duration_since(t).as_secs_f64())),
        match build.duration_seconds() {
            Some(seconds) => human::duration(seconds),
            None if build.status == BuildStatus::Building => "running".to_owned(),
            None => "-".to_owned(),
        },
        plain(build.source().as_deref().or(build.dockerfile_path.as_deref())),
    ]
}

fn line(row: &[String; 6], widths: &[usize; 6]) -> String {
    let mut out = String::new();
    for (cell, width) in row.iter().zip(widths) {
        out.push_str(cell);
        out.extend(std::iter::repeat_n(' ', width.saturating_sub(text::width(cell)) + 2));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-23T21:00:00Z".parse().unwrap()
    }

    fn failed() -> Build {
        Build {
            id: Some("7f3f8c1e-2b57-4a0e-9d0c-5f2b6c1a9e44".into()),
            region: Some("us-west".into()),
            error_message: Some("docker build failed\x1b]0;gotcha\x07".into()),
            context_size_bytes: Some(4310),
            build_duration_seconds: Some(93.4),
            created_at: Some("2026-11-23T20:10:00Z".parse().unwrap()),
            ..Build::with_status(BuildStatus::Failed)
        }
    }

    fn printed(print: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        print(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_record_shows_what_it_has_and_no_control_character() {
        let text = printed(|out| status(out, &failed(), Paint::new(false), now()));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "✗ failed  7f3f8c1e-2b57-4a0e-9d0c-5f2b6c1a9e44");
        assert!(lines[1].starts_with("  message     docker build failed"), "{text}");
        assert!(!text.contains('\x1b') && !text.contains('\x07'), "{text:?}");
        assert_eq!(lines[2], "  took        1m 33s");
        assert!(text.contains("  created     2026-11-23 20:10:00 UTC\n"), "{text}");
        assert!(!text.contains("image"), "{text}");
    }

    #[test]
    fn a_list_lines_up_and_says_how_to_see_more() {
        let builds = [failed(), Build::with_status(BuildStatus::Other("odd".into()))];
        let refs: Vec<&Build> = builds.iter().collect();
        let text = printed(|out| list(out, &refs, Some(7), 2, Paint::new(false), now()));
        assert_eq!(
            text,
            "STATUS    BUILD                                 REGION   CREATED  TOOK    SOURCE\n\
             ✗ failed  7f3f8c1e-2b57-4a0e-9d0c-5f2b6c1a9e44  us-west  50m ago  1m 33s  -\n\
             ? odd     -                                     -        -        -       -\n\
             3 more; --offset 4 goes on\n"
        );
    }
}
