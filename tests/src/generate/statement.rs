//! Statements and whole scripts: a scope enters, the text of a rule file leaves.

use accrue::internals::lang::Phase;

use super::expression::{Made, arm_values, call_of, expression, unknown_fact};
use super::scope::{Function, Local, RowLocal, Scope};
use super::vocabulary::{ITEM_FIELDS, REASONS, TEXT_LISTS, TOUCH_FIELDS, Ty};
use crate::choices::Choices;

/// A rule file for a phase.
pub fn script(choices: Choices<'_>, phase: Phase) -> String {
    let mut scope = Scope::new(choices, phase);
    let mut text = String::new();
    for _ in 0..scope.choices.between(0, 3) {
        let definition = function(&mut scope);
        text.push_str(&definition);
    }
    let body = statements(&mut scope, 1, 6);
    text.push_str(&body);
    text
}

/// A function and, from then on, its name in scope.
fn function(scope: &mut Scope<'_>) -> String {
    let name = scope.name("f");
    let params: Vec<Ty> = (0..scope.choices.between(0, 2)).map(|_| scope.choices.pick(&Ty::ALL)).collect();
    let returns = if scope.choices.once_in(3) { None } else { Some(scope.choices.pick(&Ty::ALL)) };
    // A function sees facts and its own parameters, nothing else.
    let mut inner = scope.clone();
    inner.choices = scope.choices.split(4);
    inner.locals.clear();
    let mut names = Vec::new();
    for ty in &params {
        let name = scope.name("p");
        inner.locals.push(Local { name: name.clone(), ty: *ty, mutable: false });
        names.push(name);
    }
    let mut body = statements(&mut inner, 0, 2);
    if let Some(ty) = returns {
        if inner.choices.once_in(3) {
            let condition = expression(&mut inner, Ty::Bool).text();
            let value = expression(&mut inner, ty).text();
            body.push_str(&format!("if {condition} {{ return {value}; }}\n"));
        }
        let value = expression(&mut inner, ty).text();
        body.push_str(&if inner.choices.once_in(3) {
            format!("return {value};\n")
        } else {
            format!("{value}\n")
        });
    }
    scope.functions.push(Function { name: name.clone(), params, returns });
    format!("fn {name}({}) {{\n{body}}}\n", names.join(", "))
}

/// A call with arguments.
pub(super) fn call(scope: &mut Scope<'_>, function: &Function) -> Made {
    call_of(scope, &function.name, &function.params)
}

fn statements(scope: &mut Scope<'_>, least: i64, most: i64) -> String {
    let count = scope.choices.between(least, most);
    let made: Vec<String> = (0..count).map(|_| statement(scope)).collect();
    made.concat()
}

fn block(scope: &mut Scope<'_>, most: i64) -> String {
    scope.block(|scope| format!("{{\n{}}}", statements(scope, 1, most)))
}

fn statement(scope: &mut Scope<'_>) -> String {
    if scope.at_leaf() {
        return verb(scope);
    }
    match scope.choices.below(14) {
        0..=2 => declare(scope),
        3 => assign(scope),
        4 | 5 => conditional(scope),
        6 => guarded(scope),
        7 => switch(scope),
        8 | 9 => repeat(scope),
        10 => {
            let calls: Vec<_> =
                scope.functions.iter().filter(|function| function.returns.is_none()).cloned().collect();
            match calls.get(scope.choices.below(calls.len())) {
                Some(function) => format!("{};\n", call(scope, function).text()),
                None => verb(scope),
            }
        }
        11 => leave(scope),
        _ => verb(scope),
    }
}

fn declare(scope: &mut Scope<'_>) -> String {
    let ty = scope.choices.pick(&Ty::ALL);
    let mutable = !scope.choices.once_in(4);
    let value = if scope.choices.once_in(5) {
        scope.block(|scope| {
            let before = statements(scope, 0, 1);
            format!("{{ {before}{} }}", expression(scope, ty).text())
        })
    } else {
        expression(scope, ty).text()
    };
    let name = scope.name("v");
    scope.locals.push(Local { name: name.clone(), ty, mutable });
    format!("{} {name} = {value};\n", if mutable { "let" } else { "const" })
}

fn assign(scope: &mut Scope<'_>) -> String {
    let locals: Vec<_> = scope.locals.iter().filter(|local| local.mutable).cloned().collect();
    let Some(local) = locals.get(scope.choices.below(locals.len())).cloned() else { return declare(scope) };
    let operator = match local.ty {
        Ty::Integer => scope.choices.pick(&["=", "+=", "-=", "*=", "%="]),
        Ty::Decimal => scope.choices.pick(&["=", "+=", "-=", "*=", "/=", "%="]),
        Ty::Money | Ty::Duration => scope.choices.pick(&["=", "+=", "-="]),
        _ => "=",
    };
    format!("{} {operator} {};\n", local.name, expression(scope, local.ty).text())
}

