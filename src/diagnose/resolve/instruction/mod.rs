//! Subjects that stand in the failing instruction.

pub(super) mod add;
pub(super) mod copy;
pub(super) mod cpu;
pub(super) mod from;
pub(super) mod killed;
pub(super) mod not_found;
pub(super) mod run;

/// The words of a command, quotes stripped.
pub(in crate::diagnose) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().map(|w| w.trim_matches(|c| c == '"' || c == '\''))
}

/// Whether a command calls one of some programs, whatever else has their
/// letters in its name: `/usr/bin/pip3.12` is pip, `pipecat` isn't.
pub(in crate::diagnose) fn calls(shell: &str, programs: &[&str]) -> bool {
    shell.split(|c: char| c.is_whitespace() || "\"',;&|()[]`".contains(c)).any(|word| {
        let name = word.rsplit('/').next().unwrap_or(word);
        let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        programs.contains(&name) || programs.contains(&bare)
    })
}

/// The sources of a COPY or ADD.
pub(super) fn sources(instruction: &str) -> Vec<String> {
    let mut all = instruction.splitn(2, ' ');
    let word = all.next().unwrap_or("").to_ascii_uppercase();
    if word != "COPY" && word != "ADD" {
        return Vec::new();
    }
    let mut rest = all.next().unwrap_or("").trim();
    while rest.starts_with("--") {
        rest = rest.split_once(' ').map_or("", |(_, tail)| tail).trim_start();
    }
    // The JSON form holds names with spaces, and needs none between them.
    let listed = rest.starts_with('[').then(|| serde_json::from_str(rest).ok()).flatten();
    let mut paths: Vec<String> = listed.unwrap_or_else(|| {
        words(rest)
            .map(|w| w.trim_matches(|c| "[],\"'".contains(c)))
            .filter(|w| !w.is_empty())
            .map(str::to_owned)
            .collect()
    });
    paths.pop();
    paths
}

/// The first word of a COPY or ADD that only a shell understands: `||`, `&&`,
/// `;`, `2>/dev/null`.
pub(super) fn shell_word(instruction: &str) -> Option<&str> {
    let (word, rest) = instruction.split_once(' ')?;
    let copies = word.eq_ignore_ascii_case("COPY") || word.eq_ignore_ascii_case("ADD");
    if !copies || rest.contains("<<") || rest.trim_start().starts_with('[') {
        return None;
    }
    rest.split_whitespace().find(|word| {
        let redirects = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '&');
        matches!(*word, "||" | "&&" | ";" | "|" | "&") || redirects.starts_with('>')
    })
}

/// Says that COPY is no shell, where its words are a shell's.
pub(super) fn no_shell(
    scene: &crate::diagnose::scene::Scene<'_>,
    draft: &mut crate::diagnose::draft::Draft,
) -> bool {
    let instruction = scene.instruction().unwrap_or_default();
    let Some(word) = shell_word(&instruction) else { return false };
    draft.captures.set("word", word);
    let keyword = instruction.split(' ').next().unwrap_or("COPY").to_owned();
    draft.captures.set("keyword", keyword.clone());
    draft.category = "dockerfile-invalid".to_owned();
    draft.title = "{keyword} is no shell, and takes `{word}` for a file name".to_owned();
    draft.cause = Some("`{instruction}`: every word is a file to copy, the last one the destination; nothing is run or redirected.".to_owned());
    draft.fix = Some("Leave `{word}` and what follows it out, and put commands into a RUN. A file that may be missing is copied with a pattern: `COPY package.json yarn.lock* ./` copies what there is.".to_owned());
    draft.set_subject(keyword);
    true
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_stand_in_a_list_or_between_spaces() {
        assert_eq!(sources("COPY a b ./"), ["a", "b"]);
        assert_eq!(sources("COPY --chown=app:app --link a ./"), ["a"]);
        assert_eq!(sources(r#"COPY ["a","b"]"#), ["a"]);
        assert_eq!(sources(r#"ADD ["my notes.txt", "b", "/app/"]"#), ["my notes.txt", "b"]);
        // The builder refuses this one; what it was to copy is still told.
        assert_eq!(sources("COPY ['a', 'b']"), ["a"]);
        assert!(sources("RUN cp a b").is_empty());
    }

    #[test]
    fn words_of_a_shell() {
        assert_eq!(shell_word("COPY a b* ./ 2>/dev/null || true"), Some("2>/dev/null"));
        assert_eq!(shell_word("COPY a . && pip install x"), Some("&&"));
        assert_eq!(shell_word("ADD a ./ ; ls"), Some(";"));
        assert_eq!(shell_word("COPY a&b ./"), None);
        assert_eq!(shell_word("RUN a || b"), None);
        assert_eq!(shell_word(r#"COPY ["a", "||", "b"]"#), None);
    }

    #[test]
    fn programs_are_known_by_their_whole_name() {
        let pip = |shell| calls(shell, &["pip", "uv"]);
        assert!(pip("pip install x"));
        assert!(pip("cd /app && /usr/local/bin/pip3.12 install x"));
        assert!(pip("python -m pip wheel ."));
        assert!(pip(r#"["pip","install","x"]"#));
        assert!(pip("(uv sync)"));
        assert!(!pip("gcc -o /app/pipecat-helper helper.c"));
        assert!(!pip("uvicorn app:app"));
        assert!(!pip("apt-get install -y python3-pip"));
    }
}
