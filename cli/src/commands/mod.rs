//! The commands.

pub(crate) mod check;
pub(crate) mod component;
pub(crate) mod explain;
pub(crate) mod new;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod test;
