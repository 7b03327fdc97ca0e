//! What is measured. Each workload takes the options and adds its figures to the report.

mod actions;
mod assist;
mod closing;
mod component;
mod contracts;
pub mod counters;
mod fuel;
mod groups;
pub mod import;
mod load;
pub mod many;
mod simulate;
mod stream;
mod threads;
pub mod worst;

use crate::report::Report;
use crate::{Options, Result};

/// Something to be measured.
#[derive(Clone, Copy, Debug)]
pub struct Workload {
    /// What `--only` selects it by.
    pub name: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// Adds its figures to the report.
    pub run: fn(&Options, &mut Report) -> Result,
}

/// Every workload.
pub const ALL: &[Workload] = &[
    Workload { name: "five", about: "a contract of five branches", run: contracts::five },
    Workload { name: "outdoor", about: "a shop's contract of thirty groups", run: contracts::outdoor },
    Workload { name: "wholesale", about: "orders of twenty lines, item by item", run: contracts::wholesale },
    Workload { name: "long", about: "amounts that do not fit into 64 bits", run: contracts::long },
    Workload { name: "groups", about: "ten to a thousand payout groups", run: groups::run },
    Workload {
        name: "fuel",
        about: "a unit of fuel, for each operation of the rule language",
        run: fuel::run,
    },
    Workload { name: "worst", about: "the dearest decisions within the default limits", run: worst::run },
    Workload { name: "component", about: "a rule as a component, and in the language", run: component::run },
    Workload { name: "threads", about: "one thread and two", run: threads::run },
    Workload { name: "load", about: "from a program's files to its first decision", run: load::run },
    Workload { name: "assist", about: "what an editor waits for", run: assist::run },
    Workload { name: "many", about: "ten thousand programs in one process", run: many::run },
    Workload { name: "counters", about: "memory of what is counted, for each key", run: counters::run },
    Workload {
        name: "closing",
        about: "a month that closes, for a hundred thousand partners",
        run: closing::run,
    },
    Workload {
        name: "simulate",
        about: "a draft over a whole purchase history, against one run",
        run: simulate::run,
    },
    Workload { name: "stream", about: "a stream of actions, file to file", run: stream::run },
    Workload { name: "import", about: "the export of a network, from rows to actions", run: import::run },
];
