//! A list of what was typed, the newest last.

/// Bytes of an entry; longer ones are no use to anybody.
const LONGEST: usize = 1000;

/// Adds an entry at the end; an equal one from before goes, and so does the
/// oldest of too many.
pub(super) fn push(list: &mut Vec<String>, entry: &str, most: usize) {
    if entry.is_empty() || entry.len() > LONGEST {
        return;
    }
    list.retain(|known| known != entry);
    list.push(entry.to_owned());
    let over = list.len().saturating_sub(most);
    list.drain(..over);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_is_last_and_nothing_is_there_twice() {
        let mut list = Vec::new();
        for entry in ["a", "b", "", "a", "c", "d"] {
            push(&mut list, entry, 3);
        }
        assert_eq!(list, ["a", "c", "d"]);
        push(&mut list, &"x".repeat(LONGEST + 1), 3);
        assert_eq!(list.len(), 3);
    }
}
