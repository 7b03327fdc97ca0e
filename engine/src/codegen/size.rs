//! The size of compiled rules, and the bounds that it must keep before a compiler sees it.
//!
//! A compiler of native code is the one part of running rules whose time and memory fuel does not bound. Where control flow
//! joins, it may need a value for each local, so its memory grows with the blocks of a function times its locals: a rule of 64 kB
//! that declares locals and fails often would take gigabytes. Components are held to bounds of the same kind
//! (`accrue_sandbox::GuardLimits`).

use std::fmt;

use crate::diagnostic::Place;
use crate::terms::Version;

/// What the measures of [`CodeSize`] are called.
const TEXT: &str = "bytes of rule text";
const BYTES: &str = "bytes of code";
const JOINS: &str = "blocks times locals";
const DATA: &str = "bytes of texts and lists";

/// The bytes that each rule counts besides its text: a short rule takes as long to compile as this many bytes of a long rule.
const RULE_BYTES: u64 = 128;

/// The most bytes of one function. A script of 900 branches has some 70 kB, the call of 2,000 groups one by one as much.
const FUNCTION_BYTES: u64 = 128 << 10;

/// The most locals of one function, parameters included.
const FUNCTION_LOCALS: u64 = 1_000;

/// The most blocks of one function times its locals. Each takes a compiler some six bytes. A script of 900 branches has 826,000.
const FUNCTION_JOINS: u64 = 1_000_000;

/// The most functions of one module. A compiler takes some 140 kB for each, however small it is.
const FUNCTIONS: u64 = 1_200;

/// What compiling rules takes: their text, and the code and data that they become.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CodeSize {
    /// Bytes of rule text, each time that a version uses a rule; a short rule counts as `RULE_BYTES`.
    pub text: u64,
    /// Bytes of all functions.
    pub bytes: u64,
    /// Blocks times locals, summed over all functions.
    pub joins: u64,
    /// Bytes of constant texts, named lists and tables at the beginning of memory.
    pub data: u64,
}

impl CodeSize {
    /// The most that a module may have that is compiled when its program is loaded: a quarter of a second of work, and some 150 MB. A
    /// thousand groups with three conditions each have 200 kB of code.
    pub const MODULE: Self = Self { text: 1 << 20, bytes: 256 << 10, joins: 4_000_000, data: 4 << 20 };

    /// The most that a module may have that is compiled when an action first needs it, since the action waits: a fraction of a
    /// second of work. For larger programs the interpreter decides these actions, which are few: amounts of more than 64 bits, rules
    /// that fail, and traces.
    pub const LATER: Self = Self { text: 256 << 10, bytes: 192 << 10, joins: 2_000_000, data: 4 << 20 };

    /// Returns the text of a version's rules, which is known before any code is generated.
    pub fn text_of(version: &Version) -> Self {
        let text =
            version.computing().map(|rule| rule.text_bytes as u64 + RULE_BYTES).fold(0, u64::saturating_add);
        Self { text, ..Self::default() }
    }

    /// Returns what is left after `other` is taken, or what is exceeded.
    ///
    /// # Errors
    ///
    /// [`Excess`]: the first measure of which there is too little.
    pub fn less(self, other: Self) -> Result<Self, Excess> {
        let left = |what, has: u64, takes: u64| {
            has.checked_sub(takes).ok_or(Excess { what, found: takes, most: has, place: None })
        };
        Ok(Self {
            text: left(TEXT, self.text, other.text)?,
            bytes: left(BYTES, self.bytes, other.bytes)?,
            joins: left(JOINS, self.joins, other.joins)?,
            data: left(DATA, self.data, other.data)?,
        })
    }
}

/// Why rules are not compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excess {
    /// What there is too much of.
    pub what: &'static str,
    /// How much there is.
    pub found: u64,
    /// The most there may be.
    pub most: u64,
    /// The rule; `None` if no single rule has too much.
    pub place: Option<Place>,
}

impl Excess {
    /// Returns the number in `all` of what there is too much of.
    pub fn of(&self, all: CodeSize) -> u64 {
        match self.what {
            TEXT => all.text,
            BYTES => all.bytes,
            JOINS => all.joins,
            _ => all.data,
        }
    }
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "`{}` has ", place.file)?;
        }
        write!(f, "{} {}, more than the {} that compiled rules may have", self.found, self.what, self.most)
    }
}

/// The size of one function.
#[derive(Clone, Copy, Debug)]
pub(super) struct FunctionSize {
    pub(super) bytes: u64,
    pub(super) locals: u64,
    pub(super) blocks: u64,
}

impl FunctionSize {
    /// Returns the blocks times the locals, or what is exceeded.
    pub(super) fn joins(self, place: Option<&Place>) -> Result<u64, Excess> {
        let bounded = |what, found, most| match found <= most {
            true => Ok(found),
            false => Err(Excess { what, found, most, place: place.cloned() }),
        };
        bounded("bytes in one function", self.bytes, FUNCTION_BYTES)?;
        bounded("locals in one function", self.locals, FUNCTION_LOCALS)?;
        bounded(
            "blocks times locals in one function",
            self.blocks.saturating_mul(self.locals),
            FUNCTION_JOINS,
        )
    }
}

/// Adds up the functions of one module.
#[derive(Clone, Debug)]
pub(super) struct Sum {
    most: CodeSize,
    size: CodeSize,
    functions: u64,
    excess: Option<Excess>,
}

impl Sum {
    /// Returns the sum of nothing. The module may have `most`.
    pub(super) fn new(most: CodeSize) -> Self {
        Self { most, size: CodeSize::default(), functions: 0, excess: None }
    }

    /// Adds a function. `place` is the rule that it belongs to.
    pub(super) fn add(&mut self, function: FunctionSize, place: Option<&Place>) {
        self.functions += 1;
        let too_many = Excess { what: "functions", found: self.functions, most: FUNCTIONS, place: None };
        let joins = if self.functions > FUNCTIONS { Err(too_many) } else { function.joins(place) };
        let added = joins.and_then(|joins| {
            self.size.bytes += function.bytes;
            self.size.joins += joins;
            self.most.less(self.size)
        });
        if let Err(excess) = added {
            self.excess.get_or_insert(excess);
        }
    }

    /// Adds data.
    pub(super) fn data(&mut self, bytes: u64) {
        self.size.data = self.size.data.saturating_add(bytes);
        if let Err(excess) = self.most.less(self.size) {
            self.excess.get_or_insert(excess);
        }
    }

    /// Returns whether a bound is exceeded, so that nothing more needs to be generated.
    pub(super) fn is_over(&self) -> bool {
        self.excess.is_some()
    }

    /// Returns the size, or what is exceeded.
    pub(super) fn settle(&self) -> Result<CodeSize, Excess> {
        self.excess.clone().map_or(Ok(self.size), Err)
    }
}
