//! Boolean combinations of statements about variables, and the boxes that they allow. A box gives each variable a set of values.
//!
//! Variables are taken as independent of each other, which real facts are not always. So a formula without a box is never true, and one
//! with a box may be.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::values::{Known, Values};

/// A variable, by its number in the [`Domains`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Var(pub(super) u32);

/// A condition over variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Formula {
    /// Always or never.
    Const(bool),
    /// A variable has one of these values.
    Is(Var, Values),
    /// All hold.
    All(Vec<Formula>),
    /// One holds.
    Any(Vec<Formula>),
}

/// A test of a text: which texts it accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    /// It begins so.
    Prefix(Arc<str>),
    /// It ends so.
    Suffix(Arc<str>),
    /// It has this in it.
    Part(Arc<str>),
}

impl Pattern {
    pub(super) fn accepts(&self, text: &str) -> bool {
        match self {
            Self::Prefix(prefix) => text.starts_with(&**prefix),
            Self::Suffix(suffix) => text.ends_with(&**suffix),
            Self::Part(part) => text.contains(&**part),
        }
    }
}

/// What is known of all variables: the values that each may have, and which truth values say something about the text of another.
#[derive(Clone, Debug, Default)]
pub(super) struct Domains {
    pub(super) values: Vec<Values>,
    /// By text variable: the variables that say whether a pattern accepts the text.
    pub(super) patterns: BTreeMap<Var, Vec<(Pattern, Var)>>,
    /// By such a variable, the text that it says something about.
    pub(super) about: BTreeMap<Var, Var>,
}

/// What each variable may be. A variable that is not listed may be all that its domain has.
pub(super) type Region = BTreeMap<Var, Values>;

/// The most boxes that a condition may come to. People write conditions of some ten; beyond this a condition is not decided.
pub(super) const MOST_BOXES: usize = 256;

/// The work that is left to an analysis, in comparisons of two sets of values. Work that has run out is said, and what it was for is
/// not decided.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    pub(super) left: u64,
}

impl Work {
    /// Takes one comparison; `None` if none is left.
    pub(super) fn spend(&mut self) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        Some(())
    }
}

impl Formula {
    /// Returns the condition that all hold.
    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::joined(parts, true)
    }

    /// Returns the condition that one holds.
    pub(super) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::joined(parts, false)
    }

    fn joined(parts: impl IntoIterator<Item = Self>, all: bool) -> Self {
        let mut sets: BTreeMap<Var, Values> = BTreeMap::new();
        let mut others = Vec::new();
        let mut take = |part: Self| match part {
            Self::Const(value) => value != all,
            Self::Is(var, values) => {
                let joined = match sets.get(&var) {
                    Some(before) if all => before.and(&values),
                    Some(before) => before.or(&values),
                    None => values,
                };
                sets.insert(var, joined);
                false
            }
            other => {
                others.push(other);
                false
            }
        };
        for part in parts {
            let decided = match part {
                Self::All(parts) if all => parts.into_iter().any(&mut take),
                Self::Any(parts) if !all => parts.into_iter().any(&mut take),
                part => take(part),
            };
            if decided {
                return Self::Const(!all);
            }
        }
        let mut parts: Vec<Self> = sets.into_iter().map(|(var, values)| Self::Is(var, values)).collect();
        parts.extend(others);
        match (parts.len(), all) {
            (0, _) => Self::Const(all),
            (1, _) => parts.swap_remove(0),
            (_, true) => Self::All(parts),
            (_, false) => Self::Any(parts),
        }
    }

    /// Returns the condition that this one does not hold.
    pub(super) fn negated(&self, domains: &Domains) -> Self {
        match self {
            Self::Const(value) => Self::Const(!value),
            Self::Is(var, values) => Self::Is(*var, domains.of(*var).without(values)),
            Self::All(parts) => Self::any(parts.iter().map(|part| part.negated(domains))),
            Self::Any(parts) => Self::all(parts.iter().map(|part| part.negated(domains))),
        }
    }
}

impl Domains {
    pub(super) fn of(&self, var: Var) -> Values {
        let none = Values::known(Known::Bools { no: true, yes: true });
        self.values.get(var.0 as usize).cloned().unwrap_or(none)
    }

    /// Returns what a variable may be in a region.
    pub(super) fn in_region(&self, region: &Region, var: Var) -> Values {
        region.get(&var).cloned().unwrap_or_else(|| self.of(var))
    }

