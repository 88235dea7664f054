//! The failure rules, read when they are first needed.

use std::fmt;
use std::sync::{Arc, LazyLock};

use crate::diagnose::Rules;

type Load = Box<dyn FnOnce() -> Arc<Rules> + Send>;

/// Rules that may still have to be read.
///
/// Reading hundreds of patterns takes some tens of milliseconds, which the
/// first picture must not wait for: whoever makes these has another thread
/// call [`LateRules::get`], and the log waits for it with its first line.
#[derive(Clone)]
pub struct LateRules(Arc<LazyLock<Arc<Rules>, Load>>);

impl LateRules {
    /// Rules that `load` will read, once, whoever asks first.
    pub fn new(load: impl FnOnce() -> Arc<Rules> + Send + 'static) -> Self {
        Self(Arc::new(LazyLock::new(Box::new(load))))
    }

    /// The rules; waits for them if need be.
    pub fn get(&self) -> Arc<Rules> {
        Arc::clone(LazyLock::force(&self.0))
    }
}

impl From<Arc<Rules>> for LateRules {
    fn from(rules: Arc<Rules>) -> Self {
        Self::new(move || rules)
    }
}

impl fmt::Debug for LateRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LateRules")
    }
}
