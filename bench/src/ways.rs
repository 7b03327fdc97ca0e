//! The engine's own ways of restricting and paying, as contenders: cases enter, what the contract says of each leaves.

use std::hint::black_box;

use accrue::decide::{Assessed, Assessor};
use accrue::run::{DELETED_CaseColumns, RuleInput};

use crate::Result;
use crate::subject::{Answer, Subject, agree};

/// The interpreter.
pub const PORTABLE: &str = "portable";
/// Native code made from WebAssembly, called for each action.
pub const ONE_CALL: &str = "compiled, one call";
/// The same, called once for all actions.
pub const BATCH: &str = "compiled, batch";

/// Called for each action whose facts stand in columns.
pub const ROWS: &str = "compiled, one call, columns";
/// Called once for all actions whose facts stand in columns.
pub const COLUMNS: &str = "compiled, batch, columns";

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
    pub fn one_by_one(&mut self, cases: &[RuleInput<'a>]) {
        for case in cases {
            black_box(self.assessor.assess(black_box(case)));
        }
    }

    /// All actions in one call.
    pub fn batch(&mut self, cases: &[RuleInput<'a>]) {
        self.assessor.assess_batch(black_box(cases), |_, assessed| {
            black_box(assessed);
        });
    }

    /// One call a row; columns are found once.
    pub fn rows(&mut self, columns: &CaseColumns<'_>) {
        if let Ok(mut assess) = self.assessor.columns(black_box(columns)) {
            for row in 0..columns.rows() {
                black_box(assess.assess(row));
            }
        }
    }

    /// All rows in one call.
    pub fn columns(&mut self, columns: &CaseColumns<'_>) {
        if let Ok(mut assess) = self.assessor.columns(black_box(columns)) {
            assess.assess_all(|_, assessed| {
                black_box(assessed);
            });
        }
    }

    /// What the contract says of each row, one a call or all in one, and the fuel it took.
    pub fn column_answers(
        &mut self,
        columns: &CaseColumns<'_>,
        one_by_one: bool,
    ) -> Result<Vec<(Answer, u64)>> {
        let subject = self.subject;
        let mut assess = self.assessor.columns(columns)?;
        let mut answers = Vec::new();
        let mut take = |assessed: Option<&Assessed>| {
            answers.push(assessed.map(|assessed| (Answer::assessed(subject, assessed), assessed.fuel)));
        };
        if one_by_one {
            for row in 0..columns.rows() {
                take(assess.assess(row));
            }
        } else {
            assess.assess_all(|_, assessed| take(assessed));
        }
        Ok(answers.into_iter().collect::<Option<_>>().ok_or("a rule fails")?)
    }

    /// What the contract says of each case, in a call of its own, and the fuel it took.
    pub fn answers(&mut self, cases: &[RuleInput<'a>]) -> Result<Vec<(Answer, u64)>> {
        let mut answers = Vec::new();
        for case in cases {
            let assessed = self.assessor.assess(case).ok_or("a rule fails")?;
            answers.push((Answer::assessed(self.subject, assessed), assessed.fuel));
        }
        Ok(answers)
    }

    /// The same in one call.
    pub fn batch_answers(&mut self, cases: &[RuleInput<'a>]) -> Result<Vec<(Answer, u64)>> {
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
pub fn all_agree(
    subject: &Subject,
    cases: &[RuleInput<'_>],
    columns: &CaseColumns<'_>,
    expected: &[Answer],
) -> Result {
    let expected: Vec<Answer> = expected.iter().map(Answer::without_groups).collect();
    let portable = Ways::new(Way::Portable, subject)?.answers(cases)?;
    let compiled = Ways::new(Way::Compiled, subject)?.answers(cases)?;
    let batch = Ways::new(Way::Compiled, subject)?.batch_answers(cases)?;
    let rows = Ways::new(Way::Compiled, subject)?.column_answers(columns, true)?;
    let all_rows = Ways::new(Way::Compiled, subject)?.column_answers(columns, false)?;
    for (who, answers) in
        [(PORTABLE, &portable), (ONE_CALL, &compiled), (BATCH, &batch), (ROWS, &rows), (COLUMNS, &all_rows)]
    {
        let (said, fuel): (Vec<Answer>, Vec<u64>) = answers.iter().cloned().unzip();
        agree(subject, who, &expected, &said)?;
        if !fuel.iter().eq(portable.iter().map(|(_, fuel)| fuel)) {
            return Err(format!("{who} uses other fuel than the interpreter").into());
        }
    }
    Ok(())
}
