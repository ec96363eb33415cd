//! Memory that is reused for each record, so that a record allocates nothing.

use super::cpu::Avx2;
use super::field_buffer::FieldBuffer;
use super::plan_cache::PlanCache;
use crate::fields::Log;
use crate::plan::{ColumnIndexes, Plan, UNPARSED};
use crate::record_layout::RecordLayout;
use crate::scan::Scan;
use crate::value::{MinuteCache, Prefix};

/// Memory that is reused for each record.
#[derive(Clone, Debug)]
pub struct Scratch {
    /// `None` if the processor lacks AVX2.
    pub(super) avx2: Option<Avx2>,
    pub(super) scan: Scan,
    /// Columns whose values go into `_unparsed`.
    pub(super) unparsed: Vec<usize>,
    pub(super) unparsed_prefix: Prefix,
    /// Field of the first value of the last row that does not have its shape.
    pub(super) shape_mismatch: Option<&'static str>,
    /// Copy of a line that ends with its buffer, followed by bytes that encoders may read.
    pub(super) padded: Vec<u8>,
    /// Values of a record that is not tab-separated.
    pub(super) fields: FieldBuffer,
    pub(super) plan_cache: PlanCache,
    pub(super) minute: MinuteCache,
}

impl Scratch {
    /// Returns memory for the records of a plan.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        Self {
            avx2: Avx2::detect(),
            scan: Scan::with_columns(plan.max_columns()),
            unparsed: Vec::with_capacity(plan.max_columns()),
            unparsed_prefix: Prefix::new(UNPARSED, ""),
            shape_mismatch: None,
            padded: Vec::new(),
            fields: FieldBuffer::default(),
            plan_cache: PlanCache::default(),
            minute: MinuteCache::default(),
        }
    }

    /// Returns the field of the first value that does not have its shape, of the record that was transformed last.
    #[must_use]
    pub fn shape_mismatch(&self) -> Option<&'static str> {
        self.shape_mismatch
    }

    /// Makes room for the records of another plan, too.
    pub(crate) fn widen(&mut self, plan: &Plan) {
        self.scan.widen(plan.max_columns());
    }

    /// Returns the columns of a layout that hold a record's metadata. A JSON record is the one that was transformed
    /// last.
    pub(crate) fn column_indexes<'a>(
        &'a self,
        plan: &'a Plan,
        layout: RecordLayout,
    ) -> &'a ColumnIndexes {
        let record_plan = match layout {
            RecordLayout::Row(_) => plan,
            RecordLayout::Json => self.plan_cache.last().map_or(plan, |json_plan| json_plan),
        };
        &record_plan.firehose().layouts[layout.index()]
    }

    /// Returns the kinds of logs that the keys of JSON records belonged to, in the order of their first records.
    pub(crate) fn json_logs(&self) -> &[Log] {
        &self.plan_cache.logs
    }

    /// Returns a function from column to value for the record that was transformed last. `bytes` begin with that
    /// record.
    #[inline]
    pub(crate) fn values<'a>(
        &'a self,
        plan: &Plan,
        layout: RecordLayout,
        bytes: &'a [u8],
    ) -> impl Fn(usize) -> Option<&'a [u8]> + Copy {
        // JSON records and rows with another delimiter have their values there.
        let is_in_field_buffer = layout == RecordLayout::Json || plan.delimiter().is_some();
        move |column| {
            if is_in_field_buffer {
                return self.fields.value(column);
            }
            let ends = self.scan.ends(column + 1);
            let start = column.checked_sub(1).map_or(0, |before| ends[before] + 1);
            bytes.get(start as usize..ends[column] as usize)
        }
    }
}
