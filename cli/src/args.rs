//! The command line: what a user can ask for.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Decides what a brand owes its partners, exact to the cent and with the whole reasoning.
#[derive(Debug, Parser)]
#[command(name = "accrue", version, after_help = crate::exit::HELP, max_term_width = 100)]
pub(crate) struct Cli {
    /// Whether to use colour.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// When colour is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless the environment says otherwise (`NO_COLOR`).
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check a program and its facts, and show what is in it.
    Check(Check),
    /// Decide actions and sum up what each partner is paid.
    Run(Run),
    /// Turn the export of a network or a shop into a file of actions.
    Import(Import),
    /// Show one action's whole path, or one bonus: who is paid, how much and why.
    Explain(Explain),
    /// Show what a draft of a program would change: who gains, who loses, and through which of its changes.
    Simulate(Box<Simulate>),
    /// Adjust decisions of earlier runs: modifications, reversals, late facts and persons' decisions.
    Adjust(Adjust),
    /// Close periods: decide the bonuses that are due, and count in the next periods from then on.
    Close(Close),
    /// List what begins, ends, expires or is to be reviewed soon.
    Due(Due),
    /// Show the terms in plain words, for the brand or for one partner.
    Card(Card),
    /// Run the tests beside the rules.
    Test(Test),
    /// Measure how fast a program decides on this machine, and where the time goes.
    Bench(Bench),
    /// Make one file of a program folder, verified wherever it is used, and signed on request.
    Build(Build),
    /// Work with the tables of a program.
    #[command(subcommand)]
    Table(Table),
    /// Make a pair of keys, to sign bundles with and to trust them by.
    Keygen(Keygen),
    /// Make a new program in a new folder, with rules, tests and sample actions.
    New(New),
    /// Serve a page on this machine on which a program is edited, tried and understood.
    #[cfg(feature = "preview")]
    Preview(Preview),
    /// Make a component of a rule that was compiled to WebAssembly.
    Component(Component),
    /// Lay out contract files, tests and rules in the usual way.
    Fmt(Fmt),
    /// Serve an editor: completion, diagnostics and more, over standard input and output.
    Lsp(Lsp),
    /// Print a JSON Schema, so that an editor completes the file.
    Schema(Schema),
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// Whose bundles are trusted.
#[derive(Debug, Args)]
pub(crate) struct Trust {
    /// Take only a bundle that is signed by this public key; may be repeated.
    #[arg(long = "trust-key", value_name = "FILE")]
    pub(crate) keys: Vec<PathBuf>,
}

/// `accrue preview`
#[cfg(feature = "preview")]
#[derive(Debug, Args)]
pub(crate) struct Preview {
    /// The program folder.
    pub(crate) program: PathBuf,
    /// The port on which the page is served; 0 takes any that is free.
    #[arg(long, value_name = "PORT", default_value_t = 4700)]
    pub(crate) port: u16,
}

/// `accrue build`
#[derive(Debug, Args)]
pub(crate) struct Build {
    /// The program folder.
    pub(crate) program: PathBuf,
    /// The bundle to write, such as `shop.accrue`.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Sign it with this secret key, which `accrue keygen` has made.
    #[arg(long, value_name = "FILE")]
    pub(crate) sign_key: Option<PathBuf>,
}

/// `accrue table`
#[derive(Debug, Subcommand)]
pub(crate) enum Table {
    /// Write the payout groups of a contract as a table, to be edited in a spreadsheet.
    Export(TableExport),
}

/// `accrue table export`
#[derive(Debug, Args)]
pub(crate) struct TableExport {
    /// The program folder, or a bundle.
    pub(crate) program: PathBuf,
    #[command(flatten)]
    pub(crate) trust: Trust,
    /// The contract; the only one when left out.
    #[arg(long, value_name = "NAME")]
    pub(crate) contract: Option<String>,
    /// The version of the contract; the last one when left out.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) version: Option<u32>,
    /// The event type, in a contract that pays each event type in its own way.
    #[arg(long, value_name = "NAME")]
    pub(crate) event_type: Option<String>,
    /// The table to write, such as `groups.csv` or `groups.xlsx`.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// `accrue keygen`
#[derive(Debug, Args)]
pub(crate) struct Keygen {
    /// Where the secret key goes; the public one goes beside it, with `.pub` at its end.
    pub(crate) file: PathBuf,
}

/// `accrue check`
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The program folder, or a bundle.
    pub(crate) program: PathBuf,
    #[command(flatten)]
    pub(crate) trust: Trust,
    /// Print everything as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Show the limits of the engine, too.
    #[arg(long)]
    pub(crate) limits: bool,
    /// Say what the terms mean for every action: what never or always applies, what others cover, and gaps. Each finding comes with a test
    /// that shows it.
    #[arg(long)]
    pub(crate) deep: bool,
    /// Compare the program, a draft, with these current terms: a program folder or a bundle. Says for each contract whether it ever pays more
    /// or less, with an action that shows it.
    #[arg(long, value_name = "PROGRAM", requires = "deep")]
    pub(crate) against: Option<PathBuf>,
    /// End with exit code 1 when there are warnings.
    #[arg(long)]
    pub(crate) deny_warnings: bool,
}

/// `accrue component`
#[derive(Debug, Args)]
pub(crate) struct Component {
    /// The core module that a compiler has made, such as `target/wasm32-unknown-unknown/release/rule.wasm`.
    pub(crate) module: PathBuf,
    /// Where the component goes, such as `components/rule.wasm` of a program; beside the module when left out.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// `accrue run`
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The program folder, or a bundle.
    pub(crate) program: PathBuf,
    #[command(flatten)]
    pub(crate) trust: Trust,
    /// Actions: `.jsonl`, `.csv` or `.parquet` files, or `-` for standard input. PROGRAM/actions/* when left out.
    pub(crate) actions: Vec<PathBuf>,
    /// Read the files as exports, through this mapping: the name of one in PROGRAM/imports or of one that ships, or a path that ends
    /// in `.toml`. `accrue import --list` shows them.
    #[arg(long, value_name = "MAPPING")]
    pub(crate) map: Option<String>,
    /// What happened to the actions afterwards: modifications, reversals, late facts and persons' decisions, `.jsonl` or `.csv` files, or
    /// `-`. PROGRAM/adjustments/* when this and the actions are left out.
    #[arg(long, value_name = "FILE")]
    pub(crate) adjustments: Vec<PathBuf>,
    /// Write the decisions to this file, in the format that its name ends in: `.jsonl`, `.csv`, `.parquet` or `.xlsx`.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Write the summary to this file as data, in the format that its name ends in: `.json`, `.csv` or `.xlsx`.
    #[arg(long, value_name = "FILE")]
    pub(crate) summary: Option<PathBuf>,
    /// What to print: a summary for people, or every decision.
    #[arg(long, short, value_enum)]
    pub(crate) format: Option<Format>,
    /// Print every decision as a line of JSON; the same as `--format jsonl`.
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
    /// Where rejected lines go, as they came. PROGRAM.rejects.jsonl, .csv or .parquet, beside the output, when left out. A file that is
    /// there already is kept: the lines then go to FILE-2 and so on, and the run says where.
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
    /// Carry counters from one run to the next: read them from this file, and write them there at the end. A file that does
    /// not exist yet starts from nothing.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// Close the calendar periods that end on this date or before it. An action of a closed period counts in the first open
    /// one, and is held unless its contract says `late = "current"`.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) closed_until: Option<chrono::NaiveDate>,
    /// Close the periods of bonuses on the way, each before the first action after it, and decide the bonuses.
    #[arg(long)]
    pub(crate) close: bool,
    /// Go on to the end of this date: holds that end until then are released, and with `--close` periods that end until then are
    /// closed.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<chrono::NaiveDate>,
    /// In CSV, write a row for each line of an award instead of a row for each award.
    #[arg(long)]
    pub(crate) lines: bool,
    /// Write amounts of CSV, and of a summary in CSV or JSON, in the minor unit of their currency: 936 for 9.36 EUR.
    #[arg(long)]
    pub(crate) minor_units: bool,
    /// Put the values that every rule saw into each decision.
    #[arg(long)]
    pub(crate) trace: bool,
    /// Partners, creatives, promo codes, rates and pauses from this folder. PROGRAM/facts when left out.
    #[arg(long, value_name = "DIR")]
    pub(crate) facts: Option<PathBuf>,
    /// Show the first N decisions in the summary.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) show: usize,
    /// How many partners the summary lists; the rest are one line.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) limit_rows: usize,
}

/// How decisions are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A summary for people.
    Table,
    /// One decision a line, as JSON.
    Jsonl,
    /// One row for each award, or for each line of an award with `--lines`.
    Csv,
    /// One row for each award.
    Parquet,
    /// A workbook with decisions, their lines and the summary.
    Xlsx,
}

