//! Removes the optional fields of a document.

use crate::json::scanner::{Invalid, Scanner};
use crate::plan::{OptionalField, UNPARSED};

/// Returns the document without the members of these fields, including those in `_unparsed`. A line feed after the
/// document stays.
pub(super) fn without(document: &[u8], fields: &[OptionalField]) -> Vec<u8> {
    let unparsed_change = |name: &[u8]| {
        let mut names = fields.iter().map(|optional| optional.field.as_bytes());
        (names.any(|field| field == name)).then(Vec::new)
    };
    let member = |key: &[u8], value: &[u8]| {
        if fields.iter().any(|optional| optional.key.as_bytes() == key) {
            return Some(Vec::new());
        }
        if key == UNPARSED.as_bytes() {
            let unparsed = rewrite(value, &|name, _| unparsed_change(name)).ok()?;
            return Some(if unparsed == b"{}" {
                Vec::new()
            } else {
                unparsed
            });
        }
        None
    };
    // The engine wrote this JSON, so that there is no error to report.
    rewrite(document, &member).unwrap_or_else(|_| document.to_vec())
}

/// Returns the new value of a member: `None` if it stays, empty if the member is removed.
type Change<'a> = dyn Fn(&[u8], &[u8]) -> Option<Vec<u8>> + 'a;

fn rewrite(document: &[u8], change: &Change<'_>) -> Result<Vec<u8>, Invalid> {
    let mut scanner = Scanner::new(document);
    let mut slim = Vec::with_capacity(document.len());
    scanner.take(b'{');
    slim.push(b'{');
    let mut has_more = !scanner.take(b'}');
    while has_more {
        let start = scanner.offset();
        let key = scanner.read_key()?;
        let middle = scanner.offset();
        scanner.skip_value()?;
        let value = &document[middle..scanner.offset()];
        let changed = change(&key.decoded(), value);
        let value = changed.as_deref().unwrap_or(value);
        if !value.is_empty() {
            if slim.len() > 1 {
                slim.push(b',');
            }
            slim.extend_from_slice(&document[start..middle]);
            slim.extend_from_slice(value);
        }
        has_more = scanner.has_more(b'}')?;
    }
    slim.push(b'}');
    slim.extend_from_slice(&document[scanner.offset()..]);
    Ok(slim)
}

#[cfg(test)]
mod tests {
    use super::{OptionalField, without as without_fields};

    /// Removes fields whose keys are their names.
    fn without(document: &[u8], keys: &[Box<str>]) -> Vec<u8> {
        let fields: Vec<OptionalField> = keys
            .iter()
            .map(|key| OptionalField {
                key: key.clone(),
                field: key.clone(),
            })
            .collect();
        without_fields(document, &fields)
    }

    #[test]
    fn misfits_of_optional_fields_are_left_out_too() {
        let optional = [OptionalField {
            key: "b.c".into(),
            field: "b".into(),
        }];
        for (document, slim) in [
            (
                r#"{"a":1,"_unparsed":{"b":"x","c":"y"}}"#,
                r#"{"a":1,"_unparsed":{"c":"y"}}"#,
            ),
            (r#"{"a":1,"_unparsed":{"b":"x"}}"#, r#"{"a":1}"#),
            (
                r#"{"b.c":1,"b":2,"_unparsed":{"b.c":"x"}}"#,
                r#"{"b":2,"_unparsed":{"b.c":"x"}}"#,
            ),
        ] {
            let slimmed = without_fields(document.as_bytes(), &optional);
            assert_eq!(String::from_utf8_lossy(&slimmed), slim);
        }
    }

    #[test]
    fn members_are_left_out_at_any_position() {
        let document = br#"{"a":1,"b":[{"a":"}"}],"c\"":"\\\"","d":null}"#;
        let slim = |keys: &[&str]| {
            let keys: Vec<Box<str>> = keys.iter().map(|&key| key.into()).collect();
            String::from_utf8(without(document, &keys)).expect("UTF-8")
        };
        assert_eq!(slim(&["a"]), r#"{"b":[{"a":"}"}],"c\"":"\\\"","d":null}"#);
        assert_eq!(slim(&["b", "d"]), r#"{"a":1,"c\"":"\\\""}"#);
        assert_eq!(slim(&["c\""]), r#"{"a":1,"b":[{"a":"}"}],"d":null}"#);
        assert_eq!(slim(&["a", "b", "c\"", "d"]), "{}");
        assert_eq!(slim(&["none"]).as_bytes(), document);
    }

    #[test]
    fn a_line_feed_stays() {
        assert_eq!(without(b"{\"a\":1}\n", &["a".into()]), b"{}\n");
        assert_eq!(without(b"{}\n", &["a".into()]), b"{}\n");
    }
}
