//! `accrue bench`: it measures a program on its own actions, and its figures fit together. No time is checked.

use serde_json::Value;

use crate::Desk;

fn measured(desk: &Desk, more: &[&str]) -> Value {
    let ended = desk.accrue(&[&["bench", "shop", "--rounds", "2", "--json"], more].concat());
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    serde_json::from_str(&ended.out).unwrap()
}

#[test]
fn a_program_is_measured_on_its_actions() {
    let desk = Desk::new(300);
    let of = measured(&desk, &["--most", "200"]);
    assert_eq!((of["actions"].as_u64(), of["is_cut"].as_bool()), (Some(200), Some(true)));
    // A pass over few actions is repeated.
    assert_eq!((of["decisions"].as_u64(), of["rounds"].as_u64()), (Some(2_000), Some(2)));
    let steps: Vec<&str> =
        of["steps"].as_array().unwrap().iter().map(|step| step["step"].as_str().unwrap()).collect();
    assert_eq!(steps, ["parse", "read", "decide", "encode"]);
    for list in ["steps", "phases"] {
        for step in of[list].as_array().unwrap() {
            let ns = |which: &str| step["ns"][which].as_u64().unwrap();
            assert!(ns("fastest") <= ns("median"), "{step}");
        }
    }
    let a_second = |which: &str| of["decisions_per_second"][which].as_u64().unwrap();
    assert!(a_second("fastest") >= a_second("median") && a_second("median") > 0);
    // Reading and deciding do more than parsing.
    assert!(of["times_parsing"].as_f64().unwrap() > 1.0, "{of:#}");
    let phases = of["phases"].as_array().unwrap();
    let permille: u64 = phases.iter().map(|phase| phase["permille"].as_u64().unwrap()).sum();
    assert!((990..=1000).contains(&permille), "{of:#}");
    assert_eq!(phases.len(), 8);
    let rules = of["rules"].as_array().unwrap();
    assert!(!rules.is_empty());
    for rule in rules {
        let number = |key: &str| rule[key].as_u64().unwrap();
        assert!(number("runs") > 0 && number("fuel") > 0 && number("fuel") <= number("worst_fuel"), "{rule}");
        assert!(desk.path("shop").join(rule["place"]["file"].as_str().unwrap()).is_file(), "{rule}");
    }
    assert!(of["counters"]["keys"].as_u64().is_some());
}

#[test]
fn without_actions_those_of_the_tests_are_decided_again_and_again() {
    let desk = Desk::new(0);
    std::fs::remove_dir_all(desk.path("shop/actions")).unwrap();
    let of = measured(&desk, &[]);
    assert_eq!(of["actions_from"], "the tests of the program");
    assert!(of["decisions"].as_u64().unwrap() >= 2_000);
    let text = desk.accrue_in(&["bench", "shop", "--rounds", "1"], 80);
    assert!(text.out.lines().all(|line| line.chars().count() <= 80), "{}", text.out);
    assert!(text.out.contains("decisions a second") && text.out.contains("ns, interpreted"), "{}", text.out);
}