/// `accrue import`
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The mapping: the name of one in PROGRAM/imports or of one that ships, or a path that ends in `.toml`.
    pub(crate) mapping: Option<String>,
    /// The exports: CSV (also `.gz`), `.xlsx` or `.ods`, or `-` for standard input.
    pub(crate) files: Vec<PathBuf>,
    /// The program folder, whose mappings are known by name and whose time zone is that of moments without an offset.
    #[arg(long, value_name = "DIR")]
    pub(crate) program: Option<PathBuf>,
    /// Write the actions to this file, as JSON Lines. Standard output when left out.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Read reversed rows as actions too, and write their reversals to this file, as JSON Lines. They are set aside when left out.
    #[arg(long, value_name = "FILE")]
    pub(crate) adjustments: Option<PathBuf>,
    /// Where rejected rows go, as they came. MAPPING.rejects.csv, beside the output, when left out. A file that is there already is
    /// kept: the rows then go to FILE-2 and so on, and the import says where.
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
    /// Propose a mapping for this export. What it leaves open is asked, and is a line that begins with `# ?`.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["mapping", "program", "rejects", "adjustments"])]
    pub(crate) guess: Option<PathBuf>,
    /// List the mappings.
    #[arg(long, conflicts_with_all = ["mapping", "guess", "out", "rejects", "adjustments"])]
    pub(crate) list: bool,
}

