//! Records of standard logs that are not tab-separated: JSON records and rows with another delimiter.

use std::sync::Arc;

use super::field_buffer::{BadJson, FieldBuffer, Template};
use super::line::{SplitLine, write};
use super::{OutputBuffer, Scratch};
use crate::error::{Place, Reason, RecordError};
use crate::plan::{NamesError, Plan, Version};

/// Returns true if a record is a JSON object and the format has JSON records.
#[inline]
pub(crate) fn is_json(plan: &Plan, record: &[u8]) -> bool {
    plan.reads_standard() && record.first() == Some(&b'{')
}

/// Plans for the last lists of keys, so that no plan is compiled per record.
#[derive(Debug, Default)]
pub(super) struct PlanCache {
    plans: Vec<CachedPlan>,
    /// Index of the plan of the last record.
    last: usize,
}

/// The plan for a list of keys.
#[derive(Debug)]
struct CachedPlan {
    keys: Box<[u8]>,
    plan: Arc<Plan>,
    template: Template,
}

impl PlanCache {
    /// Plans that are kept, unless their keys are long.
    const MAX_PLANS: usize = 64;
    /// Bytes of all their keys. A plan takes some hundred times as much, and a record may consist of keys.
    const MAX_KEY_BYTES: usize = 1 << 16;

    /// Returns the plan of the last record.
    pub(super) fn last(&self) -> Option<&Arc<Plan>> {
        self.plans.get(self.last).map(|cached| &cached.plan)
    }

    /// Reads a record into `fields` and returns its plan, or the offset of the error.
    fn read(
        &mut self,
        plan: &Plan,
        record: &[u8],
        fields: &mut FieldBuffer,
    ) -> Result<Arc<Plan>, usize> {
        let count = self.plans.len();
        let mut order = (self.last..count).chain(0..self.last);
        let fits = |&index: &usize| fields.read_with_template(&self.plans[index].template, record);
        if let Some(index) = order.find(fits) {
            self.last = index;
        } else {
            fields.read_json(record).map_err(|bad| bad.at)?;
            let cached = self
                .plans
                .iter()
                .position(|cached| *cached.keys == *fields.keys);
            self.last =
                cached.map_or_else(|| self.insert(plan, fields).map_err(|_| 0_usize), Ok)?;
            fields.update_template(&mut self.plans[self.last].template, record);
        }
        Ok(Arc::clone(&self.plans[self.last].plan))
    }

    /// Compiles and caches the plan for the keys in `fields`; returns its index.
    #[cold]
    fn insert(&mut self, plan: &Plan, fields: &FieldBuffer) -> Result<usize, NamesError> {
        let cached = CachedPlan {
            keys: (*fields.keys).into(),
            plan: Arc::new(plan_for_keys(plan, fields)?),
            template: Template::default(),
        };
        let bytes = self.plans.iter().map(|cached| cached.keys.len());
        let is_full = bytes.sum::<usize>() + cached.keys.len() > Self::MAX_KEY_BYTES;
        if is_full || self.plans.len() == Self::MAX_PLANS {
            self.plans.clear();
        }
        self.plans.push(cached);
        Ok(self.plans.len() - 1)
    }
}

fn plan_for_keys(plan: &Plan, fields: &FieldBuffer) -> Result<Plan, NamesError> {
    let names = fields.names();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    plan.for_columns(&names, Version::Two)
}

/// Returns true if the values of a record are not separated by tabs.
#[inline]
pub(super) fn needs_field_buffer(plan: &Plan, record: &[u8]) -> bool {
    is_json(plan, record) || plan.delimiter().is_some()
}

