//! Caches the plans for the keys of JSON records.

use std::sync::Arc;

use super::field_buffer::{FieldBuffer, Slot, split_keys};
use crate::config::DecodeJson;
use crate::fields::Log;
use crate::json::{self, Template};
use crate::plan::{NamesError, Plan};

/// Returns true if a record is a JSON object and the format has JSON records.
#[inline]
pub(super) fn is_json(plan: &Plan, record: &[u8]) -> bool {
    plan.reads_standard() && json::begins_object(record)
}

/// Plans for the last lists of keys, so that no plan is compiled per record.
#[derive(Clone, Debug, Default)]
pub(super) struct PlanCache {
    plans: Vec<CachedPlan>,
    /// Index of the plan of the last record.
    last: usize,
    /// Kinds of logs that had plans, in the order of their first records.
    pub(super) logs: Vec<Log>,
}

/// The plans for a list of keys.
#[derive(Clone, Debug)]
struct CachedPlan {
    keys: Box<[u8]>,
    /// The plan for records with percent-encoded texts.
    encoded: Arc<Plan>,
    /// The plan for records with decoded texts, once there was one.
    decoded: Option<Arc<Plan>>,
    /// True if the last record has decoded texts.
    is_decoded: bool,
    template: Template<Slot>,
}

impl CachedPlan {
    /// Returns the plan of the last record.
    #[inline]
    fn last(&self) -> &Arc<Plan> {
        match &self.decoded {
            Some(decoded) if self.is_decoded => decoded,
            _ => &self.encoded,
        }
    }

    #[cold]
    fn compile_decoded(&mut self, plan: &Plan) -> Result<(), NamesError> {
        if self.decoded.is_none() {
            self.decoded = Some(Arc::new(plan_for_keys(plan, &self.keys, false)?));
        }
        Ok(())
    }
}

impl PlanCache {
    /// Plans that are kept, unless their keys are long.
    const MAX_PLANS: usize = 64;
    /// Bytes of all their keys. A plan takes some hundred times as much, and a record may consist of keys.
    const MAX_KEY_BYTES: usize = 1 << 16;

    /// Returns the plan of the last record.
    pub(super) fn last(&self) -> Option<&Arc<Plan>> {
        self.plans.get(self.last).map(CachedPlan::last)
    }

    /// Reads a record into `fields` and returns its plan, or the offset of the error.
    pub(super) fn read(
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
        let cached = &mut self.plans[self.last];
        cached.is_decoded = is_decoded(&cached.encoded, fields);
        if cached.is_decoded {
            cached.compile_decoded(plan).map_err(|_| 0_usize)?;
        }
        Ok(Arc::clone(cached.last()))
    }

    /// Compiles and caches the plan for the keys in `fields`; returns its index.
    #[cold]
    fn insert(&mut self, plan: &Plan, fields: &FieldBuffer) -> Result<usize, NamesError> {
        let cached = CachedPlan {
            keys: (*fields.keys).into(),
            encoded: Arc::new(plan_for_keys(plan, &fields.keys, true)?),
            decoded: None,
            is_decoded: false,
            template: Template::default(),
        };
        let log = cached.encoded.log();
        if !self.logs.contains(&log) {
            self.logs.push(log);
        }
        let bytes = self.plans.iter().map(|cached| cached.keys.len());
        let is_full = bytes.sum::<usize>() + cached.keys.len() > Self::MAX_KEY_BYTES;
        if is_full || self.plans.len() == Self::MAX_PLANS {
            self.plans.clear();
        }
        self.plans.push(cached);
        Ok(self.plans.len() - 1)
    }
}

/// Compiles the plan for the record in `fields`.
pub(super) fn plan_for_record(plan: &Plan, fields: &FieldBuffer) -> Result<Plan, NamesError> {
    let encoded = plan_for_keys(plan, &fields.keys, true)?;
    if is_decoded(&encoded, fields) {
        return plan_for_keys(plan, &fields.keys, false);
    }
    Ok(encoded)
}

fn plan_for_keys(plan: &Plan, keys: &[u8], decode: bool) -> Result<Plan, NamesError> {
    let names = split_keys(keys);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    plan.for_keys(&names, decode)
}

/// Returns true if the texts of the record in `fields` are not percent-decoded.
#[inline]
fn is_decoded(encoded: &Plan, fields: &FieldBuffer) -> bool {
    match encoded.input().decode_json {
        DecodeJson::Auto => fields.has_decoded_text(&encoded.layouts()[0]),
        DecodeJson::Always => false,
        DecodeJson::Never => true,
    }
}
