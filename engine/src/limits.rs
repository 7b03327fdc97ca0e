//! Limits against hostile rules, terms and facts, each with the reason for its number.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Limits on what is loaded and on what one evaluation may use. They apply to each load and each evaluation, never to the
/// process, and a rule cannot catch or disable them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Fuel for one evaluation of one rule. One unit is about one operation, 5 ns when interpreted and 20 ns at most, so a rule
    /// ends within a few milliseconds; it is enough to search three texts for each of 1,000 items.
    pub rule_fuel: u64,
    /// Fuel for one whole decision: of all rules on all items, of looking payout groups up, and of settling and limiting. It bounds the
    /// time of a decision to some 50 ms, and to a quarter of a second for what is priced worst; a decision of the examples needs
    /// some hundreds.
    pub decision_fuel: u64,
    /// Steps of one decision: restrictions and groups that match, verbs, cuts of limits, postings. An order of 1,000 items with ten
    /// groups each has 10,000; each step takes some 100 bytes of memory and of JSON.
    pub decision_steps: u64,
    /// Bytes of names and codes in the reasons, notices and cuts of one decision. Ten long reasons have less than 1 kB.
    pub decision_text_bytes: usize,
    /// Bytes of the trace of one decision. The rest of the rules is counted and not shown; a trace of 100 groups that do not match, with
    /// what would have been enough for each, has some 70 kB.
    pub trace_bytes: usize,
    /// Bytes of one source file. The longest public contract in the research has 20 kB; a list of 50,000 SKUs has less than 1 MB.
    pub source_bytes: usize,
    /// Bytes of all source files of a program.
    pub program_bytes: usize,
    /// Bytes of text that is read again because it is named again: rows of a table for each contract that names it, a contract for
    /// each further currency and payout by event type, a rule file for each version with other parameters, shared functions
    /// for each rule that calls them, a file for each further list.
    pub repeated_bytes: usize,
    /// Expressions and statements of all checked rules of a program. Each takes some 200 bytes of memory and a few microseconds; a
    /// rule that a person reads has some hundred, and a row of a table some ten.
    pub rule_nodes: usize,
    /// Components of a program. Each may take a second to compile, and a sandbox keeps the native code of 64.
    pub components: usize,
    /// How deep expressions and blocks nest. Rhai's parser needs about 1 kB of stack a level in release builds and
    /// some 6 kB in debug builds; 48 levels are safe on a stack of 1 MB and far beyond what a person reads.
    pub nesting: usize,
    /// Bytes of one text in an action or in terms: a name, a reason code, a key.
    pub text_bytes: usize,
    /// Items of one action. Larger B2B orders exist; 1,000 bounds the cost of a rule that walks the items.
    pub items: usize,
    /// Touches of one action.
    pub touches: usize,
    /// Entries of one short list in an action: promo codes, audiences, sub-ids, groups.
    pub entries: usize,
    /// Bytes of one action's line; for an action from columns, which has no line, bytes of its texts together.
    pub action_bytes: usize,
    /// Values that the trace of one rule keeps.
    pub trace_values: usize,
    /// Entries of one table in a contract version: payout groups, restrictions, limits.
    pub table_entries: usize,
    /// Rows of one table in `tables/`. A catalog has some thousand SKUs with a rate each; longer lists stand in `lists/`.
    pub table_rows: usize,
    /// Columns of one table in `tables/`: facts and verbs, of which a row has a dozen.
    pub table_columns: usize,
    /// Bytes of WebAssembly that the rules of a program become, in each of the three modes. Compiling takes about a second for each
    /// megabyte. Rules beyond this are interpreted.
    pub code_bytes: usize,
    /// Blocks of a function times its locals, summed over all functions of a program's compiled rules, in each mode: where control
    /// flow joins, a compiler may need a value for each local. Rules beyond this are interpreted.
    pub code_joins: u64,
    /// Bytes of constant texts, named lists and tables that the modules of a program's versions bring along, in each mode. Each
    /// version that reads a list of 50,000 SKUs has 2 MB of them. Rules beyond this are interpreted.
    pub code_data_bytes: usize,
    /// Bytes of one component. Rules in Rust have 30 to 150 kB.
    pub component_bytes: usize,
    /// Fuel for one evaluation of one component; one unit is about one instruction, and 20 million take about 10 ms. Reading the
    /// facts of a common action uses some 10,000, of the largest possible action some millions.
    pub component_fuel: u64,
    /// Ticks of the host's clock after which an evaluation of a component ends, whatever its fuel: one second if a tick is 10 ms.
    /// This only ends an evaluation that an overloaded machine does not run to the end of its fuel.
    pub component_ticks: u64,
    /// Bytes of memory for one evaluation of a component. The Rust SDK starts with 1.1 MB, most of it stack, and the largest
    /// possible facts have some 4 MB.
    pub component_memory_bytes: usize,
    /// Movements that the counters over rolling days of a program keep, of all keys together: one for each action that counts, at
    /// 88 bytes, until the days are closed. Twenty million are 1.8 GB, or the sales of a month of a very large shop.
    pub rolling_movements: usize,
    /// Counts that the counters of distinct values of a program keep, of all keys together: one for each value, key and period, until
    /// the periods are closed. A count takes 20 to 40 bytes, and a value 20 to 30 more and its text. Twenty million are some 1.8 GB.
    pub distinct_counts: usize,
    /// Fuel for all bonuses of one close: 1,000 for each bonus of a partner and period, 100 for each of its tiers, and what its rules use.
    /// A bonus takes some 3 µs and 1.5 kB, so a close ends after some seconds, and has at most some 3 GB of decisions.
    pub close_fuel: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rule_fuel: 200_000,
            decision_fuel: 5_000_000,
            decision_steps: 100_000,
            decision_text_bytes: 256 << 10,
            trace_bytes: 4 << 20,
            source_bytes: 1 << 20,
            program_bytes: 16 << 20,
            repeated_bytes: 16 << 20,
            rule_nodes: 1_000_000,
            components: 64,
            nesting: 48,
            text_bytes: 1_000,
            items: 1_000,
            touches: 200,
            entries: 100,
            action_bytes: 1 << 20,
            trace_values: 100,
            table_entries: 2_000,
            table_rows: 20_000,
            table_columns: 100,
            code_bytes: 2 << 20,
            code_joins: 16_000_000,
            code_data_bytes: 32 << 20,
            component_bytes: 1 << 20,
            component_fuel: 20_000_000,
            component_ticks: 100,
            component_memory_bytes: 16 << 20,
            rolling_movements: 20_000_000,
            distinct_counts: 20_000_000,
            close_fuel: 2_000_000_000,
        }
    }
}