/// Appends the document for such a record. `line` has no line end.
#[inline(never)]
pub(super) fn transform(
    plan: &Plan,
    line: &[u8],
    scratch: &mut Scratch,
    out: &mut OutputBuffer,
) -> Result<usize, RecordError> {
    let mut fields = std::mem::take(&mut scratch.fields);
    // Not earlier: the values of the last record may be read until now.
    fields.shrink();
    let result = if is_json(plan, line) {
        transform_json(plan, line, &mut fields, scratch, out)
    } else {
        fields.read_delimited(line, plan.delimiter().unwrap_or(b"\t"));
        write_fields(plan, &fields, scratch, out)
    };
    let result = result.map_err(|error| RecordError {
        offset: error.place.map_or(error.offset, |place| {
            fields
                .offsets
                .get(place.column)
                .map_or(0, |&place| place as usize)
        }),
        ..error
    });
    scratch.fields = fields;
    result
}

fn transform_json(
    plan: &Plan,
    line: &[u8],
    fields: &mut FieldBuffer,
    scratch: &mut Scratch,
    out: &mut OutputBuffer,
) -> Result<usize, RecordError> {
    let bad_json = |offset| RecordError {
        offset,
        ..RecordError::whole(Reason::BadJson)
    };
    let json_plan = scratch.plan_cache.read(plan, line, fields);
    let json_plan = json_plan.map_err(bad_json)?;
    // The index after the layouts of the configuration.
    let layout = plan.layouts().len();
    match write_fields(&json_plan, fields, scratch, out) {
        Ok(_) => Ok(layout),
        Err(error) => Err(RecordError {
            place: error.place.map(|place| Place { layout, ..place }),
            ..error
        }),
    }
}

fn write_fields(
    plan: &Plan,
    fields: &FieldBuffer,
    scratch: &mut Scratch,
    out: &mut OutputBuffer,
) -> Result<usize, RecordError> {
    let len = fields.len();
    let Scratch { avx2, scan, .. } = scratch;
    scan.widen(fields.ends.len());
    let columns = match avx2 {
        _ if fields.has_tabs => scan.line_with_ends(&fields.row, len, &fields.ends),
        Some(avx2) => avx2.line(scan, &fields.row, len),
        None => scan.line(&fields.row, len),
    };
    let bytes = &fields.row[..];
    write(
        plan,
        SplitLine {
            bytes,
            len,
            columns,
        },
        scratch,
        out,
    )
}

/// A record parsed again, for error messages and `explain`.
#[derive(Debug, Default)]
pub(crate) struct ParsedRecord {
    /// The plan for the keys of a JSON record.
    json_plan: Option<Plan>,
    /// `None` for a tab-separated record.
    fields: Option<FieldBuffer>,
}

/// The reason why a JSON record cannot be parsed.
#[derive(Debug)]
pub(crate) enum ParseFailure {
    Json(BadJson),
    Keys(NamesError),
}

impl ParsedRecord {
    pub(crate) fn parse(plan: &Plan, record: &[u8]) -> Result<Self, ParseFailure> {
        let line = super::without_line_end(record);
        let mut fields = FieldBuffer::default();
        if is_json(plan, record) {
            fields.read_json(line).map_err(ParseFailure::Json)?;
            let json_plan = Some(plan_for_keys(plan, &fields).map_err(ParseFailure::Keys)?);
            let fields = Some(fields);
            return Ok(Self { json_plan, fields });
        }
        let fields = plan.delimiter().map(|delimiter| {
            fields.read_delimited(line, delimiter);
            fields
        });
        Ok(Self {
            json_plan: None,
            fields,
        })
    }

    /// Returns the plan of the record.
    pub(crate) fn plan<'a>(&'a self, plan: &'a Plan) -> &'a Plan {
        self.json_plan.as_ref().unwrap_or(plan)
    }

    /// Converts a place to one of that plan.
    pub(crate) fn place(&self, place: Place) -> Place {
        let layout = if self.json_plan.is_some() {
            0
        } else {
            place.layout
        };
        Place { layout, ..place }
    }

    /// Returns the values of the record.
    pub(crate) fn values<'a>(&'a self, record: &'a [u8]) -> Vec<&'a [u8]> {
        match &self.fields {
            Some(fields) => (0..).map_while(|column| fields.value(column)).collect(),
            None => super::columns(record).collect(),
        }
    }
}
