//! Mappings: which column of an export is which field of an action, and how its cells are read.

mod format;
mod kinds;
mod model;
mod read;
mod tables;

pub use model::Mapping;
pub(crate) use model::{
    Cells, Condition, FileForm, Ignored, Part, Source, Standing, Status, Which, of_folded,
};
pub use read::mapping_schema;
