//! Why the column names of a log make no layout.

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
