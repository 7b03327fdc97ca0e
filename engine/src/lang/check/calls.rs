//! Checks calls: built-ins, the rule's own functions, and operators, which Rhai parses as calls.

use rhai::{FnCallExpr, Position};

use super::checker::{Checker, Checking, Failed};
use super::words;
use crate::diagnostic::{Code, Help, Span, nearest};
use crate::lang::catalog::{BUILTINS, BuiltinSpec, Call, VERBS};
use crate::lang::ir::Expr;
use crate::lang::parse::operator_meant;
use crate::lang::types::{Base, Type};
use crate::money::number_meant;
use crate::synonyms::{Of, meant, synonym};

/// Names by which people pay, none of which says how.
const PAYS: [&str; 12] = [
    "pay",
    "payout",
    "bonus",
    "commission",
    "pay_out",
    "payment",
    "award",
    "grant",
    "credit",
    "reward",
    "give",
    "provision",
];

/// Functions that ask whether a value is not there.
const EMPTY: [&str; 6] = ["ISBLANK", "ISNULL", "isnull", "is_none", "empty", "isEmpty"];

/// Functions of spreadsheets and other engines for which the language has another form.
const WITHOUT_A_FUNCTION: &[(&[&str], &str)] = &[
    (
        &["months", "month", "years", "year"],
        "a month has no fixed length; a duration is `days(30)`, `hours(12)` or `minutes(5)`",
    ),
    (&["weeks", "week"], "write the days: `days(7)`"),
    (&["IF", "IIF", "iif", "WENN", "SI"], "write `if … { … } else { … }`"),
    (&["IFS", "CASE", "SWITCH", "choose"], "write `switch … { … }`, or several `if … { … }`"),
    (&["AND", "UND", "ET"], "join the conditions: `a && b`"),
    (&["OR", "ODER", "OU"], "join the conditions: `a || b`"),
    (&["NOT", "NICHT", "NON"], "write `!` before the condition: `!(a)`"),
    (&["IFERROR", "IFNULL", "ifnull", "COALESCE", "coalesce", "nvl", "NVL"], "give a default: `x ?? …`"),
    (
        &["SUM", "SUMIF", "SUMIFS", "COUNTIF", "COUNTIFS", "AVERAGE", "sum", "avg"],
        "walk the list with `for x in action.items { … }`, or declare a total under `[totals]`",
    ),
    (
        &["VLOOKUP", "XLOOKUP", "LOOKUP", "SVERWEIS", "lookup"],
        "use `switch`, or a payout group for each case",
    ),
    (
        &["ROUND", "Round", "RUNDEN", "ARRONDI"],
        "write `round(x, money(\"0.01\"))`: it takes the step as an amount, and rounds as `[rounding]` of the contract says",
    ),
    (&["ROUNDUP", "AUFRUNDEN"], "write `round(x, money(\"1\"))`, and `mode = \"up\"` under `[rounding]`"),
    (
        &["one_of", "oneOf", "is_in", "isIn", "in_list", "inList", "IN"],
        "write `x in [\"a\", \"b\"]` or `x in lists.…`",
    ),
    (&["between", "BETWEEN"], "write both comparisons: `a <= x && x <= b`"),
    (&["equals", "eq"], "a comparison is written `a == b`"),
];

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
        let help = self.function_meant(call, at);
        self.fail(Code::UnknownFunction, at, format!("there is no function `{name}`"), help)
    }

    /// Returns the help to write `value.name(…)` for `name(value, …)`.
    fn as_method(&self, call: &'c FnCallExpr, spec: &BuiltinSpec, at: Span) -> Option<Help> {
        let open = self.layout.token_at(at.end as usize);
        let close = self.layout.partner.get(open).copied().flatten()?;
        let whole = at.to(self.layout.span(close));
        // The value stands before the point, and at most one argument behind the name.
        let takes = if spec.form.ends_with("()") || spec.call == Call::Property { 1 } else { 2 };
        if call.args.len() != takes {
            return None;
        }
        let mut args = call.args.iter().map(|arg| self.layout.slice(self.layout.expr(arg)));
        let (value, rest) = (args.next()?, args.collect::<Vec<_>>().join(", "));
        let meant = match spec.call {
            Call::Property if rest.is_empty() => format!("{value}.{}", spec.name),
            Call::Method => format!("{value}.{}({rest})", spec.name),
            _ => return None,
        };
        (!meant.contains('\n') && meant.len() < 200).then(|| Help::write(whole, meant))
    }

    /// Returns what was meant by the name of a function that does not exist.
    fn function_meant(&self, call: &'c FnCallExpr, at: Span) -> Help {
        let name = call.name.as_str();
        let own = || self.definitions.iter().map(|definition| definition.name.as_str());
        let functions = || BUILTINS.iter().filter(|spec| spec.call == Call::Function).map(|spec| spec.name);
        let verbs = || VERBS.iter().filter(|spec| spec.phases.contains(&self.phase)).map(|spec| spec.name);
        let known: Vec<&str> = own().chain(functions()).collect();
        let verbs: Vec<&str> = verbs().collect();
        let methods = BUILTINS.iter().filter(|spec| spec.call != Call::Function);
        // `ROUND` of a spreadsheet takes a number of decimals, so its name alone is no repair.
        let functions = known.iter().copied().filter(|known| *known != "round");
        let own_name =
            synonym(Of::Function, name, functions).or_else(|| synonym(Of::Verb, name, verbs.iter().copied()));
        if let Some(known) = own_name {
            return Help::did_you_mean(at, known);
        }
        // A method that was called as a function: `plus_months(…)` for `date.plus_months(…)`.
        if let Some(method) = synonym(Of::Function, name, methods.clone().map(|spec| spec.name))
            && let Some(spec) = methods.clone().find(|spec| spec.name == method)
        {
            return self.as_method(call, spec, at).unwrap_or_else(|| format!("write `{}`", spec.form).into());
        }
        if EMPTY.contains(&name) {
            return Help::from("write `!known(x)`").edit(at, "!known");
        }
        if let Some((_, help)) = WITHOUT_A_FUNCTION.iter().find(|(names, _)| names.contains(&name)) {
            return (*help).into();
        }
        if let Some(near) = nearest(name, known.into_iter().chain(verbs)) {
            return Help::did_you_mean(at, near);
        }
        if let Some(near) = meant(Of::Verb, name, VERBS.iter().map(|spec| spec.name)) {
            let phase = super::verbs::phase_name(self.phase);
            return format!("did you mean `{near}`? It is not a verb of {phase}").into();
        }
        if PAYS.contains(&name) {
            let forms: Vec<String> = VERBS
                .iter()
                .filter(|spec| spec.phases.contains(&self.phase))
                .map(|spec| format!("`{}`", spec.form))
                .collect();
            return format!("the verbs here are {}", forms.join(", ")).into();
        }
        if matches!(self.expect, super::Expect::Script) {
            format!("declare it in this file with `fn {name}(…) {{ … }}`").into()
        } else {
            "functions of your own stand in `.rhai` files".into()
        }
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
            (Base::List(_), _) if meant(Of::Function, name, ["contains"]).is_some() => {
                let looked_for =
                    call.args.first().map_or("x", |arg| self.layout.slice(self.layout.expr(arg)));
                Some(format!("write `{looked_for} in {of}`").into())
            }
            _ => words::did_you_mean(Of::Function, name, at, methods),
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
        let split = call.args.windows(2).find_map(|pair| match pair {
            [left, right] => {
                let (left, right) = (self.layout.expr(left), self.layout.expr(right));
                let number = left.to(right);
                let digits = |c: char| c.is_ascii_digit() || matches!(c, ',' | '.');
                (left.end + 1 == right.start && self.layout.slice(number).chars().all(digits))
                    .then_some(number)
            }
            _ => None,
        });
        let help = match split.filter(|_| call.args.len() == takes + 1) {
            Some(number) => match number_meant(self.layout.slice(number)) {
                Some(meant) => {
                    Help::from(format!("numbers have no commas: write `{meant}`")).edit(number, meant)
                }
                None => "numbers have no commas: write `1000`, or `1.5` for a fraction".into(),
            },
            None => format!("write `{form}`").into(),
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