/// `accrue explain`
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The program folder, or a bundle.
    pub(crate) program: PathBuf,
    #[command(flatten)]
    pub(crate) trust: Trust,
    /// The id of the action, or the order number of one or more actions.
    pub(crate) action: String,
    /// Actions, as for `run`. PROGRAM/actions/* when left out.
    pub(crate) actions: Vec<PathBuf>,
    /// Read the files as exports, through this mapping, as the run with the same option did.
    #[arg(long, value_name = "MAPPING")]
    pub(crate) map: Option<String>,
    /// What happened to the actions afterwards, as for `run`.
    #[arg(long, value_name = "FILE")]
    pub(crate) adjustments: Vec<PathBuf>,
    /// The counters before the first of these actions, as a run with `--state` wrote them. The file is left as it is.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// Close the calendar periods that end on this date or before it, as the run with the same option did.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) closed_until: Option<chrono::NaiveDate>,
    /// Close the periods of bonuses on the way, as the run with the same option did. ACTION may then be the id of a bonus.
    #[arg(long)]
    pub(crate) close: bool,
    /// Go on to the end of this date, as the run with the same option did.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<chrono::NaiveDate>,
    /// Show what the partner may see: no other partner, no fraud signals.
    #[arg(long)]
    pub(crate) partner_view: bool,
    /// Print the decision with its trace and the waterfall of each payout as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Also write the waterfall of each payout to this file, a workbook (`.xlsx`) whose formulas compute it again.
    #[arg(long, short, value_name = "FILE.xlsx", conflicts_with = "partner_view")]
    pub(crate) out: Option<PathBuf>,
    /// Print a test of the decision, as a file of PROGRAM/tests.
    #[arg(long, conflicts_with_all = ["json", "partner_view", "out"])]
    pub(crate) as_test: bool,
    /// Reference facts from this folder. PROGRAM/facts when left out.
    #[arg(long, value_name = "DIR")]
    pub(crate) facts: Option<PathBuf>,
}

