//! Checks dotted names, such as `customer.status`, `params.gold` and `action.items.len()`.

use rhai::{ASTFlags, Expr as Tree, FnCallExpr, Position};

use super::checker::{Checker, Checking, Failed};
use super::expr::type_of;
use super::words;
use crate::diagnostic::{Code, Help, Span};
use crate::lang::catalog::{BUILTINS, Builtin, Call};
use crate::lang::env::AttributeOf;
use crate::lang::ir::{Expr, ExprKind};
use crate::lang::types::{Base, Phase, Record, Type};
use crate::synonyms::Of;

/// One link of a chain.
#[derive(Clone, Copy)]
pub(super) enum Link<'c> {
    /// `.name`
    Name(&'c str, Span),
    /// `.name(…)`: the call, the span of its name and of the whole call.
    Call(&'c FnCallExpr, Span, Span),
}

/// What a chain contains besides names and calls.
enum Odd {
    Index(Span),
    Elvis(Span),
}

const RECORDS: &[Record] = &[
    Record::Action,
    Record::Item,
    Record::Customer,
    Record::Partner,
    Record::Touch,
    Record::Creative,
    Record::Follows,
    Record::Device,
    Record::Fraud,
    Record::Contract,
];

impl<'c> Checker<'c, '_> {
    /// Checks a chain of points and brackets.
    pub(super) fn chain(&mut self, tree: &'c Tree, span: Span) -> Checking<Expr> {
        let mut links = Vec::new();
        let mut odd = None;
        let root = self.links(tree, &mut links, &mut odd);
        match odd {
            Some(Odd::Index(at)) => {
                return self.fail(
                    Code::NoArray,
                    at,
                    "elements are not picked from lists by number",
                    "walk the list with `for (x, n) in list { … }`, or ask `\"…\" in list`",
                );
            }
            Some(Odd::Elvis(at)) => {
                return self.fail(
                    Code::NotInLanguage,
                    at,
                    "`?.` is not in the language",
                    "write `.`, and `known(x)` or `x ?? …` for what may be unknown",
                );
            }
            None => {}
        }
        match root {
            Tree::Variable(name, ..) if name.2.is_empty() => {
                let at = self.layout.at(root.start_position());
                self.chain_from(name.1.as_str(), at, &links, span)
            }
            root => {
                let value = self.open_operand(root);
                match value {
                    Ok(value) => self.follow(value, &links),
                    Err(failed) => {
                        self.check_args(&links);
                        Err(failed)
                    }
                }
            }
        }
    }

    /// Flattens a chain, however Rhai nests it.
    fn links(&self, tree: &'c Tree, links: &mut Vec<Link<'c>>, odd: &mut Option<Odd>) -> &'c Tree {
        match tree {
            Tree::Dot(parts, flags, position) => {
                if flags.contains(ASTFlags::NEGATED) {
                    odd.get_or_insert(Odd::Elvis(self.layout.at(*position)));
                }
                let root = self.links(&parts.lhs, links, odd);
                self.link(&parts.rhs, links, odd);
                root
            }
            Tree::Index(parts, _, position) => {
                odd.get_or_insert(Odd::Index(self.bracket(*position)));
                self.links(&parts.lhs, links, odd)
            }
            root => root,
        }
    }

    fn link(&self, tree: &'c Tree, links: &mut Vec<Link<'c>>, odd: &mut Option<Odd>) {
        match tree {
            Tree::Property(name, position) => {
                links.push(Link::Name(name.2.as_str(), self.layout.at(*position)))
            }
            Tree::MethodCall(call, position) => {
                links.push(Link::Call(call, self.layout.at(*position), self.layout.expr(tree)));
            }
            Tree::Dot(parts, flags, position) => {
                if flags.contains(ASTFlags::NEGATED) {
                    odd.get_or_insert(Odd::Elvis(self.layout.at(*position)));
                }
                self.link(&parts.lhs, links, odd);
                self.link(&parts.rhs, links, odd);
            }
            Tree::Index(parts, _, position) => {
                odd.get_or_insert(Odd::Index(self.bracket(*position)));
                self.link(&parts.lhs, links, odd);
            }
            _ => {}
        }
    }

    /// Returns the span of a bracket with its contents.
    fn bracket(&self, position: Position) -> Span {
        let open = self.layout.token(position);
        let close = self.layout.partner.get(open).copied().flatten().unwrap_or(open);
        self.layout.span(open).to(self.layout.span(close))
    }

    /// Checks a chain that begins with a name.
    pub(super) fn chain_from(
        &mut self,
        name: &str,
        at: Span,
        links: &[Link<'c>],
        span: Span,
    ) -> Checking<Expr> {
        let result = self.chain_root(name, at, links, span);
        if result.is_err() {
            self.check_args(links);
        }
        result
    }

    fn chain_root(&mut self, name: &str, at: Span, links: &[Link<'c>], span: Span) -> Checking<Expr> {
        if let Some(local) = self.local(name) {
            let (ty, slot) = (local.ty.ok_or(Failed)?, local.slot);
            let local = self.narrowed(Expr { kind: ExprKind::Local(slot), ty, span: at });
            return self.follow(local, links);
        }
        if let Some(record) = RECORDS.iter().copied().find(|record| record.name() == name) {
            return self.record(record, at, links, span);
        }
        match name {
            "params" => self.param(at, links),
            "lists" => self.list(at, links),
            "attributes" if self.phase == Phase::Close => self.fail(
                Code::UnknownFact,
                at,
                "these attributes are those of an action, and a close has none",
                "write `partner.attributes.…`, or sum a `measure` in a total",
            ),
            "attributes" => self.attribute(AttributeOf::Action, at, links),
            "totals" => self.total(at, links),
            _ => self.unknown_name(name, at, links),
        }
    }

    /// Checks the rest of a chain, after a value.
    pub(super) fn follow(&mut self, value: Expr, links: &[Link<'c>]) -> Checking<Expr> {
        let mut value = value;
        let mut left = links;
        while let Some((link, mut rest)) = left.split_first() {
            let next = match *link {
                Link::Name("attributes", at) if value.ty.base == Base::Record(Record::Item) => {
                    let next = self.attribute_of_item(value, at, rest);
                    rest = rest.get(1..).unwrap_or_default();
                    next
                }
                Link::Name(name, at) => self.property(value, name, at),
                Link::Call(call, at, all) => self.method(value, call, at, all),
            };
            match next {
                Ok(next) => value = next,
                Err(failed) => {
                    self.check_args(rest);
                    return Err(failed);
                }
            }
            left = rest;
        }
        Ok(value)
    }

    /// Checks `x.attributes.name` of an item; `links` come after `attributes`.
    fn attribute_of_item(&mut self, item: Expr, at: Span, links: &[Link<'c>]) -> Checking<Expr> {
        let span = item.span.to(at);
        let (index, ty, name_at) = self.declared_attribute(AttributeOf::Item, span, links)?;
        let kind = ExprKind::ItemAttribute(index, Some(Box::new(item)));
        Ok(self.narrowed(Expr { kind, ty, span: span.to(name_at) }))
    }

    /// Checks `value.name`.
    fn property(&mut self, value: Expr, name: &str, at: Span) -> Checking<Expr> {
        let span = value.span.to(at);
        if let Base::Record(record) = value.ty.base {
            let field = self.field(record, name, at)?;
            self.reads.insert(field);
            let kind = ExprKind::FieldOf(field, Box::new(value));
            return Ok(self.narrowed(Expr { kind, ty: field.spec().ty, span }));
        }
        let rows = BUILTINS.iter().filter(|spec| spec.call == Call::Property);
        let takes = |builtin: Builtin| match builtin {
            Builtin::TimeDate | Builtin::TimeHour | Builtin::TimeMinute => Base::Time,
            Builtin::DurationDays | Builtin::DurationHours => Base::Duration,
            _ => Base::Date,
        };
        let found = rows
            .clone()
            .filter(|spec| spec.name == name)
            .find_map(|spec| spec.builtin.filter(|b| takes(*b) == value.ty.base));
        if let Some(builtin) = found {
            let value = self.known(value)?;
            let base = if builtin == Builtin::TimeDate { Base::Date } else { Base::Integer };
            let kind = ExprKind::Builtin(builtin, vec![value]);
            return Ok(Expr { kind, ty: Type::known(base), span });
        }
        let of_type: Vec<&str> = rows
            .filter(|spec| spec.builtin.is_some_and(|b| takes(b) == value.ty.base))
            .map(|spec| spec.name)
            .collect();
        let help = match value.ty.base {
            Base::Time if ["year", "month", "day", "weekday"].contains(&name) => {
                Some(Help::from(format!("write `.date.{name}`")).edit(at, format!("date.{name}")))
            }
            _ if BUILTINS.iter().any(|spec| spec.name == name && spec.call == Call::Method) => {
                Some(format!("it is a call: `.{name}(…)`").into())
            }
            _ => words::did_you_mean(Of::Field, name, at, of_type),
        };
        let message = format!("{} has no field `{name}`", words::a(Type::known(value.ty.base)));
        self.report(Code::UnknownFact, at, message, help);
        Err(Failed)
    }

    /// Checks the arguments of a refused call. The closure of `.map(|x| …)` is refused with its method.
    pub(super) fn check_call_args(&mut self, call: &'c FnCallExpr) {
        let rejected = Self::rejected_call(call.name.as_str()).is_some();
        for arg in &call.args {
            if !(rejected && is_closure(arg)) {
                let _ = self.open_operand(arg);
            }
        }
    }

    /// Checks the arguments of calls whose value is not needed any more.
    pub(super) fn check_args(&mut self, links: &[Link<'c>]) {
        for link in links {
            if let Link::Call(call, ..) = link {
                self.check_call_args(call);
            }
        }
    }
}

/// Returns whether a tree is a closure, with or without captured values.
fn is_closure(tree: &Tree) -> bool {
    match tree {
        Tree::DynamicConstant(value, _) => value.is_fnptr(),
        Tree::Stmt(block) => matches!(block.statements(), [rhai::Stmt::Share(_), ..]),
        _ => false,
    }
}

impl Link<'_> {
    pub(super) fn span(&self) -> Span {
        match self {
            Link::Name(_, at) => *at,
            Link::Call(_, _, all) => *all,
        }
    }
}

/// Returns whether a constant is text.
pub(super) fn is_text(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Const(value) => type_of(value).base == Base::Text,
        _ => matches!(expr.ty.base, Base::Text | Base::Code),
    }
}
