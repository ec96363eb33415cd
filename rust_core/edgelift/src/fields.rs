//! The table of CloudFront's fields.
//!
//! Layouts, types, keys, docs and tests are generated from this table.
//! Order, names and meaning: Amazon CloudFront Developer Guide, "Use real-time access logs", "Standard logging
//! reference" and "Connection logs".

mod kind;

use serde::{Deserialize, Serialize};

pub use kind::Kind;

/// Shape of a keyword: chooses between layouts of equal length, and shows rows of another layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the names are self-explanatory; value/shape.rs defines each"
)]
pub enum Shape {
    Method,
    HttpVersion,
    IpVersion,
    TlsVersion,
    Scheme,
    EdgeLocation,
    Country,
    RequestId,
    ResultType,
}

impl Shape {
    /// Returns the name in the Python interface.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Method => "method",
            Self::HttpVersion => "http_version",
            Self::IpVersion => "ip_version",
            Self::TlsVersion => "tls_version",
            Self::Scheme => "scheme",
            Self::EdgeLocation => "edge_location",
            Self::Country => "country",
            Self::RequestId => "request_id",
            Self::ResultType => "result_type",
        }
    }

    /// Returns what a value must be, for messages.
    #[must_use]
    pub const fn requirement(self) -> &'static str {
        match self {
            Self::Method => "an HTTP method",
            Self::HttpVersion => "an HTTP version such as HTTP/2.0",
            Self::IpVersion => "IPv4 or IPv6",
            Self::TlsVersion => "a TLS version such as TLSv1.3",
            Self::Scheme => "http, https, grpcs, ws or wss",
            Self::EdgeLocation => "an edge location such as IAD89-C1",
            Self::Country => "a country code such as US",
            Self::RequestId => "a request id (URL-safe base64 that ends in =)",
            Self::ResultType => "a result type such as RefreshHit",
        }
    }

    /// Returns true if CloudFront writes the values itself, so that a value of another shape shows another layout. A
    /// viewer may send any method.
    #[must_use]
    pub const fn is_counted(self) -> bool {
        !matches!(self, Self::Method)
    }

    /// Returns true if the values are one of a few fixed words.
    #[must_use]
    pub const fn is_fixed_word(self) -> bool {
        matches!(
            self,
            Self::HttpVersion | Self::IpVersion | Self::TlsVersion | Self::Scheme
        )
    }
}

/// Naming profile of the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Names {
    /// `c-ip`
    #[default]
    Cloudfront,
    /// `c_ip`
    Snake,
    /// `source.ip`, Elastic Common Schema
    Ecs,
    /// `client.address`, OpenTelemetry semantic conventions
    Otel,
}

/// Kind of log: each has its own names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Log {
    /// Real-time logs, which do not name their columns.
    #[default]
    Realtime,
    /// Standard (access) logs.
    Standard,
    /// Connection logs, which CloudFront writes for mutual TLS.
    Connection,
}

impl Log {
    /// All kinds of logs.
    pub const ALL: [Self; 3] = [Self::Realtime, Self::Standard, Self::Connection];

