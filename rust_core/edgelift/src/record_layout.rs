//! The layout of a record.

/// The layout by which a record is transformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordLayout {
    /// The layout of a row: its index among those of the plan.
    Row(usize),
    /// The keys of a JSON record, from which a plan with one layout is compiled.
    Json,
}

impl RecordLayout {
    /// Returns the index among the layouts of the plan of the record, which for a JSON record is compiled from its
    /// keys.
    #[must_use]
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Row(index) => index,
            Self::Json => 0,
        }
    }
}
