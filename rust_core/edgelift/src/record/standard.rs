//! Records of standard logs that need more than a look for tabs: JSON, and rows with another delimiter.

use std::sync::Arc;

use super::line::{Scanned, write};
use super::parts::{BadJson, Parts, Stencil};
use super::{OutputBuffer, Scratch};
use crate::error::{Place, Reason, RecordError};
use crate::plan::{NamesError, Plan, Version};

/// Whether a record is a JSON object, of the formats that have some.
#[inline]
pub(crate) fn is_json(plan: &Plan, record: &[u8]) -> bool {
    plan.reads_standard() && record.first() == Some(&b'{')
}

/// Plans of the lists of keys that came last, so that none is compiled for each record.
#[derive(Debug, Default)]
pub(super) struct Learned {
    lists: Vec<List>,
    /// Which of them the last record had.
    last: usize,
}

/// Keys in an order.
#[derive(Debug)]
struct List {
    keys: Box<[u8]>,
    plan: Arc<Plan>,
    stencil: Stencil,
}

impl Learned {
    /// Lists that are kept, unless they are long.
    const KEPT: usize = 64;
    /// Bytes of their keys. A plan takes some hundred times as much, and a record may consist of keys.
    const KEPT_BYTES: usize = 1 << 16;

    pub(super) fn last(&self) -> Option<&Arc<Plan>> {
        self.lists.get(self.last).map(|list| &list.plan)
    }

    /// Takes a record apart, and finds its plan.
    fn read(&mut self, plan: &Plan, record: &[u8], parts: &mut Parts) -> Result<Arc<Plan>, usize> {
        let kept = self.lists.len();
        let mut order = (self.last..kept).chain(0..self.last);
        let fits = |&place: &usize| parts.read_like(&self.lists[place].stencil, record);
        if let Some(place) = order.find(fits) {
            self.last = place;
        } else {
            parts.read_json(record).map_err(|bad| bad.at)?;
            let known = self.lists.iter().position(|list| *list.keys == *parts.keys);
            self.last = known.map_or_else(|| self.learn(plan, parts).map_err(|_| 0_usize), Ok)?;
            parts.teach(&mut self.lists[self.last].stencil, record);
        }
        Ok(Arc::clone(&self.lists[self.last].plan))
    }

    /// Compiles a list; its place.
    #[cold]
    fn learn(&mut self, plan: &Plan, parts: &Parts) -> Result<usize, NamesError> {
        let list = List {
            keys: (*parts.keys).into(),
            plan: Arc::new(plan_of(plan, parts)?),
            stencil: Stencil::default(),
        };
        let bytes = self.lists.iter().map(|list| list.keys.len());
        let is_full = bytes.sum::<usize>() + list.keys.len() > Self::KEPT_BYTES;
        if is_full || self.lists.len() == Self::KEPT {
            self.lists.clear();
        }
        self.lists.push(list);
        Ok(self.lists.len() - 1)
    }
}

fn plan_of(plan: &Plan, parts: &Parts) -> Result<Plan, NamesError> {
    let names = parts.names();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    plan.for_columns(&names, Version::Two)
}

/// Whether the values of a record do not stand between tabs.
#[inline]
pub(super) fn is_apart(plan: &Plan, record: &[u8]) -> bool {
    is_json(plan, record) || plan.delimiter().is_some()
}

/// Adds the document of such a record, without its line end.
#[inline(never)]
pub(super) fn transform(
    plan: &Plan,
    line: &[u8],
    scratch: &mut Scratch,
    out: &mut OutputBuffer,
) -> Result<usize, RecordError> {
    let mut parts = std::mem::take(&mut scratch.parts);
    // Only now: until the next record comes, its values are asked for.
    parts.shrink();
    let result = if is_json(plan, line) {
        transform_json(plan, line, &mut parts, scratch, out)
    } else {
        parts.read_delimited(line, plan.delimiter().unwrap_or(b"\t"));
        write_parts(plan, &parts, scratch, out)
    };
    let result = result.map_err(|error| RecordError {
        offset: error.place.map_or(error.offset, |place| {
            parts
                .places
                .get(place.column)
                .map_or(0, |&place| place as usize)
        }),
        ..error
    });
    scratch.parts = parts;
    result
}

fn transform_json(
    plan: &Plan,
    line: &[u8],
    parts: &mut Parts,
    scratch: &mut Scratch,
    out: &mut OutputBuffer,
) -> Result<usize, RecordError> {
    let bad_json = |offset| RecordError {
        offset,
        ..RecordError::whole(Reason::BadJson)
    };
    let learned = scratch.learned.read(plan, line, parts);
    let learned = learned.map_err(bad_json)?;
    // Behind the layouts of the configuration.
    let layout = plan.layouts().len();
    match write_parts(&learned, parts, scratch, out) {
        Ok(_) => Ok(layout),
        Err(error) => Err(RecordError {
            place: error.place.map(|place| Place { layout, ..place }),
            ..error
        }),
    }
}

fn write_parts(
    plan: &Plan,
    parts: &Parts,
    scratch: &mut Scratch,
    out: &mut OutputBuffer,
) -> Result<usize, RecordError> {
    let len = parts.len();
    let Scratch { avx2, scan, .. } = scratch;
    scan.widen(parts.ends.len());
    let columns = match avx2 {
        _ if parts.has_tabs => scan.parts(&parts.row, len, &parts.ends),
        Some(avx2) => avx2.line(scan, &parts.row, len),
        None => scan.line(&parts.row, len),
    };
    let bytes = &parts.row[..];
    write(
        plan,
        Scanned {
            bytes,
            len,
            columns,
        },
        scratch,
        out,
    )
}

/// What a record is, read anew for people who ask about it.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// The plan that its keys make.
    learned: Option<Plan>,
    parts: Option<Parts>,
}

/// Why a JSON record cannot be read.
#[derive(Debug)]
pub(crate) enum Untold {
    Json(BadJson),
    Keys(NamesError),
}

impl Told {
    pub(crate) fn of(plan: &Plan, record: &[u8]) -> Result<Self, Untold> {
        let line = super::without_line_end(record);
        let mut parts = Parts::default();
        if is_json(plan, record) {
            parts.read_json(line).map_err(Untold::Json)?;
            let learned = Some(plan_of(plan, &parts).map_err(Untold::Keys)?);
            let parts = Some(parts);
            return Ok(Self { learned, parts });
        }
        let parts = plan.delimiter().map(|delimiter| {
            parts.read_delimited(line, delimiter);
            parts
        });
        Ok(Self {
            learned: None,
            parts,
        })
    }

    /// The plan that the record has.
    pub(crate) fn plan<'a>(&'a self, plan: &'a Plan) -> &'a Plan {
        self.learned.as_ref().unwrap_or(plan)
    }

    /// A place as that plan has it.
    pub(crate) fn place(&self, place: Place) -> Place {
        let layout = if self.learned.is_some() {
            0
        } else {
            place.layout
        };
        Place { layout, ..place }
    }

    /// The values of the record.
    pub(crate) fn values<'a>(&'a self, record: &'a [u8]) -> Vec<&'a [u8]> {
        match &self.parts {
            Some(parts) => (0..).map_while(|column| parts.value(column)).collect(),
            None => super::columns(record).collect(),
        }
    }
}
