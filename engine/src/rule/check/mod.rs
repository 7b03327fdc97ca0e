//! The checker: the text of a rule enters, a typed and bounded program leaves, or diagnostics that point at the
//! word.

use super::env::{Checked, Env, RuleSource};
use super::ir::{Form, Phase};
use crate::diagnostic::Diagnostics;

/// Checks a rule: a script file or one inline expression. Returns `None` when there are errors, all of which are
/// in `diagnostics`; warnings are there too.
pub fn check(
    env: &Env<'_>,
    source: &RuleSource<'_>,
    phase: Phase,
    form: Form,
    diagnostics: &mut Diagnostics,
) -> Option<Checked> {
    let _ = (env, source, phase, form, diagnostics);
    None
}

/// Checks an inline expression that gives an integer, a decimal or money, as `by = '…'` of bands does. The form of
/// the rule it returns has the type that was found.
pub fn check_number(
    env: &Env<'_>,
    source: &RuleSource<'_>,
    phase: Phase,
    diagnostics: &mut Diagnostics,
) -> Option<Checked> {
    let _ = (env, source, phase, diagnostics);
    None
}
