//! Files: no output harms a file, nothing outside of a program's folder is read, nothing is lost, and nothing is left behind.

use std::time::{Duration, Instant};

use crate::{Desk, action, command};

/// Runs `shop` on `in.jsonl` with these options, and returns the exit code and what was said.
fn run(desk: &Desk, options: &[&str]) -> (Option<i32>, String) {
    let ended = desk.accrue(&[&["run", "shop", "in.jsonl"], options].concat());
    (ended.code, ended.err)
}

fn names(desk: &Desk, dir: &str) -> Vec<String> {
    let entries = std::fs::read_dir(desk.path(dir)).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn the_id_of_a_program_is_no_path() {
    let desk = Desk::new(0);
    desk.write("in.jsonl", action("a1", "ten"));
    std::fs::create_dir(desk.path("victim")).unwrap();
    for id in ["../victim/pwn", "/tmp/pwn", ".hidden", "-rf", "", "a\\\\b", "con:", "caf\u{e9}"] {
        desk.edit("shop/program.toml", "id = \"corner-roastery\"", &format!("id = \"{id}\""));
        let (code, said) = run(&desk, &["--out", "d.jsonl"]);
        assert_eq!(code, Some(1), "{id}: {said}");
        assert!(said.contains("id"), "{id}: {said}");
        desk.edit("shop/program.toml", &format!("id = \"{id}\""), "id = \"corner-roastery\"");
    }
    assert!(names(&desk, "victim").is_empty());
    assert_eq!(names(&desk, "."), ["in.jsonl", "shop", "victim"]);
}

#[test]
fn an_output_never_takes_the_place_of_another_file() {
    let desk = Desk::new(3);
    desk.write("in.jsonl", action("a1", "10.00"));
    desk.write("map.toml", "");
    desk.write("decisions.csv", "old");
    std::fs::create_dir(desk.path("dir")).unwrap();
    std::fs::hard_link(desk.path("in.jsonl"), desk.path("second.jsonl")).unwrap();
    std::fs::hard_link(desk.path("shop/facts/partners.csv"), desk.path("second.csv")).unwrap();
    let before: Vec<(String, String)> =
        ["in.jsonl", "map.toml", "decisions.csv", "second.jsonl", "second.csv"]
            .into_iter()
            .chain([
                "shop/program.toml",
                "shop/README.md",
                "shop/facts/partners.csv",
                "shop/actions/sample.jsonl",
            ])
            .map(|name| (name.to_owned(), desk.read(name)))
            .collect();
    let mut cases: Vec<(Vec<&str>, &str)> = vec![
        (vec!["--out", "x.jsonl", "--rejects", "x.jsonl"], "`--out` and `--rejects` name the same file"),
        (
            vec!["--out", "x.jsonl", "--rejects", "dir/../x.jsonl"],
            "`--out` and `--rejects` name the same file",
        ),
        (vec!["--summary", "s.json", "--state", "./s.json"], "`--summary` and `--state` name the same file"),
        (vec!["--out", "decisions.csv", "--rejects", "decisions.csv"], "name the same file"),
        (vec!["--rejects", "in.jsonl"], "`--rejects in.jsonl` is one of the inputs"),
        (vec!["--out", "second.jsonl"], "`--out second.jsonl` is one of the inputs"),
        (vec!["--out", "shop/program.toml", "--json"], "is read as a part of the program `shop`"),
        (vec!["--rejects", "shop/README.md"], "is read as a part of the program"),
        (vec!["--out", "shop/facts/partners.csv"], "is read as a part of the program"),
        (vec!["--out", "second.csv"], "is read as a part of the program"),
        (vec!["--out", "dir/../shop/lists/new.csv"], "is read as a part of the program"),
        (vec!["--state", "shop/actions/sample.jsonl"], "is read as a part of the program"),
        (vec!["--summary", "map.toml.json", "--rejects", "map.toml", "--map", "map.toml"], "`--map`"),
        (vec!["--facts", "shop/facts", "--rejects", "shop/facts/pauses.csv"], "is read"),
    ];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("x.jsonl", desk.path("link.jsonl")).unwrap();
        std::os::unix::fs::symlink("shop", desk.path("other")).unwrap();
        cases.push((vec!["--out", "x.jsonl", "--rejects", "link.jsonl"], "name the same file"));
        cases.push((vec!["--out", "other/tests/new.jsonl"], "is read as a part of the program"));
    }
    for (options, said) in cases {
        let (code, err) = run(&desk, &options);
        assert_eq!(code, Some(2), "{options:?}: {err}");
        assert!(err.contains(said), "{options:?}: {err}");
    }
    for (name, text) in before {
        assert_eq!(desk.read(&name), text, "{name}");
    }
    // Other files of the folder are nobody's, and nothing can be replaced in a device.
    assert_eq!(run(&desk, &["--out", "shop/d.csv", "--state", "shop/state.json"]).0, Some(0));
    #[cfg(unix)]
    assert_eq!(run(&desk, &["--out", "/dev/null", "--json", "--rejects", "/dev/null"]).0, Some(0));
    let built = desk.accrue(&["build", "shop", "--out", "shop/rules/loyalty.rhai"]);
    assert_eq!(built.code, Some(2), "{}", built.err);
    let table = desk.accrue(&["table", "export", "shop", "--out", "shop/facts/partners.csv"]);
    assert_eq!(table.code, Some(2), "{}", table.err);
    assert_eq!(desk.accrue(&["table", "export", "shop", "--out", "shop/facts.csv"]).code, Some(0));
    let bundle = desk.accrue(&["build", "shop", "--out", "shop.accrue"]);
    assert_eq!(bundle.code, Some(0), "{}", bundle.err);
    let ended = desk.accrue(&["run", "shop.accrue", "in.jsonl", "--json", "--out", "shop.accrue"]);
    assert_eq!(ended.code, Some(2), "{}", ended.err);
}

