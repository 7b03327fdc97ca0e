//! Resolves what rules read of declared totals: a sum before or with this action, or of an earlier period.

use chrono::NaiveDate;
use rhai::{Expr as Tree, FnCallExpr};

use super::chain::Link;
use super::checker::{Checker, Checking, Failed};
use super::words;
use crate::diagnostic::{Code, Help, Span};
use crate::lang::env::TotalName;
use crate::lang::ir::{Expr, ExprKind, TotalAt, TotalField, TotalSum};
use crate::lang::types::{Phase, Type};
use crate::period::Period;
use crate::synonyms::Of;

/// Returns whether whole periods make a calendar year.
fn divides_a_year(period: Period) -> bool {
    matches!(period, Period::Day | Period::HalfMonth | Period::Month | Period::Quarter | Period::Year)
}

impl<'c> Checker<'c, '_> {
    /// Checks a chain that begins with `totals`.
    pub(super) fn total(&mut self, at: Span, links: &[Link<'c>]) -> Checking<Expr> {
        let (name, name_at) = self.member("totals", at, links)?;
        if self.phase.is_count() {
            let message = "what totals and limits count cannot depend on a total";
            let help = "ask the total where it is used: in a restriction or in a payout group";
            return self.fail(Code::UnknownFact, at.to(name_at), message, help);
        }
        let totals = self.env.totals;
        let Some((index, total)) = totals.iter().enumerate().find(|(_, total)| total.name == name) else {
            let help =
                words::did_you_mean(Of::Fact, name, name_at, totals.iter().map(|total| total.name.as_str()));
            return self.undeclared(
                "total",
                name,
                name_at,
                help,
                "declare it under `[totals.…]` of the contract",
            );
        };
        self.used.totals.insert(name.to_owned());
        if self.phase == Phase::Close && !total.is_of_partner {
            let message = format!("the total `{name}` has keys that a close does not have");
            let help = "keep a total for bonuses by one of `partner`, `parent` and `program`, without `of`";
            return self.fail(Code::UnknownFact, at.to(name_at), message, help);
        }
        let (field, last) = self.field_of_total(total, at.to(name_at), links)?;
        if !matches!(field.at, TotalAt::Before | TotalAt::WithThis | TotalAt::AtClose) {
            self.used.earlier.insert((name.to_owned(), field.at));
        }
        let index = u16::try_from(index).map_err(|_| Failed)?;
        let ty = Type::known(field.sum.base());
        let value = Expr { kind: ExprKind::Total(index, field), ty, span: at.to(last) };
        self.follow(value, links.get(3..).unwrap_or_default())
    }

    /// Returns the field of a total that a chain reads, and where its last word stands. `span` is the place of `totals.NAME`.
    fn field_of_total(
        &mut self,
        total: &TotalName,
        span: Span,
        links: &[Link<'c>],
    ) -> Checking<(TotalField, Span)> {
        let name = &total.name;
        match (links.get(1).copied(), links.get(2).copied()) {
            (None, _) => self.fail(
                Code::UnknownFact,
                span,
                format!("`totals.{name}` is not a value"),
                format!("write what you want of it, such as `totals.{name}.actions.with_this`"),
            ),
            (Some(Link::Name("previous", what_at)), sum) => {
                if !total.period.is_calendar() {
                    let message = format!("a total over `{}` has no previous period", total.period);
                    let help = "give the total a calendar period, such as `period = \"month\"`";
                    return self.fail(Code::UnknownFact, what_at, message, help);
                }
                let (sum, sum_at) = self.sum_of_earlier(total, "previous", what_at, sum)?;
                Ok((TotalField { sum, at: TotalAt::Previous }, sum_at))
            }
            (Some(Link::Name("year_to_date", what_at)), sum) => {
                let read = if let Some(Link::Name(sum, _)) = sum { sum } else { "actions" };
                self.closes(total, read, span)?;
                if !divides_a_year(total.period) {
                    let message =
                        format!("a total over `{}` does not add up to a calendar year", total.period);
                    let help = "give the total and the bonus a period of days, half months, months, quarters or a year";
                    return self.fail(Code::UnknownFact, what_at, message, help);
                }
                let (sum, sum_at) = self.sum_of_earlier(total, "year_to_date", what_at, sum)?;
                if sum == TotalSum::Distinct {
                    let message = "different values of several periods cannot be added";
                    let help = "count them in a total over `year`";
                    return self.fail(Code::UnknownFact, sum_at, message, help);
                }
                Ok((TotalField { sum, at: TotalAt::YearToDate }, sum_at))
            }
            (Some(Link::Call(call, what_at, all)), sum) if call.name == "at" => {
                let (from, written) = self.named_period(total, call, what_at)?;
                let (sum, sum_at) = self.sum_of_earlier(total, &format!("at(\"{written}\")"), all, sum)?;
                Ok((TotalField { sum, at: TotalAt::Named(from) }, sum_at))
            }
            (Some(Link::Call(call, what_at, _)), _) => self.fail(
                Code::UnknownFact,
                what_at,
                format!("a total has no `{}(…)`", call.name),
                format!("write `totals.{name}.at(\"…\").actions` for a named period"),
            ),
            (Some(Link::Name(what, what_at)), when) => {
                let is_close = self.phase == Phase::Close;
                let others: &[&str] = if is_close { &["previous", "year_to_date"] } else { &["previous"] };
                let sum = self.sum_of_total(total, what, what_at, others)?;
                let Some(Link::Name(when, when_at)) = when else {
                    let (is, time) = if is_close {
                        ("at the close", "at_close")
                    } else {
                        ("before or with this action", "before")
                    };
                    return self.fail(
                        Code::UnknownFact,
                        what_at,
                        format!("`{what}` of a total is {is}"),
                        format!("write `totals.{name}.{what}.{time}`"),
                    );
                };
                let at = match when {
                    "at_close" => {
                        self.closes(total, what, span.to(when_at))?;
                        TotalAt::AtClose
                    }
                    _ if is_close => {
                        let help = match when {
                            "before" | "with_this" => Some(Help::did_you_mean(when_at, "at_close")),
                            _ => words::did_you_mean(Of::Field, when, when_at, ["at_close"]),
                        };
                        let message =
                            format!("`{what}` of a total has no `{when}` here, since a close has no action");
                        self.report(Code::UnknownFact, when_at, message, help);
                        return Err(Failed);
                    }
                    "before" => TotalAt::Before,
                    "with_this" if sum.is_known_with_this() => TotalAt::WithThis,
                    "with_this" => {
                        return self.fail(
                            Code::UnknownFact,
                            when_at,
                            "what this action is paid is not known yet",
                            format!("write `totals.{name}.{what}.before`"),
                        );
                    }
                    _ => {
                        let help = words::did_you_mean(Of::Field, when, when_at, ["before", "with_this"]);
                        let message = format!("`{what}` of a total has no `{when}`");
                        self.report(Code::UnknownFact, when_at, message, help);
                        return Err(Failed);
                    }
                };
                Ok((TotalField { sum, at }, when_at))
            }
        }
    }

    /// Checks that a total can be read when the period of the bonus closes.
    fn closes(&mut self, total: &TotalName, sum: &str, at: Span) -> Checking<()> {
        let Some(closing) = self.env.closing else {
            let message = "this sum is known when a period closes, so only bonuses read it";
            let name = &total.name;
            let help = format!("write `totals.{name}.{sum}.before`, or declare a bonus under `[[bonuses]]`");
            return self.fail(Code::UnknownFact, at, message, help);
        };
        if total.period.is_calendar() && total.period != closing {
            let message =
                format!("this total is over `{}`, and the bonus closes with `{closing}`", total.period);
            let help = format!("declare a total with `period = \"{closing}\"`");
            return self.fail(Code::UnknownFact, at, message, help);
        }
        if total.period.rolling_seconds().is_some() {
            let message = format!("a total over `{}` has no close", total.period);
            let help = format!("declare a total with `period = \"{closing}\"`");
            return self.fail(Code::UnknownFact, at, message, help);
        }
        Ok(())
    }

    /// Returns the sum that the last link of a chain names, of a period that is over.
    fn sum_of_earlier(
        &mut self,
        total: &TotalName,
        period: &str,
        at: Span,
        sum: Option<Link<'c>>,
    ) -> Checking<(TotalSum, Span)> {
        let Some(Link::Name(sum, sum_at)) = sum else {
            return self.fail(
                Code::UnknownFact,
                at,
                format!("`{period}` of a total is not a value"),
                format!("write what you want of it, such as `totals.{}.{period}.actions`", total.name),
            );
        };
        Ok((self.sum_of_total(total, sum, sum_at, &[])?, sum_at))
    }

    /// Returns the sum with this name, if the total has it. `others` are the names of what is not a sum and may stand here.
    fn sum_of_total(
        &mut self,
        total: &TotalName,
        name: &str,
        at: Span,
        others: &[&'static str],
    ) -> Checking<TotalSum> {
        let has = |sum: &TotalSum| match sum {
            TotalSum::Measured => total.has_measure,
            TotalSum::Revenue => !total.has_measure,
            TotalSum::Distinct => total.has_distinct,
            _ => true,
        };
        let of = &total.name;
        let found = TotalSum::ALL.into_iter().find(|sum| sum.text() == name);
        let Some(sum) = found.filter(has) else {
            let (message, help) = match found {
                Some(TotalSum::Measured) => (
                    format!("the total `{of}` declares no measure"),
                    Some(format!("add `measure = '…'` under `[totals.{of}]`, or write `revenue`").into()),
                ),
                Some(TotalSum::Revenue) => (
                    format!("the total `{of}` sums its measure, and not the commissionable amount"),
                    Some(Help::did_you_mean(at, "measured")),
                ),
                Some(_) => (
                    format!("the total `{of}` counts nothing distinct"),
                    Some(format!("add `distinct = \"customer\"` under `[totals.{of}]`").into()),
                ),
                None => {
                    let sums = TotalSum::ALL.iter().filter(|sum| has(sum)).map(|sum| sum.text());
                    let known: Vec<&str> = sums.chain(others.iter().copied()).collect();
                    (format!("a total has no `{name}`"), words::did_you_mean(Of::Field, name, at, known))
                }
            };
            self.report(Code::UnknownFact, at, message, help);
            return Err(Failed);
        };
        Ok(sum)
    }

    /// Returns the first date of the period that `at("…")` names, and the name.
    fn named_period(
        &mut self,
        total: &TotalName,
        call: &'c FnCallExpr,
        at: Span,
    ) -> Checking<(NaiveDate, &'c str)> {
        let period = total.period;
        if !period.is_calendar() {
            let message = format!("a total over `{period}` has no named periods");
            let help = "give the total a calendar period, such as `period = \"month\"`";
            return self.fail(Code::UnknownFact, at, message, help);
        }
        let example =
            NaiveDate::from_ymd_opt(2026, 1, 1).and_then(|day| period.next(day)).unwrap_or_default();
        let example = period.name_of(example);
        let form = format!("write the name of one period, such as `at(\"{example}\")`");
        let [Tree::StringConstant(name, _)] = call.args.as_slice() else {
            return self.fail(Code::WrongType, at, "`at` takes the name of one period", form);
        };
        let Some(from) = period.named(name) else {
            let place = call.args.first().map_or(at, |arg| self.layout.expr(arg));
            let start = name.parse().ok().and_then(|day| period.start_date(day));
            let help = match start {
                Some(start) => Help::did_you_mean(place, format!("\"{}\"", period.name_of(start))),
                None => form.into(),
            };
            let message = format!("`{name}` does not name a period of `{period}`");
            return self.fail(Code::WrongValue, place, message, help);
        };
        Ok((from, name.as_str()))
    }
}
