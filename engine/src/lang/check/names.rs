//! Resolves names: a record, namespace or field, to a fact, parameter, list or total.

use super::chain::Link;
use super::checker::{Checker, Checking, Failed};
use super::expr::constant;
use super::scope::NAMESPACES;
use super::words;
use crate::diagnostic::{Code, Help, Span, nearest};
use crate::lang::catalog::{BUILTINS, Builtin, Call, FIELDS, Field, facts};
use crate::lang::env::AttributeOf;
use crate::lang::ir::{Expr, ExprKind};
use crate::lang::types::Phase;
use crate::lang::types::{Base, Element, Record, Type};
use crate::synonyms::{Of, meant, plain, synonym};

impl<'c> Checker<'c, '_> {
    /// Reports a name that nothing has. `links` follow it: `order.amount` is mended as a whole.
    pub(super) fn unknown_name<T>(&mut self, name: &str, at: Span, links: &[Link<'c>]) -> Checking<T> {
        if self.lost.contains(name) {
            return Err(Failed);
        }
        let help = match self.fact_meant(name, at, links) {
            Some(help) => help,
            None => {
                if let Some((code, help)) = Self::rejected_call(name) {
                    return self.fail(code, at, format!("`{name}` is not in the language"), help);
                }
                format!("declare it with `let {name} = …`, or name a fact such as `action.amount`").into()
            }
        };
        self.fail(Code::UnknownFact, at, format!("`{name}` is not known here"), help)
    }

    /// Returns what was meant by a name that nothing has, if that is clear.
    fn fact_meant(&self, name: &str, at: Span, links: &[Link<'c>]) -> Option<Help> {
        let seen = facts(self.phase);
        let fields = || FIELDS.iter().filter(|spec| seen.iter().any(|(record, _)| *record == spec.record));
        // `order.total`: another word for the record, and perhaps for its field.
        if let Some(Link::Name(field, field_at)) = links.first() {
            let known = seen.iter().map(|(record, _)| record.name()).chain(NAMESPACES.iter().copied());
            let record = meant(Of::Record, name, known)?;
            let has: Vec<&str> =
                fields().filter(|spec| spec.record.name() == record).map(|spec| spec.name).collect();
            return Some(match synonym(Of::Field, field, has.iter().copied()) {
                Some(own) if own != *field => Help::did_you_mean(at.to(*field_at), format!("{record}.{own}")),
                _ => Help::did_you_mean(at, record),
            });
        }
        if !links.is_empty() {
            let known = seen.iter().map(|(record, _)| record.name()).chain(NAMESPACES.iter().copied());
            return Some(Help::did_you_mean(at, meant(Of::Record, name, known)?));
        }
        let local = nearest(name, self.frame.locals.iter().map(|local| local.name.as_str()));
        if let Some(local) = local {
            return Some(Help::did_you_mean(at, local));
        }
        let declared = [
            ("params", self.env.params.contains_key(name)),
            ("attributes", self.env.attributes.contains_key(name)),
            ("lists", self.env.lists.contains_key(name)),
        ];
        if let Some((space, _)) = declared.iter().find(|(_, has)| *has) {
            return Some(Help::did_you_mean(at, format!("{space}.{name}")));
        }
        // `amount` and `orderId` lack their record; `customerStatus` has it before the field.
        let full: Vec<String> = fields().map(crate::lang::catalog::FieldSpec::full_name).collect();
        let named = plain(name);
        let fact = fields()
            .find(|spec| spec.name == named || spec.full_name().replace('.', "_") == named)
            .map(crate::lang::catalog::FieldSpec::full_name)
            .or_else(|| synonym(Of::Fact, name, full.iter().map(String::as_str)).map(str::to_owned));
        if let Some(fact) = fact {
            return Some(Help::did_you_mean(at, fact));
        }
        if self.env.event_types.contains(&name) {
            return Some(
                Help::from(format!("text stands in double quotes: `\"{name}\"`"))
                    .edit(at, format!("\"{name}\"")),
            );
        }
        let known = seen.iter().map(|(record, _)| record.name()).chain(NAMESPACES.iter().copied());
        nearest(name, known).map(|near| Help::did_you_mean(at, near))
    }

    /// Checks a chain that begins with a record that exists once.
    pub(super) fn record(
        &mut self,
        record: Record,
        at: Span,
        links: &[Link<'c>],
        span: Span,
    ) -> Checking<Expr> {
        if self.phase == Phase::Close && !facts(self.phase).iter().any(|(known, _)| *known == record) {
            self.check_args(links);
            return self.fail(
                Code::UnknownFact,
                at,
                format!("a period closes without an action, so there is no `{}` here", record.name()),
                "read a total, such as `totals.NAME.revenue.at_close`, `partner` or `contract`",
            );
        }
        if record == Record::Item && !self.phase.is_of_item() {
            let help = match self.phase {
                Phase::PayOrder => {
                    "this group is paid per order; write `per = \"item\"` under `[payout]`, or walk `for item in action.items`"
                }
                Phase::Count => {
                    "a condition on the lines stands under `items`: `items = '(item.category ?? \"\") == \"shoes\"'`"
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
        let help = meant(Of::Field, name, known.clone())
            .map(|own| Help::did_you_mean(at, own))
            .or_else(|| self.elsewhere(record, name))
            .unwrap_or_else(|| {
                let all: Vec<String> = known.map(|name| format!("`{name}`")).collect();
                format!("`{}` has {}", record.name(), all.join(", ")).into()
            });
        self.fail(Code::UnknownFact, at, format!("`{}` has no field `{name}`", record.name()), help)
    }

    /// Returns a help for a field that another record or the brand's attributes have. It is another fact, so it is named and not
    /// written in place of the field.
    fn elsewhere(&self, record: Record, name: &str) -> Option<Help> {
        if self.env.attributes.contains_key(name) {
            return Some(format!("the brand's own attribute is `attributes.{name}`").into());
        }
        if name == "attributes" {
            return Some("the brand's own attributes are read as `attributes.…`".into());
        }
        let facts = facts(self.phase);
        let others: Vec<String> = FIELDS
            .iter()
            .filter(|spec| spec.name == name && facts.iter().any(|(record, _)| *record == spec.record))
            .map(|spec| format!("`{}`", spec.full_name()))
            .collect();
        let of = record.name();
        (!others.is_empty()).then(|| format!("{} is there, but not of `{of}`", others.join(" or ")).into())
    }

    /// Returns the name after `params.` or another namespace.
    pub(super) fn member(&mut self, space: &str, at: Span, links: &[Link<'c>]) -> Checking<(&'c str, Span)> {
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

    pub(super) fn undeclared<T>(
        &mut self,
        what: &str,
        name: &str,
        at: Span,
        help: Option<Help>,
        declare: &str,
    ) -> Checking<T> {
        let help = help.unwrap_or_else(|| declare.into());
        self.fail(Code::UndeclaredName, at, format!("{what} `{name}` is not declared"), help)
    }

    pub(super) fn param(&mut self, at: Span, links: &[Link<'c>]) -> Checking<Expr> {
        let (name, name_at) = self.member("params", at, links)?;
        let Some(value) = self.env.params.get(name) else {
            let help =
                words::did_you_mean(Of::Fact, name, name_at, self.env.params.keys().map(String::as_str));
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
            let help =
                words::did_you_mean(Of::Fact, name, name_at, self.env.lists.keys().map(String::as_str));
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
            let help = words::did_you_mean(Of::Fact, name, name_at, names);
            let declare = format!("declare it under `{table}` in `program.toml`");
            return self.undeclared("attribute", name, name_at, help, &declare);
        };
        self.used.attributes.insert(key);
        Ok((u16::try_from(index).map_err(|_| Failed)?, attribute.ty, name_at))
    }
}
