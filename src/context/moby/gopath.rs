//! What Go's `path/filepath` does with a pattern on Linux.

/// The shortest path that means the same, by text alone: `a/../b/` is `b`, nothing is `.`.
pub fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&last) if last != ".." => {
                    parts.pop();
                }
                _ if rooted => {}
                _ => parts.push(".."),
            },
            part => parts.push(part),
        }
    }
    match (rooted, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}

/// Whether `filepath.Match` takes the pattern: brackets closed and not empty, no hyphen without
/// ends, nothing escaped by a backslash at the end.
pub fn is_pattern(pattern: &str) -> bool {
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.next().is_none() => return false,
            '[' => {
                chars.next_if_eq(&'^');
                let mut members = 0;
                loop {
                    if members > 0 && chars.next_if_eq(&']').is_some() {
                        break;
                    }
                    if !member(&mut chars) {
                        return false;
                    }
                    if chars.next_if_eq(&'-').is_some() && !member(&mut chars) {
                        return false;
                    }
                    members += 1;
                }
            }
            _ => {}
        }
    }
    true
}

/// Takes one end of a range; something has to follow it.
fn member(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    let taken = match chars.next() {
        None | Some('-' | ']') => false,
        Some('\\') => chars.next().is_some(),
        Some(_) => true,
    };
    taken && chars.peek().is_some()
}

/// `filepath.Match` for one path part, as wildcard sources of COPY use it: `*` and `?` stay in the
/// part, `[^a]` negates, a backslash escapes. A malformed pattern matches nothing.
pub fn matches(pattern: &str, name: &str) -> bool {
    if !is_pattern(pattern) {
        return false;
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        if p == pattern.len() && n == name.len() {
            return true;
        }
        if pattern.get(p) == Some(&'*') {
            star = Some((p + 1, n));
            p += 1;
            continue;
        }
        if let Some(&c) = name.get(n)
            && let Some(next) = one(&pattern, p, c)
        {
            p = next;
            n += 1;
            continue;
        }
        match star {
            Some((at, from)) if name.get(from).is_some_and(|c| *c != '/') => {
                star = Some((at, from + 1));
                p = at;
                n = from + 1;
            }
            _ => return false,
        }
    }
}

/// Where the pattern goes on when its piece at `p` takes `c`.
fn one(pattern: &[char], p: usize, c: char) -> Option<usize> {
    match pattern.get(p)? {
        '?' => (c != '/').then_some(p + 1),
        '\\' => (pattern.get(p + 1)? == &c).then_some(p + 2),
        '[' => {
            let mut at = p + 1;
            let negated = pattern.get(at) == Some(&'^');
            at += usize::from(negated);
            let start = at;
            let mut hit = false;
            while at == start || pattern.get(at)? != &']' {
                let (low, next) = range_end(pattern, at)?;
                at = next;
                let mut high = low;
                if pattern.get(at) == Some(&'-') {
                    (high, at) = range_end(pattern, at + 1)?;
                }
                hit |= (low..=high).contains(&c);
            }
            (hit != negated).then_some(at + 1)
        }
        literal => (*literal == c).then_some(p + 1),
    }
}

fn range_end(pattern: &[char], at: usize) -> Option<(char, usize)> {
    match pattern.get(at)? {
        '\\' => Some((*pattern.get(at + 1)?, at + 2)),
        c => Some((*c, at + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleaning_is_gos() {
        let cases = [
            ("", "."),
            ("./a//b/", "a/b"),
            ("a/../b", "b"),
            ("/../a", "/a"),
            ("../../a", "../../a"),
            ("a/..", "."),
            ("/", "/"),
            ("!../x", "!../x"),
        ];
        for (path, expected) in cases {
            assert_eq!(clean(path), expected, "{path}");
        }
    }

    #[test]
    fn malformed_patterns_are_found() {
        for good in ["*", "a[b-c]", "[^a]", "[\\]]", "a]", "**/x", "\\*", "[[]"] {
            assert!(is_pattern(good), "{good}");
        }
        for bad in ["[", "[]", "[]a]", "[a", "[a-]", "[-a]", "x\\", "[^]", "[a-b"] {
            assert!(!is_pattern(bad), "{bad}");
        }
    }

    #[test]
    fn matching_stays_in_one_part() {
        for (pattern, name, expected) in [
            ("*.py", "bot.py", true),
            ("*.py", "a/bot.py", false),
            ("requirements*.txt", "requirements-dev.txt", true),
            ("[^a]?", "bc", true),
            ("[^a]?", "ac", false),
            ("[a-c]x", "bx", true),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("a*b*c", "axxbyybc", true),
            ("a*b*c", "axxbyyb", false),
            ("[", "[", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
