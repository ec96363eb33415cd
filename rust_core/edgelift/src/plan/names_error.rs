//! Why the column names of a log make no layout.

use std::collections::HashSet;

/// The reason why the column names of a log make no layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NamesError {
    /// There are no names.
    Empty,
    /// No name is a field of CloudFront: the log is another one.
    Unknown,
    /// The log has this name twice.
    Duplicate(String),
    /// Two fields would have the same key. The text is a message for users.
    EqualKeys(String),
}

/// Returns an error if there are no names, if a name is there twice, or if none is known.
pub(super) fn check(names: &[&str], is_known: impl Fn(&str) -> bool) -> Result<(), NamesError> {
    if names.is_empty() {
        return Err(NamesError::Empty);
    }
    let mut seen = HashSet::with_capacity(names.len());
    if let Some(name) = names.iter().find(|&&name| !seen.insert(name)) {
        return Err(NamesError::Duplicate((*name).to_owned()));
    }
    if !names.iter().any(|name| is_known(name)) {
        return Err(NamesError::Unknown);
    }
    Ok(())
}
