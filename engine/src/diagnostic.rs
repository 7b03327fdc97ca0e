//! Diagnostics of a program: what is wrong and where, as data for a terminal, an editor or a machine.
//!
//! Everything that reads what a brand wrote (contract files, rules, lists, facts) reports through [`Diagnostic`]. A diagnostic
//! has a stable code, points at the word, and says what to write instead. This module must not know how a diagnostic is drawn.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A half-open range of bytes in one source file.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// Returns the span of bytes `start..end`. Positions past 4 GiB are cut to 4 GiB.
    pub fn new(start: usize, end: usize) -> Self {
        let pin = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { start: pin(start), end: pin(end.max(start)) }
    }

    /// Returns the smallest span that covers both.
    pub(crate) fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Returns this span moved by `by` bytes, for example when an inline condition is placed in its contract file.
    pub(crate) fn shift(self, by: u32) -> Self {
        Self { start: self.start.saturating_add(by), end: self.end.saturating_add(by) }
    }

    /// Returns the span as a range for slicing.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A place in a program's sources: a file and a range of its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// Path inside the program folder, with `/` between parts.
    pub file: String,
    /// The bytes in the file.
    pub span: Span,
}

impl Place {
    /// Returns a place in `file`.
    pub fn new(file: impl Into<String>, span: Span) -> Self {
        Self { file: file.into(), span }
    }
}

/// A cell or a row of a table in `tables/`, as people find it in the file that they edit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Cell {
    /// Path of the file inside the program folder, such as `tables/rates.xlsx`.
    pub file: String,
    /// The sheet of a workbook; `None` for CSV.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The row, from 1; in CSV the line at which the row begins. 0 for the whole table.
    pub row: u32,
    /// The column, from 1; `None` for a whole row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// The header of the column; `None` for a whole row, for a column without a header and for the header itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.file)?;
        if let Some(sheet) = &self.sheet {
            write!(f, ", sheet `{sheet}`")?;
        }
        if self.row > 0 {
            write!(f, ", row {}", self.row)?;
        }
        if let Some(column) = self.column {
            write!(f, ", column {}", column_letters(column))?;
        }
        if let Some(header) = &self.header {
            write!(f, " (`{header}`)")?;
        }
        Ok(())
    }
}

/// Returns the letters of a column as spreadsheets show them: `A` for 1, `AA` for 27.
pub(crate) fn column_letters(mut column: u32) -> String {
    let mut letters = Vec::new();
    while let Some(rest) = column.checked_sub(1) {
        letters.push(char::from(b'A'.saturating_add(u8::try_from(rest % 26).unwrap_or_default())));
        column = rest / 26;
    }
    letters.iter().rev().collect()
}

/// Whether a program loads in spite of a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The program does not load.
    Error,
    /// The program loads, but something in it is probably not meant.
    Warning,
}

/// A second place that helps to understand a diagnostic, such as the payout group that shadows another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Label {
    /// The second place.
    pub place: Place,
    /// The cell of a table at that place; `None` outside of tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<Cell>,
    /// What to see at that place.
    pub message: String,
}

/// An exact repair: text that takes the place of the bytes at a place. An empty place is where the text is inserted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Replacement {
    /// The bytes that are replaced.
    pub place: Place,
    /// The text to write in their place.
    pub text: String,
}

/// What to write instead: a sentence and, if the repair is exact, the edits that make it.
///
/// A text converts to a help without edits. Edits that would change an amount, or that guess between two meanings, are left out.
///
/// ```
/// use accrue::diagnostic::{Code, Diagnostic, Help, Span};
///
/// let span = Span::new(7, 13);
/// let diagnostic = Diagnostic::at(Code::WrongValue, "contracts/standard.toml", span, "`0,5%` is not a percentage")
///     .help(Help::write(span, "\"0.5%\""));
/// assert_eq!(diagnostic.help.as_deref(), Some("write `\"0.5%\"`"));
/// assert_eq!(diagnostic.repaired("contracts/standard.toml", "rate = \"0,5%\""), Some("rate = \"0.5%\"".to_owned()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help {
    text: String,
    /// The bytes of the diagnostic's file that are replaced, and what replaces them.
    edits: Vec<(Span, String)>,
}