#[test]
fn no_run_loses_the_rejects_of_another() {
    let desk = Desk::new(0);
    // Both kinds of rejects, in runs one after the other and at once.
    let header = "id,event_type,occurred_at,amount";
    desk.write("in.csv", format!("{header}\nc,sale,2026-03-02T10:00:00Z,ten\n"));
    let mut children = Vec::new();
    for n in 0..6 {
        let name = format!("{n}.jsonl");
        desk.write(&name, action(&format!("a{n}"), "ten"));
        let args = ["run", "shop", &name, "in.csv", "--json"];
        let given: &[&str] = if n % 2 == 0 { &[] } else { &["--rejects", "bad.jsonl"] };
        let mut child = command(desk.dir.path()).args(args).args(given).spawn().unwrap();
        drop(child.stdin.take());
        if n < 2 {
            assert_eq!(child.wait().unwrap().code(), Some(3));
        } else {
            children.push(child);
        }
    }
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let found = names(&desk, ".");
    let kept = |start: &str, ending: &str| {
        let is = |name: &&String| name.starts_with(start) && name.ends_with(ending);
        let mut texts: Vec<String> = found.iter().filter(is).map(|name| desk.read(name)).collect();
        texts.sort();
        texts
    };
    let of = |runs: [u32; 3]| runs.map(|n| action(&format!("a{n}"), "ten") + "\n").to_vec();
    assert_eq!(kept("corner-roastery.rejects", ".jsonl"), of([0, 2, 4]), "{found:?}");
    assert_eq!(kept("bad", ".jsonl"), of([1, 3, 5]), "{found:?}");
    for start in ["corner-roastery.rejects", "bad"] {
        assert_eq!(kept(start, ".csv").len(), 3, "{found:?}");
    }
    // A file that holds nothing, such as one of `mktemp`, is taken.
    desk.write("empty.jsonl", "");
    let ended = desk.accrue(&["run", "shop", "0.jsonl", "--rejects", "empty.jsonl"]);
    assert!(ended.err.contains("kept in empty.jsonl"), "{}", ended.err);
    assert_eq!(desk.read("empty.jsonl"), action("a0", "ten") + "\n");
    let help = desk.accrue(&["run", "--help"]);
    assert!(help.out.contains("A file that is there already is kept"), "{}", help.out);
    assert!(!names(&desk, ".").iter().any(|name| name.starts_with('.')), "{found:?}");
}

