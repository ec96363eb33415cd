//! Reads the values of a document into columns: the obvious way, for all records.

use super::builder::{Builder, ColumnBuilder, Values, set_number};
use super::plan::ColumnPlan;
use super::schema::OTHER;
use crate::json::Text;
use crate::json::scanner::{Invalid, Scanner, Type};

impl Builder {
    /// Sets the values of the current row to those of a document of the plan.
    pub(super) fn set_document(&mut self, plan: &ColumnPlan, document: &[u8]) {
        let other = plan.by_key.get(OTHER).copied().flatten();
        let (row, mut has_other) = (self.rows, false);
        let mut scanner = Scanner::new(document);
        let result = scanner.read_members(|key, scanner| {
            let value = *scanner;
            let value_type = scanner.skip_value()?;
            let name = key.decoded();
            let column = std::str::from_utf8(&name)
                .ok()
                .and_then(|name| plan.by_key.get(name));
            let fits = match column {
                Some(&Some(column)) => self.columns[column].set(row, value, value_type)?,
                Some(None) => true,
                None => false,
            };
            if let (false, Some(other)) = (fits, other) {
                has_other = true;
                self.columns[other].push_pair(
                    key,
                    value,
                    value_type,
                    value.bytes_until(scanner),
                )?;
            }
            Ok(())
        });
        result.expect("documents are JSON");
        if let (true, Some(other)) = (has_other, other) {
            self.columns[other].close_pairs(row);
        }
    }
}

impl ColumnBuilder {
    /// Sets the value of a row. Returns false if the value has another type or does not fit.
    fn set(
        &mut self,
        row: usize,
        mut value: Scanner<'_>,
        value_type: Type,
    ) -> Result<bool, Invalid> {
        let mut end = value;
        end.skip_value()?;
        let text = std::str::from_utf8(value.bytes_until(&end)).unwrap_or_default();
        match (&mut self.values, value_type) {
            (Values::Timestamp(values), Type::Int) => {
                let micros = text
                    .parse()
                    .ok()
                    .and_then(|millis: i64| millis.checked_mul(1000));
                let Some(micros) = micros else {
                    return Ok(false);
                };
                set_number(values, row, micros);
            }
            (Values::Int64(values), Type::Int) => {
                let Ok(number) = text.parse() else {
                    return Ok(false);
                };
                set_number(values, row, number);
            }
            (Values::Int32(values), Type::Int) => {
                let Ok(number) = text.parse() else {
                    return Ok(false);
                };
                set_number(values, row, number);
            }
            (Values::Float64(values), Type::Int | Type::Float) => {
                let Ok(number) = text.parse() else {
                    return Ok(false);
                };
                set_number(values, row, number);
            }
            (Values::Boolean(values), Type::Bool) => {
                if text == "true" {
                    values.set(row);
                }
            }
            (Values::Text(texts), Type::Str) => {
                texts.open(row);
                texts.push(&value.read_string()?.decoded());
            }
            (Values::Texts(lists), Type::List) => {
                value.take(b'[');
                let mut has_more = !value.take(b']');
                while has_more {
                    value.peek_token();
                    let item = value.read_string()?;
                    lists.items.push(&item.decoded());
                    has_more = value.has_more(b']')?;
                }
                lists.close(row);
            }
            (Values::Pairs(lists), Type::List) => {
                value.take(b'[');
                let mut has_more = !value.take(b']');
                while has_more {
                    let mut is_name = true;
                    value.read_members(|_, value| {
                        let text = value.read_string()?;
                        let texts = if is_name {
                            &mut lists.names
                        } else {
                            &mut lists.values
                        };
                        texts.push(&text.decoded());
                        is_name = false;
                        Ok(())
                    })?;
                    has_more = value.has_more(b']')?;
                }
                lists.close(row);
            }
            (Values::Pairs(lists), Type::Dict) => {
                value.read_members(|name, value| {
                    let text = value.read_string()?;
                    lists.names.push(&name.decoded());
                    lists.values.push(&text.decoded());
                    Ok(())
                })?;
                lists.close(row);
            }
            _ => return Ok(false),
        }
        self.present.set(row);
        Ok(true)
    }

    /// Adds a value to the pairs of the current row: a string as it is, any other value as JSON.
    fn push_pair(
        &mut self,
        key: Text<'_>,
        mut value: Scanner<'_>,
        value_type: Type,
        json: &[u8],
    ) -> Result<(), Invalid> {
        let Values::Pairs(lists) = &mut self.values else {
            return Ok(());
        };
        lists.names.push(&key.decoded());
        if value_type == Type::Str {
            value.peek_token();
            let text = value.read_string()?;
            lists.values.push(&text.decoded());
        } else {
            lists.values.push(json);
        }
        Ok(())
    }

    /// Ends the pairs of a row.
    fn close_pairs(&mut self, row: usize) {
        if let Values::Pairs(lists) = &mut self.values {
            lists.close(row);
            self.present.set(row);
        }
    }
}
