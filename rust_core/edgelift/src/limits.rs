//! Limits of AWS that several modules share.

/// Limit of a function's response in bytes: AWS Lambda Developer Guide, "Lambda quotas", invocation payload.
pub const MAX_RESPONSE_BYTES: usize = 6_291_456;
