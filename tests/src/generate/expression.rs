//! Expressions of a wanted type: a scope enters, the text of an expression leaves, with parentheses only where Rhai's
//! precedence asks for them (and sometimes where it does not).

use accrue::internals::lang::Phase;

use super::scope::Scope;
use super::statement;
use super::vocabulary::{
    CODES, DATES, EVENT_TYPES, FOLLOWS_FIELDS, LISTS, MOMENTS, PARAMS, TEXT_LISTS, TEXTS, TOUCH_KINDS, Ty,
};

/// An expression's text and how tightly its outermost operator binds.
#[derive(Clone, Debug)]
pub struct Made {
    text: String,
    binds: u8,
}

/// Nothing can tear it apart.
const ATOM: u8 = 255;
const UNARY: u8 = 240;

fn atom(text: impl Into<String>) -> Made {
    Made { text: text.into(), binds: ATOM }
}

impl Made {
    /// Its text where an operand must bind at least as tightly as `binds`.
    fn inside(self, binds: u8) -> String {
        if self.binds < binds { format!("({})", self.text) } else { self.text }
    }

    /// Its text where anything may stand.
    pub fn text(self) -> String {
        self.text
    }
}

/// Rhai's precedence of a binary operator.
fn precedence(operator: &str) -> u8 {
    match operator {
        "||" => 30,
        "&&" => 60,
        "==" | "!=" => 90,
        "in" => 110,
        "<" | "<=" | ">" | ">=" => 130,
        "??" => 135,
        "+" | "-" => 150,
        _ => 180,
    }
}

fn binary(left: Made, operator: &str, right: Made) -> Made {
    let binds = precedence(operator);
    // Comparisons do not chain, so both of their sides bind more tightly.
    let left_binds = if binds < 135 && binds > 60 { binds + 1 } else { binds };
    Made { text: format!("{} {operator} {}", left.inside(left_binds), right.inside(binds + 1)), binds }
}

fn call(name: &str, args: Vec<Made>) -> Made {
    let args: Vec<String> = args.into_iter().map(Made::text).collect();
    atom(format!("{name}({})", args.join(", ")))
}

fn method(receiver: Made, rest: &str) -> Made {
    atom(format!("{}{rest}", receiver.inside(ATOM)))
}

/// An expression of type `ty`.
pub fn expression(scope: &mut Scope<'_>, ty: Ty) -> Made {
    let made = if scope.at_leaf() { leaf(scope, ty) } else { scope.deeper(|scope| branch(scope, ty)) };
    if scope.choices.once_in(24) { atom(format!("({})", made.text)) } else { made }
}

/// A number: an integer where a decimal is meant, now and then.
fn number(scope: &mut Scope<'_>) -> Made {
    let ty = if scope.choices.once_in(3) { Ty::Integer } else { Ty::Decimal };
    expression(scope, ty)
}

fn branch(scope: &mut Scope<'_>, ty: Ty) -> Made {
    match scope.choices.below(10) {
        0 | 1 => leaf(scope, ty),
        2 => defaulted(scope, ty).unwrap_or_else(|| leaf(scope, ty)),
        3 => conditional(scope, ty),
        4 => switched(scope, ty),
        5 => function_call(scope, ty).unwrap_or_else(|| operation(scope, ty)),
        _ => operation(scope, ty),
    }
}

/// A literal, a parameter, a local or a fact that is known.
pub fn leaf(scope: &mut Scope<'_>, ty: Ty) -> Made {
    match scope.choices.below(4) {
        1 => {
            let params: Vec<_> = PARAMS.iter().filter(|(_, of, _)| *of == ty).collect();
            if let (false, Some((name, ..))) =
                (params.is_empty(), params.get(scope.choices.below(params.len())))
            {
                return atom(format!("params.{name}"));
            }
        }
        2 => {
            let locals: Vec<_> = scope.locals.iter().filter(|local| local.ty == ty).collect();
            if !locals.is_empty() {
                let at = scope.choices.clone().below(locals.len());
                let name = locals.get(at).map(|local| local.name.clone()).unwrap_or_default();
                scope.choices.byte();
                return atom(name);
            }
        }
        3 => {
            let facts: Vec<_> = scope.facts(ty).into_iter().filter(|(_, unknown)| !unknown).collect();
            if let Some((path, _)) = facts.get(scope.choices.below(facts.len())) {
                return atom(path.clone());
            }
        }
        _ => {}
    }
    literal(scope, ty)
}

