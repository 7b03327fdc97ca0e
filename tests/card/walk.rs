//! An independent walk over the checked terms of a version: every number, with its place as cards name it.
//!
//! The walk reads the terms in the order of their types and knows nothing of how a card is told.

use std::collections::BTreeSet;
use std::sync::Arc;

use accrue::internals::calendar::DateRule;
use accrue::internals::lang::{
    ArmValue, Base, Block, Const, Expr, ExprKind, Form, Operand, Rule, Stmt, TotalAt,
};
use accrue::internals::period::Period;
use accrue::internals::terms::{
    Bonus, BonusPays, Choose, Contract, Counter, CreditPolicy, Effect, Group, LimitMax, On, Pays,
    RestrictionBody, Terms, Version,
};
use accrue::internals::time::Duration;
use accrue::money::{Currency, Money};
use accrue::time::Timestamp;
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// A number of the terms.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Number {
    Integer(i128),
    Decimal(Decimal),
    /// A fraction that is written as a percentage.
    Percent(Decimal),
    /// A fraction that is written as a number of percentage points.
    Points(Decimal),
    /// A fraction in a rule: what it is written as depends on what it is used for.
    Fraction(Decimal),
    Money(Money, Currency),
    Duration(Duration),
    Date(NaiveDate),
    /// A period of the calendar, by its name.
    Named(String),
    Time(Timestamp),
    /// The first moment after an interval.
    End(Timestamp),
}

/// The numbers of one part of a version.
pub(crate) struct Walk<'t> {
    terms: &'t Terms,
    version: &'t Version,
    label: String,
    totals: BTreeSet<usize>,
    /// The functions of the rule at hand that are called.
    called: BTreeSet<usize>,
    found: Vec<(String, Number)>,
}

/// Returns every number of a version, with its place. A version is several parts if its file pays by event type or in several currencies.
pub(crate) fn numbers(terms: &Terms, contract: &Contract, number: u32) -> Vec<(String, Number)> {
    let parts: Vec<&Version> = contract.versions.iter().filter(|version| version.number == number).collect();
    let mut found = Vec::new();
    for version in &parts {
        let mut label = Vec::new();
        if parts.iter().any(|part| part.actions.event_types != version.actions.event_types) {
            label.push(version.actions.event_types.join(" "));
        }
        if parts.iter().any(|part| part.currency != version.currency) {
            label.push(version.currency.code().to_owned());
        }
        let label = label.join(" ");
        let mut walk = Walk {
            terms,
            version,
            label,
            totals: BTreeSet::new(),
            called: BTreeSet::new(),
            found: Vec::new(),
        };
        walk.version();
        found.append(&mut walk.found);
    }
    found
}

