//! All patterns tried on a line at once.

use super::rule::{Captures, Rule};
use super::sieve::Sieve;

/// The prefilter: which patterns are worth trying on a line.
///
/// The literals of all patterns are looked for at once; a line that contains
/// none costs one scan, however many rules there are.
#[derive(Debug)]
pub(super) struct Matcher {
    literals: Sieve,
    /// Which patterns a literal belongs to: rule and pattern in it.
    owners: Vec<Vec<(u16, u16)>>,
}

impl Matcher {
    pub(super) fn new<'a>(literals: impl IntoIterator<Item = (u16, u16, &'a [String])>) -> Self {
        let mut texts: Vec<&str> = Vec::new();
        let mut owners: Vec<Vec<(u16, u16)>> = Vec::new();
        let mut places = std::collections::HashMap::new();
        for (rule, pattern, set) in literals {
            for text in set {
                let at = *places.entry(text.as_str()).or_insert_with(|| {
                    texts.push(text);
                    owners.push(Vec::new());
                    owners.len() - 1
                });
                if let Some(list) = owners.get_mut(at) {
                    list.push((rule, pattern));
                }
            }
        }
        Self { literals: Sieve::new(&texts), owners }
    }

    /// Rules of which a pattern matches the text, ascending, each once.
    pub(super) fn rules(&self, rules: &[Rule], text: &str, found: &mut Vec<u16>) {
        found.clear();
        let mut tried: [(u16, u16); 24] = [(u16::MAX, u16::MAX); 24];
        let mut count = 0;
        self.literals.each(text.as_bytes(), |literal| {
            let owners = self.owners.get(literal).map_or(&[][..], Vec::as_slice);
            for &(rule, pattern) in owners {
                let known = tried.iter().take(count).any(|t| *t == (rule, pattern));
                if known || found.contains(&rule) {
                    continue;
                }
                if let Some(slot) = tried.get_mut(count) {
                    *slot = (rule, pattern);
                    count += 1;
                }
                let regex = rules
                    .get(usize::from(rule))
                    .and_then(|r| r.patterns.get(usize::from(pattern)))
                    .and_then(|p| p.regex());
                if regex.is_some_and(|regex| regex.is_match(text)) {
                    found.push(rule);
                }
            }
        });
        found.sort_unstable();
    }
}

/// What a rule's groups match in a text.
pub(super) fn captures(rule: &Rule, text: &str) -> Option<Captures> {
    rule.patterns.iter().filter_map(|p| p.regex()).find_map(|regex| Captures::of(regex, text))
}
