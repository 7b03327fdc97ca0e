//! Code of expressions: each leaves its value on the stack. A value that may be unknown has a flag on top of it.

use wasm_encoder::ValType;

use super::code::{Gen, State};
use super::function::{at, count};
use super::layout::{HEAD, LIST, Slot, is_text};
use super::rep::{Kind, Rep, converts};
use super::{Import, See};
use crate::lang::catalog::Field;
use crate::lang::{
    ArmValue, Base, BinaryOp, Block, Compared, Const, Expr, ExprKind, FactRef, FaultKind, Operand, Record,
    Switch, UnaryOp,
};

impl<'a> Gen<'a, '_> {
    /// Returns the slot that an expression reads.
    pub(super) fn slot_of(&self, expr: &Expr) -> Option<Slot> {
        let layout = self.shared.layout;
        match &expr.kind {
            ExprKind::Fact(field) => {
                let slots = if field.spec().record == Record::Item { &layout.item } else { &layout.action };
                slots.find(FactRef::Field(*field))
            }
            ExprKind::FieldOf(field, _) => {
                let slots = if field.spec().record == Record::Item { &layout.item } else { &layout.touch };
                slots.find(FactRef::Field(*field))
            }
            ExprKind::Attribute(index) => layout.action.find(FactRef::Attribute(*index)),
            ExprKind::ItemAttribute(index, _) => layout.item.find(FactRef::ItemAttribute(*index)),
            ExprKind::Total(index, field) => layout.action.find(FactRef::Total(*index, *field)),
            _ => None,
        }
    }

    /// Puts an expression's value on the stack, and its flag if its type may be unknown.
    pub(super) fn expr(&mut self, expr: &'a Expr) -> Rep {
        let unknown = expr.ty.unknown;
        match &expr.kind {
            ExprKind::Const(value) => self.constant(value),
            ExprKind::Local(slot) => {
                let Some(kind) = Kind::of(expr.ty.base) else { return Rep::Unit };
                let kept = self.local(*slot, kind);
                self.bring(&kept, unknown);
                kept.rep
            }
            ExprKind::Fact(field) => self.fact(*field, expr),
            ExprKind::FieldOf(field, of) => {
                let base = self.kept(of);
                let base = base.words.first().copied().unwrap_or_default();
                let see = if field.spec().record == Record::Item { See::Item } else { See::Touch };
                self.see(see, u32::from(field.number()), |gen_| gen_.body.get(base));
                self.read(base, expr)
            }
            ExprKind::Attribute(index) => {
                self.see(See::Attribute, u32::from(*index), |gen_| gen_.body.i32(0));
                let record = self.state.record;
                self.read(record, expr)
            }
            ExprKind::ItemAttribute(index, of) => {
                let item = match of {
                    None => self.state.item,
                    Some(of) => self.kept(of).words.first().copied().unwrap_or_default(),
                };
                self.see(See::ItemAttribute, u32::from(*index), |gen_| gen_.body.get(item));
                self.read(item, expr)
            }
            ExprKind::Total(index, field) => {
                let record = self.state.record;
                if field.may_overflow()
                    && let Some(slot) = self.slot_of(expr)
                {
                    self.load_flag(record, slot);
                    self.body.put().i32_eqz();
                    self.fail_if(FaultKind::Overflow, expr.span);
                }
                let (tag, days) = field.numbers();
                let what = u32::from(*index) | u32::from(tag) << 16;
                self.see(See::Total, what, |gen_| gen_.body.i32(days));
                self.read(record, expr)
            }
            ExprKind::NamedList(index) => {
                let head = self.shared.lists.get(index).map_or(0, |(head, _)| *head);
                self.body.i32(i32::try_from(head).unwrap_or(i32::MAX));
                Rep::List
            }
            ExprKind::Unary(op, of) => self.unary(*op, of, expr),
            ExprKind::Binary(BinaryOp::Compare(comparison, of), pair) => {
                self.compare(*comparison, *of, &pair.0, &pair.1);
                Rep::Bool
            }
            ExprKind::Binary(BinaryOp::In, pair) => {
                self.contained(&pair.0, &pair.1, expr.span);
                Rep::Bool
            }
            ExprKind::Binary(op, pair) => self.binary(*op, &pair.0, &pair.1, expr),
            ExprKind::And(first, rest) => self.logic(first, rest, false),
            ExprKind::Or(first, rest) => self.logic(first, rest, true),
            ExprKind::Known(of) => {
                self.known(of);
                Rep::Bool
            }
            ExprKind::Coalesce(first, rest) => self.coalesce(first, rest, expr),
            ExprKind::If(condition, then, otherwise) => {
                self.choose(condition, then, otherwise.as_deref(), expr)
            }
            ExprKind::Switch(switch) => self.switch(switch, expr),
            ExprKind::Block(block) => {
                let rep = self.rep(expr);
                self.block(block, rep, unknown);
                rep
            }
            ExprKind::Call(function, args) => self.call(*function, args, expr),
            ExprKind::Builtin(builtin, args) => self.builtin(*builtin, args, expr),
        }
    }

    fn constant(&mut self, value: &Const) -> Rep {
        match value {
            Const::Unit => Rep::Unit,
            Const::Bool(value) => {
                self.body.i32(i32::from(*value));
                Rep::Bool
            }
            Const::Integer(value) => {
                self.body.i64(*value);
                Rep::Int(super::rep::bits(*value))
            }
            Const::Decimal(value) => self.decimal(*value),
            Const::Money(value) => self.decimal(value.0),
            Const::Text(text) => {
                self.symbol(text);
                Rep::Text
            }
            Const::Time(time) => {
                self.body.i64(time.seconds());
                self.body.i32(i32::try_from(time.nanoseconds()).unwrap_or_default());
                Rep::Time
            }
            Const::Date(date) => {
                self.body.i32(crate::time::days_since_epoch(*date));
                Rep::Date
            }
            Const::Duration(duration) => {
                self.body.i64(duration.seconds);
                Rep::Duration
            }
        }
    }

    /// Puts the symbol of a constant text on the stack.
    pub(super) fn symbol(&mut self, text: &str) {
        let symbol = self.shared.layout.symbol(text);
        self.body.i32(i32::from_ne_bytes(symbol.to_ne_bytes()));
    }

    fn fact(&mut self, field: Field, expr: &'a Expr) -> Rep {
        self.see(See::Fact, u32::from(field.number()), |gen_| gen_.body.i32(0));
        let head = match field {
            Field::ACTION_ITEMS => Some(HEAD.items),
            Field::ACTION_TOUCHES => Some(HEAD.touches),
            _ => None,
        };
        if let Some(head) = head {
            self.body.get(self.state.record);
            self.body.i32(i32::try_from(head).unwrap_or_default());
            self.body.put().i32_add();
            return Rep::List;
        }
        self.read(self.record_of(field), expr)
    }

    /// Returns the local that holds the address of the record of a fact.
    fn record_of(&self, field: Field) -> u32 {
        if field.spec().record == Record::Item { self.state.item } else { self.state.record }
    }

    /// Reads the slot of an expression from a record.
    fn read(&mut self, base: u32, expr: &Expr) -> Rep {
        let Some(slot) = self.slot_of(expr) else { return Rep::Unit };
        let rep = self.load(base, slot);
        if expr.ty.unknown {
            self.load_flag(base, slot);
        }
        rep
    }

    /// Reports a fact that a rule reads, in a traced module.
    pub(super) fn see(&mut self, see: See, what: u32, arg: impl FnOnce(&mut Self)) {
        if self.shared.exact {
            self.body.i32(see as i32);
            self.body.i32(i32::from_ne_bytes(what.to_ne_bytes()));
            arg(self);
            self.import(Import::Saw);
        }
    }

    /// Puts a condition's truth on the stack.
    pub(super) fn truth(&mut self, expr: &'a Expr) {
        self.value(expr, Rep::Bool, false);
    }

    fn logic(&mut self, first: &'a Expr, rest: &'a [Operand], decided: bool) -> Rep {
        let result = self.body.local(ValType::I32);
        let done = self.body.block();
        self.truth(first);
        self.body.set(result);
        for operand in rest {
            if self.is_plain(&operand.expr, Rep::Bool) {
                self.charge_where(result, !decided, operand.charge);
                self.truth(&operand.expr);
                self.body.get(result);
                if decided {
                    self.body.put().i32_or();
                } else {
                    self.body.put().i32_and();
                }
            } else {
                self.body.get(result);
                if !decided {
                    self.body.put().i32_eqz();
                }
                self.body.br_if(done);
                self.charge(operand.charge, operand.expr.span);
                self.truth(&operand.expr);
            }
            self.body.set(result);
        }
        self.body.end();
        self.body.get(result);
        Rep::Bool
    }

    /// Returns whether the operand may be evaluated speculatively: pure, infallible, and cheaper than a mispredicted branch.
    fn is_plain(&self, expr: &Expr, wanted: Rep) -> bool {
        // A traced module must not report a fact or a fault of an operand that is not reached.
        if self.shared.exact {
            return false;
        }
        let plain = match &expr.kind {
            ExprKind::Const(_)
            | ExprKind::Local(_)
            | ExprKind::Fact(_)
            | ExprKind::Attribute(_)
            | ExprKind::ItemAttribute(_, None) => true,
            ExprKind::Known(of) => matches!(of.kind, ExprKind::Fact(_)),
            ExprKind::Unary(UnaryOp::Not, of) => self.is_plain(of, Rep::Bool),
            ExprKind::Binary(BinaryOp::Compare(_, of), pair) => {
                let compared = self.compared(*of, &pair.0, &pair.1);
                // Two texts that are not constants are compared by a function call.
                let by_symbol = *of != Compared::Text || is_text(&pair.0) || is_text(&pair.1);
                compared != Rep::Wide
                    && by_symbol
                    && self.is_plain(&pair.0, compared)
                    && self.is_plain(&pair.1, compared)
            }
            ExprKind::Binary(BinaryOp::In, pair) => {
                matches!(pair.1.kind, ExprKind::NamedList(_)) && self.is_plain(&pair.0, Rep::Text)
            }
            _ => false,
        };
        plain && converts(self.rep(expr), wanted)
    }

    fn known(&mut self, of: &'a Expr) {
        if let ExprKind::Fact(field) = &of.kind
            && let Some(slot) = self.slot_of(of)
        {
            self.see(See::Fact, u32::from(field.number()), |gen_| gen_.body.i32(0));
            self.load_flag(self.record_of(*field), slot);
            return;
        }
        let rep = self.expr(of);
        if !of.ty.unknown {
            self.body.i32(1);
        }
        let flag = self.body.local(ValType::I32);
        self.body.set(flag);
        for _ in rep.types() {
            self.body.put().drop();
        }
        self.body.get(flag);
    }

    fn coalesce(&mut self, first: &'a Expr, rest: &'a [Operand], expr: &'a Expr) -> Rep {
        let rep = self.rep(expr);
        let kept = self.keep(rep);
        let done = self.body.block();
        self.value(first, rep, true);
        self.put_away(&kept, true);
        for operand in rest {
            if self.is_plain(&operand.expr, rep) {
                self.charge_where(kept.flag, false, operand.charge);
                let other = self.keep(rep);
                self.value(&operand.expr, rep, true);
                self.put_away(&other, true);
                for (word, other) in kept.words.iter().zip(&other.words) {
                    self.body.get(*word);
                    self.body.get(*other);
                    self.body.get(kept.flag);
                    self.body.put().select();
                    self.body.set(*word);
                }
                self.body.get(kept.flag);
                self.body.get(other.flag);
                self.body.put().i32_or();
                self.body.set(kept.flag);
                continue;
            }
            self.body.get(kept.flag);
            self.body.br_if(done);
            self.charge(operand.charge, operand.expr.span);
            self.value(&operand.expr, rep, true);
            self.put_away(&kept, true);
        }
        self.body.end();
        self.bring(&kept, expr.ty.unknown);
        rep
    }

    fn choose(
        &mut self,
        condition: &'a Expr,
        then: &'a Block,
        otherwise: Option<&'a Block>,
        expr: &'a Expr,
    ) -> Rep {
        let (rep, unknown) = (self.rep(expr), expr.ty.unknown);
        let rep = if expr.ty.base == Base::Unit { Rep::Unit } else { rep };
        let kept = self.keep(rep);
        self.truth(condition);
        self.body.when();
        self.branch(then, &kept, unknown);
        if let Some(otherwise) = otherwise {
            self.body.otherwise();
            self.branch(otherwise, &kept, unknown);
        }
        self.body.end();
        self.bring(&kept, unknown);
        rep
    }

    /// Puts the value of a block into its locals.
    fn branch(&mut self, block: &'a Block, kept: &super::code::Kept, unknown: bool) {
        let ends = block.value.is_none();
        self.block(block, kept.rep, unknown);
        // A block that ends early leaves no value on the stack.
        if !ends && kept.rep != Rep::Unit {
            self.put_away(kept, unknown);
        }
    }

    /// Generates a block's statements, and its value on the stack if it has a value.
    pub(super) fn block(&mut self, block: &'a Block, rep: Rep, unknown: bool) {
        self.charge(block.charge, block.span);
        for stmt in &block.stmts {
            self.stmt(stmt);
        }
        if let Some(value) = &block.value {
            if rep == Rep::Unit {
                self.drop_value(value);
            } else {
                self.value(value, rep, unknown);
            }
        }
    }

    /// Runs an expression and drops its value.
    pub(super) fn drop_value(&mut self, expr: &'a Expr) {
        let rep = self.expr(expr);
        for _ in rep.types() {
            self.body.put().drop();
        }
        if expr.ty.unknown {
            self.body.put().drop();
        }
    }

    fn switch(&mut self, switch: &'a Switch, expr: &'a Expr) -> Rep {
        let rep = if expr.ty.base == Base::Unit { Rep::Unit } else { self.rep(expr) };
        let unknown = expr.ty.unknown;
        let kept = self.keep(rep);
        let subject = self.kept(&switch.subject);
        let subject = subject.words.first().copied().unwrap_or_default();
        let done = self.body.block();
        for arm in &switch.arms {
            let next = self.body.block();
            let matched = self.body.block();
            for value in &arm.values {
                self.arm_value(value, subject);
                self.body.br_if(matched);
            }
            self.body.br(next);
            self.body.end();
            if let Some(condition) = &arm.condition {
                self.charge(condition.charge, condition.expr.span);
                self.truth(&condition.expr);
                self.body.put().i32_eqz();
                self.body.br_if(next);
            }
            self.branch(&arm.body, &kept, unknown);
            self.body.br(done);
            self.body.end();
        }
        if let Some(default) = &switch.default {
            self.branch(default, &kept, unknown);
        }
        self.body.end();
        self.bring(&kept, unknown);
        rep
    }

    fn arm_value(&mut self, value: &ArmValue, subject: u32) {
        self.body.get(subject);
        match value {
            ArmValue::Const(Const::Bool(value)) => {
                self.body.i32(i32::from(*value));
                self.body.put().i32_eq();
            }
            ArmValue::Const(Const::Text(text)) => {
                self.symbol(text);
                self.body.put().i32_eq();
            }
            ArmValue::Const(Const::Integer(value)) => {
                self.body.i64(*value);
                self.body.put().i64_eq();
            }
            ArmValue::Range { start, end, inclusive } => {
                self.body.i64(*start);
                self.body.put().i64_ge_s();
                self.body.get(subject);
                self.body.i64(*end);
                if *inclusive {
                    self.body.put().i64_le_s();
                } else {
                    self.body.put().i64_lt_s();
                }
                self.body.put().i32_and();
            }
            // The checker allows no other type of subject.
            ArmValue::Const(_) => {
                self.body.put().drop();
                self.body.i32(0);
            }
        }
    }

    fn call(&mut self, function: u16, args: &'a [Expr], expr: &'a Expr) -> Rep {
        let state = self.state;
        let mut places = Vec::with_capacity(args.len());
        for arg in args {
            let kept = self.keep(Rep::widest(arg.ty.base));
            self.value(arg, kept.rep, arg.ty.unknown);
            self.put_away(&kept, arg.ty.unknown);
            places.push(kept);
        }
        for local in [state.record, state.item, state.out_end, state.fuel, state.out] {
            self.body.get(local);
        }
        for (kept, arg) in places.iter().zip(args) {
            self.bring(kept, arg.ty.unknown);
        }
        let number = self.shared.helpers + self.functions + u32::from(function);
        self.body.put().call(number);
        self.returned_state();
        Rep::widest(expr.ty.base)
    }

    /// Takes fuel and output from the stack after a call, and gives up if the callee did.
    pub(super) fn returned_state(&mut self) {
        let State { fuel, out, .. } = self.state;
        self.body.set(out);
        self.body.set(fuel);
        // The callee has recorded the reason already; the branch drops what is on the stack.
        self.body.get(out);
        self.body.put().i32_eqz();
        self.body.br_if(self.fail);
    }

    /// Puts 1 on the stack if a list contains a text, else 0.
    fn contained(&mut self, needle: &'a Expr, list: &'a Expr, span: crate::diagnostic::Span) {
        if let ExprKind::NamedList(index) = &list.kind {
            let bits = self.shared.lists.get(index).map_or(0, |(_, bits)| *bits);
            let needle = self.kept(needle).words.first().copied().unwrap_or_default();
            let texts = count(self.shared.layout.texts.len());
            // Every member of a named list is a constant. Any other text gets the bit after the last constant, which is never
            // set.
            let texts = i32::try_from(texts).unwrap_or(i32::MAX);
            self.body.get(needle);
            self.body.i32(texts);
            self.body.get(needle);
            self.body.i32(texts);
            self.body.put().i32_lt_u().select();
            self.body.tee(needle);
            self.body.i32(3);
            self.body.put().i32_shr_u().i32_load8_u(at(bits, 0));
            self.body.get(needle);
            self.body.i32(7);
            self.body.put().i32_and().i32_shr_u();
            self.body.i32(1);
            self.body.put().i32_and();
            return;
        }
        if is_text(needle) && !self.shared.exact {
            return self.has_constant(needle, list);
        }
        let needle = self.kept(needle).words.first().copied().unwrap_or_default();
        let list = self.kept(list).words.first().copied().unwrap_or_default();
        // Most lists are empty, and testing for that is cheaper than a call.
        let found = self.body.local(ValType::I32);
        let fuel = self.state.fuel;
        self.body.get(fuel);
        self.body.get(list);
        self.body.put().i32_load(at(LIST.count, 2));
        self.body.tee(found);
        self.body.put().i64_extend_i32_u();
        self.charged(span);
        self.body.get(found);
        self.body.when();
        self.body.get(list);
        self.body.get(needle);
        self.body.put().call(super::Helper::Has.index());
        self.body.set(found);
        self.body.end();
        self.body.get(found);
    }

    /// Tests whether a list contains a constant text. A constant has exactly one symbol, so bytes are not compared. The loop is
    /// inlined, because a call would spill registers.
    fn has_constant(&mut self, text: &'a Expr, list: &'a Expr) {
        let (base, offset) = match (&list.kind, self.slot_of(list)) {
            (ExprKind::Fact(field), Some(slot)) => (self.record_of(*field), slot.offset),
            _ => (self.kept(list).words.first().copied().unwrap_or_default(), 0),
        };
        let [left, element, found] = [(); 3].map(|()| self.body.local(ValType::I32));
        let fuel = self.state.fuel;
        self.body.i32(0);
        self.body.set(found);
        self.body.get(base);
        self.body.put().i32_load(at(offset + LIST.count, 2));
        self.body.tee(left);
        self.body.when();
        // The charge is inside the branch, so that an empty list, the common case, needs no spills.
        self.body.get(fuel);
        self.body.get(left);
        self.body.put().i64_extend_i32_u().i64_add();
        self.body.set(fuel);
        self.body.get(base);
        self.body.put().i32_load(at(offset + LIST.first, 2));
        self.body.set(element);
        let again = self.body.head();
        self.body.get(element);
        self.body.put().i32_load(at(0, 2));
        self.value(text, Rep::Text, false);
        self.body.put().i32_eq();
        self.body.get(found);
        self.body.put().i32_or();
        self.body.set(found);
        self.body.get(element);
        self.body.i32(4);
        self.body.put().i32_add();
        self.body.set(element);
        self.body.get(left);
        self.body.i32(1);
        self.body.put().i32_sub();
        self.body.tee(left);
        self.body.br_if(again);
        self.body.end();
        self.body.end();
        self.body.get(found);
    }

    fn unary(&mut self, op: UnaryOp, of: &'a Expr, expr: &'a Expr) -> Rep {
        match op {
            UnaryOp::Not => {
                self.truth(of);
                self.body.put().i32_eqz();
                Rep::Bool
            }
            UnaryOp::ToDecimal => {
                let natural = self.rep(of);
                self.value(of, natural, false);
                let rep = self.rep(expr);
                self.convert(natural, rep);
                rep
            }
            UnaryOp::NegInteger | UnaryOp::NegDecimal | UnaryOp::NegMoney | UnaryOp::NegDuration => {
                let rep = self.rep(of);
                self.value(of, rep, false);
                self.negate(rep, expr.span);
                rep
            }
        }
    }
}
