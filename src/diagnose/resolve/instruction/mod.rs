//! Subjects that stand in the failing instruction.

pub(super) mod add;
pub(super) mod copy;
pub(super) mod cpu;
pub(super) mod from;
pub(super) mod killed;
pub(super) mod not_found;
pub(super) mod run;

/// The words of a command, quotes stripped.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().map(|w| w.trim_matches(|c| c == '"' || c == '\''))
}

/// The sources of a COPY or ADD.
pub(super) fn sources(instruction: &str) -> Vec<String> {
    let mut all = instruction.splitn(2, ' ');
    let word = all.next().unwrap_or("").to_ascii_uppercase();
    if word != "COPY" && word != "ADD" {
        return Vec::new();
    }
    let mut paths: Vec<String> = words(all.next().unwrap_or(""))
        .map(|w| w.trim_matches(|c| "[],\"'".contains(c)))
        .filter(|w| !w.is_empty() && !w.starts_with("--"))
        .map(str::to_owned)
        .collect();
    paths.pop();
    paths
}

/// What `--from`, or the `from` of a mount, names.
fn origin(instruction: &str) -> Option<&str> {
    words(instruction).find_map(|word| {
        word.strip_prefix("--from=").or_else(|| {
            word.strip_prefix("--mount=")?.split(',').find_map(|part| part.strip_prefix("from="))
        })
    })
}

/// Whether a name has a tag or a path, as only an image's has.
fn names_image(name: &str) -> bool {
    name.contains([':', '/'])
}
