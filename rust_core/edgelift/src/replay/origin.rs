//! The step of a delivery stream that an error object comes from.
//!
//! Sources: Amazon Data Firehose Developer Guide, "Handle data delivery failures", "Handling errors for data format
//! conversion" and the lists of error codes of the destinations. A code begins with the name of its step.

/// The step of a delivery stream that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The Lambda function.
    Transformation,
    OpenSearch,
    Splunk,
    HttpEndpoint,
    Redshift,
    Snowflake,
    Iceberg,
    FormatConversion,
    Partitioning,
    #[default]
    Unknown,
}

const CODES: [(&[u8], Origin); 10] = [
    (b"Lambda", Origin::Transformation),
    (b"OS", Origin::OpenSearch),
    (b"ES", Origin::OpenSearch),
    (b"Splunk", Origin::Splunk),
    (b"HttpEndpoint", Origin::HttpEndpoint),
    (b"Redshift", Origin::Redshift),
    (b"Snowflake", Origin::Snowflake),
    (b"Iceberg", Origin::Iceberg),
    (b"DataFormatConversion", Origin::FormatConversion),
    (b"DynamicPartitioning", Origin::Partitioning),
];

impl Origin {
    /// Returns the step of an error code such as `Splunk.ServerError`.
    pub(super) fn from_code(code: &[u8]) -> Option<Self> {
        let step = code.split(|&byte| byte == b'.').next()?;
        let mut codes = CODES.iter();
        codes
            .find(|(name, _)| name.eq_ignore_ascii_case(step))
            .map(|&(_, origin)| origin)
    }

    /// Returns a description of its error objects for people.
    pub(crate) const fn describe(self) -> &'static str {
        match self {
            Self::Transformation => "Firehose processing-failed records",
            Self::OpenSearch => "error objects of OpenSearch",
            Self::Splunk => "error objects of Splunk",
            Self::HttpEndpoint => "error objects of an HTTP endpoint",
            Self::Redshift => "error objects of Redshift",
            Self::Snowflake => "error objects of Snowflake",
            Self::Iceberg => "error objects of Iceberg tables",
            Self::FormatConversion => "error objects of a format conversion",
            Self::Partitioning => "error objects of dynamic partitioning",
            Self::Unknown => "error objects of Firehose",
        }
    }
}
