use super::*;

/// What is wrong with a crate of these files, whose order is `low < high < lib`.
fn faults(files: &[(&str, &str)]) -> Result<Vec<String>> {
    let texts = files.iter().map(|&(path, text)| (path.to_owned(), text.to_owned())).collect();
    let tree = Crate::read("lib.rs", &texts)?;
    let imports = tree.imports();
    let mut faults = Order::read("src: low < high < lib")?.faults(&tree.files, &imports);
    faults.extend(circles("src", &tree.files, &imports));
    Ok(faults)
}

/// The first line of each fault.
fn firsts(files: &[(&str, &str)]) -> Result<Vec<String>> {
    Ok(faults(files)?.iter().filter_map(|fault| fault.lines().next()).map(str::to_owned).collect())
}

#[test]
fn an_import_of_a_higher_module_is_named_with_its_line_and_what_to_do() -> Result {
    let files = [
        ("lib.rs", "mod low; mod high;"),
        ("low.rs", "/// See [`crate::high::Other`].\nfn a() {}\n\nuse crate::high::Thing;\n"),
        ("high.rs", "pub struct Thing;"),
    ];
    assert_eq!(
        faults(&files)?,
        ["src/low.rs:4: `crate::high::Thing` is defined in high.rs, and `low` stands below `high`\n  \
          help: move what `low` needs of it down to `low` or below, or have `high` pass it as an argument"]
    );
    Ok(())
}

#[test]
fn paths_in_code_macros_and_imports_of_modules_count() -> Result {
    for code in [
        "fn a() { crate::high::make() }",
        "macro_rules! make { ($x:expr) => { $crate::high::make($x) } }",
        "fn a() { use super::high as h; h::make() }",
        "struct A { b: Vec<super::high::Thing> }",
        "fn a() { println!(\"{}\", crate::high::make()) }",
        "pub use crate::high::make;",
        "fn a() { crate::Thing::new() }",
    ] {
        let files = [
            ("lib.rs", "mod low; mod high; pub use high::Thing;"),
            ("low.rs", code),
            ("high.rs", "pub struct Thing; pub fn make() {}"),
        ];
        assert!(!faults(&files)?.is_empty(), "{code}");
    }
    Ok(())
}

#[test]
fn a_re_export_counts_for_the_file_that_defines_the_name() -> Result {
    // `low/a.rs` asks `low/mod.rs` for names of `low/b.rs`, and the `mod.rs` names both: no circle.
    let files = [
        ("lib.rs", "mod low; mod high; pub use low::Named;"),
        (
            "low/mod.rs",
            "mod a;\nmod b;\npub use a::A;\npub(crate) use self::b::*;\npub use b::Named as Name;",
        ),
        ("low/a.rs", "use super::Globbed; use crate::low::Name; pub struct A(crate::Named);"),
        ("low/b.rs", "pub struct Globbed; pub struct Named;"),
        ("high.rs", "use crate::low::{A, Globbed};"),
    ];
    assert_eq!(faults(&files)?, Vec::<String>::new());
    Ok(())
}

#[test]
fn files_in_a_circle_are_named_once_with_the_imports_between_them() -> Result {
    let files = [
        ("lib.rs", "mod low; mod high;"),
        ("low/mod.rs", "mod a; mod b; mod c;"),
        ("low/a.rs", "use super::b::{B, make};"),
        ("low/b.rs", "use super::c::C;"),
        ("low/c.rs", "\nfn c() { super::a::a() }"),
        ("high.rs", "use crate::low::a::A;"),
    ];
    assert_eq!(
        faults(&files)?,
        ["src: 3 files import each other in a circle:\n  \
          src/low/a.rs:1: `super::b::B` of low/b.rs, and 1 more\n  \
          src/low/b.rs:1: `super::c::C` of low/c.rs\n  \
          src/low/c.rs:2: `super::a::a` of low/a.rs\n  \
          help: move what several of them need to a file that imports none of them"]
    );
    Ok(())
}

#[test]
fn a_module_that_uses_what_its_children_take_from_it_is_a_circle() -> Result {
    for module in [
        "mod a; pub struct Shared; fn f() { a::run() }",
        "mod a; use a::run; pub struct Shared;",
        // A re-export that the file uses itself.
        "mod a; pub use a::run; pub struct Shared; fn f() { run() }",
    ] {
        let files = [
            ("lib.rs", "mod low; mod high;"),
            ("low/mod.rs", module),
            ("low/a.rs", "use super::Shared; pub fn run() {}"),
            ("high.rs", ""),
        ];
        assert_eq!(firsts(&files)?, ["src: 2 files import each other in a circle:"], "{module}");
    }
    Ok(())
}

#[test]
fn tests_and_comments_are_left_out() -> Result {
    let low = "
        // crate::high::Thing
        #[cfg(test)] use crate::high::{Thing, Other};
        #[cfg(test)] #[allow(unused)] mod tests { use crate::high::Thing; }
        #[cfg(all(test, feature = \"slow\"))] mod more;
        impl A { #[cfg(test)] fn a() { crate::high::make() } fn b<'high>() {} }";
    let files = [("lib.rs", "mod low; mod high;"), ("low.rs", low), ("high.rs", "pub struct Thing;")];
    assert_eq!(faults(&files)?, Vec::<String>::new());
    Ok(())
}

#[test]
fn a_module_without_a_place_is_a_fault_once_all_of_the_order_is_there() -> Result {
    let rest = [("low.rs", ""), ("new.rs", ""), ("high.rs", "")];
    let with_root = |root| [&[("lib.rs", root)][..], &rest].concat();
    assert_eq!(firsts(&with_root("mod low; mod new;"))?, Vec::<String>::new());
    assert_eq!(firsts(&with_root("mod low; mod high; mod new;"))?, ["src/new: not in the order"]);
    Ok(())
}

#[test]
fn the_architecture_tells_the_same_order() -> Result {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let architecture = words(&fs::read_to_string(root().join("ARCHITECTURE.md"))?);
    for line in lines(&fs::read_to_string(root().join(ORDER))?) {
        assert!(
            architecture.contains(&words(line)),
            "ARCHITECTURE.md does not have this line of {ORDER}: {line}"
        );
    }
    Ok(())
}