    /// Returns the part of a region in which a variable has one of these values; `None` if there is none.
    fn narrowed(&self, region: &Region, var: Var, values: &Values) -> Option<Region> {
        let joined = match region.get(&var) {
            Some(before) => before.and(values),
            None => self.of(var).and(values),
        };
        if joined.is_empty() {
            return None;
        }
        let mut region = region.clone();
        region.insert(var, joined);
        let text = self.about.get(&var).copied().unwrap_or(var);
        self.fits_patterns(region, text)
    }

    /// Takes the texts out of a region that its patterns do not accept.
    fn fits_patterns(&self, mut region: Region, text: Var) -> Option<Region> {
        let Some(patterns) = self.patterns.get(&text) else { return Some(region) };
        let asked: Vec<(&Pattern, bool)> = patterns
            .iter()
            .filter_map(|(pattern, var)| match region.get(var)?.known {
                Known::Bools { no: false, yes: true } => Some((pattern, true)),
                Known::Bools { no: true, yes: false } => Some((pattern, false)),
                _ => None,
            })
            .collect();
        let prefixes = asked.iter().filter_map(|(pattern, accepted)| match pattern {
            Pattern::Prefix(prefix) => Some((prefix, *accepted)),
            _ => None,
        });
        // A text that begins with one word cannot begin with another, and begins with every shorter one.
        for (one, is_one) in prefixes.clone() {
            for (other, is_other) in prefixes.clone() {
                let clash = is_one
                    && ((is_other && !one.starts_with(&**other) && !other.starts_with(&**one))
                        || (!is_other && one.starts_with(&**other)));
                if clash {
                    return None;
                }
            }
        }
        if let Some(values) = region.get_mut(&text)
            && let Known::Texts(texts) = &mut values.known
            && !texts.all_but
        {
            texts.listed.retain(|text| asked.iter().all(|(pattern, is)| pattern.accepts(text) == *is));
            if values.is_empty() {
                return None;
            }
        }
        Some(region)
    }

    /// Returns the parts of regions in which a condition holds. Returns `None` if there are too many, or the work has run out.
    pub(super) fn within(
        &self,
        regions: Vec<Region>,
        formula: &Formula,
        work: &mut Work,
    ) -> Option<Vec<Region>> {
        match formula {
            Formula::Const(true) => Some(regions),
            Formula::Const(false) => Some(Vec::new()),
            Formula::Is(var, values) => {
                let mut found = Vec::with_capacity(regions.len());
                for region in &regions {
                    work.spend()?;
                    found.extend(self.narrowed(region, *var, values));
                }
                Some(found)
            }
            Formula::All(parts) => {
                let mut regions = regions;
                for part in parts {
                    if regions.is_empty() {
                        break;
                    }
                    regions = self.within(regions, part, work)?;
                }
                Some(regions)
            }
            Formula::Any(parts) => {
                let (mut found, mut rest) = (Vec::new(), regions);
                for part in parts {
                    if rest.is_empty() {
                        break;
                    }
                    found.extend(self.within(rest.clone(), part, work)?);
                    // What the first parts take need not be looked at again.
                    if matches!(part, Formula::Is(..)) {
                        rest = self.within(rest, &part.negated(self), work)?;
                    }
                    if found.len() > MOST_BOXES {
                        return None;
                    }
                }
                Some(found)
            }
        }
    }

    /// Returns the parts of regions in which a condition does not hold, in boxes that do not overlap.
    pub(super) fn outside(
        &self,
        regions: Vec<Region>,
        formula: &Formula,
        work: &mut Work,
    ) -> Option<Vec<Region>> {
        let mut found = Vec::with_capacity(regions.len());
        for region in regions {
            match self.touches(&region, formula, work)? {
                true => found.extend(self.within(vec![region], &formula.negated(self), work)?),
                false => found.push(region),
            }
            if found.len() > MOST_BOXES {
                return None;
            }
        }
        Some(found)
    }

    /// Returns whether a condition may hold somewhere in a region. May say so although it does not.
    pub(super) fn touches(&self, region: &Region, formula: &Formula, work: &mut Work) -> Option<bool> {
        work.spend()?;
        Some(match formula {
            Formula::Const(value) => *value,
            Formula::Is(var, values) => match region.get(var) {
                Some(before) => before.meets(values),
                None => self.values.get(var.0 as usize).is_some_and(|all| all.meets(values)),
            },
            Formula::All(parts) => {
                for part in parts {
                    if !self.touches(region, part, work)? {
                        return Some(false);
                    }
                }
                true
            }
            Formula::Any(parts) => {
                for part in parts {
                    if self.touches(region, part, work)? {
                        return Some(true);
                    }
                }
                false
            }
        })
    }
}