/// `accrue simulate`
#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// The program as it is: a folder, or a bundle.
    pub(crate) old: PathBuf,
    /// The draft: a folder, or a bundle. With `--draft`, a folder with only the files that the draft changes.
    pub(crate) new: PathBuf,
    /// NEW has only the files that it adds or replaces, under the paths that they have in a program; all others are those of OLD.
    #[arg(long)]
    pub(crate) draft: bool,
    #[command(flatten)]
    pub(crate) trust: Trust,
    /// Actions, as for `run`. OLD/actions/* when left out.
    pub(crate) actions: Vec<PathBuf>,
    /// Read the files as exports, through this mapping, as `run` does.
    #[arg(long, value_name = "MAPPING")]
    pub(crate) map: Option<String>,
    /// What happened to the actions afterwards, as for `run`. OLD/adjustments/* when this and the actions are left out.
    #[arg(long, value_name = "FILE")]
    pub(crate) adjustments: Vec<PathBuf>,
    /// The counters before the first of these actions, as a run of OLD with `--state` wrote them. The file is left as it is.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// Close the calendar periods that end on this date or before it, as `run` does.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) closed_until: Option<chrono::NaiveDate>,
    /// Close the periods of bonuses on the way, and compare the bonuses.
    #[arg(long)]
    pub(crate) close: bool,
    /// Go on to the end of this date, as `run` does.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<chrono::NaiveDate>,
    /// Reference facts from this folder. OLD/facts when left out.
    #[arg(long, value_name = "DIR")]
    pub(crate) facts: Option<PathBuf>,
    /// Write the result to this file, in the format that its name ends in: `.json`, `.csv`, `.xlsx`, `.md` for a pull request, or `.svg`
    /// for a chart. May be repeated.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: Vec<PathBuf>,
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// The most steps that the difference is split into. The changes that are left are one step.
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=200))]
    pub(crate) steps: u16,
    /// How many steps are also made alone, to find changes that interact.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(..=200))]
    pub(crate) alone: u16,
    /// How many partners and changed actions are listed; files have all partners.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(..=100_000))]
    pub(crate) limit_rows: u32,
    /// Fail if the payouts of a currency rise by more than this, such as `5%`.
    #[arg(long, value_name = "PERCENT", value_parser = percentage, help_heading = "Checks")]
    pub(crate) max_increase: Option<Percentage>,
    /// Fail if a partner loses more than this part of the old payout, such as `10%`.
    #[arg(long, value_name = "PERCENT", value_parser = percentage, help_heading = "Checks")]
    pub(crate) max_loss_per_partner: Option<Percentage>,
    /// Fail if a change takes effect less than N days after `--today`.
    #[arg(long, value_name = "N", requires = "today", help_heading = "Checks")]
    pub(crate) notice_days: Option<u16>,
    /// The date on which the draft is made known.
    #[arg(long, value_name = "DATE", value_parser = date, requires = "notice_days", help_heading = "Checks")]
    pub(crate) today: Option<chrono::NaiveDate>,
    /// Fail if less than this part of the amounts of items is left after their `cost` and the payouts, such as `20%`.
    #[arg(long, value_name = "PERCENT", value_parser = percentage, help_heading = "Checks")]
    pub(crate) min_margin: Option<Percentage>,
}

/// A percentage as a fraction: `5%` is 0.05.
pub(crate) type Percentage = accrue::money::Number;

/// Reads a percentage.
fn percentage(text: &str) -> Result<Percentage, &'static str> {
    let help = "write a percentage of 0 or more, such as `5%` or `2.5%`";
    let number = text.strip_suffix('%').ok_or(help)?;
    let number: accrue::money::Money = number.trim().parse().map_err(|_| help)?;
    let fraction = number.0.checked_div(100.into()).filter(|_| number >= accrue::money::Money::ZERO);
    fraction.map(accrue::money::Number).ok_or(help)
}

