//! The engine's own ways of restricting and paying, as contenders: cases enter, what the contract says of each leaves.

use std::hint::black_box;

use accrue::decide::Assessor;
use accrue::rule::Case;

use crate::Result;
use crate::subject::{Answer, Subject, agree};

/// The interpreter.
pub const PORTABLE: &str = "portable";
/// Native code made from WebAssembly, called for each action.
pub const ONE_CALL: &str = "compiled, one call";
/// The same, called once for all actions.
pub const BATCH: &str = "compiled, batch";

/// How the rules of a contract are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By the interpreter.
    Portable,
    /// As native code, made from WebAssembly.
    Compiled,
}

impl Way {
    /// What it is called in the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Compiled => "compiled",
        }
    }
}

/// The one contract of a subject, ready to be run one way.
#[derive(Debug)]
pub struct Ways<'a> {
    subject: &'a Subject,
    assessor: Assessor<'a>,
}

impl<'a> Ways<'a> {
    /// Prepares a way.
    pub fn new(way: Way, subject: &'a Subject) -> Result<Self> {
        let program = &subject.program;
        let assessor = match way {
            Way::Portable => Assessor::portable(program, 0, 0),
            Way::Compiled => Assessor::new(program, 0, 0),
        };
        let assessor = assessor.ok_or_else(|| format!("this machine cannot run the {} way", way.name()))?;
        Ok(Self { subject, assessor })
    }

    /// One call an action.
    pub fn one_by_one(&mut self, cases: &[Case<'a>]) {
        for case in cases {
            black_box(self.assessor.assess(black_box(case)));
        }
    }

    /// All actions in one call.
    pub fn batch(&mut self, cases: &[Case<'a>]) {
        self.assessor.assess_batch(black_box(cases), |_, assessed| {
            black_box(assessed);
        });
    }

    /// What the contract says of each case, in a call of its own, and the fuel it took.
    pub fn answers(&mut self, cases: &[Case<'a>]) -> Result<Vec<(Answer, u64)>> {
        let mut answers = Vec::new();
        for case in cases {
            let assessed = self.assessor.assess(case).ok_or("a rule fails")?;
            answers.push((Answer::assessed(self.subject, assessed), assessed.fuel));
        }
        Ok(answers)
    }

    /// The same in one call.
    pub fn batch_answers(&mut self, cases: &[Case<'a>]) -> Result<Vec<(Answer, u64)>> {
        let mut answers = vec![None; cases.len()];
        let subject = self.subject;
        self.assessor.assess_batch(cases, |index, assessed| {
            if let (Some(place), Some(assessed)) = (answers.get_mut(index), assessed) {
                *place = Some((Answer::assessed(subject, assessed), assessed.fuel));
            }
        });
        Ok(answers.into_iter().collect::<Option<_>>().ok_or("a rule fails")?)
    }
}

/// Fails unless every way of the engine gives the expected answers, and all of them the same use of fuel.
pub fn all_agree(subject: &Subject, cases: &[Case<'_>], expected: &[Answer]) -> Result {
    let expected: Vec<Answer> = expected.iter().map(Answer::without_groups).collect();
    let portable = Ways::new(Way::Portable, subject)?.answers(cases)?;
    let compiled = Ways::new(Way::Compiled, subject)?.answers(cases)?;
    let batch = Ways::new(Way::Compiled, subject)?.batch_answers(cases)?;
    for (who, answers) in [(PORTABLE, &portable), (ONE_CALL, &compiled), (BATCH, &batch)] {
        let (said, fuel): (Vec<Answer>, Vec<u64>) = answers.iter().cloned().unzip();
        agree(subject, who, &expected, &said)?;
        if !fuel.iter().eq(portable.iter().map(|(_, fuel)| fuel)) {
            return Err(format!("{who} uses other fuel than the interpreter").into());
        }
    }
    Ok(())
}