impl Help {
    /// Returns the help to write `text` in place of the bytes `at`.
    pub fn write(at: Span, text: impl Into<String>) -> Self {
        let text = text.into();
        Self::from(format!("write `{text}`")).edit(at, text)
    }

    /// Returns the help that asks whether `text` was meant in place of the bytes `at`.
    pub fn did_you_mean(at: Span, text: impl Into<String>) -> Self {
        let text = text.into();
        Self::from(format!("did you mean `{text}`?")).edit(at, text)
    }

    /// Adds an edit: `text` replaces the bytes `at` of the diagnostic's file.
    #[must_use]
    pub fn edit(mut self, at: Span, text: impl Into<String>) -> Self {
        self.edits.push((at, text.into()));
        self
    }

    /// Returns the edits: the bytes that are replaced, and what replaces them.
    pub(crate) fn edits(&self) -> &[(Span, String)] {
        &self.edits
    }

    /// Returns the help with a clause before its text.
    #[must_use]
    pub(crate) fn after(mut self, clause: &str) -> Self {
        self.text = format!("{clause}; {}", self.text);
        self
    }

    /// Returns the help with its edits at other places.
    #[must_use]
    pub(crate) fn moved(mut self, place: impl Fn(Span) -> Span) -> Self {
        self.edits.iter_mut().for_each(|(at, _)| *at = place(*at));
        self
    }
}

impl From<&str> for Help {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<String> for Help {
    fn from(text: String) -> Self {
        Self { text, edits: Vec::new() }
    }
}

/// One error or warning about a program's sources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Diagnostic {
    /// The stable code, listed in [`Code::ALL`] and explained in the book.
    pub code: Code,
    /// Whether it is an error or a warning.
    pub severity: Severity,
    /// One lower-case sentence without a full stop; the user's words are in backticks.
    pub message: String,
    /// The place; `None` only if no file is at fault, because a file is missing.
    pub place: Option<Place>,
    /// The cell of a table at the place; `None` outside of tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<Cell>,
    /// Further places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Label>,
    /// What to write instead; `None` if there is no advice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Edits that do what the help says and make this error go away: all of them together. Empty if no repair is exact.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replacements: Vec<Replacement>,
}

impl Diagnostic {
    /// Returns a diagnostic with the severity of its code.
    pub fn new(code: Code, place: Option<Place>, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            message: message.into(),
            place,
            cell: None,
            labels: Vec::new(),
            help: None,
            replacements: Vec::new(),
        }
    }

    /// Returns a diagnostic at a place in a file.
    pub fn at(code: Code, file: &str, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Some(Place::new(file, span)), message)
    }

    /// Adds what to write instead. The edits of the help are of the file of this diagnostic's place.
    #[must_use]
    pub fn help(mut self, help: impl Into<Help>) -> Self {
        let Help { text, edits } = help.into();
        self.help = Some(text);
        self.replacements = match &self.place {
            None => Vec::new(),
            Some(Place { file, .. }) => {
                let edits = edits.into_iter();
                edits.map(|(at, text)| Replacement { place: Place::new(file.clone(), at), text }).collect()
            }
        };
        self
    }

    /// Adds what to write instead, if `help` is given.
    #[must_use]
    pub(crate) fn maybe_help(self, help: Option<impl Into<Help>>) -> Self {
        match help {
            Some(help) => self.help(help),
            None => self,
        }
    }

    /// Returns the text of `file` with the [`replacements`](Self::replacements) of this diagnostic. Returns `None` if there are none
    /// in this file, or if they do not fit its text.
    pub fn repaired(&self, file: &str, text: &str) -> Option<String> {
        let mut edits: Vec<&Replacement> =
            self.replacements.iter().filter(|edit| edit.place.file == file).collect();
        if edits.is_empty() {
            return None;
        }
        edits.sort_by_key(|edit| edit.place.span);
        let mut repaired = String::with_capacity(text.len());
        let mut done = 0;
        for Replacement { place, text: meant } in edits {
            let range = place.span.range();
            repaired.push_str(text.get(done..range.start)?);
            repaired.push_str(meant);
            done = range.end;
        }
        repaired.push_str(text.get(done..)?);
        Some(repaired)
    }

    /// Adds a second place.
    #[must_use]
    pub fn label(mut self, place: Place, message: impl Into<String>) -> Self {
        self.labels.push(Label { place, cell: None, message: message.into() });
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        match (&self.cell, &self.place) {
            (Some(cell), _) => write!(f, "{cell}: ")?,
            (None, Some(place)) => write!(f, "{}: ", place.file)?,
            (None, None) => {}
        }
        write!(f, "{kind}[{}]: {}", self.code, self.message)
    }
}