    /// Returns the name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Realtime => "real-time",
            Self::Standard => "standard",
            Self::Connection => "connection",
        }
    }

    /// Returns the kind of log that these names are from: standard, or connection if more names are known in those.
    #[must_use]
    pub fn from_names(names: &[&str]) -> Self {
        let known = |log: Self| {
            let has_name = |name: &&&str| log.has_name_in_table(name);
            names.iter().filter(has_name).count()
        };
        let connection = known(Self::Connection);
        // The longer table is searched only if it may decide.
        if connection > 0 && connection > known(Self::Standard) {
            Self::Connection
        } else {
            Self::Standard
        }
    }

    /// Returns the fields, in CloudFront's order.
    #[must_use]
    pub fn fields(self) -> Vec<&'static Field> {
        let mut fields: Vec<_> = self.table().collect();
        fields.sort_by_key(|field| field.position_in(self));
        fields
    }

    /// Returns the field with this name.
    #[must_use]
    pub fn field(self, name: &str) -> Option<&'static Field> {
        let has_name = |field: &&Field| field.name_in(self) == Some(name);
        self.rows().iter().find(has_name)
    }

    /// Returns the field that a name means in a table: in any case, or with underscores, as in `cs_user_agent_` for
    /// `cs(User-Agent)`.
    #[must_use]
    pub fn field_in_table(self, name: &str) -> Option<&'static Field> {
        let letters = |name: &str| name.replace(|c: char| !c.is_ascii_alphanumeric(), "");
        let name_letters = name.contains('_').then(|| letters(name));
        let is_same = |known: &str| match &name_letters {
            Some(name_letters) => name_letters.eq_ignore_ascii_case(&letters(known)),
            None => name.eq_ignore_ascii_case(known),
        };
        let has_name = |field: &&Field| field.name_in(self).is_some_and(is_same);
        self.rows().iter().find(has_name)
    }

    /// Returns true if a name in a table is a field that logs of other programs do not have: all may have a timestamp,
    /// such as the records of CloudWatch Logs.
    #[must_use]
    pub fn has_name_in_table(self, name: &str) -> bool {
        self.field_in_table(name)
            .is_some_and(|field| field.kind != Kind::Seconds)
    }

    /// Returns the fields in the order of their table.
    pub(crate) fn table(self) -> impl Iterator<Item = &'static Field> {
        let rows = self.rows().iter();
        rows.filter(move |field| field.name_in(self).is_some())
    }

    const fn rows(self) -> &'static [Field] {
        match self {
            Self::Realtime | Self::Standard => FIELDS,
            Self::Connection => CONNECTION_FIELDS,
        }
    }
}

/// One field of one or more kinds of logs.
#[derive(Debug)]
pub struct Field {
    /// Position in the real-time or the connection log, from 1; 0 for a field that only standard logs have.
    pub position: u8,
    /// Name in the real-time log, or in the log that has the field if the real-time log does not have it.
    pub name: &'static str,
    /// Position (from 1) and name in standard logs.
    pub standard: Option<(u8, &'static str)>,
    /// Kind of its values.
    pub kind: Kind,
    /// True if no recorded row shows a value yet. A value that does not fit then never rejects the record.
    pub unproven: bool,
    /// Meaning, in one line.
    pub meaning: &'static str,
    snake_ecs_otel: [&'static str; 3],
}

impl Field {
    /// Returns the key in the document.
    #[must_use]
    pub const fn key(&self, names: Names) -> &'static str {
        match names {
            Names::Cloudfront => self.name,
            Names::Snake => self.snake_ecs_otel[0],
            Names::Ecs => self.snake_ecs_otel[1],
            Names::Otel => self.snake_ecs_otel[2],
        }
    }

    /// Returns the name in this kind of log, if it has the field.
    #[must_use]
    pub fn name_in(&self, log: Log) -> Option<&'static str> {
        match log {
            Log::Realtime | Log::Connection => Some(self.name).filter(|_| self.position > 0),
            Log::Standard => self.standard.map(|(_, name)| name),
        }
    }

    /// Returns the position in this kind of log, from 1; 0 if it does not have the field.
    #[must_use]
    pub fn position_in(&self, log: Log) -> u8 {
        match log {
            Log::Realtime | Log::Connection => self.position,
            Log::Standard => self.standard.map_or(0, |(position, _)| position),
        }
    }

    /// Returns the shape of the values, if they have one.
    #[must_use]
    pub fn shape(&self) -> Option<Shape> {
        match self.name {
            "cs-method" => Some(Shape::Method),
            "cs-protocol-version" => Some(Shape::HttpVersion),
            "c-ip-version" => Some(Shape::IpVersion),
            "ssl-protocol" => Some(Shape::TlsVersion),
            "cs-protocol" => Some(Shape::Scheme),
            "x-edge-location" => Some(Shape::EdgeLocation),
            "c-country" => Some(Shape::Country),
            "x-edge-request-id" => Some(Shape::RequestId),
            "x-edge-result-type"
            | "x-edge-response-result-type"
            | "x-edge-detailed-result-type" => Some(Shape::ResultType),
            _ => None,
        }
    }
}

