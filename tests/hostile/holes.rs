//! The known holes in Rhai's run-time limits. Each program here runs long past its budget, or catches the error, or
//! takes memory without counting, under Rhai's own evaluator. None of them is in the language.

use accrue::diagnostic::Code;

use crate::guard::refused;

#[test]
fn closures_count_in_a_copy() {
    for (name, text) in [
        (
            "map",
            "let n=0; for i in 0..900 { let r=[1].map(|x| { let j=0; while j<2000 { j+=1; } j }); n+=r[0]; } n",
        ),
        ("map of items", "let r = action.items.map(|x| x.quantity);"),
        ("filter", "let r = action.items.filter(|x| { let j=0; while j<2000 { j+=1; } true });"),
        ("reduce", "let r = action.items.reduce(|sum, x| sum + 1, 0);"),
        ("sort", "let a=[3,2,1]; a.sort(|a,b| { let j=0; while j<1000000 { j+=1; } 0 }); a.len()"),
        ("for_each", "action.items.for_each(|x| { notice(\"TIER\"); });"),
        ("variable", "let f = |x| x + 1; rate(percent(f.call(1)));"),
        ("fn pointer", "fn f(x) { x } let g = Fn(\"f\"); rate(percent(g.call(1)));"),
        ("curry", "fn f(x) { x } let g = Fn(\"f\").curry(1); rate(percent(g.call()));"),
    ] {
        // The array that some of them walk is refused before the closure is looked at.
        refused(name, text, &[Code::NoClosure, Code::NoArray]);
    }
}

#[test]
fn a_limit_error_can_be_caught() {
    refused(
        "try around an endless closure",
        "let n=0; for i in 0..900 { try { [1].map(|x| { while true {} }); } catch { n+=1; } } n",
        &[Code::NoTry],
    );
    refused("try around a verb", "try { rate(1.0 / 0.0); } catch { rate(0.5); }", &[Code::NoTry]);
    refused("throw", "throw 5;", &[Code::NoTry]);
}

#[test]
fn maps_grow_past_their_limit() {
    refused("map assignment", "let m=#{}; for i in 0..5000 { m[`k${i}`]=i; } 42", &[Code::NoMap]);
    refused("nested map", "let o=#{m: #{}}; for i in 0..5000 { o.m[`k${i}`]=i; } 42", &[Code::NoMap]);
    refused(
        "map in an array",
        "let a=[#{}]; for i in 0..5000 { a[0][`k${i}`]=i; } 42",
        &[Code::NoMap, Code::NoArray],
    );
}

#[test]
fn arrays_grow_slowly_and_without_end() {
    refused("push", "let a=[]; for i in 0..16000 { a.push(i); }", &[Code::NoArray]);
    refused("append", "let a=[1]; for x in action.items { a += a; }", &[Code::NoArray]);
    refused("pad", "let a=[1]; a.pad(50000000, 0);", &[Code::NoArray]);
    refused("blob", "let a=blob(50000000, 0);", &[Code::NoArray, Code::UnknownFunction, Code::NotInLanguage]);
    refused("index", "let x = action.items[0];", &[Code::NoArray]);
}

#[test]
fn text_takes_memory_without_operations() {
    let building = [Code::NoStringBuilding];
    refused("doubling", "let s=\"xxxxxxxxxxxxxxxx\"; for i in action.items { s+=s; } s.len()", &building);
    refused(
        "pad",
        "let s=\"\"; s.pad(50000000,'x'); s.len()",
        &[Code::NoStringBuilding, Code::UnknownFunction],
    );
    refused("joining", "let s = customer.status + customer.status;", &building);
    refused("interpolation", "let s = `${customer.status}${customer.status}`;", &building);
    refused("replacing", "let s = customer.status; s.replace(\"n\", \"nnnnnnnn\");", &building);
}

#[test]
fn loops_without_a_bound() {
    for (name, text) in [
        ("while", "while true { }"),
        ("loop", "loop { }"),
        ("do until", "let x = 1; do { x += 1; } until x < 0;"),
        ("do while", "let x = 1; do { x += 1; } while x > 0;"),
    ] {
        refused(name, text, &[Code::NoLoop]);
    }
    refused(
        "range",
        "for i in 0..1000000000 { notice(\"TIER\"); }",
        &[Code::NoLoop, Code::NotInLanguage, Code::WrongType],
    );
    refused(
        "range function",
        "for i in range(0, 1000000000) { notice(\"TIER\"); }",
        &[Code::NoArray, Code::UnknownFunction],
    );
}

#[test]
fn functions_that_call_themselves() {
    refused("recursion", "fn f(x) { f(x - 1) } rate(percent(f(1)));", &[Code::NoRecursion]);
    refused("mutual", "fn f(x) { g(x) } fn g(x) { f(x) } rate(percent(f(1)));", &[Code::NoRecursion]);
    refused("by another type", "fn f(x) { f(0.5) } rate(percent(f(1)));", &[Code::NoRecursion]);
    refused("never called", "fn f(x) { f(x) } rate(0.1);", &[Code::NoRecursion]);
    refused("itself twice", "fn a() { a(); a() } a();", &[Code::NoRecursion]);
}

#[test]
fn code_from_elsewhere() {
    refused("eval", "eval(\"rate(1.0)\");", &[Code::NoEval]);
    refused("eval in a name", "let e = \"1\"; rate(eval(e));", &[Code::NoEval]);
    refused("import", "import \"x\" as y; rate(0.1);", &[Code::NoImport]);
    refused("export", "let x = 1; export x;", &[Code::NoImport]);
    refused("this", "fn f() { this.x } f();", &[Code::NoThis]);
    refused("custom definition", "private fn f() { 0.1 } rate(f());", &[Code::NotInLanguage]);
}

#[test]
fn what_is_not_exact() {
    for text in ["rate(0.1 ** 30);", "rate(2.0 ** 0.5);", "rate(sqrt(2.0));", "rate(exp(1.0));"] {
        refused("inexact", text, &[Code::NoInexactMath]);
    }
    refused("integer division", "rate(action.items.len() / 2);", &[Code::NoIntegerDivision]);
    refused("the classic rate bug", "add(action.amount * (8/100));", &[Code::NoIntegerDivision]);
}

#[test]
fn clocks_and_chance() {
    refused("timestamp", "let t = timestamp();", &[Code::NoClock]);
    refused("random", "rate(rand());", &[Code::NoClock]);
    refused("sleep", "sleep(10);", &[Code::NoClock, Code::UnknownFunction]);
}
