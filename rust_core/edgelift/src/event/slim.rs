//! A document without its optional fields.

use crate::json::scanner::{Invalid, Scanner};

/// The document without the members of these keys. What follows it, a line feed, stays.
pub(super) fn without(document: &[u8], keys: &[Box<str>]) -> Vec<u8> {
    // What the engine wrote is JSON, so that there is no error to tell of.
    rewrite(document, keys).unwrap_or_else(|_| document.to_vec())
}

fn rewrite(document: &[u8], keys: &[Box<str>]) -> Result<Vec<u8>, Invalid> {
    let mut scanner = Scanner::new(document);
    let mut slim = Vec::with_capacity(document.len());
    scanner.take(b'{');
    slim.push(b'{');
    let mut goes_on = !scanner.take(b'}');
    while goes_on {
        let start = scanner.place();
        let key = scanner.key()?;
        scanner.value()?;
        if !keys
            .iter()
            .any(|left_out| left_out.as_bytes() == &*key.decoded())
        {
            if slim.len() > 1 {
                slim.push(b',');
            }
            slim.extend_from_slice(&document[start..scanner.place()]);
        }
        goes_on = scanner.goes_on(b'}')?;
    }
    slim.push(b'}');
    slim.extend_from_slice(&document[scanner.place()..]);
    Ok(slim)
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn members_are_left_out_wherever_they_stand() {
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
