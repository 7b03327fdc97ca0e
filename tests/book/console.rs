//! Blocks of commands: what a reader would type enters and is run; it must print what the block says.

use std::process::Command;

use crate::scratch::Scratch;
use accrue_tests::command::binary;

/// A command and the output that the book shows for it.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    command: String,
    output: Vec<String>,
}

/// Runs the commands of a block in the page's scratch folder.
pub(crate) fn run(tags: &[&str], text: &str, scratch: &Scratch) -> Result<(), String> {
    let exit: i32 = match tags.iter().find_map(|tag| tag.strip_prefix("exit=")) {
        Some(code) => code.parse().map_err(|_| format!("`exit={code}` is no number"))?,
        None => 0,
    };
    let steps = steps(text)?;
    for (n, step) in steps.iter().enumerate() {
        let (code, printed) = execute(&step.command, scratch)?;
        // An exit code that is asked for is that of the last command.
        let expected = if n + 1 == steps.len() { exit } else { 0 };
        if code != Some(expected) {
            return Err(format!("`{}` ends with {code:?}, not {expected}:\n{printed}", step.command));
        }
        if !step.output.is_empty() {
            let printed: Vec<String> =
                printed.trim_end().lines().map(|line| line.trim_end().to_owned()).collect();
            if !matches(&step.output, &printed) {
                return Err(format!("`{}` prints:\n{}", step.command, printed.join("\n")));
            }
        }
    }
    Ok(())
}

fn steps(text: &str) -> Result<Vec<Step>, String> {
    let mut steps: Vec<Step> = Vec::new();
    let mut goes_on = false;
    for line in text.lines() {
        if goes_on {
            let step = steps.last_mut().ok_or("no command goes on")?;
            step.command.push('\n');
            step.command.push_str(line);
            goes_on = line.ends_with('\\');
        } else if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step { command: command.to_owned(), output: Vec::new() });
            goes_on = command.ends_with('\\');
        } else {
            steps
                .last_mut()
                .ok_or("a block of commands begins with `$ `")?
                .output
                .push(line.trim_end().to_owned());
        }
    }
    for step in &mut steps {
        while step.output.last().is_some_and(String::is_empty) {
            step.output.pop();
        }
    }
    if steps.is_empty() { Err("there is no command".into()) } else { Ok(steps) }
}

/// The exit code, and standard output and standard error together.
fn execute(command: &str, scratch: &Scratch) -> Result<(Option<i32>, String), String> {
    // What builds and runs the command line from the repository runs the one that is built.
    let command = command.replace("cargo run --release -- ", "accrue ").replace("cargo run -- ", "accrue ");
    let folder = binary()?.parent().ok_or("the binary is in no folder")?;
    let mut paths = vec![folder.to_owned()];
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!("exec 2>&1\n{command}"))
        .current_dir(scratch.with_repository())
        .env("PATH", std::env::join_paths(paths).unwrap())
        .env("NO_COLOR", "1")
        .env_remove("CLICOLOR_FORCE")
        .output()
        .unwrap();
    Ok((output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned()))
}

/// Whether lines are as expected, where a line `…` stands for any number of them.
fn matches(expected: &[String], printed: &[String]) -> bool {
    match expected.split_first() {
        None => printed.is_empty(),
        Some((line, rest)) if line.trim() == "…" => {
            (0..=printed.len()).any(|skip| matches(rest, &printed[skip..]))
        }
        Some((line, rest)) => printed.first() == Some(line) && matches(rest, &printed[1..]),
    }
}

#[test]
fn commands_and_their_output_are_told_apart() {
    let found = steps("$ accrue check a \\\n  --json\nfine\n\n$ accrue run a\n").unwrap();
    assert_eq!(found[0], Step { command: "accrue check a \\\n  --json".into(), output: vec!["fine".into()] });
    assert_eq!(found[1], Step { command: "accrue run a".into(), output: vec![] });
    assert!(steps("fine\n").is_err());
}

#[test]
fn an_ellipsis_stands_for_any_number_of_lines() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(matches(&lines("a\n…\nd"), &lines("a\nb\nc\nd")));
    assert!(matches(&lines("a\n…"), &lines("a")));
    assert!(!matches(&lines("a\n…\nd"), &lines("a\nb\nc")));
    assert!(!matches(&lines("a"), &lines("a\nb")));
}
