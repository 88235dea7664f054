//! System packages: installed under their right name, with `-y`, from lists
//! that were fetched; and those that a later step turns out to need.

use std::ops::RangeInclusive;

use super::case::{Case, Told};
use super::diff::Edit;
use super::place::Dockerfile;
use super::shell::{commands, ends, tokens};
use super::words::{self, Word};

/// Names that Debian has changed, or that are only alike.
const RENAMED: &[(&str, &str)] = &[
    ("libgl1-mesa-glx", "libgl1"),
    ("libegl1-mesa", "libegl1"),
    ("libgles2-mesa", "libgles2"),
    ("libasound2", "libasound2t64"),
    ("libtiff5", "libtiff6"),
    ("libffi7", "libffi8"),
    ("libjpeg8-dev", "libjpeg-dev"),
    ("libpng12-dev", "libpng-dev"),
    ("portaudio", "portaudio19-dev"),
    ("portaudio-dev", "portaudio19-dev"),
    ("libportaudio-dev", "portaudio19-dev"),
    ("libportaudio", "libportaudio2"),
    ("libsndfile", "libsndfile1"),
    ("libsndfile-dev", "libsndfile1-dev"),
    ("libmysqlclient-dev", "default-libmysqlclient-dev"),
    ("mysql-client", "default-mysql-client"),
    ("netcat", "netcat-openbsd"),
    ("python-dev", "python3-dev"),
    ("python-pip", "python3-pip"),
    ("python", "python3"),
    ("pkgconfig", "pkg-config"),
    ("build-essentials", "build-essential"),
    ("openssl-dev", "libssl-dev"),
    ("ffi-dev", "libffi-dev"),
    ("postgresql-dev", "libpq-dev"),
    ("postgres-client", "postgresql-client"),
    ("ttf-dejavu", "fonts-dejavu"),
    ("ttf-liberation", "fonts-liberation"),
    ("chromium-browser", "chromium"),
    ("xz", "xz-utils"),
    ("espeakng", "espeak-ng"),
];

/// Commands and the packages that have them.
const COMMANDS: &[(&str, &str)] = &[
    ("git", "git"),
    ("gcc", "gcc libc6-dev"),
    ("cc", "gcc libc6-dev"),
    ("g++", "g++"),
    ("c++", "g++"),
    ("make", "make"),
    ("cmake", "cmake"),
    ("curl", "curl ca-certificates"),
    ("wget", "wget ca-certificates"),
    ("unzip", "unzip"),
    ("zip", "zip"),
    ("xz", "xz-utils"),
    ("bzip2", "bzip2"),
    ("ffmpeg", "ffmpeg"),
    ("ffprobe", "ffmpeg"),
    ("sox", "sox"),
    ("espeak-ng", "espeak-ng"),
    ("jq", "jq"),
    ("pkg-config", "pkg-config"),
    ("ssh", "openssh-client"),
    ("ssh-keyscan", "openssh-client"),
    ("rsync", "rsync"),
    ("gpg", "gnupg"),
    ("psql", "postgresql-client"),
    ("protoc", "protobuf-compiler"),
    ("swig", "swig"),
    ("patch", "patch"),
    ("file", "file"),
    ("nc", "netcat-openbsd"),
    ("ps", "procps"),
    ("envsubst", "gettext-base"),
    ("bc", "bc"),
    ("dos2unix", "dos2unix"),
    ("node", "nodejs"),
    ("npm", "npm"),
    ("xmllint", "libxml2-utils"),
    ("sqlite3", "sqlite3"),
    ("autoreconf", "autoconf automake libtool"),
    ("ninja", "ninja-build"),
    ("sudo", "sudo"),
];

const TOOLS: [&str; 2] = ["apt-get", "apt"];

pub(super) fn explain_packages(case: &Case<'_>, told: &mut Told<'_>) -> bool {
    let (Some(file), Some(lines)) = (&case.file, told.lines.clone()) else { return false };
    match told.category() {
        "system-package" => installed(case, file, &lines, told),
        "vcs" | "python-package-build" | "app-build" | "command-not-found" | "node-package" => {
            let packages = needed(told);
            !packages.is_empty() && lacking(case, file, &lines, told, &packages)
        }
        _ => false,
    }
}