/// What loading a program took of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Spent {
    /// The name of the field in [`Limits`].
    pub limit: &'static str,
    /// What the program took.
    pub spent: u64,
    /// The limit.
    pub at_most: u64,
}

/// One entry of [`Limits::list`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limit {
    /// The name of the field in [`Limits`].
    pub name: &'static str,
    /// The value.
    pub at_most: u64,
    /// What the limit bounds, in a few words.
    pub of: &'static str,
}

/// Why a limit cannot be set by its name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LimitError {
    /// No limit has this name.
    #[error("there is no limit `{name}`; the limits are {known}")]
    Unknown {
        /// The name that was given.
        name: String,
        /// The names of all limits.
        known: String,
    },
    /// The number is larger than this machine can count.
    #[error("limit `{name}` cannot be {at_most} on this machine; write a smaller number")]
    TooLarge {
        /// The name of the limit.
        name: String,
        /// The number that was given.
        at_most: u64,
    },
}

/// Lists every field once. Records are destructured without `..`, so that a new limit cannot be forgotten.
macro_rules! listed {
    ($($name:ident: $of:literal,)+) => {
        impl Limits {
            /// Returns every limit, in the order of the fields.
            pub fn list(&self) -> Vec<Limit> {
                let Self { $($name,)+ } = self;
                vec![$(Limit {
                    name: stringify!($name),
                    at_most: u64::try_from(*$name).unwrap_or(u64::MAX),
                    of: $of,
                },)+]
            }

            /// Sets the limit of this name, for hosts that keep limits as data.
            ///
            /// # Errors
            ///
            /// [`LimitError::Unknown`] when no limit has this name, [`LimitError::TooLarge`] when the number does not fit on this
            /// machine.
            ///
            /// ```
            /// let mut limits = accrue::Limits::default();
            /// limits.set("items", 50)?;
            /// assert_eq!(limits.items, 50);
            /// assert!(limits.set("itmes", 50).is_err());
            /// # Ok::<(), accrue::limits::LimitError>(())
            /// ```
            pub fn set(&mut self, name: &str, at_most: u64) -> Result<(), LimitError> {
                let too_large = || LimitError::TooLarge { name: name.to_owned(), at_most };
                match name {
                    $(stringify!($name) => self.$name = at_most.try_into().map_err(|_| too_large())?,)+
                    _ => {
                        let known = [$(stringify!($name)),+].join(", ");
                        return Err(LimitError::Unknown { name: name.chars().take(40).collect(), known });
                    }
                }
                Ok(())
            }
        }
    };
}

listed! {
    rule_fuel: "fuel for one evaluation of one rule",
    decision_fuel: "fuel for one decision",
    decision_steps: "steps of a decision: matches, verbs, cuts, postings",
    decision_text_bytes: "bytes of names and codes in a decision",
    trace_bytes: "bytes of the trace of a decision",
    source_bytes: "bytes of a source file",
    program_bytes: "bytes of all source files",
    repeated_bytes: "bytes of text that is read again because it is named again",
    rule_nodes: "expressions and statements of all rules",
    components: "components of a program",
    nesting: "levels of nested expressions and blocks",
    table_entries: "restrictions, groups or limits of a version",
    table_rows: "rows of a table in `tables/`",
    table_columns: "columns of a table in `tables/`",
    action_bytes: "bytes of an action",
    items: "items of an action",
    touches: "touches of an action",
    entries: "promo codes, audiences, sub-ids, groups of one list",
    text_bytes: "bytes of a name, a key or another short text",
    trace_values: "values that the trace of a rule keeps",
    code_bytes: "bytes of code that rules are compiled to, in each mode",
    code_joins: "blocks times locals of compiled rules, in each mode",
    code_data_bytes: "bytes of texts and lists of compiled rules, in each mode",
    component_bytes: "bytes of a component",
    component_fuel: "fuel for one evaluation of one component",
    component_ticks: "ticks, of 10 ms in the command line, for one evaluation of one component",
    component_memory_bytes: "bytes of memory for one evaluation of one component",
    rolling_movements: "movements that counters over rolling days keep",
    distinct_counts: "counts that counters of distinct values keep",
    close_fuel: "fuel for all bonuses of one close",
}
