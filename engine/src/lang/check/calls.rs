//! Checks calls: built-ins, the rule's own functions, and operators, which Rhai parses as calls.

use rhai::{FnCallExpr, Position};

use super::checker::{Checker, Checking, Failed};
use super::words;
use crate::diagnostic::Code;
use crate::diagnostic::{Span, nearest};
use crate::lang::catalog::{BUILTINS, Call, VERBS};
use crate::lang::ir::Expr;
use crate::lang::parse::operator_meant;
use crate::lang::types::{Base, Type};

impl<'c> Checker<'c, '_> {
    /// Checks a call of an operator, a built-in or the rule's own function; reports any other name.
    pub(super) fn call(&mut self, call: &'c FnCallExpr, position: Position, span: Span) -> Checking<Expr> {
        let at = self.layout.at(position);
        let written = operator_meant(self.layout.slice(at));
        if call.is_operator_call() || matches!(written, "in" | "!in" | ".." | "..=") {
            return self.operator(call, written, at, span);
        }
        let name = call.name.as_str();
        if call.is_qualified() {
            for arg in &call.args {
                let _ = self.open_operand(arg);
            }
            return self.fail(
                Code::NoImport,
                at,
                "modules are not in the language",
                "leave out the part before `::`",
            );
        }
        if call.capture_parent_scope {
            return self.fail(
                Code::NotInLanguage,
                at,
                "`!` after a function's name is not in the language",
                "pass what the function needs as arguments",
            );
        }
        if VERBS.iter().any(|spec| spec.name == name) {
            self.verb_args(call);
            let what = if matches!(self.expect, super::Expect::Script) {
                "write it as a statement of its own: `if … { VERB; }`".replace("VERB", &format!("{name}(…)"))
            } else {
                "a condition only answers; verbs stand in `.rhai` files, and beside `when` as keys".to_owned()
            };
            let code =
                if matches!(self.expect, super::Expect::Script) { Code::WrongType } else { Code::WrongPhase };
            return self.fail(code, at, format!("`{name}` is a verb and gives no value"), what);
        }
        if self.defines(name) {
            return self.own_call(call, at, span);
        }
        if BUILTINS.iter().any(|spec| spec.name == name && spec.call == Call::Function) {
            return self.builtin_call(call, at, span);
        }
        self.unknown_call(call, at)
    }

    fn unknown_call(&mut self, call: &'c FnCallExpr, at: Span) -> Checking<Expr> {
        let name = call.name.as_str();
        for arg in &call.args {
            let _ = self.open_operand(arg);
        }
        if self.lost.contains(name) {
            return Err(Failed);
        }
        if let Some((code, help)) = Self::rejected_call(name) {
            return self.fail(code, at, format!("`{name}` is not in the language"), help);
        }
        if let Some(spec) = BUILTINS.iter().find(|spec| spec.name == name) {
            let message = format!("`{name}` is written after a value");
            return self.fail(Code::UnknownFunction, at, message, format!("write `{}`", spec.form));
        }
        let own: Vec<String> = self.definitions.iter().map(|definition| definition.name.clone()).collect();
        let known = own
            .iter()
            .map(String::as_str)
            .chain(BUILTINS.iter().filter(|spec| spec.call == Call::Function).map(|spec| spec.name))
            .chain(VERBS.iter().filter(|spec| spec.phases.contains(&self.phase)).map(|spec| spec.name));
        let help = match nearest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => match nearest(name, VERBS.iter().map(|spec| spec.name)) {
                Some(near) => format!(
                    "did you mean `{near}`? It is not a verb of {}",
                    super::verbs::phase_name(self.phase)
                ),
                None => format!("declare it in this file with `fn {name}(…) {{ … }}`"),
            },
        };
        self.fail(Code::UnknownFunction, at, format!("there is no function `{name}`"), help)
    }

    /// Checks `value.name(…)`.
    pub(super) fn method(
        &mut self,
        value: Expr,
        call: &'c FnCallExpr,
        at: Span,
        all: Span,
    ) -> Checking<Expr> {
        let name = call.name.as_str();
        let spec = BUILTINS.iter().find(|spec| spec.name == name && spec.call == Call::Method);
        match spec.and_then(|spec| spec.builtin.map(|builtin| (builtin, spec.form))) {
            Some((builtin, form)) if Self::method_takes(builtin, value.ty.base) => {
                self.method_call(builtin, value, call, at, form, all)
            }
            _ => {
                let written = self.written(value.span);
                self.unknown_method(&written, value.ty, call, at)
            }
        }
    }

    /// Reports a method that the value's type does not have.
    pub(super) fn unknown_method(
        &mut self,
        of: &str,
        ty: Type,
        call: &'c FnCallExpr,
        at: Span,
    ) -> Checking<Expr> {
        let name = call.name.as_str();
        let rejected = Self::rejected_call(name);
        self.check_call_args(call);
        if let Some((code, help)) = rejected {
            return self.fail(code, at, format!("`{name}` is not in the language"), help);
        }
        let as_function = BUILTINS.iter().find(|spec| spec.name == name && spec.call == Call::Function);
        if let Some(spec) = as_function {
            let message = format!("`{name}` is not written after a point");
            return self.fail(Code::UnknownFunction, at, message, format!("write `{}`", spec.form));
        }
        if self.defines(name) {
            let message = format!("function `{name}` is not written after a point");
            return self.fail(Code::UnknownFunction, at, message, format!("write `{name}({of})`"));
        }
        if let Some(spec) = BUILTINS.iter().find(|spec| spec.name == name && spec.call == Call::Property) {
            let message = format!("`{name}` takes no parentheses");
            return self.fail(Code::UnknownFunction, at, message, format!("write `{}`", spec.form));
        }
        let methods: Vec<&str> = BUILTINS
            .iter()
            .filter(|spec| {
                spec.call == Call::Method && spec.builtin.is_some_and(|b| Self::method_takes(b, ty.base))
            })
            .map(|spec| spec.name)
            .collect();
        let help = match (ty.base, name) {
            (Base::List(_), "contains") => Some("write `x in list`".to_owned()),
            _ => words::did_you_mean(name, methods),
        };
        let message = format!("{} has no method `{name}`", words::a(Type::known(ty.base)));
        self.report(Code::UnknownFunction, at, message, help);
        Err(Failed)
    }

    /// Checks the arguments of a call: their number, and that each is known.
    pub(super) fn args(
        &mut self,
        call: &'c FnCallExpr,
        at: Span,
        takes: usize,
        form: &str,
    ) -> Checking<Vec<Expr>> {
        let mut args = Vec::with_capacity(call.args.len());
        let mut failed = false;
        for arg in &call.args {
            match self.operand(arg) {
                Ok(arg) => args.push(arg),
                Err(Failed) => failed = true,
            }
        }
        if call.args.len() != takes {
            return self.wrong_count(call, at, takes, form);
        }
        if failed { Err(Failed) } else { Ok(args) }
    }

    /// Reports a wrong number of arguments.
    pub(super) fn wrong_count<T>(
        &mut self,
        call: &FnCallExpr,
        at: Span,
        takes: usize,
        form: &str,
    ) -> Checking<T> {
        let message =
            format!("`{}` takes {}, not {}", call.name, words::count(takes, "value"), call.args.len());
        // `1,000` is parsed as two numbers.
        let thousands = call.args.len() == takes + 1
            && call.args.windows(2).any(|pair| match pair {
                [left, right] => {
                    let (left, right) = (self.layout.expr(left), self.layout.expr(right));
                    left.end + 1 == right.start && self.layout.slice(right).len() >= 3
                }
                _ => false,
            });
        let help = if thousands {
            "numbers have no commas: write `1000`".to_owned()
        } else {
            format!("write `{form}`")
        };
        self.fail(Code::WrongArguments, at, message, help)
    }

    /// Reports an argument of another type.
    pub(super) fn need(&mut self, arg: &Expr, base: Base, of: &str) -> Checking<()> {
        if super::expr::same_kind(arg.ty.base, base) {
            return Ok(());
        }
        let message = format!("`{of}` takes {}, not {}", words::a(Type::known(base)), words::a(arg.ty));
        let help = self.convert_help(base, arg);
        self.fail(Code::WrongType, arg.span, message, help)
    }

    /// Reports a value that only `in`, `for` and `.len()` take.
    pub(super) fn storable(&mut self, value: Expr) -> Checking<Expr> {
        if matches!(value.kind, crate::lang::ir::ExprKind::NamedList(_)) {
            return self.fail(
                Code::WrongType,
                value.span,
                "a named list is not a value of its own",
                "use it where it is needed: `x in lists.…`, `for x in lists.…`, `lists.….len()`",
            );
        }
        if value.ty.base == Base::Unit {
            let written = self.written(value.span);
            return self.fail(
                Code::WrongType,
                value.span,
                format!("`{written}` gives no value"),
                "let its last line be the value it should give",
            );
        }
        Ok(value)
    }
}