/// What is wrong with the install command itself.
fn installed(
    case: &Case<'_>,
    file: &Dockerfile,
    lines: &RangeInclusive<u32>,
    told: &mut Told<'_>,
) -> bool {
    let tokens = tokens(file, lines);
    let installs = commands(&tokens, &TOOLS, "install");
    let rule = told.told.finding.rule.clone();
    if rule == "apt-no-yes" {
        let edits: Vec<Edit> = installs
            .iter()
            .filter(|command| !says_yes(command))
            .filter_map(|command| {
                let install = command.iter().find(|word| word.text == "install")?;
                words::replace(file, install, "install -y")
            })
            .collect();
        told.diff(case.dockerfile_diff(&edits));
        return told.told.finding.diff.is_some();
    }
    if rule != "apt-missing" {
        return false;
    }
    let Some(subject) = told.subject().map(str::to_owned) else { return false };
    let asked = installs.iter().flat_map(|command| command.iter());
    let named: Vec<&Word> = asked.filter(|word| word.text == subject).collect();
    let updated = !commands(&tokens, &TOOLS, "update").is_empty();
    let renamed = RENAMED.iter().find(|(old, _)| *old == subject).map(|(_, new)| *new);
    match (renamed, named.as_slice()) {
        (Some(new), [word]) => {
            if let Some(diff) =
                words::replace(file, word, new).and_then(|edit| case.dockerfile_diff(&[edit]))
            {
                told.fix(format!("Write `{new}` for `{subject}`: Debian calls it so now."));
                told.diff(Some(diff));
                return true;
            }
            false
        }
        _ if !updated => {
            let Some(first) = installs.first().and_then(|command| command.first()) else {
                return false;
            };
            let with = format!("{} update && {}", first.text, first.text);
            let edit = words::replace(file, first, &with);
            let Some(diff) = edit.and_then(|edit| case.dockerfile_diff(&[edit])) else {
                return false;
            };
            told.cause(
                "The package lists weren't fetched in the same RUN; images come without them."
                    .to_owned(),
            );
            told.fix(format!("Run `{} update` in the same RUN, before the install.", first.text));
            told.diff(Some(diff));
            true
        }
        _ => false,
    }
}

fn says_yes(command: &[Word]) -> bool {
    command.iter().any(|word| {
        let text = word.text.as_str();
        let short = text.starts_with('-') && !text.starts_with("--");
        matches!(text, "--yes" | "--assume-yes" | "-qq") || (short && text.contains('y'))
    })
}

/// The packages that the fix names, or that have the command that is missing.
fn needed(told: &Told<'_>) -> Vec<String> {
    let fix = told.told.finding.fix.as_deref().unwrap_or_default();
    let named = fix.split_once("apt-get install ").map(|(_, rest)| {
        let end = rest.find(['`', '&', ';']).unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    });
    let command = || {
        let subject = told.subject()?;
        COMMANDS.iter().find(|(name, _)| *name == subject).map(|(_, packages)| *packages)
    };
    let not_found = told.category() == "command-not-found";
    let all = named.or_else(|| if not_found { command() } else { None }).unwrap_or_default();
    let plain = |word: &&str| {
        word.len() > 1
            && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
            && !word.starts_with('-')
    };
    let mut packages: Vec<String> =
        all.split_whitespace().filter(plain).map(str::to_owned).collect();
    // What looks for libraries by pkg-config needs that as well.
    let asks = told.told.finding.rule.contains("pkg-config");
    if asks && !packages.is_empty() && !packages.iter().any(|name| name == "pkg-config") {
        packages.insert(0, "pkg-config".to_owned());
    }
    packages
}

