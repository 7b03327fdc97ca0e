//! What is measured. Each workload takes the options and adds its figures to the report.

mod actions;
mod five_branches;
mod stream;

use crate::report::Report;
use crate::{Options, Result};

type Workload = fn(&Options, &mut Report) -> Result;

/// Every workload, by name.
pub(crate) const ALL: &[(&str, Workload)] =
    &[("the five-branch rule", five_branches::run), ("a stream of actions", stream::run)];
