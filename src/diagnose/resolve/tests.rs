//! Names of failed tests.

use super::super::draft::Draft;
use super::super::scene::Scene;

/// unittest's `test_x (module.Class)` → `module.Class.test_x`; pytest's ids
/// stay as they are.
pub(super) fn name(_: &Scene<'_>, draft: &mut Draft) -> bool {
    let (Some(test), Some(class)) = (draft.captures.get("test"), draft.captures.get("class"))
    else {
        return true;
    };
    let name = if class.rsplit('.').next() == Some(test) {
        class.to_owned()
    } else {
        format!("{class}.{test}")
    };
    draft.set_subject(name);
    true
}
