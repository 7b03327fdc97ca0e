//! Resolves names: a record, namespace or field, to a fact, parameter, list or total.

use super::chain::Link;
use super::checker::{Checker, Checking, Failed};
use super::expr::constant;
use super::scope::NAMESPACES;
use super::words;
use crate::diagnostic::Code;
use crate::diagnostic::Span;
use crate::lang::catalog::{BUILTINS, Builtin, Call, FIELDS, Field, facts};
use crate::lang::env::AttributeOf;
use crate::lang::ir::{Expr, ExprKind, TotalField};
use crate::lang::types::Phase;
use crate::lang::types::{Base, Element, Record, Type};

impl<'c> Checker<'c, '_> {
    pub(super) fn unknown_name<T>(&mut self, name: &str, at: Span) -> Checking<T> {
        if self.lost.contains(name) {
            return Err(Failed);
        }
        if let Some((code, help)) = Self::rejected_call(name) {
            return self.fail(code, at, format!("`{name}` is not in the language"), help);
        }
        // A common mistake is a field without its record.
        let owner = FIELDS
            .iter()
            .find(|spec| spec.name == name && facts(self.phase).iter().any(|(r, _)| *r == spec.record));
        let locals: Vec<String> = self.frame.locals.iter().map(|local| local.name.clone()).collect();
        let known: Vec<&str> = locals
            .iter()
            .map(String::as_str)
            .chain(facts(self.phase).into_iter().map(|(record, _)| record.name()))
            .chain(NAMESPACES.iter().copied())
            .collect();
        let near = crate::diagnostic::nearest(name, known);
        let help = match (near, owner) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, Some(spec)) => format!("did you mean `{}`?", spec.full_name()),
            (None, None) if self.env.params.contains_key(name) => format!("did you mean `params.{name}`?"),
            (None, None) if self.env.attributes.contains_key(name) => {
                format!("did you mean `attributes.{name}`?")
            }
            (None, None) if self.env.lists.contains_key(name) => format!("did you mean `lists.{name}`?"),
            (None, None) if self.env.event_types.contains(&name) => {
                format!("text stands in double quotes: `\"{name}\"`")
            }
            (None, None) => {
                format!("declare it with `let {name} = …`, or name a fact such as `action.amount`")
            }
        };
        self.fail(Code::UnknownFact, at, format!("`{name}` is not known here"), help)
    }

    /// Checks a chain that begins with a record that exists once.
    pub(super) fn record(
        &mut self,
        record: Record,
        at: Span,
        links: &[Link<'c>],
        span: Span,
    ) -> Checking<Expr> {
        if record == Record::Item && !matches!(self.phase, Phase::ItemAmount | Phase::PayItem) {
            let help = match self.phase {
                Phase::PayOrder => {
                    "this group is paid per order; write `per = \"item\"` under `[payout]`, or walk `for item in action.items`"
                }
                _ => "walk the items with `for item in action.items`",
            };
            return self.fail(Code::UnknownFact, at, "there is no single `item` here", help);
        }
        let Some((link, rest)) = links.split_first() else {
            let example = FIELDS
                .iter()
                .find(|spec| spec.record == record)
                .map(crate::lang::catalog::FieldSpec::full_name);
            let name = record.name();
            return self.fail(
                Code::WrongType,
                at,
                format!("`{name}` is a record, not a value"),
                format!("name one of its fields, such as `{}`", example.unwrap_or_default()),
            );
        };
        if record == Record::Follows && !self.is_known(super::checker::Path::Fact(Field::FOLLOWS_ID)) {
            self.check_args(links);
            return self.fail(
                Code::MaybeUnknown,
                at,
                "`follows` may be unknown",
                "ask first: `known(follows) && …`",
            );
        }
        match *link {
            Link::Name("attributes", name_at) if record == Record::Partner => {
                self.attribute(AttributeOf::Partner, at.to(name_at), rest)
            }
            Link::Name("attributes", name_at) if record == Record::Item => {
                self.attribute(AttributeOf::Item, at.to(name_at), rest)
            }
            Link::Name(name, name_at) => {
                let field = self.field(record, name, name_at)?;
                self.reads.insert(field);
                let fact = self.narrowed(Expr {
                    kind: ExprKind::Fact(field),
                    ty: field.spec().ty,
                    span: at.to(name_at),
                });
                self.follow(fact, rest)
            }
            Link::Call(call, name_at, _) => {
                let spec = BUILTINS.iter().find(|spec| spec.name == call.name && spec.call == Call::Method);
                let builtin = spec.and_then(|spec| spec.builtin);
                let (Record::Creative, Some(builtin @ (Builtin::ExpiredAt | Builtin::NotYetValidAt))) =
                    (record, builtin)
                else {
                    return self.unknown_method(
                        record.name(),
                        Type::known(Base::Record(record)),
                        call,
                        name_at,
                    );
                };
                let args = self.args(call, name_at, 1, "creative.expired_at(touch.at)")?;
                let [moment] = args.as_slice() else { return Err(Failed) };
                self.need(moment, Base::Time, call.name.as_str())?;
                let end = links.first().map_or(span, |link| link.span());
                let value = Expr { kind: ExprKind::Builtin(builtin, args), ty: Type::BOOL, span: at.to(end) };
                self.follow(value, rest)
            }
        }
    }

    /// Returns a field of a record, or reports that the record does not have it.
    pub(super) fn field(&mut self, record: Record, name: &str, at: Span) -> Checking<Field> {
        let computing = matches!(
            (self.phase, record, name),
            (Phase::OrderAmount | Phase::ItemAmount, Record::Action | Record::Item, "base")
        );
        if computing {
            return self.fail(
                Code::UnknownFact,
                at,
                format!("`{}.base` is what this expression computes", record.name()),
                format!("write `{}.amount`", record.name()),
            );
        }
        if let Some(spec) = FIELDS.iter().find(|spec| spec.record == record && spec.name == name) {
            return Ok(spec.field);
        }
        let known = FIELDS.iter().filter(|spec| spec.record == record).map(|spec| spec.name);
        let help = self
            .elsewhere(name)
            .or_else(|| {
                crate::diagnostic::nearest(name, known.clone()).map(|near| format!("did you mean `{near}`?"))
            })
            .or_else(|| {
                let all: Vec<&str> = known.collect();
                Some(format!(
                    "`{}` has {}",
                    record.name(),
                    all.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
                ))
            });
        self.report(Code::UnknownFact, at, format!("`{}` has no field `{name}`", record.name()), help);
        Err(Failed)
    }

    /// Returns a help for a field that another record or the brand's attributes have.
    fn elsewhere(&self, name: &str) -> Option<String> {
        if self.env.attributes.contains_key(name) {
            return Some(format!("did you mean `attributes.{name}`?"));
        }
        if name == "attributes" {
            return Some("the brand's own attributes are read as `attributes.…`".to_owned());
        }
        let facts = facts(self.phase);
        let others: Vec<String> = FIELDS
            .iter()
            .filter(|spec| spec.name == name && facts.iter().any(|(record, _)| *record == spec.record))
            .map(|spec| format!("`{}`", spec.full_name()))
            .collect();
        (!others.is_empty()).then(|| format!("did you mean {}?", others.join(" or ")))
    }

    /// Returns the name after `params.` or another namespace.
    fn member(&mut self, space: &str, at: Span, links: &[Link<'c>]) -> Checking<(&'c str, Span)> {
        match links.first() {
            Some(Link::Name(name, name_at)) => Ok((*name, *name_at)),
            _ => self.fail(
                Code::UnknownFact,
                at,
                format!("`{space}` is not a value"),
                format!("name what you mean: `{space}.…`"),
            ),
        }
    }

    fn undeclared<T>(
        &mut self,
        what: &str,
        name: &str,
        at: Span,
        help: Option<String>,
        declare: &str,
    ) -> Checking<T> {
        let help = help.unwrap_or_else(|| declare.to_owned());
        self.fail(Code::UndeclaredName, at, format!("{what} `{name}` is not declared"), help)
    }

    pub(super) fn param(&mut self, at: Span, links: &[Link<'c>]) -> Checking<Expr> {
        let (name, name_at) = self.member("params", at, links)?;
        let Some(value) = self.env.params.get(name) else {
            let help = words::did_you_mean(name, self.env.params.keys().map(String::as_str));
            return self.undeclared(
                "parameter",
                name,
                name_at,
                help,
                "declare it under `[params]` of the contract",
            );
        };
        self.used.params.insert(name.to_owned());
        let value = constant(value.clone(), at.to(name_at));
        self.follow(value, links.get(1..).unwrap_or_default())
    }

    pub(super) fn list(&mut self, at: Span, links: &[Link<'c>]) -> Checking<Expr> {
        let (name, name_at) = self.member("lists", at, links)?;
        let Some(index) = self.env.lists.get_index_of(name) else {
            let help = words::did_you_mean(name, self.env.lists.keys().map(String::as_str));
            return self.undeclared(
                "list",
                name,
                name_at,
                help,
                "declare it under `[lists]` in `program.toml`",
            );
        };
        self.used.lists.insert(name.to_owned());
        let index = u16::try_from(index).map_err(|_| Failed)?;
        let list = Expr {
            kind: ExprKind::NamedList(index),
            ty: Type::known(Base::List(Element::Text)),
            span: at.to(name_at),
        };
        self.follow(list, links.get(1..).unwrap_or_default())
    }

    /// Checks `attributes.name`, and `partner.attributes.name`; `links` come after `attributes`.
    pub(super) fn attribute(&mut self, of: AttributeOf, at: Span, links: &[Link<'c>]) -> Checking<Expr> {
        let (index, ty, name_at) = self.declared_attribute(of, at, links)?;
        let kind = match of {
            AttributeOf::Action | AttributeOf::Partner => ExprKind::Attribute(index),
            AttributeOf::Item => ExprKind::ItemAttribute(index, None),
        };
        let value = self.narrowed(Expr { kind, ty, span: at.to(name_at) });
        self.follow(value, links.get(1..).unwrap_or_default())
    }

    /// Returns the index, the type and the place of the attribute that the first link names.
    pub(super) fn declared_attribute(
        &mut self,
        of: AttributeOf,
        at: Span,
        links: &[Link<'c>],
    ) -> Checking<(u16, Type, Span)> {
        let (group, table) = match of {
            AttributeOf::Action => ("attributes", "[attributes]"),
            AttributeOf::Partner => ("partner.attributes", "[partner_attributes]"),
            AttributeOf::Item => ("item.attributes", "[item_attributes]"),
        };
        let (name, name_at) = self.member(group, at, links)?;
        let key = of.key(name);
        let Some((index, _, attribute)) = self.env.attributes.get_full(&key) else {
            let declared = self.env.attributes.iter().filter(|(_, attribute)| attribute.of == of);
            let names: Vec<&str> = declared.map(|(key, _)| of.name(key)).collect();
            let help = words::did_you_mean(name, names);
            let declare = format!("declare it under `{table}` in `program.toml`");
            return self.undeclared("attribute", name, name_at, help, &declare);
        };
        self.used.attributes.insert(key);
        Ok((u16::try_from(index).map_err(|_| Failed)?, attribute.ty, name_at))
    }

    pub(super) fn total(&mut self, at: Span, links: &[Link<'c>]) -> Checking<Expr> {
        let (name, name_at) = self.member("totals", at, links)?;
        let Some(index) = self.env.totals.iter().position(|total| *total == name) else {
            let help = words::did_you_mean(name, self.env.totals.iter().copied());
            return self.undeclared(
                "total",
                name,
                name_at,
                help,
                "declare it under `[totals.…]` of the contract",
            );
        };
        self.used.totals.insert(name.to_owned());
        let (Some(Link::Name(what, what_at)), when) = (links.get(1).copied(), links.get(2).copied()) else {
            return self.fail(
                Code::UnknownFact,
                at.to(name_at),
                format!("`totals.{name}` is not a value"),
                format!("write what you want of it, such as `totals.{name}.actions.with_this`"),
            );
        };
        if !matches!(what, "actions" | "revenue" | "payouts") {
            let help = words::did_you_mean(what, ["actions", "revenue", "payouts"]);
            self.report(Code::UnknownFact, what_at, format!("a total has no `{what}`"), help);
            return Err(Failed);
        }
        let Some(Link::Name(when, when_at)) = when else {
            return self.fail(
                Code::UnknownFact,
                what_at,
                format!("`{what}` of a total is before or with this action"),
                format!("write `totals.{name}.{what}.before`"),
            );
        };
        let (field, base) = match (what, when) {
            ("actions", "before") => (TotalField::ActionsBefore, Base::Integer),
            ("actions", "with_this") => (TotalField::ActionsWithThis, Base::Integer),
            ("revenue", "before") => (TotalField::RevenueBefore, Base::Money),
            ("revenue", "with_this") => (TotalField::RevenueWithThis, Base::Money),
            ("payouts", "before") => (TotalField::PayoutsBefore, Base::Money),
            ("payouts", "with_this") => {
                return self.fail(
                    Code::UnknownFact,
                    when_at,
                    "what this action is paid is not known yet",
                    format!("write `totals.{name}.payouts.before`"),
                );
            }
            _ => {
                let help = words::did_you_mean(when, ["before", "with_this"]);
                self.report(Code::UnknownFact, when_at, format!("`{what}` of a total has no `{when}`"), help);
                return Err(Failed);
            }
        };
        let index = u16::try_from(index).map_err(|_| Failed)?;
        let value = Expr { kind: ExprKind::Total(index, field), ty: Type::known(base), span: at.to(when_at) };
        self.follow(value, links.get(3..).unwrap_or_default())
    }
}
