//! Secrets given on a command line: `--password VALUE`, `docker login -p …`.

use std::sync::LazyLock;

use regex::Regex;

use super::{REDACTED, Span, is_trivial};

static FLAGS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        r#"(?i)(?:^|[\s"'])--?(?:[a-z0-9]+[-_])*(?:password|passwd|passphrase|token|secret|api-?key|access-?key(?:-id)?|secret-?key|private-?key|credentials?)(?:\s+|=)(?P<s>\\?"[^"]*"|'[^']*'|[^\s"']+)"#,
        r#"\blogin\b.*?\s-p[ =]?(?P<s>"[^"]*"|'[^']*'|[^\s"']+)"#,
        // .netrc
        r#"\blogin\s+\S+\s+password\s+(?P<s>\S+)"#,
        r#"\bsshpass\b.*?\s-p ?(?P<s>"[^"]*"|'[^']*'|[^\s"']+)"#,
        r#"(?:\bcurl\b|\bwget\b|\bhttp\b).*?\s(?:-u|--user|--proxy-user)[ =]?["']?[^\s:"']+:(?P<s>[^\s"']+)"#,
    ]
    .into_iter()
    .filter_map(|pattern| Regex::new(pattern).ok())
    .collect()
});

pub(super) fn find(text: &str, out: &mut Vec<Span>) {
    for flag in FLAGS.iter() {
        for found in flag.captures_iter(text) {
            let Some(value) = found.name("s") else { continue };
            let shown = value.as_str();
            // The next flag, and what names where a secret lies (`id=npm`).
            let named = ["id=", "type=", "src=", "source=", "env="];
            if shown.starts_with('-') || named.iter().any(|n| shown.starts_with(n)) {
                continue;
            }
            if !is_trivial(shown) {
                let quotes = usize::from(shown.starts_with(['"', '\'']));
                let inner = value.start() + quotes..value.end() - quotes.min(shown.len() / 2);
                out.push((inner, REDACTED));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_flag_compiles() {
        assert_eq!(super::FLAGS.len(), 5);
    }
}