/// The diagnostics of one load, in the order of files and places.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// Returns an empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// The most diagnostics that are kept. Nobody reads more, and each takes memory and time, to make and to show.
    pub const MOST: usize = 1_000;

    /// Adds a diagnostic. When there are [`Diagnostics::MOST`], an error takes the place of a warning, and everything else is
    /// dropped.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.0.len() < Self::MOST {
            self.0.push(diagnostic);
        } else if diagnostic.severity == Severity::Error
            && let Some(warning) = self.0.iter_mut().rfind(|kept| kept.severity == Severity::Warning)
        {
            *warning = diagnostic;
        }
    }

    /// Returns whether there are as many errors as are kept, so that looking for more is of no use.
    pub fn is_full(&self) -> bool {
        self.0.len() >= Self::MOST && self.0.iter().all(|kept| kept.severity == Severity::Error)
    }

    /// Returns whether any diagnostic is an error, which keeps the program from loading.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|d| d.severity == Severity::Error)
    }

    /// Sorts by file, place and code and drops exact repeats, so that a report does not depend on the order of checking.
    pub fn settle(&mut self) {
        self.0.sort_by(|a, b| (&a.place, a.code, &a.message).cmp(&(&b.place, b.code, &b.message)));
        self.0.dedup();
    }

    /// Iterates over the diagnostics in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, diagnostic) in self.0.iter().enumerate() {
            if n > 0 {
                writeln!(f)?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

/// Declares the codes once: the enum, the text of each, its severity, and the list for the book.
macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal $severity:ident;)+) => {
        /// The stable name of a kind of fault. `E` codes are errors, `W` codes are warnings.
        ///
        /// `E1xx` files and TOML, `E2xx` terms, `E3xx` what the rule language leaves out, `E4xx` names and
        /// types in rules, `E5xx` cost; `W6xx` lints.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[doc = $doc])+ #[serde(rename = $text)] $name,)+
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Code] = &[$(Code::$name,)+];

            /// The code as it is printed, such as `E301`.
            pub fn text(self) -> &'static str {
                match self { $(Code::$name => $text,)+ }
            }

            /// Returns what the code says, as the book explains it.
            ///
            /// ```
            /// assert!(accrue::diagnostic::Code::UnknownFact.doc().contains("does not exist"));
            /// ```
            pub fn doc(self) -> &'static str {
                match self { $(Code::$name => concat!($($doc),+).trim_ascii(),)+ }
            }

            /// Returns whether an error elsewhere may be the cause: what is missing may stand in what could not be read. Such a
            /// warning waits until the program has no error.
            pub(crate) fn waits(self) -> bool {
                matches!(
                    self,
                    Code::GapInTerms
                        | Code::UnreachableGroup
                        | Code::ShadowedGroup
                        | Code::BandGap
                        | Code::EndsWithoutVerb
                        | Code::Unused
                        | Code::UnreachableCode
                        | Code::UnusedVariable
                        | Code::UnusedValue
                        | Code::NothingToChange
                )
            }

            /// Whether it keeps a program from loading.
            pub fn severity(self) -> Severity {
                match self { $(Code::$name => Severity::$severity,)+ }
            }

            /// What it means, for the reference.
            pub fn meaning(self) -> &'static str {
                match self { $(Code::$name => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

codes! {
    /// A file that the program names is missing.
    MissingFile = "E101" Error;
    /// A file is not UTF-8 text.
    NotUtf8 = "E102" Error;
    /// A file is not valid TOML.
    TomlSyntax = "E103" Error;
    /// A table has a key that it does not know.
    UnknownKey = "E104" Error;
    /// A table lacks a key that it must have.
    MissingKey = "E105" Error;
    /// A value has the wrong type or form.
    WrongValue = "E106" Error;
    /// A number was written as a binary float; write it in quotes.
    BinaryFloat = "E107" Error;
    /// A table has two keys that exclude each other.
    ConflictingKeys = "E108" Error;
    /// A file, list or name is larger than its limit.
    TooLarge = "E109" Error;
    /// The program folder contains a file that is not used, or whose name is not recognised.
    StrayFile = "W110" Warning;
    /// The file is not a WebAssembly component, or this engine cannot run it.
    BadComponent = "E111" Error;
    /// A component imports something.
    ComponentImport = "E112" Error;
    /// A component does not export the function that its place in the contract needs.
    ComponentWorld = "E113" Error;
    /// A file or a text has a character that nobody sees, or that ends lines only for some programs.
    HiddenCharacter = "E114" Error;

    /// Two things of the same kind have the same name.
    DuplicateName = "E201" Error;
    /// Two versions of a contract, or two contracts for one partner, are in force at the same time.
    OverlappingTerms = "E202" Error;
    /// No version of a contract is in force between two of its versions.
    GapInTerms = "W203" Warning;
    /// A name is used that is not declared anywhere.
    UnknownName = "E204" Error;
    /// The period, scope or edge of a limit does not make sense.
    ImpossibleLimit = "E205" Error;
    /// ISO 4217 does not list this currency.
    UnknownCurrency = "E206" Error;
    /// The IANA database does not list this time zone.
    UnknownTimeZone = "E207" Error;
    /// The calendar does not have this date or time.
    ImpossibleDate = "E208" Error;
    /// A limit or a total adds up amounts in two currencies.
    MixedCurrencies = "E209" Error;

    /// The rule is not valid syntax.
    RuleSyntax = "E300" Error;
    /// Closures and function pointers are not in the language.
    NoClosure = "E301" Error;
    /// `while`, `loop` and `do` are not in the language.
    NoLoop = "E302" Error;
    /// A function calls itself, directly or through others.
    NoRecursion = "E303" Error;
    /// `eval` is not in the language.
    NoEval = "E304" Error;
    /// `import` and `export` are not in the language.
    NoImport = "E305" Error;
    /// `try` and `throw` are not in the language.
    NoTry = "E306" Error;
    /// `this` is not in the language.
    NoThis = "E307" Error;
    /// Object maps are not in the language.
    NoMap = "E308" Error;
    /// Arrays cannot be made or changed in a rule.
    NoArray = "E309" Error;
    /// Strings cannot be made or changed in a rule.
    NoStringBuilding = "E310" Error;
    /// `**`, `sqrt`, `exp` and similar functions have no exact decimal result.
    NoInexactMath = "E311" Error;
    /// Integer `/` cuts off the fraction.
    NoIntegerDivision = "E312" Error;
    /// Clocks and random numbers are not in the language.
    NoClock = "E313" Error;
    /// A local name hides a fact, a parameter or a verb.
    NoShadowing = "E314" Error;
    /// A fact or constant cannot be assigned to.
    NoAssignToFact = "E315" Error;
    /// A rule uses characters, bit operations or another part of Rhai that no contract needs.
    NotInLanguage = "E316" Error;
    /// Code is nested deeper than its limit.
    TooDeep = "E317" Error;

    /// A rule uses a fact, field or variable that does not exist.
    UnknownFact = "E401" Error;
    /// A rule calls a function or method that does not exist.
    UnknownFunction = "E402" Error;
    /// A rule uses a verb of another phase.
    WrongPhase = "E403" Error;
    /// An operator or function gets types that it does not take.
    WrongType = "E404" Error;
    /// A value that may be unknown is used without a default or a guard.
    MaybeUnknown = "E405" Error;
    /// A function is called with too few or too many arguments.
    WrongArguments = "E406" Error;
    /// A literal is not a valid amount, date, time or percentage.
    BadLiteral = "E407" Error;
    /// A rule names a reason code, event type or list that is not declared.
    UndeclaredName = "E408" Error;
    /// The branches of an expression have different types.
    BranchTypes = "E409" Error;
    /// A `return`, `break` or `continue` has nothing to leave.
    NothingToLeave = "E410" Error;
    /// A promo code literal is not in upper case, although codes are compared in upper case.
    CodeCase = "E411" Error;

    /// The worst case of a rule is over its budget.
    OverBudget = "E501" Error;
    /// The worst case of a contract version is over the limits of a decision, even for an action with one item.
    DecisionOverBudget = "E502" Error;

    /// A payout group can never be chosen.
    UnreachableGroup = "W601" Warning;
    /// An earlier group matches everything that this group would match.
    ShadowedGroup = "W602" Warning;
    /// Bands leave amounts below the first band without a rate.
    BandGap = "W603" Warning;
    /// Two bands start at the same bound, or bands are not in rising order.
    BandOverlap = "E604" Error;
    /// A rate is above 100%, or below 0%.
    RateAboveWhole = "W605" Warning;
    /// A rule can end without a verb.
    EndsWithoutVerb = "W606" Warning;
    /// No rule reads this parameter, list or total.
    Unused = "W607" Warning;
    /// Money is compared with a literal that has more decimals than its currency.
    TooManyDecimals = "W608" Warning;
    /// This code can never run.
    UnreachableCode = "W609" Warning;
    /// This local variable is never read.
    UnusedVariable = "W610" Warning;
    /// Nothing uses this value.
    UnusedValue = "W611" Warning;
    /// Points, a factor or a deduction stand alone, with nothing to change.
    NothingToChange = "W612" Warning;
    /// A fact is compared with a word that it hardly has.
    UnlikelyWord = "W613" Warning;
    /// The terms name a partner or a group, or compare with a partner's fact, that no partner of the list has.
    UnknownPartner = "W614" Warning;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// Letters of the longest name that is compared with others to find what was meant. Nobody writes longer names by hand, and the
/// work grows with the square of the length.
const COMPARED_LETTERS: usize = 64;

/// Steps of the work for one suggestion: a letter of a known name that is looked at, or two letters that are compared. Some thousand
/// names of the usual length are compared in it, in a millisecond; names after those are not looked at.
const SUGGESTION_STEPS: usize = 100_000;

/// Returns the known name nearest to `written`; `None` if no name is near enough to be meant.
///
/// The work is bounded: names of more than 64 letters are not compared, and of very many names only the first some thousand are.
///
/// ```
/// use accrue::diagnostic::nearest;
/// assert_eq!(nearest("amuont", ["amount", "discount"]), Some("amount"));
/// assert_eq!(nearest("colour", ["amount", "discount"]), None);
/// ```
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A letter has at most four bytes.
    if written.len() > COMPARED_LETTERS * 4 {
        return None;
    }
    let written = written.to_lowercase();
    let mut steps = SUGGESTION_STEPS;
    let mut best: Option<(usize, &str)> = None;
    for name in known {
        let Some(left) = steps.checked_sub(1 + name.len().min(COMPARED_LETTERS * 4)) else { break };
        steps = left;
        if name.len() > COMPARED_LETTERS * 4 {
            continue;
        }
        if let Some(found) = distance(&written, &name.to_lowercase(), &mut steps)
            && best.is_none_or(|(least, of)| (found, name.len()) < (least, of.len()))
        {
            best = Some((found, name));
        }
    }
    best.map(|(_, name)| name)
}

/// Returns how many letters differ; `None` if too many differ for a slip of the hand. Names of several words are compared word by
/// word: `first_touch` is not a misspelt `last_touch`.
fn distance(a: &str, b: &str, steps: &mut usize) -> Option<usize> {
    let words = |text: &str| text.split('_').filter(|word| !word.is_empty()).count();
    if words(a) < 2 || words(a) != words(b) {
        return near(a, b, steps);
    }
    a.split('_').zip(b.split('_')).map(|(a, b)| near(a, b, steps)).sum()
}

/// Returns how many letters of two words are inserted, left out, replaced, or swapped with their neighbour; `None` if more than a
/// third of the shorter word, and at least one, or if there are no steps left.
fn near(a: &str, b: &str, steps: &mut usize) -> Option<usize> {
    let (of_a, of_b) = (a.chars().count(), b.chars().count());
    let most = 1.max(of_a.min(of_b) / 3);
    if of_a.abs_diff(of_b) > most || of_a.max(of_b) > COMPARED_LETTERS {
        return None;
    }
    *steps = steps.checked_sub(of_a * of_b)?;
    Some(strsim::osa_distance(a, b)).filter(|distance| *distance <= most)
}

/// The lines of a text, to find the line and the column of many places.
#[derive(Clone, Debug)]
pub struct Lines<'t> {
    text: &'t str,
    /// The byte at which each line begins.
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    /// Returns the lines of a text.
    pub fn new(text: &'t str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(ends).collect() }
    }

    /// Returns the bytes of a line, counted from 1, without its end; an empty range if there is no such line.
    pub fn range(&self, line: usize) -> std::ops::Range<usize> {
        let at = |line: usize| self.starts.get(line).copied();
        let Some(start) = line.checked_sub(1).and_then(at) else { return self.text.len()..self.text.len() };
        let end = at(line).unwrap_or(self.text.len());
        let text = self.text.get(start..end).unwrap_or_default();
        start..start + text.trim_end_matches(['\n', '\r']).len()
    }

    /// Returns the line and the column of a byte, both from 1. Columns count characters.
    pub fn at(&self, byte: u32) -> (usize, usize) {
        let byte = (byte as usize).min(self.text.len());
        let byte = (0..=byte).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
        let line = self.starts.partition_point(|start| *start <= byte);
        let start = line.checked_sub(1).and_then(|line| self.starts.get(line)).copied().unwrap_or(0);
        (line, self.text.get(start..byte).unwrap_or_default().chars().count() + 1)
    }
}

/// Returns the line and column of a byte in a text, both from 1. Columns count characters. For many places in one text, see
/// [`Lines`].
pub fn line_column(text: &str, at: u32) -> (usize, usize) {
    Lines::new(text).at(at)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn letters_are_swapped_left_out_added_and_replaced() {
        let slips = [
            ("amuont", 1),
            ("amout", 1),
            ("amounts", 1),
            ("anount", 1),
            ("amuomt", 2),
            ("umuomt", 3),
            ("mount", 1),
        ];
        for (written, distance) in slips {
            let expected = (distance <= 2 && (distance < 2 || written.len() >= 6)).then_some(distance);
            assert_eq!(near(written, "amount", &mut 1_000), expected, "{written}");
        }
        assert_eq!(nearest("", ["a", "amount"]), Some("a"));
        assert_eq!(nearest("last_tuoch", ["first_touch", "last_touch"]), Some("last_touch"));
        assert_eq!(nearest("first_touch", ["last_touch"]), None);
        assert_eq!(nearest("größe", ["grosse", "große", "größer"]), Some("große"));
    }

    #[test]
    fn a_suggestion_takes_a_bounded_number_of_steps() {
        let long = |n: usize| format!("{n:0>64}").replace('0', "a");
        let names: Vec<String> = (0..100_000).map(long).collect();
        let began = std::time::Instant::now();
        for n in 0..100 {
            let _ = nearest(&long(n + 7_000_000), names.iter().map(String::as_str));
        }
        assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
        assert_eq!(nearest(&"a".repeat(65), ["a"]), None);
        assert_eq!(nearest("a", [&*"a".repeat(1 << 20), "b"]), Some("b"));
    }

    #[test]
    fn lines_and_columns() {
        let text = "a\nbé\n\nc";
        let at = |byte| Lines::new(text).at(byte);
        assert_eq!(
            [at(0), at(1), at(2), at(3), at(4), at(5)],
            [(1, 1), (1, 2), (2, 1), (2, 2), (2, 2), (2, 3)]
        );
        assert_eq!([at(6), at(7), at(8), at(99)], [(3, 1), (4, 1), (4, 2), (4, 2)]);
        assert_eq!(line_column(text, 3), (2, 2));
    }

    #[test]
    fn a_load_keeps_a_bounded_number_of_diagnostics_and_errors_before_warnings() {
        let of = |code, n: usize| Diagnostic::new(code, None, format!("{n:05}"));
        let mut found = Diagnostics::new();
        for n in 0..3_000 {
            found.push(of(Code::Unused, n));
        }
        // Warnings do not keep a program from loading, so that the rest of it is still read.
        assert_eq!((found.0.len(), found.is_full()), (Diagnostics::MOST, false));
        assert!(!found.has_errors());
        for n in 0..3_000 {
            found.push(of(Code::UnknownName, n));
        }
        assert_eq!((found.0.len(), found.is_full()), (Diagnostics::MOST, true));
        assert!(found.iter().all(|diagnostic| diagnostic.severity == Severity::Error));
    }
}
