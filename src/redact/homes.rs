//! User names in paths: `/home/NAME`, `/Users/NAME`, `C:\Users\NAME`.

use std::sync::LazyLock;

use regex::Regex;

use super::{Span, USER};

static HOMES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        // Not `https://host/home/page` and not `/app/home/x`: nothing but the
        // start of a path may stand before it (or a drive, as in `/mnt/c`).
        r#"(?:^|[^A-Za-z0-9._~%-])(?:/mnt|/var|/export|/usr)?(?:/[a-z])?/(?:home|Users)/(?P<name>[^\s/\\"'`:;,|)(<>\]\[*?{}$&]+)"#,
        r#"(?i)\b[a-z]:\\{1,2}users\\{1,2}(?P<name>[^\\/:*?"'<>|\[\]$%\r\n]+)\\"#,
        r#"(?i)\b[a-z]:[\\/]{1,2}users[\\/]{1,2}(?P<name>[^\\/:*?"'<>|\s\[\]$%,;)]+)"#,
    ]
    .into_iter()
    .filter_map(|pattern| Regex::new(pattern).ok())
    .collect()
});

/// Names that are everybody's.
const NOBODY: [&str; 6] = ["shared", "public", "default", "all users", ".", ".."];

pub(super) fn find(text: &str, out: &mut Vec<Span>) {
    for home in HOMES.iter() {
        for found in home.captures_iter(text) {
            let Some(name) = found.name("name") else { continue };
            if !NOBODY.contains(&name.as_str().to_ascii_lowercase().as_str()) {
                out.push((name.range(), USER));
            }
        }
    }
}
