//! Checks versions against each other: reports overlaps, gaps, and two contracts for the same partners.

use std::collections::{BTreeMap, HashMap};

use super::draft::Draft;
use super::model::{LimitMax, Scope};
use super::read::{At, shown};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, Span};
use crate::money::Currency;
use crate::time::Interval;

/// Checks the versions of one contract, in the order in which they begin.
pub(super) fn check_contract(versions: &[&Draft], out: &mut Diagnostics) {
    let mut numbers: BTreeMap<u32, &Draft> = BTreeMap::new();
    for draft in versions {
        let Some(number) = &draft.number else { continue };
        if let Some(earlier) = numbers.insert(number.value, draft) {
            let message = format!("there is a version {} of this contract already", number.value);
            let diagnostic = Diagnostic::at(Code::DuplicateName, &draft.version.file, number.span, message);
            let diagnostic =
                label(diagnostic, earlier, earlier.number.as_ref().map(|at| at.span), "the first one");
            out.push(diagnostic.help("give each version its own number"));
        }
    }
    let sound: Vec<&&Draft> = versions.iter().filter(|draft| draft.sound).collect();
    for (n, draft) in sound.iter().enumerate() {
        let Some(before) = n.checked_sub(1).and_then(|n| sound.get(n)) else { continue };
        if let (Some(number), Some(earlier)) = (&draft.number, &before.number)
            && number.value < earlier.value
        {
            let message = format!("version {} begins after version {}", number.value, earlier.value);
            let diagnostic = Diagnostic::at(Code::WrongValue, &draft.version.file, number.span, message);
            let diagnostic = label(diagnostic, before, Some(earlier.span), "this version begins earlier");
            out.push(diagnostic.help("number the versions in the order in which they begin"));
        }
        let overlapped =
            sound.iter().take(n).find(|other| other.version.effective.overlaps(draft.version.effective));
        if let Some(other) = overlapped {
            overlap(draft, other, out);
        } else {
            gap(draft, before, out);
        }
    }
}

fn overlap(draft: &Draft, other: &Draft, out: &mut Diagnostics) {
    let name = |draft: &Draft| match &draft.number {
        Some(number) => format!("version {}", number.value),
        None => format!("`{}`", draft.version.file),
    };
    let message = format!("{} begins while {} is still in force", name(draft), name(other));
    let Some(from) = &draft.from else { return };
    let diagnostic = Diagnostic::at(Code::OverlappingTerms, &draft.version.file, from.span, message);
    let until = if other.until.is_some() { "it ends here" } else { "it has no `effective_until`" };
    let diagnostic =
        label(diagnostic, other, other.until.as_ref().or(other.from.as_ref()).map(|at| at.span), until);
    let end = from.value.end_before();
    let help = if other.from.as_ref().is_some_and(|other| other.value == from.value) {
        "let one of them begin later".to_owned()
    } else {
        format!("end {} first: `effective_until = {end}`", name(other))
    };
    out.push(diagnostic.help(help));
}

fn gap(draft: &Draft, before: &Draft, out: &mut Diagnostics) {
    let (Some(until), Some(from)) = (&before.until, &draft.from) else { return };
    if before.version.effective.until < draft.version.effective.from {
        let message = format!("no version is in force between `{}` and `{}`", until.value, from.value);
        let diagnostic = Diagnostic::at(Code::GapInTerms, &draft.version.file, from.span, message);
        let diagnostic = label(diagnostic, before, Some(until.span), "the version before ends here");
        out.push(
            diagnostic.help("let the versions meet, unless the gap is meant; actions in it are rejected"),
        );
    }
}

/// Checks that no limit and no total adds amounts of two currencies. A total belongs to the contract or to the program and not to
/// one version, so every version that it counts must pay in one currency.
pub(super) fn check_currencies(contracts: &[Vec<&Draft>], out: &mut Diagnostics) {
    let everything: Vec<&Draft> = contracts.iter().flatten().copied().collect();
    // The first version that does not pay in a currency.
    let first_other = |counted: &[&Draft], currency: Currency| {
        counted.iter().position(|other| !other.currencies.contains(&currency))
    };
    let mut of_all: HashMap<Currency, Option<usize>> = HashMap::new();
    for versions in contracts {
        let mut of_contract: HashMap<Currency, Option<usize>> = HashMap::new();
        for draft in versions {
            let limits =
                draft.version.limits.iter().zip(&draft.limit_counters).filter_map(|(limit, counter)| {
                    let adds_up = matches!(limit.max, LimitMax::Money(_));
                    adds_up.then_some((&limit.name, limit.place.clone(), counter.as_ref()?))
                });
            let totals = draft.totals.iter().zip(&draft.total_counters).map(|((name, span), counter)| {
                (name, Place::new(draft.version.file.clone(), *span), counter)
            });
            for (name, place, counter) in limits.chain(totals) {
                if counter.per == [Scope::Action] {
                    continue;
                }
                let across = counter.per.contains(&Scope::Program);
                let (counted, known) =
                    if across { (&everything, &mut of_all) } else { (versions, &mut of_contract) };
                let currency = draft.version.currency;
                // A file that pays in several currencies keeps the sums of each apart.
                let other = *known.entry(currency).or_insert_with(|| first_other(counted, currency));
                let Some(other) = other.and_then(|other| counted.get(other)) else { continue };
                let there = other.version.currency;
                let message = format!("`{}` would add up amounts in `{currency}` and `{there}`", shown(name));
                let help = if across {
                    "count per contract, without `program` in `per`, or let every contract pay in one currency"
                } else {
                    "let every version of a contract pay in one currency, or make it another contract"
                };
                let diagnostic = Diagnostic::new(Code::MixedCurrencies, Some(place), message);
                let at = other.contract.as_ref().map(|at| at.span);
                out.push(label(diagnostic, other, at, &format!("this version pays in `{there}`")).help(help));
            }
        }
    }
}

