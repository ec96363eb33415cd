//! The state of a stream between two lines.

use std::sync::Arc;

use super::detected::DetectedFormat;
use super::failure::{Failure, FailureOrigin};
use super::headers::{Header, Plans};
use crate::counts::Counts;
use crate::error::{Reason, RecordError};
use crate::foreign::Gunzip;
use crate::plan::Plan;
use crate::record::Scratch;
use crate::replay::{ErrorObjectReader, RawData};

/// Transforms lines and tracks the position in the input.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    pub(super) plans: Plans,
    pub(super) scratch: Scratch,
    pub(super) counts: Counts,
    /// The beginning of a line whose end has not arrived.
    pub(super) pending: Vec<u8>,
    /// Bytes of that line that arrived after `pending` was full.
    pub(super) skipped: u64,
    pub(super) line: u64,
    pub(super) offset: u64,
    /// Offset of the beginning of the current file.
    pub(super) file_offset: u64,
    /// True if a `#Version:` line precedes the next `#Fields:` line.
    pub(super) has_version: bool,
    pub(super) error_objects: ErrorObjectReader,
    pub(super) raw_data: RawData,
    pub(super) gunzip: Option<Gunzip>,
    pub(super) detected: Vec<DetectedFormat>,
    /// Records read that are not rows of the current file.
    pub(super) non_rows: u64,
    /// True if the first record was one of a standard log.
    pub(super) is_standard: bool,
    /// Number of error objects that the current one is within.
    pub(super) nesting: u8,
}

/// The position of a line in the input.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// Line number, from 1.
    pub(super) number: u64,
    /// Byte offset of its first byte in the input.
    pub(super) offset: u64,
    /// Bytes of the line that are kept, including its line feed if it has one.
    pub(super) len: usize,
    /// Bytes of the line that are not kept.
    pub(super) skipped: u64,
}

impl Line {
    /// Returns the position of a part of the line.
    pub(super) const fn part(self, start: usize, end: usize) -> Self {
        Self {
            offset: self.offset + start as u64,
            len: end - start,
            ..self
        }
    }
}

impl Reader {
    pub(super) fn new(plan: Arc<Plan>) -> Self {
        Self {
            scratch: Scratch::new(&plan),
            plans: Plans::new(plan),
            counts: Counts::default(),
            pending: Vec::new(),
            skipped: 0,
            line: 0,
            offset: 0,
            file_offset: 0,
            has_version: false,
            error_objects: ErrorObjectReader::default(),
            raw_data: RawData::default(),
            gunzip: None,
            detected: Vec::new(),
            non_rows: 0,
            is_standard: false,
            nesting: 0,
        }
    }

    /// Forgets what the lines so far say about those after them.
    pub(super) fn begin_file(&mut self) {
        self.add_rows_without_header();
        self.plans.header = None;
        self.non_rows = self.counts.read;
        self.has_version = false;
        self.is_standard = false;
        self.file_offset = self.offset;
    }

    pub(super) fn detected_formats(&self) -> Vec<String> {
        let mut detected = self.detected.clone();
        if self.has_rows_without_header() {
            DetectedFormat::Rows.add(&mut detected);
        }
        // Rows without a header are detected last but reported first.
        detected.sort_by_key(|kind| *kind != DetectedFormat::Rows);
        detected
            .into_iter()
            .flat_map(|kind| kind.describe(&self.plans.configured, self.scratch.json_logs()))
            .collect()
    }

    pub(super) const fn has_rows_without_header(&self) -> bool {
        self.plans.header.is_none() && self.counts.read > self.non_rows
    }

    /// Adds rows to the detected formats before a header is set, after which there are none.
    pub(super) fn add_rows_without_header(&mut self) {
        if self.has_rows_without_header() {
            DetectedFormat::Rows.add(&mut self.detected);
        }
    }

    /// Returns true if no record has decided yet whether the file is a standard log.
    pub(super) fn is_undecided(&self) -> bool {
        self.plans.for_line().detects_format()
            && !self.is_standard
            && !self.has_rows_without_header()
    }

    /// Reads all lines as rows if the first record was a real-time row, so that no viewer can write a header. Called
    /// only for lines that may be something else, so that rows cost nothing.
    #[inline]
    pub(super) fn detect_rows(&mut self) {
        if self.plans.configured.detects_format() && !self.is_standard {
            self.decide_rows();
        }
    }

    #[cold]
    #[inline(never)]
    pub(super) fn decide_rows(&mut self) {
        if self.has_rows_without_header() {
            self.read_rows_only();
        }
    }

    /// Reads all lines of the file as rows.
    pub(super) fn read_rows_only(&mut self) {
        DetectedFormat::Rows.add(&mut self.detected);
        self.plans.header = Some(Header::rows_only(&self.plans.configured));
    }

    /// Returns the position of the last line. Computed on demand, because few lines need it.
    pub(super) const fn current_line(&self, len: usize, skipped: u64) -> Line {
        Line {
            number: self.line,
            offset: self.offset - (len as u64 + skipped),
            len,
            skipped,
        }
    }

    /// Counts the row that was transformed last.
    #[inline]
    pub(super) fn count_ok(&mut self) {
        self.counts.add_transformed(self.scratch.shape_mismatch());
    }

    /// Counts a failed record. Keeps `text`, the line or the record in it, unless it is blank.
    #[cold]
    #[inline(never)]
    pub(super) fn fail(
        &mut self,
        text: &[u8],
        line: Line,
        (mut error, origin): (RecordError, FailureOrigin),
        failures: &mut Vec<Failure>,
    ) {
        if error.reason == Reason::EmptyRecord && origin == FailureOrigin::Line {
            self.counts.blank += 1;
            return;
        }
        self.counts.add_failed(error.reason);
        let mut raw = text.strip_suffix(b"\n").unwrap_or(text);
        let mut has_line_feed = raw.len() < text.len();
        if error.reason == Reason::TooLarge && origin == FailureOrigin::Line {
            error.count += usize::try_from(line.skipped).unwrap_or(usize::MAX);
            raw = &raw[..raw.len().min(self.plans.configured.max_record_bytes())];
            has_line_feed = false;
        }
        if error.reason == Reason::EmptyRecord {
            // Without its last line feed the rest of its line ends would be a row.
            (raw, has_line_feed) = (b"", false);
        }
        failures.push(Failure {
            line: line.number,
            offset: line.offset,
            error,
            raw: raw.to_vec(),
            has_line_feed,
            origin,
            header: match origin {
                FailureOrigin::Line => self.plans.header.clone(),
                FailureOrigin::Source { .. } => self.plans.embedded_header.clone(),
                FailureOrigin::ErrorObject(_) => None,
            },
        });
    }
}
