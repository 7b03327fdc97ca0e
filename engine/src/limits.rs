//! Every limit that holds against hostile rules, terms and facts, each with the reason for its number.

/// Limits on what is loaded and what one evaluation may use. They hold for each load and each evaluation on its
/// own, never for the process, and cannot be caught or switched off by a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Bytes of one action's line.
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
