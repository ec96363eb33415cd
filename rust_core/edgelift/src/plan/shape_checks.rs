//! The columns of a layout whose values are checked for their shape.

use super::column::Column;
use crate::fields::Shape;
use crate::value::ShapePatterns;

/// The columns of a layout whose values are checked for their shape.
#[derive(Debug, Default)]
pub(crate) struct ShapeChecks {
    /// Columns of which most values are known by their first bytes, four at a time.
    pub(crate) groups: Box<[CheckGroup]>,
    /// The other columns, if there are any.
    pub(crate) others: Option<Box<OtherChecks>>,
}

/// The columns of which more than the first bytes are looked at.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct OtherChecks {
    pub(crate) http_version: Option<Before>,
    pub(crate) request_id: Option<Before>,
    /// Columns of which each value is looked at byte by byte.
    pub(crate) whole: Box<[usize]>,
}

/// The column before a value, at whose end it begins. An index of one byte needs no check of bounds.
pub(crate) type Before = u8;

/// Four columns whose first bytes are compared at once. Patterns that are left over accept everything.
#[derive(Debug)]
pub(crate) struct CheckGroup {
    pub(crate) patterns: ShapePatterns,
    pub(crate) before: [Before; ShapePatterns::LEN],
    pub(crate) shapes: [Shape; ShapePatterns::LEN],
}

impl ShapeChecks {
    pub(super) fn new(columns: &[Column]) -> Self {
        let mut others = OtherChecks::default();
        let (mut grouped, mut whole) = (Vec::new(), Vec::new());
        for (index, column) in columns.iter().enumerate() {
            let Some(shape) = column.checked_shape else {
                continue;
            };
            let before = index.checked_sub(1).map(Before::try_from);
            match (before, shape) {
                (Some(Ok(before)), Shape::HttpVersion) => others.http_version = Some(before),
                (Some(Ok(before)), Shape::RequestId) => others.request_id = Some(before),
                (Some(Ok(before)), _) => grouped.push((shape, before)),
                _ => whole.push(index),
            }
        }
        // Result types often need a second look: in one group they cost one together.
        grouped.sort_by_key(|&(shape, _)| shape == Shape::ResultType);
        let last = columns.len().wrapping_sub(2);
        let end_after = |before| {
            if usize::from(before) == last {
                b'\n'
            } else {
                b'\t'
            }
        };
        let group = |group: &[(Shape, Before)]| {
            let mut patterns = ShapePatterns::default();
            let mut places = [0; ShapePatterns::LEN];
            let mut shapes = [Shape::Method; ShapePatterns::LEN];
            for (lane, &(shape, before)) in group.iter().enumerate() {
                patterns.set(lane, shape, end_after(before));
                (places[lane], shapes[lane]) = (before, shape);
            }
            CheckGroup {
                patterns,
                before: places,
                shapes,
            }
        };
        others.whole = whole.into();
        Self {
            groups: grouped.chunks(ShapePatterns::LEN).map(group).collect(),
            others: others.into_box(),
        }
    }

    /// Looks at all bytes of each value, for rows in which a value may contain a tab.
    pub(super) fn check_whole_values(&mut self) {
        let mut others = self
            .others
            .take()
            .map_or_else(OtherChecks::default, |others| *others);
        // Patterns that are left over have the first column, which is not checked.
        let grouped = self.groups.iter().flat_map(|group| group.before);
        let before = grouped.chain(others.http_version).chain(others.request_id);
        let columns = before.map(|before| usize::from(before) + 1);
        others.whole = columns.chain(others.whole.iter().copied()).collect();
        (others.http_version, others.request_id) = (None, None);
        *self = Self {
            groups: Box::default(),
            others: others.into_box(),
        };
    }
}

impl OtherChecks {
    /// Returns the checks, or `None` if there are none.
    fn into_box(self) -> Option<Box<Self>> {
        (self != Self::default()).then(|| Box::new(self))
    }
}
