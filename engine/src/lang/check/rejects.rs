//! Parts of Rhai that are not in the language, with their codes and what to write instead.

use rhai::Expr as Tree;

use super::checker::{Checker, Checking};
use crate::diagnostic::Code;
use crate::diagnostic::Span;

/// Functions and methods of Rhai that are not in the language, with what to write instead.
const CALLS: &[(Code, &[&str], &str)] = &[
    (
        Code::NoClosure,
        &[
            "Fn",
            "call",
            "curry",
            "is_def_fn",
            "is_anonymous",
            "map",
            "filter",
            "reduce",
            "reduce_rev",
            "for_each",
            "some",
            "all",
            "any",
            "find",
            "find_map",
            "index_of",
            "dedup",
            "sort",
            "sort_by",
            "sort_desc",
            "order",
            "order_by",
            "retain",
            "drain",
            "extract",
        ],
        "walk the list with `for x in list { … }`, and give repeated work a name with `fn`",
    ),
    (Code::NoEval, &["eval"], "write the expression itself"),
    (
        Code::NoArray,
        &[
            "push", "pop", "insert", "append", "remove", "shift", "clear", "truncate", "chop", "splice",
            "set", "range", "keys", "values",
        ],
        "lists of facts are read with `for`, `in` and `.len()`; lists of your own are declared under `[lists]` in `program.toml`",
    ),
    (
        Code::NoStringBuilding,
        &[
            "to_upper",
            "to_lower",
            "make_upper",
            "make_lower",
            "trim",
            "replace",
            "sub_string",
            "substring",
            "crop",
            "split",
            "pad",
            "get",
            "to_string",
            "to_debug",
            "join",
            "chars",
            "bytes",
            "split_rev",
            "to_chars",
        ],
        "text is only compared: `==`, `in`, `.starts_with(…)`, `.ends_with(…)`, `.contains(…)`",
    ),
    (
        Code::NoInexactMath,
        &[
            "sqrt", "exp", "ln", "log", "log10", "pow", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin",
            "acos", "atan", "hypot", "PI", "E",
        ],
        "rates by size are written as bands, or with `if` and the four basic operations",
    ),
    (
        Code::NoClock,
        &["timestamp", "now", "today", "rand", "random", "elapsed", "sleep", "uuid"],
        "the moment of the action is `action.occurred_at`; there is no other now",
    ),
    (
        Code::NotInLanguage,
        &[
            "print",
            "debug",
            "type_of",
            "is_def_var",
            "is_shared",
            "parse_int",
            "parse_float",
            "parse_decimal",
            "parse_json",
            "to_int",
            "to_decimal",
            "to_float",
            "tag",
            "set_tag",
            "blob",
            "is_odd",
            "is_even",
            "is_zero",
            "sign",
        ],
        "types are fixed in a rule; `decimal(n)` makes an integer a decimal",
    ),
    (
        Code::UnknownFunction,
        &["round_half_up", "round_half_down", "ceil", "ceiling", "int", "fraction", "round_up", "round_down"],
        "`round(x, money(\"1\"))` rounds an amount as `[rounding]` of the contract says; `floor(x)` rounds a decimal down",
    ),
    (Code::UnknownFunction, &["is_empty"], "write `list.len() == 0`"),
    (Code::UnknownFunction, &["isset", "defined", "exists", "is_known", "is_null"], "write `known(x)`"),
];

impl<'c> Checker<'c, '_> {
    /// Returns the code and the help of a function that Rhai has and the language does not; `None` for any other.
    pub(super) fn rejected_call(name: &str) -> Option<(Code, &'static str)> {
        CALLS.iter().find(|(_, names, _)| names.contains(&name)).map(|(code, _, help)| (*code, *help))
    }

    pub(super) fn closure<T>(&mut self, span: Span) -> Checking<T> {
        self.fail(
            Code::NoClosure,
            span,
            "closures and function pointers are not in the language",
            "walk the list with `for x in list { … }`, and give repeated work a name with `fn`",
        )
    }

    /// Reports a part of Rhai's tree that the language does not have.
    pub(super) fn refused<T>(&mut self, tree: &'c Tree, span: Span) -> Checking<T> {
        match tree {
            Tree::CharConstant(..) => self.fail(
                Code::NotInLanguage,
                span,
                "characters are not in the language",
                "text stands in double quotes: `\"…\"`",
            ),
            Tree::InterpolatedString(parts, _) => {
                for part in parts {
                    let _ = self.expr(part);
                }
                self.fail(
                    Code::NoStringBuilding,
                    span,
                    "text is not put together in a rule",
                    "text stands in double quotes and is compared as it is",
                )
            }
            Tree::Array(values, _) => {
                for value in values {
                    let _ = self.expr(value);
                }
                self.fail(
                    Code::NoArray,
                    span,
                    "lists cannot be made in a rule",
                    "declare the list under `[lists]` in `program.toml`; a short list of text may stand right of `in`",
                )
            }
            Tree::Map(parts, _) => {
                for (_, value) in &parts.0 {
                    let _ = self.expr(value);
                }
                self.fail(
                    Code::NoMap,
                    span,
                    "object maps are not in the language",
                    "use `switch` to choose a value by a key, or declare values under `[params]`",
                )
            }
            Tree::ThisPtr(_) => self.fail(
                Code::NoThis,
                span,
                "`this` is not in the language",
                "name the fact: `action`, `customer`, `partner`, …",
            ),
            Tree::Unit(_) => self.fail(
                Code::NotInLanguage,
                span,
                "`()` is not a value of the language",
                "ask `known(x)` whether a value is there, or give it a default: `x ?? …`",
            ),
            _ => self.fail(
                Code::NotInLanguage,
                span,
                "this is not in the language",
                "see the language reference for what a rule may do",
            ),
        }
    }
}
