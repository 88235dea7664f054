//! Subjects that need a little trimming.

use super::super::draft::Draft;
use super::super::scene::Scene;

/// The host of a URL (with its port unless it is the scheme's own).
pub(super) fn url_host(_: &Scene<'_>, draft: &mut Draft) -> bool {
    if let Some(host) = draft.subject().map(host_of) {
        match draft.captures.get("port").filter(|p| !matches!(*p, "80" | "443")) {
            Some(port) if !host.contains(':') => {
                let text = format!("{host}:{port}");
                draft.set_subject(text);
            }
            _ => draft.set_subject(host),
        }
    }
    true
}

/// Scheme, credentials and path taken off.
pub(in crate::diagnose) fn host_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let rest = rest.strip_suffix(":443").or_else(|| rest.strip_suffix(":80")).unwrap_or(rest);
    rest.trim_matches(|c: char| "'\"`.,".contains(c)).to_owned()
}

/// A file path as the project names it.
pub(super) fn file(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    super::instruction::workdir(scene, draft)
}

#[cfg(test)]
mod tests {
    use super::host_of;

    #[test]
    fn hosts() {
        assert_eq!(host_of("https://user:pw@pypi.example:8443/simple/x"), "pypi.example:8443");
        assert_eq!(host_of("https://pypi.example:443/"), "pypi.example");
        assert_eq!(host_of("git.example"), "git.example");
    }
}