fn conditional(scope: &mut Scope<'_>) -> String {
    let condition = expression(scope, Ty::Bool).text();
    let mut text = format!("if {condition} {}", block(scope, 2));
    if scope.choices.once_in(3) {
        let condition = expression(scope, Ty::Bool).text();
        text.push_str(&format!(" else if {condition} {}", block(scope, 2)));
    }
    if scope.choices.once_in(2) {
        text.push_str(&format!(" else {}", block(scope, 2)));
    }
    text + "\n"
}

/// `if known(x) { … }`, where `x` needs no default.
fn guarded(scope: &mut Scope<'_>) -> String {
    let Some(path) = unknown_fact(scope) else { return conditional(scope) };
    let body = scope.block(|scope| {
        scope.guarded.push(path.clone());
        statements(scope, 1, 2)
    });
    format!("if known({path}) {{\n{body}}}\n")
}

fn switch(scope: &mut Scope<'_>) -> String {
    let ty = if scope.choices.once_in(2) { Ty::Integer } else { Ty::Text };
    let subject = expression(scope, ty).text();
    let mut arms = String::new();
    for at in 0..scope.choices.between(1, 3) {
        // Rhai wants numbers before ranges.
        let values = arm_values(scope, ty, at == 2);
        let body = block(scope, 2);
        arms.push_str(&format!("{values} => {body},\n"));
    }
    let default =
        if scope.choices.once_in(2) { format!("_ => {}\n", block(scope, 2)) } else { String::new() };
    format!("switch {subject} {{\n{arms}{default}}}\n")
}

fn repeat(scope: &mut Scope<'_>) -> String {
    // A third level would only ever be over its budget.
    if scope.loops >= 2 {
        return verb(scope);
    }
    let name = scope.name("x");
    let counter = scope.name("n");
    let counted = scope.choices.once_in(4);
    let kind = scope.choices.below(4);
    let list = match kind {
        0 => "action.items",
        1 => "action.touches",
        2 => "action.promo_codes",
        _ => scope.choices.pick(&TEXT_LISTS),
    };
    let body = scope.block(|scope| {
        scope.loops += 1;
        match kind {
            0 => scope.rows.push(RowLocal { name: name.clone(), fields: &ITEM_FIELDS }),
            1 => scope.rows.push(RowLocal { name: name.clone(), fields: &TOUCH_FIELDS }),
            2 => scope.locals.push(Local { name: name.clone(), ty: Ty::Code, mutable: false }),
            _ => scope.locals.push(Local { name: name.clone(), ty: Ty::Text, mutable: false }),
        }
        if counted {
            scope.locals.push(Local { name: counter.clone(), ty: Ty::Integer, mutable: false });
        }
        let body = statements(scope, 1, 3);
        scope.loops -= 1;
        body
    });
    let bound = if counted { format!("({name}, {counter})") } else { name };
    format!("for {bound} in {list} {{\n{body}}}\n")
}

/// `break`, `continue` or the end of the rule, behind a condition.
fn leave(scope: &mut Scope<'_>) -> String {
    let condition = expression(scope, Ty::Bool).text();
    let word = if scope.loops > 0 { scope.choices.pick(&["break", "continue"]) } else { return verb(scope) };
    format!("if {condition} {{ {word}; }}\n")
}

/// A verb of the phase; in the phases of amounts, which have none, a declaration.
fn verb(scope: &mut Scope<'_>) -> String {
    let reason = scope.choices.pick(&REASONS);
    let common = scope.choices.below(5);
    match scope.phase {
        Phase::Credit
        | Phase::OrderAmount
        | Phase::ItemAmount
        | Phase::Count
        | Phase::CountItem
        | Phase::Close => {
            let name = scope.name("v");
            scope.locals.push(Local { name: name.clone(), ty: Ty::Integer, mutable: true });
            format!("let {name} = 1;\n")
        }
        _ if common == 4 => format!("notice(\"{reason}\");\n"),
        Phase::Restrict => {
            if scope.choices.once_in(6) {
                let until = expression(scope, Ty::Date).text();
                return format!("hold_until(\"{reason}\", {until});\n");
            }
            let verb = scope.choices.pick(&["reject", "hold", "zero", "flag"]);
            if verb == "hold" && scope.choices.once_in(2) {
                let until = expression(scope, Ty::Duration).text();
                return format!("hold(\"{reason}\", {until});\n");
            }
            format!("{verb}(\"{reason}\");\n")
        }
        Phase::PayOrder | Phase::PayItem => {
            let verbs: &[&str] = if scope.phase == Phase::PayItem {
                &["rate", "add_points", "multiply", "add", "add_per_unit", "add_per_order"]
            } else {
                &["rate", "add_points", "multiply", "add"]
            };
            let verb = scope.choices.pick(verbs);
            let ty = match verb {
                "add" | "add_per_unit" | "add_per_order" => Ty::Money,
                _ if scope.choices.once_in(4) => Ty::Integer,
                _ => Ty::Decimal,
            };
            format!("{verb}({});\n", expression(scope, ty).text())
        }
    }
}
