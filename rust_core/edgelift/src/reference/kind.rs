//! Checks whether values fit their kind and shape.

use std::net::IpAddr;

use super::value;
use crate::fields::{Kind, Shape};

pub(super) fn fits(kind: Kind, value: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(value) else {
        return kind.requirement().is_none();
    };
    let digits = |text: &str| !text.is_empty() && text.chars().all(|digit| digit.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    match kind {
        Kind::Timestamp | Kind::Seconds => {
            let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
            digits(whole) && whole.len() <= 11 && digits(decimals) && decimals.len() <= 9
        }
        Kind::Integer => digits(unsigned) && text.parse::<i64>().is_ok(),
        Kind::Status => digits(text) && text.len() == 3,
        Kind::Decimal => {
            let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
            digits(whole) && digits(decimals) && text.len() <= 32
        }
        Kind::Date => value::day(text).is_some(),
        Kind::Time => value::second(text).is_some(),
        Kind::EventTime => fits(Kind::Milliseconds, value) || value::iso8601(text).is_some(),
        Kind::Milliseconds => digits(text) && text.len() <= 14,
        Kind::Boolean => matches!(text.to_lowercase().as_str(), "true" | "false" | "1" | "0"),
        Kind::Address => text.parse::<IpAddr>().is_ok(),
        _ => true,
    }
}

pub(super) fn has_shape(shape: Shape, value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value);
    match shape {
        Shape::Method => {
            (3..=20).contains(&text.len())
                && !text.starts_with('-')
                && text.chars().all(|c| c.is_ascii_uppercase() || c == '-')
        }
        Shape::HttpVersion => {
            let version: Vec<char> = text
                .strip_prefix("HTTP/")
                .map(|version| version.chars().collect())
                .unwrap_or_default();
            matches!(version[..], ['0'..='9'] | ['0'..='9', '.', '0'..='9'])
        }
        Shape::IpVersion => text == "IPv4" || text == "IPv6",
        Shape::TlsVersion => {
            let minor: Vec<char> = text
                .strip_prefix("TLSv1.")
                .map(|minor| minor.chars().collect())
                .unwrap_or_default();
            text == "SSLv3" || text == "TLSv1" || matches!(minor[..], ['0'..='9'])
        }
        Shape::Scheme => ["http", "https", "grpcs", "ws", "wss"].contains(&&*text),
        Shape::EdgeLocation => {
            let first: Vec<char> = text.chars().take(4).collect();
            let letters = first.iter().take_while(|c| c.is_ascii_uppercase()).count();
            letters == 3 && first.get(3).is_some_and(char::is_ascii_digit)
        }
        Shape::Country => {
            text.len() == 2
                && text.starts_with(|c: char| c.is_ascii_uppercase())
                && text.ends_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit())
        }
        Shape::RequestId => {
            let digits = text.trim_end_matches('=');
            (1..=2).contains(&(text.len() - digits.len()))
                && !digits.is_empty()
                && digits
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        }
        Shape::ResultType => {
            text.starts_with(|c: char| c.is_ascii_uppercase())
                && text.chars().all(|c| c.is_ascii_alphabetic())
                && text.contains(|c: char| c.is_ascii_lowercase())
        }
    }
}
