//! Real-time names of the fields that the plan treats in a special way.

/// The time of a record, and the field whose key date and time share.
pub(crate) const TIMESTAMP: &str = "timestamp";
/// The time of a record of a connection log.
pub(crate) const EVENT_TIMESTAMP: &str = "eventTimestamp";
pub(crate) const HEADERS: &str = "cs-headers";
pub(crate) const HEADERS_COUNT: &str = "cs-headers-count";
pub(super) const STEM: &str = "cs-uri-stem";
pub(super) const QUERY: &str = "cs-uri-query";
pub(super) const USER_AGENT: &str = "cs-user-agent";
pub(crate) const REQUEST_ID: &str = "x-edge-request-id";