/// A literal of a type.
pub fn literal(scope: &mut Scope<'_>, ty: Ty) -> Made {
    let choices = &mut scope.choices;
    match ty {
        Ty::Bool => atom(choices.pick(&["true", "false"])),
        Ty::Integer => {
            let near = choices.between(-3, 40);
            let text = if choices.once_in(12) {
                choices
                    .pick(&["9223372036854775807", "1_000_000", "-9223372036854775807", "3037000500"])
                    .to_owned()
            } else {
                near.to_string()
            };
            signed(text)
        }
        Ty::Decimal => {
            let near = choices.between(0, 400);
            let text = if choices.once_in(12) {
                choices.pick(&[
                    "999999999999.999999",
                    "0.000000000001",
                    "-0.5",
                    "79228162514264337593543950335.0",
                ])
            } else {
                return atom(format!("{}.{:02}", near / 20, near % 20 * 5));
            };
            signed(text.to_owned())
        }
        Ty::Money => {
            let cents = choices.between(-500, 20_000);
            let text = if choices.once_in(12) {
                choices.pick(&["999999999999", "0.001", "-0.005", "0"]).to_owned()
            } else {
                format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
            };
            atom(format!("money(\"{text}\")"))
        }
        Ty::Text => {
            let text = choices.pick(&TEXTS);
            atom(quoted(text))
        }
        Ty::Code => atom(quoted(choices.pick(&CODES))),
        Ty::Time => atom(format!("time(\"{}\")", choices.pick(&MOMENTS))),
        Ty::Date => atom(format!("date(\"{}\")", choices.pick(&DATES))),
        Ty::Duration => {
            let unit = choices.pick(&["days", "hours", "minutes"]);
            atom(format!("{unit}({})", choices.between(0, 90)))
        }
    }
}

fn signed(text: String) -> Made {
    let binds = if text.starts_with('-') { UNARY } else { ATOM };
    Made { text, binds }
}

