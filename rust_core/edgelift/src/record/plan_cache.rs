//! Caches the plans for the keys of JSON records.

use std::sync::Arc;

use super::field_buffer::{FieldBuffer, Slot};
use crate::json::Template;
use crate::plan::{NamesError, Plan, Version};

/// Returns true if a record is a JSON object and the format has JSON records.
#[inline]
pub(super) fn is_json(plan: &Plan, record: &[u8]) -> bool {
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
    template: Template<Slot>,
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

/// Compiles the plan for the keys of the record in `fields`.
pub(super) fn plan_for_keys(plan: &Plan, fields: &FieldBuffer) -> Result<Plan, NamesError> {
    let names = fields.names();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    plan.for_columns(&names, Version::Two)
}
