//! What is known of one partner, and rules without what that decides: conditions that are known to hold are dropped, and code behind
//! conditions that are known not to hold is dropped with them.
//!
//! What is not known stays. No number is computed: only conditions are decided.

use crate::facts::{Action, Partner, Reference, Touch, TouchKind};
use crate::lang::catalog::Builtin;
use crate::lang::{
    AttributeOf, Base, BinaryOp, Block, Comparison, Const, Expr, ExprKind, List, Operand, Record, Rule, Stmt,
    UnaryOp, Value,
};
use crate::money::Money;
use crate::run::{RuleInput, attributes};
use crate::terms::{Contract, Terms, Version};
use crate::time::Timestamp;

/// A partner as the reference facts have it at a moment.
#[derive(Clone, Debug)]
pub(super) struct Known<'a> {
    pub(super) id: &'a str,
    /// What the host knows of the partner; `None` if the host does not list its partners.
    pub(super) partner: Option<&'a Partner>,
    pub(super) reference: &'a Reference,
    /// The moment whose facts hold.
    pub(super) at: Timestamp,
}

impl Known<'_> {
    /// Returns the groups of the partner.
    pub(super) fn groups(&self) -> &[String] {
        self.partner.map(|partner| partner.groups.as_slice()).unwrap_or_default()
    }

    /// Returns whether a text is the id of another partner, which this partner must not read.
    pub(super) fn is_other(&self, text: &str) -> bool {
        text != self.id && self.reference.has_partner(text)
    }

    /// Returns a rule without what the partner's facts decide.
    pub(super) fn simplified(
        &self,
        rule: &Rule,
        terms: &Terms,
        contract: &Contract,
        version: &Version,
    ) -> Rule {
        let action = Action::new("", "", self.at);
        let touch = Touch::new(self.id, self.at, TouchKind::Click);
        let input = RuleInput {
            terms,
            contract,
            version,
            action: &action,
            currency: version.currency,
            promo_codes: &[],
            partner_id: self.id,
            partner: self.partner,
            touch: &touch,
            creative: None,
            reference: self.reference,
            attributes: attributes(terms, &action, self.partner).collect(),
            totals: Vec::new(),
            base: Money::ZERO,
            item_bases: Vec::new(),
            item: None,
        };
        // Without a list of partners nothing but the id is known.
        let decider = Decider { input, has_facts: self.partner.is_some() };
        let mut rule = rule.clone();
        decider.block(&mut rule.body);
        for function in &mut rule.functions {
            decider.block(&mut function.body);
        }
        rule
    }
}

struct Decider<'a> {
    input: RuleInput<'a>,
    has_facts: bool,
}

