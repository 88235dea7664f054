//! What a shell says over the heads of the commands it runs.

use super::super::draft::Draft;
use super::super::scene::Scene;

/// `NAME: words` is a variable that `${NAME:?words}` demands, and the same
/// form serves every complaint about a command.
pub(super) fn variable(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let Some(name) = draft.subject() else { return false };
    let why = draft.captures.get("why").unwrap_or("");
    const OF_COMMANDS: [&str; 14] = [
        "not found",
        "command not found",
        "No such file",
        "Permission denied",
        "Is a directory",
        "Not a directory",
        "cannot execute",
        "Exec format error",
        "Text file busy",
        "Argument list too long",
        "Bad substitution",
        "bad substitution",
        "syntax error",
        "Killed",
    ];
    if OF_COMMANDS.iter().any(|known| why.starts_with(known)) {
        return false;
    }
    let demanded = scene.shell().is_some_and(|shell| {
        shell.contains(&format!("${{{name}:?")) || shell.contains(&format!("${{{name}?"))
    });
    let shouted = name.len() > 1 && !name.contains(|c: char| c.is_ascii_lowercase());
    demanded || shouted
}
