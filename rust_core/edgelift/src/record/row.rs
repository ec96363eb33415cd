//! Writes the columns of one line by its layout.

mod columns;
mod decoding;
mod object;
mod selected;
mod shapes;
mod short;
mod single;
mod standard;
mod value;
mod write;

pub(super) use columns::Row;
pub(super) use object::close;
pub(super) use short::TARGET_WINDOW;
pub(crate) use single::encode_single_value;