fn label(diagnostic: Diagnostic, draft: &Draft, at: Option<Span>, message: &str) -> Diagnostic {
    diagnostic.label(Place::new(draft.version.file.clone(), at.unwrap_or_default()), message)
}

/// A partner, a group, or everybody, claimed by one contract for an interval.
struct Claim<'d> {
    draft: &'d Draft,
    at: Span,
}

/// Checks that no two contracts claim the same partners at the same time.
pub(super) fn check_claims(contracts: &[Vec<&Draft>], out: &mut Diagnostics) {
    let all = || contracts.iter().flatten().filter(|draft| draft.sound);
    let everybody = all()
        .filter(|draft| draft.ids.is_empty() && draft.groups.is_empty())
        .map(|draft| Claim { draft, at: draft.contract.as_ref().map(|at| at.span).unwrap_or_default() });
    clash("everybody who has no contract of their own", everybody.collect(), out);
    for (what, claims) in named(all(), |draft| &draft.ids) {
        clash(&format!("the partner `{}`", shown(&what)), claims, out);
    }
    for (what, claims) in named(all(), |draft| &draft.groups) {
        clash(&format!("the group `{}`", shown(&what)), claims, out);
    }
}

fn named<'d>(
    drafts: impl Iterator<Item = &'d &'d Draft>,
    names: impl Fn(&'d Draft) -> &'d [At<String>],
) -> BTreeMap<String, Vec<Claim<'d>>> {
    let mut claims: BTreeMap<String, Vec<Claim<'d>>> = BTreeMap::new();
    for draft in drafts {
        for name in names(draft) {
            claims.entry(name.value.clone()).or_default().push(Claim { draft, at: name.span });
        }
    }
    claims
}

fn clash(what: &str, claims: Vec<Claim<'_>>, out: &mut Diagnostics) {
    for (claim, earlier) in overlapping(&claims) {
        let message = format!(
            "the contracts `{}` and `{}` are for {what} at the same time",
            shown(earlier.contract()),
            shown(claim.contract())
        );
        let diagnostic = Diagnostic::at(Code::OverlappingTerms, &claim.draft.version.file, claim.at, message);
        let diagnostic = label(diagnostic, earlier.draft, Some(earlier.at), "the other contract");
        out.push(
            diagnostic.help("say in `[partners]` whose each contract is, or end one before the other begins"),
        );
    }
}

impl Claim<'_> {
    fn contract(&self) -> &str {
        self.draft.contract.as_ref().map_or("", |at| at.value.as_str())
    }

    fn effective(&self) -> Interval {
        self.draft.version.effective
    }
}

/// Returns pairs of claims of two contracts at the same time, the later of the list first: one pair for each claim that begins
/// while another is in force, which is enough to find the others. Takes each claim once, in the order in which they begin.
fn overlapping<'c, 'd>(claims: &'c [Claim<'d>]) -> Vec<(&'c Claim<'d>, &'c Claim<'d>)> {
    let mut order: Vec<usize> = (0..claims.len()).collect();
    order.sort_by_key(|index| claims.get(*index).map(|claim| claim.effective().from));
    // The claims of two contracts that end last so far.
    let mut last: [Option<usize>; 2] = [None, None];
    let mut found = Vec::new();
    let get = |index: usize| claims.get(index);
    for index in order {
        let Some(claim) = get(index) else { continue };
        let other = last.into_iter().flatten().find(|before| {
            get(*before).is_some_and(|before| {
                before.contract() != claim.contract() && before.effective().overlaps(claim.effective())
            })
        });
        if let Some(other) = other {
            found.extend(get(index.max(other)).zip(get(index.min(other))));
        }
        // `None` is no end.
        let end = |index: usize| {
            get(index).map(|claim| claim.effective().until.map_or((1, None), |end| (0, Some(end))))
        };
        let same = last.iter().position(|before| {
            before.and_then(get).is_some_and(|before| before.contract() == claim.contract())
        });
        let place = same.or_else(|| last.iter().position(Option::is_none)).or_else(|| {
            let [first, second] = last.map(|before| before.and_then(end));
            Some(usize::from(second < first))
        });
        if let Some(place) = place.and_then(|place| last.get_mut(place))
            && place.and_then(end) < end(index)
        {
            *place = Some(index);
        }
    }
    found
}
