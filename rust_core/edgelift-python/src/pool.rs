//! Keeps objects with buffers between calls.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Objects of earlier calls, one per concurrent call.
pub(crate) struct Pool<T>(Mutex<Vec<T>>);

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Pool<T> {
    /// Does work with an object of an earlier call, or with a new one. If the work panics, the object is lost.
    pub(crate) fn with<R>(&self, new: impl FnOnce() -> T, work: impl FnOnce(&mut T) -> R) -> R {
        let kept = self.lock().pop();
        let mut object = kept.unwrap_or_else(new);
        let result = work(&mut object);
        self.lock().push(object);
        result
    }

    fn lock(&self) -> MutexGuard<'_, Vec<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