/// A text as a literal of Rhai, with every escape it needs.
pub fn quoted(text: &str) -> String {
    let mut literal = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\t' => literal.push_str("\\t"),
            '☀' => literal.push_str("\\u2600"),
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

/// `fact ?? default`, perhaps with another fact between.
fn defaulted(scope: &mut Scope<'_>, ty: Ty) -> Option<Made> {
    let unknown: Vec<_> = scope.facts(ty).into_iter().filter(|(_, unknown)| *unknown).collect();
    let (first, _) = unknown.get(scope.choices.below(unknown.len()))?.clone();
    let mut made = atom(first);
    if scope.choices.once_in(4) {
        let (second, _) = unknown.get(scope.choices.below(unknown.len()))?.clone();
        made = binary(made, "??", atom(second));
    }
    Some(binary(made, "??", expression(scope, ty)))
}

/// `if` as an expression.
fn conditional(scope: &mut Scope<'_>, ty: Ty) -> Made {
    let condition = expression(scope, Ty::Bool).text();
    let then = expression(scope, ty).text();
    let otherwise = expression(scope, ty).text();
    let middle = if scope.choices.once_in(4) {
        let condition = expression(scope, Ty::Bool).text();
        format!(" else if {condition} {{ {} }}", expression(scope, ty).text())
    } else {
        String::new()
    };
    // At the start of a statement `if` would be a statement of its own.
    atom(format!("(if {condition} {{ {then} }}{middle} else {{ {otherwise} }})"))
}

/// `switch` as an expression.
fn switched(scope: &mut Scope<'_>, ty: Ty) -> Made {
    let subject_ty = if scope.choices.once_in(2) { Ty::Integer } else { Ty::Text };
    let subject = expression(scope, subject_ty).text();
    let mut arms = String::new();
    for _ in 0..scope.choices.between(1, 3) {
        let values = arm_values(scope, subject_ty, false);
        arms.push_str(&arm(scope, ty, &values));
    }
    if subject_ty == Ty::Integer {
        for _ in 0..scope.choices.between(0, 2) {
            let values = arm_values(scope, subject_ty, true);
            arms.push_str(&arm(scope, ty, &values));
        }
    }
    let default = expression(scope, ty).text();
    atom(format!("(switch {subject} {{ {arms}_ => {default} }})"))
}

fn arm(scope: &mut Scope<'_>, ty: Ty, values: &str) -> String {
    let condition = if scope.choices.once_in(4) {
        format!(" if {}", expression(scope, Ty::Bool).text())
    } else {
        String::new()
    };
    let value = expression(scope, ty).text();
    if scope.choices.once_in(3) {
        format!("{values}{condition} => {{ {value} }}, ")
    } else {
        format!("{values}{condition} => {value}, ")
    }
}

/// The literals of an arm. Rhai wants numbers before ranges.
pub(super) fn arm_values(scope: &mut Scope<'_>, ty: Ty, ranges: bool) -> String {
    let count = scope.choices.between(1, 2);
    let values: Vec<String> = (0..count)
        .map(|_| {
            let choices = &mut scope.choices;
            if ty != Ty::Integer {
                return quoted(choices.pick(&TEXTS));
            }
            let start = choices.between(0, 12);
            if ranges {
                format!("{start}{}{}", choices.pick(&["..", "..="]), start + choices.between(1, 20))
            } else {
                start.to_string()
            }
        })
        .collect();
    values.join(" | ")
}

fn function_call(scope: &mut Scope<'_>, ty: Ty) -> Option<Made> {
    let fitting: Vec<_> =
        scope.functions.iter().filter(|function| function.returns == Some(ty)).cloned().collect();
    let function = fitting.get(scope.choices.below(fitting.len()))?;
    Some(statement::call(scope, function))
}

pub(super) fn call_of(scope: &mut Scope<'_>, name: &str, params: &[Ty]) -> Made {
    let args = params.iter().map(|ty| expression(scope, *ty)).collect();
    call(name, args)
}

fn operation(scope: &mut Scope<'_>, ty: Ty) -> Made {
    match ty {
        Ty::Bool => condition(scope),
        Ty::Integer => integer(scope),
        Ty::Decimal => decimal(scope),
        Ty::Money => money(scope),
        Ty::Time => {
            let operator = scope.choices.pick(&["+", "-"]);
            binary(expression(scope, Ty::Time), operator, expression(scope, Ty::Duration))
        }
        Ty::Date => match scope.choices.below(4) {
            0 => method(expression(scope, Ty::Time), ".date"),
            1 => method(
                expression(scope, Ty::Date),
                scope_pick(scope, &[".start_of_month()", ".end_of_month()"]),
            ),
            2 => {
                let date = expression(scope, Ty::Date);
                let name = scope.choices.pick(&["plus_months", "plus_years"]);
                let count = expression(scope, Ty::Integer).text();
                method(date, &format!(".{name}({count})"))
            }
            _ => {
                let operator = scope.choices.pick(&["+", "-"]);
                binary(expression(scope, Ty::Date), operator, expression(scope, Ty::Duration))
            }
        },
        Ty::Duration => match scope.choices.below(6) {
            0 => binary(expression(scope, Ty::Time), "-", expression(scope, Ty::Time)),
            1 => binary(expression(scope, Ty::Date), "-", expression(scope, Ty::Date)),
            2 => binary(expression(scope, Ty::Duration), "*", expression(scope, Ty::Integer)),
            3 => {
                call(scope.choices.pick(&["days", "hours", "minutes"]), vec![expression(scope, Ty::Integer)])
            }
            4 => negated(scope, Ty::Duration),
            _ => {
                let operator = scope.choices.pick(&["+", "-"]);
                binary(expression(scope, Ty::Duration), operator, expression(scope, Ty::Duration))
            }
        },
        Ty::Text | Ty::Code => leaf(scope, ty),
    }
}

fn negated(scope: &mut Scope<'_>, ty: Ty) -> Made {
    let operand = expression(scope, ty).inside(ATOM);
    Made { text: format!("-{operand}"), binds: UNARY }
}

fn integer(scope: &mut Scope<'_>) -> Made {
    match scope.choices.below(10) {
        7 => call("months_between", two(scope, Ty::Date)),
        0 => negated(scope, Ty::Integer),
        1 => call(scope.choices.pick(&["min", "max"]), two(scope, Ty::Integer)),
        2 => call("abs", vec![expression(scope, Ty::Integer)]),
        3 => method(expression(scope, Ty::Date), scope_pick(scope, &[".year", ".month", ".day", ".weekday"])),
        4 => method(expression(scope, Ty::Duration), scope_pick(scope, &[".days", ".hours"])),
        5 => method(expression(scope, Ty::Time), scope_pick(scope, &[".hour", ".minute"])),
        6 => {
            let list = scope_pick(
                scope,
                &["action.items", "action.touches", "action.promo_codes", "partner.groups"],
            );
            atom(format!("{list}.len()"))
        }
        _ => {
            let operator = scope.choices.pick(&["+", "-", "*", "%"]);
            binary(expression(scope, Ty::Integer), operator, expression(scope, Ty::Integer))
        }
    }
}

fn scope_pick(scope: &mut Scope<'_>, of: &[&'static str]) -> &'static str {
    scope.choices.pick(of)
}

