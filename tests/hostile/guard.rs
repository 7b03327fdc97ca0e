//! A program enters, the codes of what is wrong with it leave, unless it takes too long or too much stack.

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::time::Duration;

use accrue::Limits;
use accrue::diagnostic::Code;
use accrue::internals::lang::{Checked, Form, Phase};
use accrue_tests::stage::Stage;

/// The stack on which every hostile case must end: what a host's worker thread has at the least.
const STACK_BYTES: usize = 1 << 20;

/// Generous: a debug build on a busy machine. What is exponential does not end in it.
const TIME: Duration = Duration::from_secs(60);

/// Runs `work` on a small stack; a panic or a run that does not end is a failure.
pub(crate) fn bounded<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, result) = mpsc::channel();
    let thread = std::thread::Builder::new()
        .name(name.to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || done.send(work()))
        .unwrap();
    match result.recv_timeout(TIME) {
        Ok(value) => {
            thread.join().unwrap().unwrap();
            value
        }
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("{name}: still running after {TIME:?}"),
        Err(mpsc::RecvTimeoutError::Disconnected) => panic!("{name}: panicked"),
    }
}

/// A stage under the limits that hosts have, lists of full length included.
pub(crate) fn stage() -> Stage {
    Stage { limits: Limits::default(), ..Stage::new().unwrap() }
}

/// Checks a script of the order phase.
pub(crate) fn check(name: &str, text: String) -> (Option<Checked>, BTreeSet<Code>) {
    bounded(name, move || {
        let (checked, diagnostics) = stage().check(&text, Phase::PayOrder, Form::Script);
        let codes = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
        assert_eq!(checked.is_none(), diagnostics.has_errors());
        (checked, codes)
    })
}

/// Asserts that a script is refused, with one of these codes among the reasons.
pub(crate) fn refused(name: &str, text: impl Into<String>, expected: &[Code]) {
    let text = text.into();
    let shown: String = text.chars().take(300).collect();
    let (checked, codes) = check(name, text);
    assert!(checked.is_none(), "{name} was accepted:\n{shown}");
    assert!(
        expected.iter().any(|code| codes.contains(code)),
        "{name}: {codes:?}, not {expected:?}:\n{shown}"
    );
}