/// `accrue adjust`
#[derive(Debug, Args)]
pub(crate) struct Adjust {
    /// The program folder, or a bundle: the terms by which the actions were decided.
    pub(crate) program: PathBuf,
    #[command(flatten)]
    pub(crate) trust: Trust,
    /// The actions that are adjusted, as for `run`; others are passed over. PROGRAM/actions/* when left out.
    pub(crate) actions: Vec<PathBuf>,
    /// Read the files of actions as exports, through this mapping, as the run with the same option did.
    #[arg(long, value_name = "MAPPING")]
    pub(crate) map: Option<String>,
    /// The decisions as they stand, as `run --out` and `adjust --out` have written them; may be repeated, the latest last.
    #[arg(long, value_name = "FILE.jsonl", required = true)]
    pub(crate) decisions: Vec<PathBuf>,
    /// What happened to the actions: `.jsonl` or `.csv` files, or `-`.
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) adjustments: Vec<PathBuf>,
    /// The counters after the runs, as `--state` wrote them. The file is written again with the difference.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// Write the decisions as they stand afterwards to this file, in the format that its name ends in: `.jsonl`, `.csv`, `.parquet` or
    /// `.xlsx`.
    #[arg(long, short, value_name = "FILE", conflicts_with = "json")]
    pub(crate) out: Option<PathBuf>,
    /// Print the decisions as they stand afterwards, each as a line of JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Where adjustments go that are refused, as for `run`.
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
    /// Reference facts from this folder. PROGRAM/facts when left out.
    #[arg(long, value_name = "DIR")]
    pub(crate) facts: Option<PathBuf>,
    /// How many adjustments are listed; the rest are one line.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) limit_rows: usize,
}

/// `accrue close`
#[derive(Debug, Args)]
pub(crate) struct Close {
    /// The program folder, or a bundle.
    pub(crate) program: PathBuf,
    #[command(flatten)]
    pub(crate) trust: Trust,
    /// The counters, as a run with `--state` wrote them. The file is written again with the periods closed.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: PathBuf,
    /// Close the calendar periods that end on this date or before it: `2026-04-01` closes March.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) until: chrono::NaiveDate,
    /// Show the bonuses and leave the state as it is.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Write the bonuses to this file, in the format that its name ends in: `.jsonl`, `.csv`, `.parquet` or `.xlsx`.
    #[arg(long, short, value_name = "FILE", conflicts_with = "json")]
    pub(crate) out: Option<PathBuf>,
    /// Print every bonus as a line of JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Partners from this folder. PROGRAM/facts when left out.
    #[arg(long, value_name = "DIR")]
    pub(crate) facts: Option<PathBuf>,
    /// How many bonuses are listed; the rest are one line.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) limit_rows: usize,
}

/// The most days that `accrue due` looks ahead: ten years.
const MOST_DAYS: i64 = 3_660;

/// `accrue due`
#[derive(Debug, Args)]
pub(crate) struct Due {
    /// The program folder, or a bundle.
    pub(crate) program: PathBuf,
    #[command(flatten)]
    pub(crate) trust: Trust,
    /// The date from which on dates are listed.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) on: chrono::NaiveDate,
    /// How many days ahead. A contract that states `notice_days` has its dates listed for so many days instead.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(..=MOST_DAYS))]
    pub(crate) days: u32,
    /// Print the dates as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// The counters, as a run with `--state` wrote them: lists the tiers of bonuses that partners are near, too. The file is left as it is.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// Creatives and promo codes from this folder. PROGRAM/facts when left out.
    #[arg(long, value_name = "DIR")]
    pub(crate) facts: Option<PathBuf>,
}

/// `accrue card`
#[derive(Debug, Args)]
pub(crate) struct Card {
    /// The program folder, or a bundle.
    pub(crate) program: PathBuf,
    #[command(flatten)]
    pub(crate) trust: Trust,
    /// Show only what can apply to this partner, by the reference facts, and nothing that a partner may not know.
    #[arg(long, value_name = "ID")]
    pub(crate) partner: Option<String>,
    /// Show the versions in force on this date, and the partner's facts of that date. The last version of each contract when left out.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) at: Option<chrono::NaiveDate>,
    /// Show only this contract.
    #[arg(long, value_name = "NAME")]
    pub(crate) contract: Option<String>,
    /// Write the card to this file, in the format that its name ends in: `.txt`, `.md`, `.html` or `.json`.
    #[arg(long, short, value_name = "FILE", conflicts_with = "json")]
    pub(crate) out: Option<PathBuf>,
    /// Print the card as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Reference facts from this folder. PROGRAM/facts when left out.
    #[arg(long, value_name = "DIR")]
    pub(crate) facts: Option<PathBuf>,
}