fn two(scope: &mut Scope<'_>, ty: Ty) -> Vec<Made> {
    vec![expression(scope, ty), expression(scope, ty)]
}

fn decimal(scope: &mut Scope<'_>) -> Made {
    match scope.choices.below(10) {
        0 => negated(scope, Ty::Decimal),
        1 => call(scope.choices.pick(&["min", "max"]), two(scope, Ty::Decimal)),
        2 => call(scope.choices.pick(&["abs", "floor"]), vec![expression(scope, Ty::Decimal)]),
        3 => call("percent", vec![number(scope)]),
        4 => call("decimal", vec![expression(scope, Ty::Integer)]),
        5 => binary(expression(scope, Ty::Money), "/", expression(scope, Ty::Money)),
        _ => {
            let operator = scope.choices.pick(&["+", "-", "*", "/", "%"]);
            // One side may be an integer.
            let (left, right) = match scope.choices.below(4) {
                0 => (Ty::Integer, Ty::Decimal),
                1 => (Ty::Decimal, Ty::Integer),
                _ => (Ty::Decimal, Ty::Decimal),
            };
            binary(expression(scope, left), operator, expression(scope, right))
        }
    }
}

fn money(scope: &mut Scope<'_>) -> Made {
    match scope.choices.below(9) {
        6 => {
            let amount = expression(scope, Ty::Money);
            let step = step(scope);
            call("round", vec![amount, step])
        }
        0 => negated(scope, Ty::Money),
        1 => call(scope.choices.pick(&["min", "max"]), two(scope, Ty::Money)),
        2 => call("abs", vec![expression(scope, Ty::Money)]),
        3 => binary(expression(scope, Ty::Money), "*", number(scope)),
        4 => binary(number(scope), "*", expression(scope, Ty::Money)),
        5 => binary(expression(scope, Ty::Money), "/", number(scope)),
        _ => {
            let operator = scope.choices.pick(&["+", "-"]);
            binary(expression(scope, Ty::Money), operator, expression(scope, Ty::Money))
        }
    }
}

/// The step of `round`: mostly above zero, since a literal that is not is refused.
fn step(scope: &mut Scope<'_>) -> Made {
    if scope.choices.once_in(4) {
        return expression(scope, Ty::Money);
    }
    let literal = scope.choices.pick(&["0.01", "0.05", "1", "0.3", "2.50", "1000", "0.000000000007"]);
    atom(format!("money(\"{literal}\")"))
}

/// A guard and a condition that relies on it: `known(x) && …`.
fn guarded(scope: &mut Scope<'_>) -> Option<Made> {
    let path = unknown_fact(scope)?;
    let guards = scope.guarded.len();
    scope.guarded.push(path.clone());
    let rest = expression(scope, Ty::Bool);
    scope.guarded.truncate(guards);
    Some(binary(atom(format!("known({path})")), "&&", rest))
}

