//! Every limit that holds against hostile rules, terms and facts, each with the reason for its number.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Limits on what is loaded and what one evaluation may use. They hold for each load and each evaluation on its
/// own, never for the process, and cannot be caught or switched off by a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Fuel for one evaluation of one rule. One unit is about one operation, 5 to 10 ns in the portable way, so a
    /// rule ends within a few milliseconds; the largest example needs less than a hundredth of it.
    pub rule_fuel: u64,
    /// Bytes of one source file. The longest public contract in the research has 20 kB; a list of 50,000 SKUs has
    /// less than 1 MB.
    pub source_bytes: usize,
    /// Bytes of all source files of a program.
    pub program_bytes: usize,
    /// How deep expressions and blocks nest. Rhai's parser needs about 1 kB of stack a level in release builds and
    /// some 6 kB in debug builds; 48 levels are safe on a stack of 1 MB and far beyond what a person reads.
    pub nesting: usize,
    /// Names, reason codes, keys: bytes of one text in an action or in terms.
    pub text_bytes: usize,
    /// Items of one action. Orders of more lines exist in B2B; 1,000 bounds what a rule that walks items may cost.
    pub items: usize,
    /// Touches of one action.
    pub touches: usize,
    /// Promo codes, audiences, sub-ids, groups: entries of one short list in an action.
    pub entries: usize,
    /// Bytes of one action's line; of its texts in all, where it comes from columns and has no line.
    pub action_bytes: usize,
    /// Values one rule's trace keeps.
    pub trace_values: usize,
    /// Payout groups, restrictions, limits: entries of one table in a contract version.
    pub table_entries: usize,
    /// Bytes of one component. Rules in Rust have 30 to 150 kB.
    pub component_bytes: usize,
    /// Fuel for one evaluation of one component, about one for each instruction: 20 millions take about 10 ms. Taking
    /// over the facts of a common action costs some 10,000 of it, those of the largest possible one some millions.
    pub component_fuel: u64,
    /// Ticks of the host's clock after which an evaluation of a component ends whatever its fuel: a second, where a tick
    /// is 10 ms. It only ends what an overwhelmed machine does not let come to the end of its fuel.
    pub component_ticks: u64,
    /// Bytes of memory for one evaluation of a component. The Rust SDK begins with 1.1 MB, most of it stack, and
    /// the largest possible facts have some 4 MB.
    pub component_memory_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rule_fuel: 100_000,
            source_bytes: 1 << 20,
            program_bytes: 16 << 20,
            nesting: 48,
            text_bytes: 1_000,
            items: 1_000,
            touches: 200,
            entries: 100,
            action_bytes: 1 << 20,
            trace_values: 100,
            table_entries: 2_000,
            component_bytes: 1 << 20,
            component_fuel: 20_000_000,
            component_ticks: 100,
            component_memory_bytes: 16 << 20,
        }
    }
}

/// One of the [`Limits`], as it is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limit {
    /// The name of its field.
    pub name: &'static str,
    /// Its value.
    pub at_most: u64,
    /// What it is of, in a few words.
    pub of: &'static str,
}

/// Why a limit cannot be set by its name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LimitError {
    /// There is no limit of this name.
    #[error("there is no limit `{name}`; the limits are {known}")]
    Unknown {
        /// The name that was given.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The number is larger than this machine can count.
    #[error("limit `{name}` cannot be {at_most} on this machine; write a smaller number")]
    TooLarge {
        /// The limit.
        name: String,
        /// What it was to be.
        at_most: u64,
    },
}

/// Lists every field once: a new limit cannot be forgotten, since records are taken apart without `..`.
macro_rules! listed {
    ($($name:ident: $of:literal,)+) => {
        impl Limits {
            /// Every limit, in the order of what it is about.
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
            /// When there is no such limit, or the number does not fit.
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
    source_bytes: "bytes of a source file",
    program_bytes: "bytes of all source files",
    nesting: "levels of nested expressions and blocks",
    table_entries: "restrictions, groups or limits of a version",
    action_bytes: "bytes of an action",
    items: "items of an action",
    touches: "touches of an action",
    entries: "promo codes, audiences, sub-ids, groups of one list",
    text_bytes: "bytes of a name, a key or another short text",
    trace_values: "values that the trace of a rule keeps",
    component_bytes: "bytes of a component",
    component_fuel: "fuel for one evaluation of one component",
    component_ticks: "ticks, of 10 ms in the command line, for one evaluation of one component",
    component_memory_bytes: "bytes of memory for one evaluation of one component",
}
