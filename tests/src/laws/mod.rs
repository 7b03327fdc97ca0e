//! The laws of the design that need no ledger, each for any generated world: a world enters, nothing leaves when the
//! law holds, else what is wrong. Property tests and fuzz targets hold the engine to the same ones.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a panic of an oracle is a finding like any other"
)]

pub mod adjusted;
#[cfg(feature = "sandbox")]
pub mod alike;
pub mod budget;
pub mod closing;
pub mod conserved;
pub mod counted;
pub mod dated;
pub mod explained;
mod keys;
pub mod limits;
pub mod outbid;
pub mod replayed;
pub mod same_bytes;

use accrue::Counters;
use accrue::decide::{Award, Decision};
use accrue::internals::terms;
use accrue::internals::terms::Version;

use crate::choices::Choices;
use crate::world::World;

/// A law. The choices are for what it varies by itself, such as the order of arrival.
pub type Law = fn(&World, &mut Choices<'_>) -> Result<(), String>;

/// Fails with what does not hold, unless it does.
#[macro_export]
macro_rules! ensure {
    ($holds:expr $(,)?) => {
        $crate::ensure!($holds, "")
    };
    ($holds:expr, $($message:tt)+) => {
        if !$holds {
            return Err(format!("{}:{}: {}: {}", file!(), line!(), stringify!($holds), format_args!($($message)+)));
        }
    };
}

/// Fails with both sides, unless they are equal.
#[macro_export]
macro_rules! ensure_eq {
    ($left:expr, $right:expr $(,)?) => {
        $crate::ensure_eq!($left, $right, "")
    };
    ($left:expr, $right:expr, $($message:tt)+) => {{
        let (left, right) = (&$left, &$right);
        if left != right {
            let message = format_args!($($message)+);
            return Err(format!("{}:{}: {left:?} is not {right:?}: {message}", file!(), line!()));
        }
    }};
}

/// Hands the laws to a macro, so that they are listed once.
#[macro_export]
macro_rules! for_each_law {
    ($then:ident) => {
        $then! {
            adjusted::a_full_reversal_leaves_nothing
            adjusted::returns_sum_to_the_payout
            adjusted::a_modification_is_reverse_then_decide
            #[cfg(feature = "sandbox")]
            adjusted::adjustments_are_made_alike
            #[cfg(feature = "sandbox")]
            alike::compiled_and_interpreted_decide_alike
            #[cfg(feature = "sandbox")]
            alike::a_runtime_of_the_host_decides_alike
            #[cfg(feature = "sandbox")]
            alike::batches_are_decided_alike
            budget::a_checked_rule_never_runs_out_of_its_budget
            budget::a_smaller_budget_refuses_or_suffices
            closing::a_close_is_made_once
            closing::a_bonus_recomputes
            closing::a_close_depends_on_sums_alone
            closing::a_return_after_the_close_takes_its_bonus
            conserved::shares_sum_to_the_whole
            conserved::awards_share_one_whole
            conserved::totals_are_the_sum_of_decisions
            counted::a_replay_of_decisions_is_the_counters
            counted::postings_count_in_any_order
            counted::what_is_taken_back_is_gone
            counted::counters_are_split_merged_saved_and_restored
            dated::awards_lock_and_are_paid_on_their_dates
            explained::every_payout_recomputes
            limits::no_limit_is_exceeded
            limits::a_cut_names_a_limit_that_was_used_up
            outbid::no_payout_group_changes_what_restrictions_say
            replayed::a_history_is_decided_alike_in_slices
            replayed::a_history_goes_on_from_saved_counters
            replayed::sums_agree_with_each_other
            same_bytes::any_order_of_arrival
            same_bytes::any_thread_and_any_load
            same_bytes::a_trace_changes_nothing_else
            same_bytes::a_decision_reads_back_as_it_was_written
        }
    };
}

/// Declares the laws once: the list for whoever tries them all.
macro_rules! laws {
    ($($(#[$when:meta])? $module:ident::$law:ident)+) => {
        /// Every law with its name.
        pub const LAWS: &[(&str, Law)] = &[$($(#[$when])? (stringify!($law), $module::$law),)+];
    };
}

for_each_law!(laws);

/// The version of the terms that an award was decided by.
pub(crate) fn version<'w>(world: &'w World, award: &Award) -> Option<&'w Version> {
    let by = &award.contract;
    let contract = terms(&world.program).contracts.iter().find(|contract| contract.name == by.name)?;
    contract.versions.iter().find(|version| version.number == by.version)
}

/// Decides all actions; decisions in their order, each with the index of its action, and the totals after them.
///
/// # Errors
///
/// When an action is refused, which no generated one may be.
pub fn decide(world: &World) -> Result<(Vec<(usize, Decision)>, Counters), String> {
    let mut totals = world.program.counters();
    let decided = world.program.decide_all(&world.actions, &world.reference, &mut totals);
    let decisions: Result<Vec<_>, _> = decided
        .into_iter()
        .map(|decided| decided.decision.map(|decision| (decided.index, decision)))
        .collect();
    decisions.map(|decisions| (decisions, totals)).map_err(|error| format!("an action was refused: {error}"))
}
