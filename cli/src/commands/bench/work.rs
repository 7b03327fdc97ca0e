//! What is decided: the actions of files, or those of the program's tests.

use std::io::BufRead as _;

use accrue::facts::read_action;
use accrue::{Action, Program, Reference};
use indicatif::ProgressBar;

use crate::actions::batch::{Batch, Entry};
use crate::actions::input::{FileFormat, Input, inputs};
use crate::actions::records::json;
use crate::actions::stream::{ActionStream, Order};
use crate::args::Bench as Args;
use crate::exit::Failure;
use crate::source::folder::Folder;
use crate::source::program_tests::read_tests;

/// The least number of decisions of a pass: a shorter pass would be timed by what the machine does besides.
const LEAST: usize = 2_000;

/// The actions that are decided, and what they are read from.
pub(super) struct Work {
    /// The facts: of the program, and of its tests if their actions are decided.
    pub(super) reference: Reference,
    /// The actions in the order in which they are decided.
    pub(super) actions: Vec<Action>,
    /// How often the actions are decided in a pass, each time with counters that have counted nothing.
    pub(super) repeated: usize,
    /// Where the actions are from, for people.
    pub(super) from: String,
    /// Whether there are more actions than are decided.
    pub(super) is_cut: bool,
    pub(super) source: Origin,
}

/// What the actions are read from.
pub(super) enum Origin {
    /// Files, and the order in which a run reads them: as given, or sorted if they are not in order.
    Files(Vec<Input>, Order),
    /// Lines of JSON in memory, made of the actions of tests.
    Lines(Vec<String>),
}

impl Work {
    /// Reads the actions.
    pub(super) fn collect(
        args: &Args,
        folder: &mut Folder,
        program: &Program,
        reference: Reference,
    ) -> Result<Self, Failure> {
        let named = !args.actions.is_empty() || folder.root.join("actions").is_dir();
        if !named && let Some(work) = Self::of_tests(folder, program, reference.clone())? {
            return Ok(work);
        }
        let inputs = inputs(&args.actions, args.map.as_deref(), folder, program.zone())?;
        let names: Vec<&str> = inputs.iter().map(|input| input.shown.as_str()).collect();
        let from = match names.as_slice() {
            [one] => (*one).to_owned(),
            [first, ..] => format!("{first} and {} more files", names.len() - 1),
            [] => String::new(),
        };
        let mut actions = Vec::new();
        let mut is_cut = false;
        let bar = ProgressBar::hidden();
        let mut stream = ActionStream::open(&inputs, Order::Sorted, program, &bar)?;
        let mut batch = Batch::new();
        while !is_cut && stream.next(&mut batch)? {
            batch.each(|_, entry| {
                if let Entry::Action(read) = entry
                    && program.validate(read.action()).is_ok()
                {
                    if actions.len() < args.most {
                        actions.push(read.action().clone());
                    } else {
                        is_cut = true;
                    }
                }
                Ok(())
            })?;
        }
        drop(stream);
        if actions.is_empty() {
            return Err(Failure::usage(
                "there is no action to decide",
                "name a file of actions, or put actions into the tests of the program",
            ));
        }
        let order = if in_order(&inputs, program)? { Order::AsGiven } else { Order::Sorted };
        let repeated = LEAST.div_ceil(actions.len());
        Ok(Self { reference, actions, repeated, from, is_cut, source: Origin::Files(inputs, order) })
    }

    /// Returns the actions of the program's tests; `None` if it has none.
    fn of_tests(
        folder: &mut Folder,
        program: &Program,
        mut reference: Reference,
    ) -> Result<Option<Self>, Failure> {
        let (files, _) = read_tests(folder, program.limits())?.into_parts();
        let mut actions: Vec<Action> = Vec::new();
        for file in files {
            reference.merge(file.facts);
            let valid = file.tests.into_iter().flat_map(|test| test.actions);
            actions.extend(valid.filter(|action| program.validate(action).is_ok()));
        }
        actions.sort_by(|a, b| (a.occurred_at, &a.id).cmp(&(b.occurred_at, &b.id)));
        if actions.is_empty() {
            return Ok(None);
        }
        let lines: Result<Vec<String>, _> = actions.iter().map(json).collect();
        let lines = lines.map_err(|error| Failure::output(error.into()))?;
        let repeated = LEAST.div_ceil(actions.len());
        let from = "the tests of the program".to_owned();
        Ok(Some(Self { reference, actions, repeated, from, is_cut: false, source: Origin::Lines(lines) }))
    }
}

/// Returns whether the inputs are in order, so that a run reads them once.
fn in_order(inputs: &[Input], program: &Program) -> Result<bool, Failure> {
    let bar = ProgressBar::hidden();
    let mut stream = ActionStream::open(inputs, Order::AsGiven, program, &bar)?;
    let mut batch = Batch::new();
    while stream.next(&mut batch)? {}
    stream.was_in_order()
}

impl Origin {
    /// Reads all actions, and returns how many lines or rows there are.
    pub(super) fn read(&self, program: &Program) -> Result<u64, Failure> {
        let mut read = 0;
        match self {
            Self::Files(inputs, order) => {
                let bar = ProgressBar::hidden();
                let mut stream = ActionStream::open(inputs, *order, program, &bar)?;
                let mut batch = Batch::new();
                while stream.next(&mut batch)? {
                    batch.each(|_, entry| {
                        read += u64::from(matches!(entry, Entry::Action(_) | Entry::Reject(_)));
                        Ok(())
                    })?;
                }
            }
            Self::Lines(lines) => {
                for line in lines {
                    read += u64::from(std::hint::black_box(read_action(line)).is_ok());
                }
            }
        }
        Ok(read)
    }

    /// Only parses all text: JSON without making anything of it, CSV into cells. Returns `None` if a file is neither, or is read
    /// through a mapping.
    pub(super) fn parse(&self) -> Result<Option<u64>, Failure> {
        let mut parsed = 0;
        match self {
            Self::Files(inputs, _) => {
                for input in inputs {
                    match (&input.mapped, input.format) {
                        (None, FileFormat::Jsonl) => {
                            for line in input.text()?.lines() {
                                let line = line.map_err(|error| input.failed(error))?;
                                if !line.trim().is_empty() {
                                    parse_json(&line);
                                    parsed += 1;
                                }
                            }
                        }
                        (None, FileFormat::Csv) => {
                            let mut rows =
                                csv::ReaderBuilder::new().flexible(true).from_reader(input.text()?);
                            let mut row = csv::ByteRecord::new();
                            let failed = |error: csv::Error| input.failed(std::io::Error::other(error));
                            while rows.read_byte_record(&mut row).map_err(failed)? {
                                std::hint::black_box(&row);
                                parsed += 1;
                            }
                        }
                        (None, FileFormat::Parquet) | (Some(_), _) => return Ok(None),
                    }
                }
            }
            Self::Lines(lines) => {
                for line in lines {
                    parse_json(line);
                    parsed += 1;
                }
            }
        }
        Ok(Some(parsed))
    }
}

fn parse_json(line: &str) {
    let _ = std::hint::black_box(serde_json::from_str::<serde::de::IgnoredAny>(line));
}
