//! Programs that code calls and the image doesn't have.

use super::super::draft::Draft;
use super::super::scene::Scene;
use crate::domain::LineNo;

/// Debian packages that bring a program of another name.
const PACKAGES: [(&str, &str); 22] = [
    ("ffprobe", "ffmpeg"),
    ("ffplay", "ffmpeg"),
    ("espeak", "espeak-ng"),
    ("aplay", "alsa-utils"),
    ("arecord", "alsa-utils"),
    ("soxi", "sox"),
    ("node", "nodejs"),
    ("npx", "npm"),
    ("java", "default-jre-headless"),
    ("tesseract", "tesseract-ocr"),
    ("pdftotext", "poppler-utils"),
    ("pdftoppm", "poppler-utils"),
    ("dot", "graphviz"),
    ("psql", "postgresql-client"),
    ("pg_config", "libpq-dev"),
    ("redis-cli", "redis-tools"),
    ("convert", "imagemagick"),
    ("mysql", "default-mysql-client"),
    ("dig", "dnsutils"),
    ("ping", "iputils-ping"),
    ("ps", "procps"),
    ("ssh", "openssh-client"),
];

/// The Debian package that brings a program; of its own name, most often.
pub(super) fn package(program: &str) -> &str {
    let found = PACKAGES.iter().find(|(name, _)| *name == program);
    found.map_or(program, |(_, package)| package)
}

/// The packages of some programs, each once.
pub(super) fn packages(programs: &[String]) -> String {
    let mut all: Vec<&str> = Vec::new();
    for program in programs {
        let package = package(program);
        if !all.contains(&package) {
            all.push(package);
        }
    }
    all.join(" ")
}

/// The program that `FileNotFoundError: … No such file or directory: 'ffmpeg'`
/// is about: Python's `subprocess` raised it, and the name is no path.
pub(super) fn called(scene: &Scene<'_>, line: LineNo, exception: &str) -> Option<String> {
    if !exception.trim_start().starts_with("FileNotFoundError") {
        return None;
    }
    let name = exception.rsplit_once(": '")?.1.split('\'').next()?;
    let plain = !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '.'))
        && !super::nearby::looks_like_source(name);
    let of_processes = |text: &str| {
        ["subprocess.py", "asyncio/base_events.py", "asyncio/unix_events.py"]
            .iter()
            .any(|file| text.contains(file))
    };
    let near = scene.after(line, 3).into_iter().chain(scene.before(line, 4));
    let raised = near.into_iter().any(|(_, text)| of_processes(&text));
    (plain && raised).then(|| name.to_owned())
}

/// Words for programs that aren't there.
pub(super) fn say(programs: &[String], draft: &mut Draft) {
    draft.captures.set("programs", programs.join(" and "));
    draft.captures.set("apt", packages(programs));
    draft.captures.set("them", if programs.len() == 1 { "it" } else { "them" });
    draft.fix = Some("Install {them} in an earlier step: `apt-get update && apt-get install -y --no-install-recommends {apt}`.".to_owned());
    draft.set_subject(programs.join(" "));
}