impl<'a> Decider<'a> {
    /// Returns the value of an expression that only reads facts of the partner; `None` if it is not known.
    fn value(&self, expr: &Expr) -> Option<Value<'a>> {
        Some(match &expr.kind {
            ExprKind::Const(value) => match value {
                Const::Bool(value) => Value::Bool(*value),
                Const::Integer(value) => Value::Integer(*value),
                Const::Decimal(value) => Value::Decimal(*value),
                Const::Money(value) => Value::Money(*value),
                Const::Time(value) => Value::Time(*value),
                Const::Date(value) => Value::Date(*value),
                Const::Duration(value) => Value::Duration(*value),
                Const::Unit | Const::Text(_) => return None,
            },
            ExprKind::Fact(field) => {
                let spec = field.spec();
                if spec.record != Record::Partner || !(self.has_facts || spec.name == "id") {
                    return None;
                }
                self.input.fact(*field)
            }
            ExprKind::Attribute(index) => {
                let (_, declared) = self.input.terms.attributes.get_index(usize::from(*index))?;
                if declared.of != AttributeOf::Partner || !self.has_facts {
                    return None;
                }
                self.input.attributes.get(usize::from(*index)).copied()?
            }
            ExprKind::NamedList(index) => {
                Value::List(List::Named(self.input.terms.lists.get_index(usize::from(*index))?.1))
            }
            ExprKind::Unary(UnaryOp::ToDecimal, of) => match self.value(of)? {
                Value::Integer(value) => Value::Decimal(value.into()),
                Value::Unknown => Value::Unknown,
                _ => return None,
            },
            ExprKind::Coalesce(first, rest) => {
                let mut value = self.value(first)?;
                for operand in rest {
                    if value != Value::Unknown {
                        break;
                    }
                    value = self.value(&operand.expr)?;
                }
                value
            }
            _ if expr.ty.base == Base::Bool => Value::Bool(self.truth(expr)?),
            _ => return None,
        })
    }

    /// Calls `with` with the texts of two expressions; `None` if one of them is not known.
    fn texts<T>(&self, left: &Expr, right: &Expr, with: impl Fn(&str, &str) -> T) -> Option<T> {
        self.text(left, |left| self.text(right, |right| with(left, right)))?
    }

    /// Calls `with` with the text of an expression. A constant is borrowed from the rule, and a fact from the reference facts.
    fn text<T>(&self, expr: &Expr, with: impl FnOnce(&str) -> T) -> Option<T> {
        match &expr.kind {
            ExprKind::Const(Const::Text(text)) => Some(with(text)),
            ExprKind::Coalesce(first, rest) => match self.value(first)? {
                Value::Text(text) => Some(with(text)),
                Value::Unknown => match rest.as_slice() {
                    [operand] => self.text(&operand.expr, with),
                    _ => None,
                },
                _ => None,
            },
            _ => match self.value(expr)? {
                Value::Text(text) => Some(with(text)),
                _ => None,
            },
        }
    }

    /// Returns whether a bool is true; `None` if it is not known.
    fn truth(&self, expr: &Expr) -> Option<bool> {
        match &expr.kind {
            ExprKind::Const(Const::Bool(value)) => Some(*value),
            ExprKind::Unary(UnaryOp::Not, of) => self.truth(of).map(|value| !value),
            ExprKind::And(first, rest) => self.operands(first, rest, false),
            ExprKind::Or(first, rest) => self.operands(first, rest, true),
            ExprKind::Known(of) => match &of.kind {
                ExprKind::Const(_) => None,
                _ => self.value(of).map(|value| value != Value::Unknown),
            },
            ExprKind::Binary(BinaryOp::Compare(comparison, _), pair) => {
                self.compare(*comparison, &pair.0, &pair.1)
            }
            ExprKind::Binary(BinaryOp::In, pair) => match self.value(&pair.1)? {
                Value::List(List::Named(list)) => self.text(&pair.0, |text| list.contains(text)),
                Value::List(List::Text(list)) => {
                    self.text(&pair.0, |text| list.iter().any(|value| value == text))
                }
                _ => None,
            },
            ExprKind::Builtin(builtin, args) => {
                let [text, part] = args.as_slice() else { return None };
                match builtin {
                    Builtin::StartsWith => self.texts(text, part, |text, part| text.starts_with(part)),
                    Builtin::EndsWith => self.texts(text, part, |text, part| text.ends_with(part)),
                    Builtin::Contains => self.texts(text, part, |text, part| text.contains(part)),
                    _ => None,
                }
            }
            ExprKind::Fact(_) | ExprKind::Attribute(_) | ExprKind::Coalesce(..) => match self.value(expr)? {
                Value::Bool(value) => Some(value),
                _ => None,
            },
            _ => None,
        }
    }

    /// Returns the value of operands of which one that is `decisive` decides.
    fn operands(&self, first: &Expr, rest: &[Operand], decisive: bool) -> Option<bool> {
        let operands = std::iter::once(first).chain(rest.iter().map(|operand| &operand.expr));
        let mut all_known = true;
        for operand in operands {
            match self.truth(operand) {
                Some(value) if value == decisive => return Some(decisive),
                Some(_) => {}
                None => all_known = false,
            }
        }
        all_known.then_some(!decisive)
    }

    fn compare(&self, comparison: Comparison, left: &Expr, right: &Expr) -> Option<bool> {
        let equal = |ordering: std::cmp::Ordering| match comparison {
            Comparison::Equal => ordering.is_eq(),
            Comparison::NotEqual => ordering.is_ne(),
            Comparison::Less => ordering.is_lt(),
            Comparison::LessOrEqual => ordering.is_le(),
            Comparison::Greater => ordering.is_gt(),
            Comparison::GreaterOrEqual => ordering.is_ge(),
        };
        if matches!(left.ty.base, Base::Text | Base::Code) {
            return self.texts(left, right, |left, right| equal(left.cmp(right)));
        }
        let ordering = match (self.value(left)?, self.value(right)?) {
            (Value::Bool(left), Value::Bool(right)) => left.cmp(&right),
            (Value::Integer(left), Value::Integer(right)) => left.cmp(&right),
            (Value::Decimal(left), Value::Decimal(right)) => left.cmp(&right),
            (Value::Money(left), Value::Money(right)) => left.cmp(&right),
            (Value::Time(left), Value::Time(right)) => left.cmp(&right),
            (Value::Date(left), Value::Date(right)) => left.cmp(&right),
            (Value::Duration(left), Value::Duration(right)) => left.cmp(&right),
            _ => return None,
        };
        Some(equal(ordering))
    }

    // --- simplified code

    fn block(&self, block: &mut Block) {
        let mut kept = Vec::with_capacity(block.stmts.len());
        for mut stmt in std::mem::take(&mut block.stmts) {
            match &mut stmt {
                Stmt::Set { value, .. } => self.expr(value),
                Stmt::Do(value) => {
                    self.expr(value);
                    if let ExprKind::Const(_) = value.kind {
                        continue;
                    }
                    if let ExprKind::Block(inner) = &mut value.kind
                        && inner.value.is_none()
                    {
                        kept.append(&mut inner.stmts);
                        continue;
                    }
                }
                Stmt::For { list, body, .. } => {
                    self.expr(list);
                    self.block(body);
                }
                Stmt::Verb { args, .. } => args.iter_mut().for_each(|arg| self.expr(arg)),
                Stmt::Return(value, _) => value.iter_mut().for_each(|value| self.expr(value)),
                Stmt::Break(_) | Stmt::Continue(_) => {}
            }
            kept.push(stmt);
        }
        block.stmts = kept;
        if let Some(value) = &mut block.value {
            self.expr(value);
        }
    }

    /// Simplifies an expression and everything in it.
    fn expr(&self, expr: &mut Expr) {
        if expr.ty.base == Base::Bool
            && !expr.ty.unknown
            && let Some(value) = self.truth(expr)
        {
            expr.kind = ExprKind::Const(Const::Bool(value));
            return;
        }
        match &mut expr.kind {
            ExprKind::And(first, rest) => {
                if let Some(only) = self.operands_left(first, rest, true) {
                    *expr = only;
                }
            }
            ExprKind::Or(first, rest) => {
                if let Some(only) = self.operands_left(first, rest, false) {
                    *expr = only;
                }
            }
            ExprKind::Unary(_, of) | ExprKind::FieldOf(_, of) | ExprKind::ItemAttribute(_, Some(of)) => {
                self.expr(of);
            }
            ExprKind::Binary(_, pair) => {
                self.expr(&mut pair.0);
                self.expr(&mut pair.1);
            }
            ExprKind::Coalesce(first, rest) => {
                self.expr(first);
                rest.iter_mut().for_each(|operand| self.expr(&mut operand.expr));
                let chosen = match (self.value(first), rest.as_slice()) {
                    (Some(Value::Unknown), [only]) => Some(only.expr.clone()),
                    (Some(value), _) if value != Value::Unknown => Some((**first).clone()),
                    _ => None,
                };
                if let Some(chosen) = chosen {
                    *expr = chosen;
                }
            }
            ExprKind::If(condition, then, otherwise) => {
                self.expr(condition);
                self.block(then);
                otherwise.iter_mut().for_each(|block| self.block(block));
                let chosen = match condition.kind {
                    ExprKind::Const(Const::Bool(true)) => Some(Some(then)),
                    ExprKind::Const(Const::Bool(false)) => Some(otherwise.as_mut()),
                    _ => None,
                };
                if let Some(chosen) = chosen {
                    expr.kind = match chosen {
                        Some(block) => ExprKind::Block(block.clone()),
                        None => ExprKind::Const(Const::Unit),
                    };
                }
            }
            ExprKind::Switch(switch) => {
                self.expr(&mut switch.subject);
                for arm in &mut switch.arms {
                    arm.condition.iter_mut().for_each(|condition| self.expr(&mut condition.expr));
                    self.block(&mut arm.body);
                }
                switch.default.iter_mut().for_each(|block| self.block(block));
            }
            ExprKind::Block(block) => self.block(block),
            ExprKind::Call(_, args) | ExprKind::Builtin(_, args) => {
                args.iter_mut().for_each(|arg| self.expr(arg));
            }
            ExprKind::Known(_)
            | ExprKind::Const(_)
            | ExprKind::Local(_)
            | ExprKind::Fact(_)
            | ExprKind::Attribute(_)
            | ExprKind::ItemAttribute(_, None)
            | ExprKind::Total(..)
            | ExprKind::NamedList(_) => {}
        }
    }

    /// Simplifies operands, and drops those that change nothing. Returns the only operand that is left, if there is one.
    fn operands_left(&self, first: &mut Expr, rest: &mut Vec<Operand>, neutral: bool) -> Option<Expr> {
        let charge = rest.first().map_or(0, |operand| operand.charge);
        let mut operands = vec![Operand { charge, expr: first.clone() }];
        operands.append(rest);
        operands.iter_mut().for_each(|operand| self.expr(&mut operand.expr));
        operands.retain(
            |operand| !matches!(operand.expr.kind, ExprKind::Const(Const::Bool(value)) if value == neutral),
        );
        let mut operands = operands.into_iter();
        *first = operands.next()?.expr;
        *rest = operands.collect();
        rest.is_empty().then(|| first.clone())
    }
}
