//! Checks values for the shapes that CloudFront writes.

use super::columns::Row;
use crate::fields::Shape;
use crate::plan::{Before, CheckGroup, OtherChecks, ShapeChecks};
use crate::scan::FirstEnds;
use crate::value::{self, SLACK, ShapePatterns, shape};

impl Row<'_> {
    /// Returns the first column whose value does not have its shape.
    ///
    /// Most values are known by a few comparisons of words; a look at each of their bytes would cost ten times as much.
    #[inline(always)]
    pub(in crate::record) fn shape_misfit(&self) -> Option<usize> {
        let ShapeChecks { groups, others } = &self.layout.shape_checks;
        // Known from here on, so that one comparison proves each window.
        assert!(self.bytes.len() >= SLACK, "bytes follow every line");
        // A loop, since a closure would not be compiled for the features of the processor.
        for group in groups {
            // Not before the loop, where it would cost other columns registers.
            let ends = self.scan.first_ends();
            let mut first = [0; ShapePatterns::LEN];
            for (first, &before) in first.iter_mut().zip(&group.before) {
                *first = self.first_bytes(ends, before);
            }
            if !group.patterns.accept(first) && !self.fit_shapes(group) {
                return self.first_shape_misfit();
            }
        }
        match others {
            Some(others) if !self.fit_other_shapes(others) => self.first_shape_misfit(),
            _ => None,
        }
    }

    /// Returns true if the values whose first bytes do not show their shape have it.
    #[inline(always)]
    fn fit_other_shapes(&self, others: &OtherChecks) -> bool {
        let ends = self.scan.first_ends();
        if let Some(before) = others.http_version
            && !(len_after(ends, before) == shape::HTTP_VERSION_LEN
                && shape::is_http_version(self.first_bytes(ends, before)))
            && !self.has_shape(usize::from(before) + 1)
        {
            return false;
        }
        if let Some(before) = others.request_id
            && !(len_after(ends, before) == shape::REQUEST_ID_LEN
                && shape::is_usual_request_id(self.window_after(ends, before)))
            && !self.has_shape(usize::from(before) + 1)
        {
            return false;
        }
        for &column in &others.whole {
            if !self.has_shape(column) {
                return false;
            }
        }
        true
    }

    /// Returns the bytes at the start of the column after another one.
    #[inline(always)]
    fn window_after<const SIZE: usize>(&self, ends: &FirstEnds, before: Before) -> &[u8; SIZE] {
        let end = ends[usize::from(before)] as usize;
        value::window_up_to_last(self.bytes, end + 1)
    }

    /// Returns the first eight bytes of the column after another one, as a word.
    #[inline(always)]
    fn first_bytes(&self, ends: &FirstEnds, before: Before) -> u64 {
        u64::from_le_bytes(*self.window_after(ends, before))
    }

    /// Returns true if each value of a group has its shape.
    #[inline(never)]
    fn fit_shapes(&self, group: &CheckGroup) -> bool {
        assert!(self.bytes.len() >= SLACK, "bytes follow every line");
        let ends = self.scan.first_ends();
        for (lane, (&before, shape)) in group.before.iter().zip(&group.shapes).enumerate() {
            let is_usual = if *shape == Shape::ResultType {
                let len = len_after(ends, before);
                shape::is_usual_result_type(self.window_after(ends, before), len)
            } else {
                let first = self.first_bytes(ends, before);
                group.patterns.accepts(lane, first)
            };
            if !is_usual && !self.has_shape(usize::from(before) + 1) {
                return false;
            }
        }
        true
    }

    /// Returns true if the value of a column has its shape, or is not checked.
    #[inline(never)]
    fn has_shape(&self, column: usize) -> bool {
        let (start, end) = self.range(column);
        let value = &self.bytes[start..end];
        let shape = self.layout.columns[column].checked_shape;
        shape.is_none_or(|shape| shape::matches(shape, value))
    }

    #[cold]
    fn first_shape_misfit(&self) -> Option<usize> {
        (0..self.ends.len()).find(|&column| !self.has_shape(column))
    }
}

/// Returns the length of the column after another one.
#[inline(always)]
fn len_after(ends: &FirstEnds, before: Before) -> usize {
    let before = usize::from(before);
    let end = ends[before] as usize;
    (ends[before + 1] as usize).wrapping_sub(end + 1)
}
