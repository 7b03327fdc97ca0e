//! What a draft changes, in the words of its author.

use std::fmt;

use accrue::diagnostic::Place;
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;

/// One change of a draft: something that its author recognises, such as a rate of a payout group.
///
/// [`changes`](crate::changes) finds them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
#[schemars(rename = "DraftChange")]
pub struct Change {
    /// What is changed.
    pub kind: ChangeKind,
    /// How it is changed.
    pub how: How,
    /// The name of what is changed, such as that of the payout group; the path of a file.
    pub name: String,
    /// The contract version that says it: that of the draft, or the old one if it is removed. `None` for what holds for the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract: Option<VersionName>,
    /// What it was and what it is, key by key. Empty for whole files and for an order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<Edit>,
    /// For a file of text: the lines that differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Lines>,
    /// Where it is written: in the draft, or in the old program if it is removed. `None` for what is not text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The line of the place, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The first date on which an action may be decided differently, in the program's time zone. `None` if it takes effect at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub takes_effect: Option<NaiveDate>,
}

/// What a change is about. Steps are made in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChangeKind {
    /// A declaration or a setting of `program.toml`.
    Program,
    /// A file of functions.
    Functions,
    /// A list, or the file of its values.
    List,
    /// A parameter of a contract.
    Parameter,
    /// A total.
    Total,
    /// The credit policy, the commissionable amount, the rounding, dates, and other settings of a contract.
    Terms,
    /// A rule file.
    Rule,
    /// A file of a table.
    Table,
    /// A component.
    Component,
    /// A payout restriction.
    Restriction,
    /// The default payout, and how groups are chosen.
    Payout,
    /// A payout group.
    Group,
    /// A limit.
    Limit,
    /// A bonus.
    Bonus,
    /// For whom and when a contract version holds.
    Validity,
    /// A whole contract version.
    Version,
}

impl ChangeKind {
    /// Returns the word for people, such as `group`.
    pub fn text(self) -> &'static str {
        match self {
            Self::Program => "program",
            Self::Functions => "functions",
            Self::List => "list",
            Self::Parameter => "parameter",
            Self::Total => "total",
            Self::Terms => "terms",
            Self::Rule => "rule",
            Self::Table => "table",
            Self::Component => "component",
            Self::Restriction => "restriction",
            Self::Payout => "payout",
            Self::Group => "group",
            Self::Limit => "limit",
            Self::Bonus => "bonus",
            Self::Validity => "validity",
            Self::Version => "version",
        }
    }
}

/// How something is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum How {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It says something else.
    Changed,
    /// Entries of a list stand in another order.
    Reordered,
}

/// A contract version by name and number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct VersionName {
    /// The name of the contract.
    pub name: String,
    /// The number of the version.
    pub version: i64,
}

impl fmt::Display for VersionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// One value that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Edit {
    /// The key, such as `rate` or `bands.2.points`; empty if what is changed is one value.
    pub key: String,
    /// The old value; `None` if the key is new. A long value is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// The new value; `None` if the key is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
}

/// How many lines of a file differ. Lines that only stand elsewhere are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Lines {
    /// Lines that are new.
    pub added: u64,
    /// Lines that are gone.
    pub removed: u64,
}

/// The most edits that [`Change`] names in its text.
const SHOWN_EDITS: usize = 3;

/// Such as ``group `vip`: rate 10% → 12%``. Names and values are as the sources have them, so whoever shows the text escapes it.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.kind.text(), self.name)?;
        match self.how {
            How::Added => return f.write_str(" added"),
            How::Removed => return f.write_str(" removed"),
            How::Reordered => return f.write_str(" in another order"),
            How::Changed => {}
        }
        if let Some(Lines { added, removed }) = self.lines {
            return write!(f, ": lines +{added} −{removed}");
        }
        for (n, edit) in self.edits.iter().take(SHOWN_EDITS).enumerate() {
            f.write_str(if n == 0 { ": " } else { ", " })?;
            if !edit.key.is_empty() {
                write!(f, "{} ", edit.key)?;
            }
            let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "(none)".to_owned());
            write!(f, "{} → {}", shown(&edit.old), shown(&edit.new))?;
        }
        match self.edits.len().saturating_sub(SHOWN_EDITS) {
            0 => Ok(()),
            more => write!(f, ", {more} more"),
        }
    }
}