impl Walk<'_> {
    fn see(&mut self, path: &str, number: Number) {
        let path = if self.label.is_empty() { path.to_owned() } else { format!("{}: {path}", self.label) };
        self.found.push((path, number));
    }

    fn integer(&mut self, path: &str, number: impl Into<i128>) {
        self.see(path, Number::Integer(number.into()));
    }

    fn money(&mut self, path: &str, money: Money) {
        self.see(path, Number::Money(money, self.version.currency));
    }

    fn version(&mut self) {
        let version = self.version;
        self.integer("version", version.number);
        if let Some(from) = version.effective.from {
            self.see("effective_from", Number::Time(from));
        }
        if let Some(until) = version.effective.until {
            self.see("effective_until", Number::End(until));
        }
        if let Some(review) = version.review_on {
            self.see("review_on", Number::Date(review));
        }
        if let Some(days) = version.notice_days {
            self.integer("notice_days", days);
        }
        self.credit();
        let amount = &version.amount;
        for (key, rule) in [("order", &amount.order), ("item", &amount.item), ("spread", &amount.spread)] {
            self.maybe(&format!("amount.{key}"), rule.as_ref());
        }
        for (n, restriction) in version.restrictions.iter().enumerate() {
            let path = format!("restrictions[{n}]");
            match &restriction.body {
                RestrictionBody::When { condition, release_after, .. } => {
                    self.rule(&format!("{path}.when"), condition);
                    if let Some(length) = release_after {
                        self.see(&format!("{path}.release_after"), Number::Duration(*length));
                    }
                }
                RestrictionBody::Script(rule) => self.rule(&format!("{path}.rule"), rule),
                RestrictionBody::Component(_) => {}
            }
        }
        self.payout();
        for (n, limit) in version.limits.iter().enumerate() {
            let path = format!("limits[{n}]");
            let most = format!("{path}.max");
            match limit.max {
                LimitMax::Money(most_of) | LimitMax::Line { most: most_of, .. } => self.money(&most, most_of),
                LimitMax::Share(share) => self.see(&most, Number::Percent(share)),
                LimitMax::Count(count) => self.integer(&most, count),
            }
            if let Some(share) = limit.warn_at {
                self.see(&format!("{path}.warn_at"), Number::Percent(share));
            }
            if let Some(counter) = limit.counter.map(|counter| &self.terms.counters[counter]) {
                self.counter(&path, counter);
            }
        }
        let reversals = &version.reversals;
        if let Some(threshold) = &reversals.threshold {
            self.see("reversals.threshold", Number::Percent(threshold.share));
        }
        for (n, age) in reversals.ages.iter().enumerate() {
            self.integer(&format!("reversals.ages[{n}].from_days"), age.from_days);
            self.see(&format!("reversals.ages[{n}].share"), Number::Percent(age.share));
        }
        self.date_rule("locking", version.dates.locking.as_ref());
        self.date_rule("payment", version.dates.payment.as_ref());
        for (n, bonus) in version.bonuses.iter().enumerate() {
            self.bonus(&format!("bonuses[{n}]"), bonus);
        }
        if let Some((_, component)) = version.components().next() {
            for (name, value) in &component.params {
                self.constant(&format!("params.{name}"), value);
            }
            self.totals.extend(0..version.totals.len());
        }
        // The condition of a total reads no total, and whose total it is neither: one look is enough.
        for (n, total) in version.totals.iter().enumerate() {
            if !self.totals.contains(&n) {
                continue;
            }
            let path = format!("totals.{}", total.name);
            let counter = &self.terms.counters[total.counter];
            self.counter(&path, counter);
            for (key, rule) in [("items", &counter.items), ("measure", &counter.measure)] {
                self.maybe(&format!("{path}.{key}"), rule.as_ref().map(|counting| &counting.rule));
            }
            if let Some(from) = counter.from {
                self.see(&format!("{path}.from"), Number::Date(from));
            }
            if let Some(past) = &counter.past {
                self.see(&format!("{path}.after_actions"), Number::Decimal(past.from));
            }
            self.maybe(&format!("{path}.of"), total.of.as_ref());
        }
    }

    fn counter(&mut self, path: &str, counter: &Counter) {
        self.period(&format!("{path}.period"), counter.period);
        self.maybe(&format!("{path}.when"), counter.when.as_ref().map(|counting| &counting.rule));
    }

    fn period(&mut self, path: &str, period: Period) {
        match period {
            Period::RollingDays(days) => self.integer(path, days),
            Period::TwoWeeks(from) => self.see(path, Number::Date(from)),
            _ => {}
        }
    }

    fn credit(&mut self) {
        let credit = &self.version.credit;
        match &credit.policy {
            CreditPolicy::Reported(Some(roles)) | CreditPolicy::Roles(roles) => {
                let parts = [
                    ("introducer", roles.introducer),
                    ("influencer", roles.influencer),
                    ("closer", roles.closer),
                    ("everyone", roles.everyone),
                ];
                // A part of zero is none.
                for (key, share) in parts.into_iter().filter(|(_, share)| !share.is_zero()) {
                    self.see(&format!("credit.roles.{key}"), Number::Percent(share));
                }
            }
            CreditPolicy::Positions(shares) => {
                for (n, share) in shares.iter().enumerate() {
                    self.see(&format!("credit.positions[{n}]"), Number::Percent(*share));
                }
            }
            CreditPolicy::TimeDecay { half_life } => {
                self.see("credit.half_life", Number::Duration(*half_life));
            }
            CreditPolicy::LastTouch
            | CreditPolicy::FirstTouch
            | CreditPolicy::PromoCodeOwner
            | CreditPolicy::Reported(None) => {}
        }
        // Without a path there are no windows.
        if !matches!(credit.policy, CreditPolicy::Reported(_)) {
            let windows = credit.windows;
            let windows =
                [("click", windows.click), ("impression", windows.impression), ("code", windows.code)];
            for (key, window) in windows {
                if let Some(window) = window {
                    self.see(&format!("credit.windows.{key}"), Number::Duration(window));
                }
            }
        }
        self.maybe("credit.when", credit.when.as_ref());
        for (n, rule) in credit.prefer.iter().enumerate() {
            self.rule(&format!("credit.prefer[{n}]"), rule);
        }
        if !credit.min_share.is_zero() {
            self.see("credit.min_share", Number::Percent(credit.min_share));
        }
    }

    fn payout(&mut self) {
        let payout = &self.version.payout;
        for (n, group) in payout.groups.iter().enumerate() {
            self.group(&format!("payout.groups[{n}]"), group);
            if payout.choose == Choose::MostSpecific {
                self.integer(&format!("payout.groups[{n}].specificity"), group.specificity);
            }
        }
        if let Some(default) = &payout.default {
            self.group("payout.default", default);
        }
        if let Some(group) = &payout.participation {
            self.group("payout.participation", group);
        }
        for (n, level) in payout.levels.iter().enumerate() {
            self.see(&format!("payout.levels[{n}].rate"), Number::Percent(level.rate));
        }
    }

    fn group(&mut self, path: &str, group: &Group) {
        self.maybe(&format!("{path}.when"), group.when.as_ref());
        match &group.pays {
            Pays::Fixed(effects) => self.effects(path, effects),
            Pays::Bands { by, bands } => {
                self.rule(&format!("{path}.by"), by);
                for (n, band) in bands.iter().enumerate() {
                    self.bound(&format!("{path}.bands[{n}].from"), band.from, by);
                    self.effects(&format!("{path}.bands[{n}]"), &band.effects);
                }
            }
            Pays::Script(rule) => self.rule(&format!("{path}.rule"), rule),
            Pays::Component(_) => {}
        }
    }

    /// Sees a bound of bands or a tier, which is money if what it is compared with is.
    fn bound(&mut self, path: &str, bound: Decimal, of: &Rule) {
        match of.form {
            Form::Expression(ty) if ty.base == Base::Money => self.money(path, Money(bound)),
            _ => self.see(path, Number::Decimal(bound)),
        }
    }

    fn effects(&mut self, path: &str, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Rate(rate) => self.see(&format!("{path}.rate"), Number::Percent(*rate)),
                Effect::AddPoints(points) => self.see(&format!("{path}.points"), Number::Points(*points)),
                Effect::Multiply(factor) => self.see(&format!("{path}.multiply"), Number::Decimal(*factor)),
                Effect::Add { amount, .. } => self.money(&format!("{path}.add"), *amount),
            }
        }
    }

    fn date_rule(&mut self, path: &str, rule: Option<&DateRule>) {
        let Some(rule) = rule else { return };
        // No months are none.
        if rule.months > 0 {
            self.integer(&format!("{path}.months"), rule.months);
        }
        self.integer(&format!("{path}.days"), rule.days);
    }

    fn bonus(&mut self, path: &str, bonus: &Bonus) {
        self.period(&format!("{path}.period"), bonus.period);
        self.maybe(&format!("{path}.when"), bonus.when.as_ref());
        let on = format!("{path}.on");
        match &bonus.pays {
            BonusPays::Tiers(ladder) => {
                self.rule(&format!("{path}.measure"), &ladder.measure);
                match &ladder.on {
                    On::Nothing => {}
                    // The measure itself.
                    On::Rule(rule) if rule.place == ladder.measure.place => {}
                    On::Rule(rule) => self.rule(&on, rule),
                    On::Total(index, field) => self.total(&on, *index, field.at),
                }
                for (n, tier) in ladder.tiers.iter().enumerate() {
                    let path = format!("{path}.tiers[{n}]");
                    self.bound(&format!("{path}.from"), tier.from, &ladder.measure);
                    if let Some(rate) = tier.rate {
                        self.see(&format!("{path}.rate"), Number::Percent(rate));
                    }
                    for (key, money) in [("add", tier.add), ("each", tier.each)] {
                        if let Some(money) = money {
                            self.money(&format!("{path}.{key}"), money);
                        }
                    }
                    if let Some(every) = tier.every {
                        self.bound(&format!("{path}.every"), every, &ladder.measure);
                    }
                }
            }
            BonusPays::Script { rule, on: of } => {
                self.rule(&format!("{path}.rule"), rule);
                self.maybe(&on, of.as_ref());
            }
            BonusPays::Guarantee { amount, on: of } => {
                self.money(&format!("{path}.guarantee"), *amount);
                self.rule(&on, of);
            }
            BonusPays::Draw { amount, on: of } => {
                self.money(&format!("{path}.draw"), *amount);
                self.rule(&on, of);
            }
            BonusPays::Holdback { share, periods, on: of } => {
                self.see(&format!("{path}.holdback"), Number::Percent(*share));
                self.integer(&format!("{path}.release_after"), *periods);
                self.rule(&on, of);
            }
        }
        if let Some(most) = bonus.at_most {
            self.money(&format!("{path}.at_most"), most);
        }
        if let Some(share) = bonus.notice_at {
            self.see(&format!("{path}.notice_at"), Number::Percent(share));
        }
    }

    // --- rules

    fn maybe(&mut self, path: &str, rule: Option<&Arc<Rule>>) {
        if let Some(rule) = rule {
            self.rule(path, rule);
        }
    }

    fn rule(&mut self, path: &str, rule: &Rule) {
        self.called.clear();
        self.block(path, &rule.body);
        // A function calls only functions before it. What nothing calls says nothing.
        for (n, function) in rule.functions.iter().enumerate().rev() {
            if self.called.contains(&n) {
                self.block(&format!("{path}.functions[{n}]"), &function.body);
            }
        }
    }

    fn block(&mut self, path: &str, block: &Block) {
        for stmt in &block.stmts {
            match stmt {
                Stmt::Set { value, .. } | Stmt::Do(value) => self.expr(path, value),
                Stmt::For { list, body, .. } => {
                    self.expr(path, list);
                    self.block(path, body);
                }
                Stmt::Verb { args, .. } => args.iter().for_each(|arg| self.expr(path, arg)),
                Stmt::Return(value, _) => value.iter().for_each(|value| self.expr(path, value)),
                Stmt::Break(_) | Stmt::Continue(_) => {}
            }
        }
        block.value.iter().for_each(|value| self.expr(path, value));
    }

    fn operands(&mut self, path: &str, first: &Expr, rest: &[Operand]) {
        self.expr(path, first);
        rest.iter().for_each(|operand| self.expr(path, &operand.expr));
    }

    fn expr(&mut self, path: &str, expr: &Expr) {
        let at = format!("{path}@{}..{}", expr.span.start, expr.span.end);
        match &expr.kind {
            ExprKind::Const(value) => self.constant(&at, value),
            ExprKind::Total(index, field) => self.total(&at, *index, field.at),
            ExprKind::FieldOf(_, of)
            | ExprKind::ItemAttribute(_, Some(of))
            | ExprKind::Unary(_, of)
            | ExprKind::Known(of) => self.expr(path, of),
            ExprKind::Binary(_, pair) => {
                self.expr(path, &pair.0);
                self.expr(path, &pair.1);
            }
            ExprKind::And(first, rest) | ExprKind::Or(first, rest) | ExprKind::Coalesce(first, rest) => {
                self.operands(path, first, rest);
            }
            ExprKind::If(condition, then, otherwise) => {
                self.expr(path, condition);
                self.block(path, then);
                otherwise.iter().for_each(|block| self.block(path, block));
            }
            ExprKind::Switch(switch) => {
                self.expr(path, &switch.subject);
                let span = switch.subject.span;
                for (n, arm) in switch.arms.iter().enumerate() {
                    for (m, value) in arm.values.iter().enumerate() {
                        let at = format!("{path}@{}..{}.arms[{n}][{m}]", span.start, span.end);
                        match value {
                            ArmValue::Const(value) => self.constant(&at, value),
                            ArmValue::Range { start, end, .. } => {
                                self.integer(&format!("{at}.start"), *start);
                                self.integer(&format!("{at}.end"), *end);
                            }
                        }
                    }
                    arm.condition.iter().for_each(|condition| self.expr(path, &condition.expr));
                    self.block(path, &arm.body);
                }
                switch.default.iter().for_each(|block| self.block(path, block));
            }
            ExprKind::Block(block) => self.block(path, block),
            ExprKind::Call(index, args) => {
                self.called.insert(usize::from(*index));
                args.iter().for_each(|arg| self.expr(path, arg));
            }
            ExprKind::Builtin(_, args) => {
                args.iter().for_each(|arg| self.expr(path, arg));
            }
            ExprKind::Local(_)
            | ExprKind::Fact(_)
            | ExprKind::Attribute(_)
            | ExprKind::ItemAttribute(_, None)
            | ExprKind::NamedList(_) => {}
        }
    }

    fn total(&mut self, at: &str, index: u16, when: TotalAt) {
        let index = usize::from(index);
        self.totals.insert(index);
        if let TotalAt::Named(from) = when {
            let period = self.terms.counters[self.version.totals[index].counter].period;
            self.see(at, Number::Named(period.name_of(from)));
        }
    }

    fn constant(&mut self, at: &str, value: &Const) {
        match value {
            Const::Integer(value) => self.integer(at, *value),
            Const::Decimal(value) => self.see(at, Number::Fraction(*value)),
            Const::Money(value) => self.money(at, *value),
            Const::Time(value) => self.see(at, Number::Time(*value)),
            Const::Date(value) => self.see(at, Number::Date(*value)),
            Const::Duration(value) => self.see(at, Number::Duration(*value)),
            Const::Unit | Const::Bool(_) | Const::Text(_) => {}
        }
    }
}