/// `accrue test`
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// The program folder.
    pub(crate) program: PathBuf,
    /// Run only tests whose file or name has this in it.
    pub(crate) filter: Option<String>,
    /// Print the results as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Explain the decisions of tests that fail.
    #[arg(long)]
    pub(crate) explain: bool,
    /// Show what of the contracts and rules the tests reach: payout groups, restrictions, branches of rule files, bands, limits.
    #[arg(long)]
    pub(crate) coverage: bool,
    /// End with exit code 6 if the tests reach less than this percentage.
    #[arg(long, value_name = "PERCENT", requires = "coverage", value_parser = percentage)]
    pub(crate) min: Option<Percentage>,
    /// Write the coverage to this file too, for editors: an lcov tracefile.
    #[arg(long, value_name = "FILE", requires = "coverage")]
    pub(crate) lcov: Option<PathBuf>,
}

/// `accrue bench`
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// The program folder, or a bundle.
    pub(crate) program: PathBuf,
    #[command(flatten)]
    pub(crate) trust: Trust,
    /// Actions, as for `run`. PROGRAM/actions/* when left out; without these, the actions of the program's tests, again and again.
    pub(crate) actions: Vec<PathBuf>,
    /// Read the files as exports, through this mapping.
    #[arg(long, value_name = "MAPPING")]
    pub(crate) map: Option<String>,
    /// How many rounds are timed, after one that warms up.
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = at_least_one)]
    pub(crate) rounds: usize,
    /// Decide at most this many actions, which are kept in memory with their decisions.
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = at_least_one)]
    pub(crate) most: usize,
    /// Reference facts from this folder. PROGRAM/facts when left out.
    #[arg(long, value_name = "DIR")]
    pub(crate) facts: Option<PathBuf>,
    /// Print everything as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Reads a number from 1 to a million.
fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=1_000_000) => Ok(number),
        _ => Err("write a number from 1 to 1000000".to_owned()),
    }
}

/// The most sample actions: a file of some 5 GB, made in some 80 MB of memory.
const MOST_SAMPLES: u64 = 10_000_000;

/// `accrue new`
#[derive(Debug, Args)]
pub(crate) struct New {
    /// The folder to make; it must not exist yet, or be empty.
    pub(crate) dir: PathBuf,
    /// How many sample actions to write, at most ten million.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(..=MOST_SAMPLES))]
    pub(crate) sample: u64,
    /// The seed of the sample: the same seed gives the same actions.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
}

/// `accrue fmt`
#[derive(Debug, Args)]
pub(crate) struct Fmt {
    /// Program folders, or files that end in `.toml` or `.rhai`.
    #[arg(value_name = "PROGRAM|FILE", default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    /// Write nothing; list the files that are laid out otherwise, and end with code 6 if there are any.
    #[arg(long)]
    pub(crate) check: bool,
}

/// `accrue lsp`
#[derive(Debug, Args)]
pub(crate) struct Lsp {
    /// Talk over standard input and output, as this command always does; some editors say so.
    #[arg(long)]
    pub(crate) stdio: bool,
}

/// `accrue schema`
#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// What the schema is for.
    #[arg(value_enum)]
    pub(crate) of: SchemaOf,
}

/// What a schema can be printed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// `program.toml`.
    Program,
    /// A file of `contracts/`.
    Contract,
    /// A file of `tests/`.
    Tests,
    /// A mapping of `imports/`.
    Import,
    /// A line of an actions file.
    Action,
    /// A line that `run --json` prints.
    Decision,
    /// An entry of what `due --json` prints.
    Due,
    /// What `card --json` prints.
    Card,
}

/// Reads a date as actions and contracts have it. A year outside of 1900 to 2999 is a slip: a period that is closed stays closed.
fn date(text: &str) -> Result<chrono::NaiveDate, &'static str> {
    accrue::time::parse_date(text)
        .ok_or("write a date of the calendar, such as `2026-04-01`, between the years 1900 and 2999")
}
