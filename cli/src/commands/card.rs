//! `accrue card`: shows the terms in plain words.

use std::io::Write as _;
use std::path::Path;

use accrue::card::{Card as ContractCard, CardError, CardOptions};
use accrue::diagnostic::nearest;
use accrue::{Engine, Program, Reference};

use crate::args::Card;
use crate::exit::{Exit, Failure};
use crate::output::target::Target;
use crate::output::terminal::{BOLD, RESET, clean, room, say, say_json, shown};
use crate::source::folder::Folder;
use crate::source::outputs::{May, Read, check_outputs};
use crate::source::reference::read_reference;

/// The widest line of a card, in columns.
const WIDEST: usize = 80;

/// The format of a card that is written to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Text,
    Markdown,
    Html,
    Json,
}

impl Format {
    fn of_name(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "txt" => Some(Self::Text),
            "md" => Some(Self::Markdown),
            "html" => Some(Self::Html),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// Runs the command.
pub(crate) fn run(args: &Card) -> Result<Exit, Failure> {
    let to = match &args.out {
        None => None,
        Some(path) => Some((path.as_path(), format_of(path)?)),
    };
    let mut read = vec![Read::Program(&args.program, May::WriteActions)];
    read.extend(args.trust.keys.iter().map(|key| Read::File("--trust-key", key)));
    read.extend(args.facts.iter().map(|facts| Read::Folder("--facts", facts)));
    check_outputs(&[("--out", args.out.as_deref())], &read)?;
    let engine = Engine::default();
    let folder = Folder::open(&args.program, &args.trust, engine.limits())?;
    let program = folder.program(&engine)?;
    let reference = match args.partner {
        Some(_) => read_reference(args.facts.as_deref(), &folder, &program)?,
        // The terms alone make the brand's card.
        None => Reference::default(),
    };
    let options =
        CardOptions { contract: args.contract.as_deref(), at: args.at, partner: args.partner.as_deref() };
    let card = program.card(options, &reference).map_err(|error| failure(&error, &program, &reference))?;
    if let Some((path, format)) = to {
        write(&card, path, format)?;
        say(&format!("{BOLD}Wrote {}{RESET}\n", shown(path)))?;
    } else if args.json {
        say_json(&card)?;
    } else {
        say(&coloured(&card))?;
    }
    Ok(Exit::Ok)
}

fn format_of(path: &Path) -> Result<Format, Failure> {
    Format::of_name(path).ok_or_else(|| {
        Failure::usage(
            format!("`{}` does not say in which format the card is written", path.display()),
            "write a name that ends in `.txt`, `.md`, `.html` or `.json`",
        )
    })
}

/// Returns the card for the terminal, with its headings in bold.
fn coloured(card: &ContractCard) -> String {
    let width = room().map_or(WIDEST, |room| room.min(WIDEST));
    let mut text = String::new();
    for line in card.text(Some(width)).lines() {
        let (on, off) = if line.is_empty() || line.starts_with(' ') { ("", "") } else { (BOLD, RESET) };
        text.push_str(&format!("{on}{}{off}\n", clean(line)));
    }
    text
}

fn write(card: &ContractCard, path: &Path, format: Format) -> Result<(), Failure> {
    let mut target = Target::file(path)?;
    let text = match format {
        Format::Text => cleaned(&card.text(None)),
        Format::Markdown => cleaned(&card.markdown()),
        Format::Html => cleaned(&card.html()),
        Format::Json => {
            let json = serde_json::to_string_pretty(card);
            format!("{}\n", json.map_err(|error| target.failure(error.into()))?)
        }
    };
    target.write_all(text.as_bytes()).map_err(|error| target.failure(error))?;
    target.finish()
}

/// Returns a text with everything escaped that steers a terminal or that nobody sees, except for line ends.
fn cleaned(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", clean(line))).collect()
}

/// Returns why there is no card, with what to write instead.
fn failure(error: &CardError, program: &Program, reference: &Reference) -> Failure {
    let overview = program.overview();
    let contracts: Vec<&str> = overview.contracts.iter().map(|of| of.contract.as_str()).collect();
    let help = match error {
        CardError::NoContract(name) => match nearest(name, contracts.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", contracts.join(", ")),
        },
        CardError::NoPartner(id) => match nearest(id, reference.partners().map(|of| of.id.as_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "name a partner of `facts/partners.csv`".to_owned(),
        },
        CardError::NotInForce(_) => "`accrue check` lists the versions and their dates".to_owned(),
        _ => "`accrue check` lists the contracts and their partners".to_owned(),
    };
    Failure::usage(error.to_string(), help)
}