/// Has an earlier step install packages.
fn lacking(
    case: &Case<'_>,
    file: &Dockerfile,
    lines: &RangeInclusive<u32>,
    told: &mut Told<'_>,
    packages: &[String],
) -> bool {
    let first = *lines.start();
    let Some(stage) = file.instructions.at_line(first).map(|known| known.stage) else {
        return false;
    };
    let before: Vec<_> = file
        .instructions
        .instructions
        .iter()
        .filter(|known| known.stage == stage && known.line < first)
        .collect();
    let word = |text: &str, n: usize| text.split_whitespace().nth(n).map(str::to_owned);
    let user = before
        .iter()
        .rev()
        .find(|known| word(&known.text, 0).is_some_and(|name| name.eq_ignore_ascii_case("USER")));
    if user.and_then(|known| word(&known.text, 1)).is_some_and(|name| {
        let name = name.split(':').next().unwrap_or_default().to_owned();
        name != "root" && name != "0"
    }) {
        return false;
    }
    // The nearest install command before the step that failed, or in it.
    let mut place: Option<(RangeInclusive<u32>, Vec<Word>)> = None;
    for at in before.iter().map(|known| known.line).chain([first]) {
        let lines = file.lines_of(at);
        let tokens = tokens(file, &lines);
        if !commands(&tokens, &TOOLS, "install").is_empty() {
            place = Some((lines, tokens));
        }
    }
    let edit = match &place {
        Some((_, tokens)) => {
            let installs = commands(tokens, &TOOLS, "install");
            let Some(command) = installs.last() else { return false };
            let new: Vec<&str> = packages
                .iter()
                .map(String::as_str)
                .filter(|name| !command.iter().any(|word| word.text == *name))
                .collect();
            let last = command.iter().rfind(|word| !word.text.starts_with('-') && !ends(word));
            match last {
                // `apt-get install -y $PACKAGES` and the like are left alone.
                Some(last) if !new.is_empty() && last.text != "install" => {
                    words::replace(file, last, &format!("{} {}", last.text, new.join(" ")))
                }
                _ => None,
            }
        }
        None if is_debian(case, first) => {
            usize::try_from(above(file, first)).ok().map(|line| Edit {
                line,
                remove: 0,
                insert: vec![
                    format!(
                        "RUN apt-get update && apt-get install -y --no-install-recommends {} \\",
                        packages.join(" ")
                    ),
                    "    && rm -rf /var/lib/apt/lists/*".to_owned(),
                ],
            })
        }
        None => None,
    };
    let Some(diff) = edit.and_then(|edit| case.dockerfile_diff(&[edit])) else { return false };
    if told.category() == "command-not-found" {
        told.fix(format!("Install {} in a step before this one.", packages.join(", ")));
    }
    told.diff(Some(diff));
    true
}

/// The line that something put before an instruction goes to: above the
/// comments that belong to it.
pub(super) fn above(file: &Dockerfile, line: u32) -> u32 {
    let mut line = line;
    while line > 1 && file.line(line - 1).is_some_and(|text| text.trim_start().starts_with('#')) {
        line -= 1;
    }
    line
}

/// Whether the image that a line builds on is known to have apt.
fn is_debian(case: &Case<'_>, line: u32) -> bool {
    const OTHERS: [&str; 11] = [
        "alpine",
        "wolfi",
        "chainguard",
        "distroless",
        "fedora",
        "ubi",
        "rocky",
        "alma",
        "amazon",
        "centos",
        "busybox",
    ];
    const KNOWN: [&str; 14] = [
        "python",
        "node",
        "debian",
        "ubuntu",
        "golang",
        "rust",
        "ruby",
        "php",
        "buildpack-deps",
        "pipecat-base",
        "pytorch",
        "cuda",
        "openjdk",
        "uv",
    ];
    let at = usize::try_from(line).unwrap_or(usize::MAX);
    let parsed = case.parsed();
    let mut base =
        parsed.stages.iter().rfind(|stage| stage.line <= at).and_then(|s| s.base.clone());
    // A stage built on another has that one's image.
    for _ in 0..8 {
        let Some(name) = &base else { return false };
        match parsed.stages.iter().find(|stage| stage.name.as_ref() == Some(name)) {
            Some(stage) if stage.base.as_ref() != Some(name) => base.clone_from(&stage.base),
            _ => break,
        }
    }
    let Some(base) = base else { return false };
    let name = base.split(['@', ':']).next().unwrap_or_default();
    let last = name.rsplit('/').next().unwrap_or_default();
    !OTHERS.iter().any(|other| base.contains(other)) && KNOWN.contains(&last)
}