#[cfg(unix)]
#[test]
fn outputs_have_the_mode_of_the_umask() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new(3);
    desk.write("in.jsonl", [action("a1", "10.00"), action("a2", "ten")].join("\n"));
    let script = format!(
        "umask 027; {0} run shop in.jsonl --out d.csv --rejects r.jsonl --summary s.json --state c.json; {0} build shop -o b.accrue",
        env!("CARGO_BIN_EXE_accrue")
    );
    let ended = std::process::Command::new("sh").current_dir(desk.dir.path()).args(["-c", &script]).output();
    assert!(ended.unwrap().status.success());
    for name in ["d.csv", "r.jsonl", "s.json", "c.json", "b.accrue"] {
        let mode = desk.path(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640, "{name}");
    }
}

/// Interrupts a run, and returns what is left in the folders of its outputs and of temporary files. The run is interrupted while it
/// reads its input, or while it writes the decisions, when the summary and the rejects are almost complete.
#[cfg(unix)]
fn interrupted(signal: &str, while_reading: bool) -> Vec<String> {
    use std::io::{Read as _, Write as _};
    use std::os::unix::process::ExitStatusExt as _;
    let desk = Desk::new(0);
    std::fs::create_dir(desk.path("tmp")).unwrap();
    std::fs::create_dir(desk.path("out")).unwrap();
    desk.write("out/s.json", "old");
    let mut child = command(desk.dir.path())
        .env("TMPDIR", desk.path("tmp"))
        .args([
            "run",
            "shop",
            "-",
            "--json",
            "--trace",
            "--summary",
            "out/s.json",
            "--rejects",
            "out/r.jsonl",
        ])
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    for n in 0..300 {
        let amount = if n % 2 == 0 { "10.00" } else { "ten" };
        stdin.write_all((action(&format!("a{n:03}"), amount) + "\n").as_bytes()).unwrap();
    }
    if while_reading {
        std::thread::sleep(Duration::from_millis(300));
    } else {
        drop(stdin);
        // The rest of the decisions does not fit into the pipe.
        child.stdout.as_mut().unwrap().read_exact(&mut [0u8; 100]).unwrap();
    }
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        // A shell starts what is in the background with this signal ignored, and so it is here.
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "{signal} is ignored where the tests were started"
        );
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(status.signal().is_some(), "{status:?}");
    assert_eq!(desk.read("out/s.json"), "old");
    [names(&desk, "tmp"), names(&desk, "out")].concat()
}

#[cfg(unix)]
#[test]
fn a_signal_leaves_no_temporary_file() {
    for while_reading in [true, false] {
        assert_eq!(interrupted("-INT", while_reading), ["s.json"]);
        assert_eq!(interrupted("-TERM", while_reading), ["s.json"]);
        if cfg!(target_os = "linux") {
            assert_eq!(interrupted("-KILL", while_reading), ["s.json"]);
        }
    }
}

