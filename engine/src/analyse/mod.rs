//! Static answers: what the conditions of a program say of every action, without any action.
//!
//! Each condition becomes a formula over the facts it reads (`condition`), and formulas become boxes of values (`logic`). What no
//! box allows never happens. Whatever is reported is shown by an action that the engine has decided (`prover`); what cannot be shown or
//! decided is said to be undecided. This module changes nothing and decides nothing.

mod condition;
mod draft;
mod finder;
mod finding;
mod groups;
mod limits;
mod logic;
mod parts;
mod prover;
mod space;
mod study;
mod values;
mod verbs;
mod witness;

use std::collections::{HashMap, HashSet};

pub(crate) use draft::compare;
pub use draft::{Answer, ContractComparison, Difference, DraftComparison};
pub use finding::{Analysis, Expected, Finding, FindingKind, Other, Undecided, Weight, Witness};

use crate::decide::ProgramView;
use crate::diagnostic::{Code, Diagnostics, Place};
use crate::facts::Reference;
use crate::terms::Version;
use finder::Finder;
use logic::Work;
use prover::Prover;
use study::Study;

/// The most comparisons of two sets of values in one analysis, which take a second or two. A contract of 200 groups with four conditions each
/// takes some 200,000.
const MOST_WORK: u64 = 10_000_000;

/// Analyses every version of every contract.
pub(crate) fn analyse(view: ProgramView<'_>, warnings: &Diagnostics, reference: &Reference) -> Analysis {
    let of_groups = |code| matches!(code, Code::UnreachableGroup | Code::ShadowedGroup);
    let warned = warnings.iter().filter(|warning| of_groups(warning.code));
    let warned: HashSet<Place> = warned.filter_map(|warning| warning.place.clone()).collect();
    let mut prover = Prover::new(view, reference);
    let mut analysis = Analysis::default();
    let mut work = Work { left: MOST_WORK };
    for contract in &view.terms.contracts {
        for versions in contract.versions.chunk_by(|one, other| one.number == other.number) {
            let mut found = Vec::new();
            for version in versions {
                let study = Study::new(view.terms, contract, version, work);
                let mut finder = Finder {
                    study,
                    prover: &mut prover,
                    warned: &warned,
                    findings: Vec::new(),
                    undecided: Vec::new(),
                };
                finder.restrictions();
                finder.groups();
                finder.overlaps();
                finder.windows();
                finder.limits();
                work = finder.study.work;
                found.push((finder.findings, finder.undecided));
            }
            keep_common(versions, found, &mut analysis);
        }
        if work.left == 0 {
            analysis.undecided.push(Undecided {
                contract: contract.name.clone(),
                version: contract.versions.last().map_or(0, |version| version.number),
                name: String::new(),
                why: format!("the analysis ended after {MOST_WORK} comparisons"),
            });
            break;
        }
    }
    analysis
}

/// Keeps what is found in every version that has the place: payouts by event type and by currency make several versions of one text, and
/// what never applies in one of them may apply in another.
fn keep_common(versions: &[Version], found: Vec<(Vec<Finding>, Vec<Undecided>)>, analysis: &mut Analysis) {
    let mut of_owner: HashMap<&Place, usize> = HashMap::new();
    for version in versions {
        for place in places(version).collect::<HashSet<_>>() {
            *of_owner.entry(place).or_default() += 1;
        }
    }
    let key = |finding: &Finding| {
        (finding.kind, finding.name.clone(), finding.place.clone(), finding.message.clone())
    };
    let mut times: HashMap<(FindingKind, String, Place, String), usize> = HashMap::new();
    for finding in found.iter().flat_map(|(findings, _)| findings) {
        let key = key(finding);
        *times.entry(key).or_default() += 1;
    }
    let owner = |finding: &Finding| {
        let mut owners = versions.iter().filter_map(|version| named(version, &finding.name));
        owners.find_map(|place| of_owner.get(place).copied()).unwrap_or(1)
    };
    for (findings, undecided) in found {
        for finding in findings {
            let key = key(&finding);
            // Once it is reported it is not reported again.
            if times.get(&key).is_some_and(|times| *times >= owner(&finding)) {
                times.remove(&key);
                analysis.findings.push(finding);
            }
        }
        for entry in undecided {
            if !analysis.undecided.contains(&entry) {
                analysis.undecided.push(entry);
            }
        }
    }
}

/// Returns the places of the restrictions, payout groups and limits of a version.
fn places(version: &Version) -> impl Iterator<Item = &Place> {
    let restrictions = version.restrictions.iter().map(|restriction| &restriction.place);
    let groups = version.groups().map(|group| &group.place);
    restrictions.chain(groups).chain(version.limits.iter().map(|limit| &limit.place))
}

/// Returns the place of the restriction, payout group or limit with this name.
fn named<'v>(version: &'v Version, name: &str) -> Option<&'v Place> {
    let restrictions = version.restrictions.iter().map(|it| (&it.name, &it.place));
    let groups = version.groups().map(|it| (&it.name, &it.place));
    let limits = version.limits.iter().map(|it| (&it.name, &it.place));
    restrictions.chain(groups).chain(limits).find(|(of, _)| *of == name).map(|(_, place)| place)
}
