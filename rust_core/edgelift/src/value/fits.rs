//! The check whether a value fits its kind.

use super::raw_value::{RawValue, is_missing};
use super::{address, boolean, date_time, decimal, integer, status, timestamp};
use crate::fields::Kind;

/// Returns true if a value fits its kind. A missing value fits every kind.
pub(crate) fn fits(kind: Kind, value: &[u8]) -> bool {
    let raw = RawValue::new(value, value.len());
    is_missing(value)
        || match kind {
            Kind::Timestamp | Kind::Seconds => timestamp::parse(raw).is_some(),
            Kind::Integer => integer::parse(raw).is_some(),
            Kind::Status => status::fits(raw),
            Kind::Decimal => decimal::parse(raw).is_some(),
            Kind::Boolean => boolean::parse(raw).is_some(),
            Kind::Address => address::fits(raw),
            Kind::Date => date_time::parse_date(value).is_some(),
            Kind::Time => date_time::parse_time(value).is_some(),
            Kind::Milliseconds => date_time::parse_milliseconds(value).is_some(),
            Kind::EventTime => date_time::parse_event_time(value).is_some(),
            _ => true,
        }
}
