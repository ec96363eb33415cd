//! `decode_json`: `"auto"`, `true` or `false`.

use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// Whether the texts of JSON records are percent-decoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DecodeJson {
    /// Those of a record that shows no sign of having been decoded before.
    #[default]
    Auto,
    /// Those of all records.
    Always,
    /// Those of no record.
    Never,
}

impl Serialize for DecodeJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::Always => serializer.serialize_bool(true),
            Self::Never => serializer.serialize_bool(false),
        }
    }
}

impl<'de> Deserialize<'de> for DecodeJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DecodeJsonVisitor)
    }
}

struct DecodeJsonVisitor;

impl Visitor<'_> for DecodeJsonVisitor {
    type Value = DecodeJson;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"auto\" or a boolean")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<DecodeJson, E> {
        match text {
            "auto" => Ok(DecodeJson::Auto),
            _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
        }
    }

    fn visit_bool<E: de::Error>(self, decode: bool) -> Result<DecodeJson, E> {
        Ok(if decode {
            DecodeJson::Always
        } else {
            DecodeJson::Never
        })
    }
}