#[cfg(unix)]
#[test]
fn only_files_of_the_folder_are_read() {
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;
    let parts = ["contracts/x.toml", "rules/x.rhai", "functions/x.rhai", "lists/x.csv", "tables/x.csv"];
    let parts =
        parts.into_iter().chain(["components/x.wasm", "facts/pauses.csv", "tests/x.toml", "actions/x.csv"]);
    for part in parts {
        let desk = Desk::new(0);
        desk.write("secret", "root:x:0:0\n");
        let path = desk.path(&format!("shop/{part}"));
        let dir = path.parent().unwrap().to_owned();
        std::fs::create_dir_all(&dir).unwrap();
        let refused = |said: &str| {
            for args in [&["check", "shop"][..], &["run", "shop"], &["test", "shop"]] {
                if (args[0] == "check" && part.starts_with("actions"))
                    || (args[0] != "run" && part.starts_with("actions"))
                    || (args[0] == "run" && part.starts_with("tests"))
                {
                    continue;
                }
                let began = Instant::now();
                let ended = desk.accrue(args);
                assert!(began.elapsed() < Duration::from_secs(20), "{part}");
                assert_eq!(ended.code, Some(4), "{args:?} {part}: {}{}", ended.out, ended.err);
                assert!(ended.err.contains(said), "{args:?} {part}: {}", ended.err);
                assert!(!ended.err.contains("root:x"), "{part}: {}", ended.err);
            }
        };
        symlink(desk.path("secret"), &path).unwrap();
        refused("is a link out of the folder");
        std::fs::remove_file(&path).unwrap();
        symlink("nowhere", &path).unwrap();
        refused("a link to a file that is not there");
        std::fs::remove_file(&path).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        refused("neither a file nor a folder");
        std::fs::remove_file(&path).unwrap();
        let name = dir.join(std::ffi::OsStr::from_bytes(b"caf\xe9.toml"));
        std::fs::write(&name, "").unwrap();
        refused("its name is not UTF-8");
        std::fs::remove_file(&name).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn links_in_the_folder_are_read_and_loops_end() {
    use std::os::unix::fs::symlink;
    let desk = Desk::new(0);
    std::fs::create_dir(desk.path("shop/shared")).unwrap();
    std::fs::rename(desk.path("shop/rules/loyalty.rhai"), desk.path("shop/shared/loyalty.rhai")).unwrap();
    symlink("../shared/loyalty.rhai", desk.path("shop/rules/loyalty.rhai")).unwrap();
    let ended = desk.accrue(&["check", "shop"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    symlink(".", desk.path("shop/rules/loop")).unwrap();
    let ended = desk.accrue(&["check", "shop"]);
    assert_eq!(ended.code, Some(4), "{}", ended.err);
    assert!(ended.err.contains("more than 8 deep"), "{}", ended.err);
    std::fs::remove_file(desk.path("shop/rules/loop")).unwrap();
    // A folder out of the program, in place of one of its own.
    for part in ["contracts", "facts", "tests"] {
        std::fs::rename(desk.path(&format!("shop/{part}")), desk.path(part)).unwrap();
        symlink(desk.path(part), desk.path(&format!("shop/{part}"))).unwrap();
        let ended = desk.accrue(&["check", "shop"]);
        assert_eq!(ended.code, Some(4), "{part}: {}", ended.err);
        assert!(ended.err.contains("is a link out of the folder"), "{part}: {}", ended.err);
        std::fs::remove_file(desk.path(&format!("shop/{part}"))).unwrap();
        std::fs::rename(desk.path(part), desk.path(&format!("shop/{part}"))).unwrap();
    }
    // A mapping of the program, and one that the user names.
    std::fs::create_dir(desk.path("shop/imports")).unwrap();
    desk.write("secret", "root:x:0:0\n");
    symlink(desk.path("secret"), desk.path("shop/imports/net.toml")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(desk.path("pipe.toml")).status().unwrap().success());
    desk.write("in.csv", "a\n1\n");
    for map in ["net", "pipe.toml"] {
        let ended = desk.accrue(&["run", "shop", "in.csv", "--map", map]);
        assert_eq!(ended.code, Some(4), "{map}: {}", ended.err);
        assert!(!ended.err.contains("root:x"), "{}", ended.err);
    }
}

#[test]
fn the_bytes_of_a_folder_are_bounded() {
    let desk = Desk::new(0);
    // Holes, which take no room on the disk.
    let hole = |name: &str, bytes: u64| {
        std::fs::File::create(desk.path(name)).unwrap().set_len(bytes).unwrap();
    };
    hole("shop/facts/partners.csv", 200 << 20);
    let ended = desk.accrue(&["check", "shop"]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    assert!(ended.err.contains("67108864 bytes that a file of facts may have"), "{}", ended.err);
    std::fs::remove_file(desk.path("shop/facts/partners.csv")).unwrap();
    std::fs::create_dir(desk.path("shop/lists")).unwrap();
    for n in 0..40 {
        hole(&format!("shop/lists/{n}.txt"), 1 << 20);
    }
    let ended = desk.accrue(&["check", "shop"]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    assert!(ended.err.contains("16777216 bytes that all its files may have"), "{}", ended.err);
    std::fs::remove_dir_all(desk.path("shop/lists")).unwrap();
    for n in 0..40 {
        hole(&format!("shop/tests/{n}.toml"), 1 << 20);
    }
    let ended = desk.accrue(&["check", "shop"]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    assert!(ended.err.contains("`program_bytes`"), "{}", ended.err);
}

#[test]
fn nothing_beside_actions_and_tests_is_left_out_in_silence() {
    let desk = Desk::new(3);
    desk.write("shop/actions/README.md", "how they come in");
    desk.write("shop/actions/.keep", "");
    assert_eq!(desk.accrue(&["run", "shop"]).code, Some(0));
    desk.write("shop/tests/more.tml", "");
    let ended = desk.accrue(&["check", "shop"]);
    assert!(ended.err.contains("`tests/more.tml` is not read"), "{}", ended.err);
    desk.write("shop/actions/march.jsonl.gz", "\x1f\u{8b}");
    let ended = desk.accrue(&["run", "shop"]);
    assert_eq!(ended.code, Some(2), "{}", ended.err);
    assert!(
        ended.err.contains("`gzip -dc shop/actions/march.jsonl.gz | accrue run PROGRAM -`"),
        "{}",
        ended.err
    );
}

#[test]
fn long_lines_are_kept_whole() {
    let desk = Desk::new(0);
    // Lines that are too long and lines that are not, in turn; and the same as rows.
    let long = |n: usize| format!("{{\"id\":\"{n}\",\"x\":\"{}\"}}", "x".repeat((1 << 20) + n));
    let row = |n: usize| format!("=1+{n},sale,2026-03-02T10:00:00Z,{}", "9".repeat((1 << 20) + n));
    let header = "id,event_type,occurred_at,amount";
    let (mut lines, mut rows) = (String::from("\u{FEFF}"), format!("{header}\n"));
    let (mut expected, mut expected_rows) = (String::new(), format!("{header}\n"));
    for n in 0..5 {
        let both = format!("{}\n{}\n", long(n), action(&format!("b{n}"), "ten"));
        lines.push_str(&both);
        expected.push_str(&both);
        let both = format!("{}\nc{n},sale,2026-03-02T10:00:00Z,ten\n", row(n));
        rows.push_str(&both);
        expected_rows.push_str(&format!("'{both}"));
    }
    desk.write("in.jsonl", lines);
    desk.write("in.csv", rows);
    let ended = desk.accrue(&["run", "shop", "in.jsonl", "in.csv", "--rejects", "r.jsonl"]);
    assert_eq!(ended.code, Some(3), "{}", ended.err);
    assert!(desk.read("r.jsonl") == expected, "the rejects are not what came in");
    assert!(desk.read("r.csv") == expected_rows, "the rejects are not what came in");
}

#[test]
fn an_input_that_failed_replaces_nothing() {
    let desk = Desk::new(0);
    desk.write("d.csv", "old");
    let ended = desk.accrue_with(&["run", "shop", "-", "--out", "d.csv"], "");
    assert_eq!(ended.code, Some(4), "{}", ended.err);
    assert!(ended.err.contains("cannot read `standard input`: it is empty"), "{}", ended.err);
    assert_eq!(desk.read("d.csv"), "old");
    let ended = desk.accrue_with(&["import", "awin", "-", "--out", "d.csv"], "");
    assert_eq!((ended.code, desk.read("d.csv").as_str()), (Some(4), "old"), "{}", ended.err);
    // Who names an empty file means it.
    desk.write("none.jsonl", "");
    assert_eq!(desk.accrue(&["run", "shop", "none.jsonl", "--out", "d.csv"]).code, Some(0));
    assert!(desk.read("d.csv").starts_with("action,"));
}

#[cfg(unix)]
#[test]
fn names_cannot_steer_the_terminal() {
    let desk = Desk::new(0);
    let evil = "\x1b[2J\u{202e}\u{200b}\x1b[31mx";
    desk.write(&format!("{evil}.jsonl"), action("a1", "ten"));
    let mut said = String::new();
    for args in [
        vec!["run".to_owned(), "shop".to_owned(), format!("{evil}.jsonl")],
        vec!["run".to_owned(), "shop".to_owned(), format!("{evil}.txt")],
        vec!["check".to_owned(), evil.to_owned()],
        vec!["explain".to_owned(), "shop".to_owned(), evil.to_owned(), format!("{evil}.jsonl")],
        vec![
            "run".to_owned(),
            "shop".to_owned(),
            format!("{evil}.jsonl"),
            "--out".to_owned(),
            evil.to_owned() + "/x.csv",
        ],
        vec!["new".to_owned(), format!("{evil}-shop")],
        vec!["check".to_owned(), format!("{evil}-shop")],
        vec!["keygen".to_owned(), format!("{evil}.key")],
    ] {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let ended = desk.accrue(&[&["--color", "always"], args.as_slice()].concat());
        said.push_str(&ended.out);
        said.push_str(&ended.err);
    }
    // A contract with all of them, and with a word that is wrong, under a name that is wrong, too.
    desk.edit("shop/contracts/standard.toml", "rate = \"10%\"", "raet = \"10%\" # \x1b[2J\u{202e}\u{200b}");
    desk.write(&format!("shop/contracts/{evil}.toml"), "contract = \"\\u001B[2J\\u202E\\u200B\"\n");
    for args in [["check", "shop"], ["run", "shop"]] {
        let ended = desk.accrue(&[&["--color", "always"], args.as_slice()].concat());
        said.push_str(&ended.out);
        said.push_str(&ended.err);
    }
    assert!(said.contains("\\u{1b}[2J\\u{202e}\\u{200b}\\u{1b}[31mx"), "{said}");
    for hidden in ["\x1b[2J", "\u{202e}", "\u{200b}", "\x1b[31mx"] {
        assert!(!said.contains(hidden), "{hidden:?} in {said:?}");
    }
}

#[test]
fn a_sample_is_bounded() {
    let desk = Desk::new(0);
    let ended = desk.accrue(&["new", "large", "--sample", "99999999999"]);
    assert_eq!(ended.code, Some(2), "{}", ended.err);
    assert!(ended.err.contains("10000000"), "{}", ended.err);
    assert!(!desk.path("large").exists());
}

#[test]
fn formulas_are_disarmed_in_what_is_written_and_read_back_as_they_were() {
    let desk = Desk::new(0);
    let header = "id,event_type,occurred_at,amount,customer.id";
    let rows = [
        "=1+1,sale,2026-03-02T10:00:00Z,10.00,c1",
        "\"=cmd|' /C calc'!A0\",sale,2026-03-02T10:00:00Z,ten,\"@x,\"\"y\"\"\"",
        "-1,sale,2026-03-02T10:00:00Z,ten,+49 30",
    ];
    desk.write("in.csv", format!("{header}\n{}\n", rows.join("\n")));
    let ended = desk.accrue(&["run", "shop", "in.csv", "--out", "d.csv", "--rejects", "r.csv"]);
    assert_eq!(ended.code, Some(3), "{}", ended.err);
    assert!(desk.read("d.csv").contains("\n'=1+1,sale,"), "{}", desk.read("d.csv"));
    let expected = [
        header,
        "\"'=cmd|' /C calc'!A0\",sale,2026-03-02T10:00:00Z,ten,\"'@x,\"\"y\"\"\"",
        "-1,sale,2026-03-02T10:00:00Z,ten,'+49 30\n",
    ];
    assert_eq!(desk.read("r.csv"), expected.join("\n"));
    // The corrected rows are the actions that came in.
    desk.write("again.csv", desk.read("r.csv").replace("ten", "10.00"));
    let ended = desk.accrue(&["run", "shop", "again.csv", "--json"]);
    assert_eq!(ended.decided(), ["-1", "=cmd|' /C calc'!A0"], "{}", ended.err);
}