/// Returns the fields of the real-time log, in CloudFront's order.
pub fn realtime_fields() -> impl Iterator<Item = &'static Field> {
    Log::Realtime.table()
}

const PROVEN: bool = false;
const UNPROVEN: bool = true;

const fn row(
    position: u8,
    name: &'static str,
    standard: Option<(u8, &'static str)>,
    kind: Kind,
    snake_ecs_otel: [&'static str; 3],
    unproven: bool,
    meaning: &'static str,
) -> Field {
    Field {
        position,
        name,
        standard,
        kind,
        unproven,
        meaning,
        snake_ecs_otel,
    }
}

/// The fields of real-time and standard logs. A new field of CloudFront needs one row here, or in [`CONNECTION_FIELDS`].
// One line per field, however long, keeps the columns of the table readable.
#[rustfmt::skip]
static FIELDS: &[Field] = &[
    row(1, "timestamp", Some((36, "timestamp(ms)")), Kind::Timestamp, ["timestamp", "@timestamp", "@timestamp"], PROVEN, "time at which the edge server finished the response"),
    row(2, "c-ip", Some((5, "c-ip")), Kind::Address, ["c_ip", "source.ip", "client.address"], PROVEN, "address of the viewer, or of its proxy"),
    row(3, "s-ip", None, Kind::Address, ["s_ip", "destination.ip", "network.local.address"], PROVEN, "address of the CloudFront server that responded"),
    row(4, "time-to-first-byte", Some((28, "time-to-first-byte")), Kind::Decimal, ["time_to_first_byte", "aws.cloudfront.time_to_first_byte", "aws.cloudfront.time_to_first_byte"], PROVEN, "seconds from receiving the request to writing the first byte of the response"),
    row(5, "sc-status", Some((9, "sc-status")), Kind::Status, ["sc_status", "http.response.status_code", "http.response.status_code"], PROVEN, "HTTP status of the response; 0 if the viewer disconnected before it"),
    row(6, "sc-bytes", Some((4, "sc-bytes")), Kind::Integer, ["sc_bytes", "http.response.bytes", "http.response.size"], PROVEN, "bytes sent to the viewer, including headers"),
    row(7, "cs-method", Some((6, "cs-method")), Kind::Keyword, ["cs_method", "http.request.method", "http.request.method"], PROVEN, "HTTP method of the request"),
    row(8, "cs-protocol", Some((17, "cs-protocol")), Kind::Keyword, ["cs_protocol", "url.scheme", "url.scheme"], PROVEN, "protocol of the request: http, https, ws, wss or grpcs"),
    row(9, "cs-host", Some((16, "x-host-header")), Kind::Text, ["cs_host", "url.domain", "server.address"], PROVEN, "Host header that the viewer sent"),
    row(10, "cs-uri-stem", None, Kind::Text, ["cs_uri_stem", "url.original", "url.original"], PROVEN, "path and query string of the request"),
    row(0, "cs-uri-stem", Some((8, "cs-uri-stem")), Kind::Text, ["cs_uri_stem", "url.path", "url.path"], PROVEN, "path of the request, without query string"),
    row(11, "cs-bytes", Some((18, "cs-bytes")), Kind::Integer, ["cs_bytes", "http.request.bytes", "http.request.size"], PROVEN, "bytes received from the viewer, including headers"),
    row(12, "x-edge-location", Some((3, "x-edge-location")), Kind::Keyword, ["x_edge_location", "aws.cloudfront.edge_location", "aws.cloudfront.edge_location"], PROVEN, "code of the edge location that responded"),
    row(13, "x-edge-request-id", Some((15, "x-edge-request-id")), Kind::Keyword, ["x_edge_request_id", "http.request.id", "aws.cloudfront.edge_request_id"], PROVEN, "unique opaque identifier of the request"),
    row(14, "x-host-header", Some((7, "cs(Host)")), Kind::Text, ["x_host_header", "aws.cloudfront.domain", "aws.cloudfront.domain"], PROVEN, "domain name of the distribution"),
    row(15, "time-taken", Some((19, "time-taken")), Kind::Decimal, ["time_taken", "aws.cloudfront.time_taken", "aws.cloudfront.time_taken"], PROVEN, "seconds from receiving the request to queuing the last byte of the response"),
    row(16, "cs-protocol-version", Some((24, "cs-protocol-version")), Kind::Keyword, ["cs_protocol_version", "http.version", "network.protocol.version"], PROVEN, "HTTP version of the request"),
    row(17, "c-ip-version", None, Kind::Keyword, ["c_ip_version", "aws.cloudfront.ip_version", "aws.cloudfront.ip_version"], PROVEN, "IPv4 or IPv6"),
    row(18, "cs-user-agent", Some((11, "cs(User-Agent)")), Kind::Text, ["cs_user_agent", "user_agent.original", "user_agent.original"], PROVEN, "User-Agent header"),
    row(19, "cs-referer", Some((10, "cs(Referer)")), Kind::Text, ["cs_referer", "http.request.referrer", "http.request.header.referer"], PROVEN, "Referer header"),
    row(20, "cs-cookie", Some((13, "cs(Cookie)")), Kind::Text, ["cs_cookie", "aws.cloudfront.cookie", "http.request.header.cookie"], PROVEN, "Cookie header, truncated at 800 bytes"),
    row(21, "cs-uri-query", Some((12, "cs-uri-query")), Kind::Text, ["cs_uri_query", "url.query", "url.query"], PROVEN, "query string of the request, without the question mark"),
    row(22, "x-edge-response-result-type", Some((23, "x-edge-response-result-type")), Kind::Keyword, ["x_edge_response_result_type", "aws.cloudfront.edge_response_result_type", "aws.cloudfront.edge_response_result_type"], PROVEN, "classification of the response just before it was sent"),
    row(23, "x-forwarded-for", Some((20, "x-forwarded-for")), Kind::List, ["x_forwarded_for", "network.forwarded_ip", "http.request.header.x-forwarded-for"], PROVEN, "addresses of the client and proxies, as reported by a proxy"),
    row(24, "ssl-protocol", Some((21, "ssl-protocol")), Kind::Keyword, ["ssl_protocol", "tls.version", "tls.protocol.version"], PROVEN, "TLS version of the connection"),
    row(25, "ssl-cipher", Some((22, "ssl-cipher")), Kind::Keyword, ["ssl_cipher", "tls.cipher", "tls.cipher"], PROVEN, "TLS cipher of the connection"),
    row(26, "x-edge-result-type", Some((14, "x-edge-result-type")), Kind::Keyword, ["x_edge_result_type", "aws.cloudfront.edge_result_type", "aws.cloudfront.edge_result_type"], PROVEN, "classification of the response after its last byte"),
    row(27, "fle-encrypted-fields", Some((26, "fle-encrypted-fields")), Kind::Integer, ["fle_encrypted_fields", "aws.cloudfront.fle_encrypted_fields", "aws.cloudfront.fle_encrypted_fields"], PROVEN, "number of fields that field-level encryption encrypted"),
    row(28, "fle-status", Some((25, "fle-status")), Kind::Keyword, ["fle_status", "aws.cloudfront.fle_status", "aws.cloudfront.fle_status"], PROVEN, "outcome of field-level encryption"),
    row(29, "sc-content-type", Some((30, "sc-content-type")), Kind::Text, ["sc_content_type", "aws.cloudfront.content_type", "http.response.header.content-type"], PROVEN, "Content-Type header of the response"),
    row(30, "sc-content-len", Some((31, "sc-content-len")), Kind::Integer, ["sc_content_len", "http.response.body.bytes", "http.response.body.size"], PROVEN, "Content-Length header of the response"),
    row(31, "sc-range-start", Some((32, "sc-range-start")), Kind::Integer, ["sc_range_start", "aws.cloudfront.range_start", "aws.cloudfront.range_start"], PROVEN, "first byte of the range in the Content-Range header"),
    row(32, "sc-range-end", Some((33, "sc-range-end")), Kind::Integer, ["sc_range_end", "aws.cloudfront.range_end", "aws.cloudfront.range_end"], PROVEN, "last byte of the range in the Content-Range header"),
    row(33, "c-port", Some((27, "c-port")), Kind::Integer, ["c_port", "source.port", "client.port"], PROVEN, "port of the viewer"),
    row(34, "x-edge-detailed-result-type", Some((29, "x-edge-detailed-result-type")), Kind::Keyword, ["x_edge_detailed_result_type", "aws.cloudfront.edge_detailed_result_type", "aws.cloudfront.edge_detailed_result_type"], PROVEN, "result type with the kind of error or miss"),
    row(35, "c-country", Some((40, "c-country")), Kind::Keyword, ["c_country", "source.geo.country_iso_code", "geo.country.iso_code"], PROVEN, "country of the viewer, ISO 3166-1 alpha-2"),
    row(36, "cs-accept-encoding", None, Kind::Text, ["cs_accept_encoding", "aws.cloudfront.accept_encoding", "http.request.header.accept-encoding"], PROVEN, "Accept-Encoding header"),
    row(37, "cs-accept", None, Kind::Text, ["cs_accept", "aws.cloudfront.accept", "http.request.header.accept"], PROVEN, "Accept header"),
    row(38, "cache-behavior-path-pattern", Some((41, "cache-behavior-path-pattern")), Kind::Text, ["cache_behavior_path_pattern", "aws.cloudfront.cache_behavior_path_pattern", "aws.cloudfront.cache_behavior_path_pattern"], PROVEN, "path pattern of the cache behavior that matched"),
    row(39, "cs-headers", None, Kind::Headers, ["cs_headers", "aws.cloudfront.headers", "aws.cloudfront.headers"], PROVEN, "names and values of the request headers, truncated at 800 bytes"),
    row(40, "cs-header-names", None, Kind::Names, ["cs_header_names", "aws.cloudfront.header_names", "aws.cloudfront.header_names"], PROVEN, "names of the request headers, truncated at 800 bytes"),
    row(41, "cs-headers-count", None, Kind::Integer, ["cs_headers_count", "aws.cloudfront.headers_count", "aws.cloudfront.headers_count"], PROVEN, "number of request headers before truncation"),
    row(42, "primary-distribution-id", None, Kind::Keyword, ["primary_distribution_id", "aws.cloudfront.primary_distribution_id", "aws.cloudfront.primary_distribution_id"], PROVEN, "primary distribution under continuous deployment"),
    row(43, "primary-distribution-dns-name", None, Kind::Text, ["primary_distribution_dns_name", "aws.cloudfront.primary_distribution_dns_name", "aws.cloudfront.primary_distribution_dns_name"], PROVEN, "domain name of the primary distribution under continuous deployment"),
    row(44, "origin-fbl", Some((37, "origin-fbl")), Kind::Decimal, ["origin_fbl", "aws.cloudfront.origin_fbl", "aws.cloudfront.origin_fbl"], PROVEN, "seconds to the first byte from the origin"),
    row(45, "origin-lbl", Some((38, "origin-lbl")), Kind::Decimal, ["origin_lbl", "aws.cloudfront.origin_lbl", "aws.cloudfront.origin_lbl"], PROVEN, "seconds to the last byte from the origin"),
    row(46, "asn", Some((39, "asn")), Kind::Integer, ["asn", "source.as.number", "aws.cloudfront.asn"], PROVEN, "number of the autonomous system of the viewer"),
    row(47, "cmcd-encoded-bitrate", None, Kind::Integer, ["cmcd_encoded_bitrate", "aws.cloudfront.cmcd.encoded_bitrate", "aws.cloudfront.cmcd.encoded_bitrate"], UNPROVEN, "CMCD br: encoded bitrate of the object, kbit/s"),
    row(48, "cmcd-buffer-length", None, Kind::Integer, ["cmcd_buffer_length", "aws.cloudfront.cmcd.buffer_length", "aws.cloudfront.cmcd.buffer_length"], UNPROVEN, "CMCD bl: length of the player's buffer, ms"),
    row(49, "cmcd-buffer-starvation", None, Kind::Boolean, ["cmcd_buffer_starvation", "aws.cloudfront.cmcd.buffer_starvation", "aws.cloudfront.cmcd.buffer_starvation"], UNPROVEN, "CMCD bs: the buffer ran empty since the last request"),
    row(50, "cmcd-content-id", None, Kind::Text, ["cmcd_content_id", "aws.cloudfront.cmcd.content_id", "aws.cloudfront.cmcd.content_id"], UNPROVEN, "CMCD cid: identifier of the content"),
    row(51, "cmcd-object-duration", None, Kind::Integer, ["cmcd_object_duration", "aws.cloudfront.cmcd.object_duration", "aws.cloudfront.cmcd.object_duration"], UNPROVEN, "CMCD d: playback duration of the object, ms"),
    row(52, "cmcd-deadline", None, Kind::Integer, ["cmcd_deadline", "aws.cloudfront.cmcd.deadline", "aws.cloudfront.cmcd.deadline"], UNPROVEN, "CMCD dl: time until the first sample is needed, ms"),
    row(53, "cmcd-measured-throughput", None, Kind::Integer, ["cmcd_measured_throughput", "aws.cloudfront.cmcd.measured_throughput", "aws.cloudfront.cmcd.measured_throughput"], UNPROVEN, "CMCD mtp: throughput that the player measured, kbit/s"),
    row(54, "cmcd-next-object-request", None, Kind::Text, ["cmcd_next_object_request", "aws.cloudfront.cmcd.next_object_request", "aws.cloudfront.cmcd.next_object_request"], UNPROVEN, "CMCD nor: relative path of the next object"),
    row(55, "cmcd-next-range-request", None, Kind::Text, ["cmcd_next_range_request", "aws.cloudfront.cmcd.next_range_request", "aws.cloudfront.cmcd.next_range_request"], UNPROVEN, "CMCD nrr: byte range of the next request"),
    row(56, "cmcd-object-type", None, Kind::Keyword, ["cmcd_object_type", "aws.cloudfront.cmcd.object_type", "aws.cloudfront.cmcd.object_type"], UNPROVEN, "CMCD ot: type of the media object"),
    row(57, "cmcd-playback-rate", None, Kind::Decimal, ["cmcd_playback_rate", "aws.cloudfront.cmcd.playback_rate", "aws.cloudfront.cmcd.playback_rate"], UNPROVEN, "CMCD pr: playback rate; 1 is real time, 0 is paused"),
    row(58, "cmcd-requested-maximum-throughput", None, Kind::Integer, ["cmcd_requested_maximum_throughput", "aws.cloudfront.cmcd.requested_maximum_throughput", "aws.cloudfront.cmcd.requested_maximum_throughput"], UNPROVEN, "CMCD rtp: highest throughput that the player wants, kbit/s"),
    row(59, "cmcd-streaming-format", None, Kind::Keyword, ["cmcd_streaming_format", "aws.cloudfront.cmcd.streaming_format", "aws.cloudfront.cmcd.streaming_format"], UNPROVEN, "CMCD sf: streaming format"),
    row(60, "cmcd-session-id", None, Kind::Text, ["cmcd_session_id", "aws.cloudfront.cmcd.session_id", "aws.cloudfront.cmcd.session_id"], UNPROVEN, "CMCD sid: identifier of the playback session"),
    row(61, "cmcd-stream-type", None, Kind::Keyword, ["cmcd_stream_type", "aws.cloudfront.cmcd.stream_type", "aws.cloudfront.cmcd.stream_type"], UNPROVEN, "CMCD st: v for recorded, l for live"),
    row(62, "cmcd-startup", None, Kind::Boolean, ["cmcd_startup", "aws.cloudfront.cmcd.startup", "aws.cloudfront.cmcd.startup"], UNPROVEN, "CMCD su: the object is needed to start or recover playback"),
    row(63, "cmcd-top-bitrate", None, Kind::Integer, ["cmcd_top_bitrate", "aws.cloudfront.cmcd.top_bitrate", "aws.cloudfront.cmcd.top_bitrate"], UNPROVEN, "CMCD tb: highest bitrate that the player can play, kbit/s"),
    row(64, "cmcd-version", None, Kind::Integer, ["cmcd_version", "aws.cloudfront.cmcd.version", "aws.cloudfront.cmcd.version"], UNPROVEN, "CMCD v: version of the scheme"),
    row(65, "r-host", None, Kind::Text, ["r_host", "aws.cloudfront.origin_host", "aws.cloudfront.origin_host"], PROVEN, "domain name of the origin that received the request"),
    row(66, "sr-reason", None, Kind::Text, ["sr_reason", "aws.cloudfront.origin_reason", "aws.cloudfront.origin_reason"], PROVEN, "reason for selecting that origin; empty for the primary one"),
    row(67, "x-edge-mqcs", None, Kind::Decimal, ["x_edge_mqcs", "aws.cloudfront.edge_mqcs", "aws.cloudfront.edge_mqcs"], UNPROVEN, "media quality confidence score, 0 to 100"),
    row(68, "distribution-tenant-id", Some((34, "distribution-tenant-id")), Kind::Keyword, ["distribution_tenant_id", "aws.cloudfront.distribution_tenant_id", "aws.cloudfront.distribution_tenant_id"], PROVEN, "tenant of a multi-tenant distribution"),
    row(69, "connection-id", Some((35, "connection-id")), Kind::Keyword, ["connection_id", "aws.cloudfront.connection_id", "aws.cloudfront.connection_id"], PROVEN, "identifier of the TLS connection, with mutual TLS"),
    row(70, "viewer-request-log-data", Some((42, "viewer-request-log-data")), Kind::Text, ["viewer_request_log_data", "aws.cloudfront.viewer_request_log_data", "aws.cloudfront.viewer_request_log_data"], PROVEN, "text that the viewer-request function logged"),
    row(71, "viewer-response-log-data", Some((43, "viewer-response-log-data")), Kind::Text, ["viewer_response_log_data", "aws.cloudfront.viewer_response_log_data", "aws.cloudfront.viewer_response_log_data"], PROVEN, "text that the viewer-response function logged"),
    row(0, "date", Some((1, "date")), Kind::Date, ["date", "aws.cloudfront.date", "aws.cloudfront.date"], PROVEN, "UTC day of the event, in standard logs"),
    row(0, "time", Some((2, "time")), Kind::Time, ["time", "aws.cloudfront.time", "aws.cloudfront.time"], PROVEN, "UTC time of day of the event, in standard logs"),
    row(0, "timestamp", Some((44, "timestamp")), Kind::Seconds, ["timestamp", "@timestamp", "@timestamp"], PROVEN, "time of the event in whole seconds, in standard logs of version 2"),
    row(0, "DistributionId", Some((45, "DistributionId")), Kind::Keyword, ["distribution_id", "aws.cloudfront.distribution_id", "aws.cloudfront.distribution_id"], PROVEN, "identifier of the distribution, in standard logs of version 2"),
];

/// The fields of connection logs, in the order of AWS's documentation. No recorded row is public, so all are unproven.
#[rustfmt::skip]
static CONNECTION_FIELDS: &[Field] = &[
    row(1, "eventTimestamp", None, Kind::EventTime, ["event_timestamp", "@timestamp", "@timestamp"], UNPROVEN, "time at which the connection was established or failed"),
    row(2, "connectionId", None, Kind::Keyword, ["connection_id", "aws.cloudfront.connection_id", "aws.cloudfront.connection_id"], UNPROVEN, "identifier of the TLS connection; standard and real-time logs have it as connection-id"),
    row(3, "connectionStatus", None, Kind::Keyword, ["connection_status", "aws.cloudfront.connection_status", "aws.cloudfront.connection_status"], UNPROVEN, "Success, Failed, or Failed: and the reason, such as ClientCertExpired"),
    row(4, "clientIp", None, Kind::Address, ["client_ip", "source.ip", "client.address"], UNPROVEN, "address of the client"),
    row(5, "clientPort", None, Kind::Integer, ["client_port", "source.port", "client.port"], UNPROVEN, "port of the client"),
    row(6, "serverIp", None, Kind::Address, ["server_ip", "destination.ip", "network.local.address"], UNPROVEN, "address of the CloudFront server"),
    row(7, "distributionId", None, Kind::Keyword, ["distribution_id", "aws.cloudfront.distribution_id", "aws.cloudfront.distribution_id"], UNPROVEN, "identifier of the distribution"),
    row(8, "distributionTenantId", None, Kind::Keyword, ["distribution_tenant_id", "aws.cloudfront.distribution_tenant_id", "aws.cloudfront.distribution_tenant_id"], UNPROVEN, "tenant of a multi-tenant distribution"),
    row(9, "tlsProtocol", None, Kind::Keyword, ["tls_protocol", "tls.version", "tls.protocol.version"], UNPROVEN, "TLS version of the connection"),
    row(10, "tlsCipher", None, Kind::Keyword, ["tls_cipher", "tls.cipher", "tls.cipher"], UNPROVEN, "TLS cipher of the connection"),
    row(11, "tlsHandshakeDuration", None, Kind::Integer, ["tls_handshake_duration", "aws.cloudfront.tls_handshake_duration", "aws.cloudfront.tls_handshake_duration"], UNPROVEN, "milliseconds of the TLS handshake"),
    row(12, "tlsSni", None, Kind::Keyword, ["tls_sni", "tls.client.server_name", "tls.client.server_name"], UNPROVEN, "server name that the client asked for (SNI)"),
    row(13, "clientLeafCertSerialNumber", None, Kind::Keyword, ["client_leaf_cert_serial_number", "tls.client.x509.serial_number", "aws.cloudfront.client_leaf_cert_serial_number"], UNPROVEN, "serial number of the client's certificate"),
    row(14, "clientLeafCertSubject", None, Kind::Text, ["client_leaf_cert_subject", "tls.client.subject", "tls.client.subject"], UNPROVEN, "subject of the client's certificate"),
    row(15, "clientLeafCertIssuer", None, Kind::Text, ["client_leaf_cert_issuer", "tls.client.issuer", "tls.client.issuer"], UNPROVEN, "issuer of the client's certificate"),
    row(16, "clientLeafCertValidity", None, Kind::Keyword, ["client_leaf_cert_validity", "aws.cloudfront.client_leaf_cert_validity", "aws.cloudfront.client_leaf_cert_validity"], UNPROVEN, "NotBefore and NotAfter of the client's certificate"),
    row(17, "connectionLogCustomData", None, Kind::Text, ["connection_log_custom_data", "aws.cloudfront.connection_log_custom_data", "aws.cloudfront.connection_log_custom_data"], UNPROVEN, "text that the Connection Function logged"),
];