/// A fact of any type that is not known here.
pub(super) fn unknown_fact(scope: &mut Scope<'_>) -> Option<String> {
    let ty = scope.choices.pick(&Ty::ALL);
    let unknown: Vec<_> = scope.facts(ty).into_iter().filter(|(_, unknown)| *unknown).collect();
    unknown.get(scope.choices.below(unknown.len())).map(|(path, _)| path.clone())
}

fn condition(scope: &mut Scope<'_>) -> Made {
    match scope.choices.below(16) {
        0 => Made { text: format!("!{}", expression(scope, Ty::Bool).inside(ATOM)), binds: UNARY },
        1 | 2 => binary(expression(scope, Ty::Bool), "&&", expression(scope, Ty::Bool)),
        3 => binary(expression(scope, Ty::Bool), "||", expression(scope, Ty::Bool)),
        4 => unknown_fact(scope).map_or_else(|| leaf(scope, Ty::Bool), |path| atom(format!("known({path})"))),
        5 => guarded(scope).unwrap_or_else(|| leaf(scope, Ty::Bool)),
        6 => {
            let list = scope.choices.pick(&TEXT_LISTS);
            binary(expression(scope, Ty::Text), "in", atom(list))
        }
        7 => {
            let (name, _) = scope.choices.pick(&LISTS);
            binary(expression(scope, Ty::Text), "in", atom(format!("lists.{name}")))
        }
        8 => binary(expression(scope, Ty::Code), "in", atom("action.promo_codes")),
        9 => {
            let name = scope.choices.pick(&[".starts_with", ".ends_with", ".contains"]);
            let text = expression(scope, Ty::Text);
            method(text, &format!("{name}({})", expression(scope, Ty::Text).text()))
        }
        10 => {
            let name = scope.choices.pick(&["expired_at", "not_yet_valid_at"]);
            call(&format!("creative.{name}"), vec![expression(scope, Ty::Time)])
        }
        11 => {
            let args = vec![expression(scope, Ty::Code), expression(scope, Ty::Time)];
            call("promo_active", args)
        }
        12 => {
            if scope.choices.once_in(3) {
                return binary(atom("touch.kind"), "==", atom(quoted(scope.choices.pick(&TOUCH_KINDS))));
            }
            let (event_type, _) = scope.choices.pick(&EVENT_TYPES);
            binary(atom("action.event_type"), scope.choices.pick(&["==", "!="]), atom(quoted(event_type)))
        }
        13 => followed(scope),
        14 => {
            let owner = call("promo_owner", vec![expression(scope, Ty::Code)]);
            let owner = binary(owner, "??", expression(scope, Ty::Text));
            binary(owner, scope.choices.pick(&["==", "!="]), expression(scope, Ty::Text))
        }
        _ => comparison(scope),
    }
}

/// `known(follows) && follows.…`.
fn followed(scope: &mut Scope<'_>) -> Made {
    let (field, ty, _) = scope.choices.pick(&FOLLOWS_FIELDS);
    let other = if field == "event_type" { atom(quoted("install")) } else { expression(scope, ty) };
    let operator = if ty == Ty::Time { scope.choices.pick(&["<", ">=", "=="]) } else { "==" };
    let compared = binary(atom(format!("follows.{field}")), operator, other);
    binary(atom("known(follows)"), "&&", compared)
}

fn comparison(scope: &mut Scope<'_>) -> Made {
    let ty = scope.choices.pick(&Ty::ALL);
    let operator = match ty {
        Ty::Bool | Ty::Text | Ty::Code => scope.choices.pick(&["==", "!="]),
        _ => scope.choices.pick(&["==", "!=", "<", "<=", ">", ">="]),
    };
    let left = expression(scope, ty);
    let right = if ty == Ty::Decimal { number(scope) } else { expression(scope, ty) };
    binary(left, operator, right)
}

/// A condition for an inline `when`.
pub fn when(scope: &mut Scope<'_>) -> String {
    expression(scope, Ty::Bool).text()
}

/// Whether the rule is about one item.
pub fn has_item(phase: Phase) -> bool {
    phase.is_of_item()
}
