//! Ten thousand programs in one process, each of its own brand, asked in random order: brands whose rules are all different,
//! and brands on one template that differ in what they pay. In a child process, so that its memory is that of the programs
//! and of nothing measured before.

use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use accrue::Counters;
use accrue::Source;
use accrue::facts::Action;
use accrue::{Engine, Program, Reference};
use serde::{Deserialize, Serialize};

use crate::measure::{Contender, take_turns};
use crate::process::{mappings, open_files, resident_bytes};
use crate::random::SplitMix64;
use crate::report::{Bar, Figure, Report};
use crate::subject;
use crate::{Options, Result};

/// Actions that a program is asked about at a time, where its host brings them together.
const TOGETHER: u64 = 16;

/// The flag that makes this binary the child.
pub const CHILD: &str = "--many-programs";

/// Has the allocator of the system ask for huge pages.
const HUGE_PAGES: (&str, &str) = ("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");

/// How programs differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Brands {
    /// In a condition, so that each has code of its own.
    OwnRules,
    /// In a rate: rules are those of one template.
    OneTemplate,
}

impl Brands {
    const ALL: [Self; 2] = [Self::OwnRules, Self::OneTemplate];

    fn text(self) -> &'static str {
        match self {
            Self::OwnRules => "own rules",
            Self::OneTemplate => "one template",
        }
    }
}

/// What a host keeps of a brand.
struct Brand {
    program: Program,
    totals: Counters,
}

/// What the child measures.
#[derive(Debug, Serialize, Deserialize)]
struct Measured {
    programs: u64,
    bytes_a_program: Option<u64>,
    /// Mappings of memory that all of them took, and files that were left open.
    mappings: Option<u64>,
    open_files: Option<u64>,
    load: Duration,
    first: Duration,
    /// Of an action decided by a program chosen at random, once all have decided one.
    random: Duration,
    /// Of the time of an action decided by one program to that.
    ratio: f64,
    /// Of one of [`TOGETHER`] actions decided by a program chosen at random.
    together: Duration,
    /// Of the time of an action decided by one program to that.
    together_ratio: f64,
    /// Of an action decided by one program.
    single: Duration,
}

/// Runs the child and reports what it measured.
pub(super) fn run(options: &Options, report: &mut Report) -> Result {
    let programs = if options.quick { 1_000 } else { 10_000 };
    for brands in Brands::ALL {
        let title = format!("{programs} programs, {}", brands.text());
        report_all(&title, &run_child(brands, programs, &[])?, report);
        // Part of what is waited for is where a page lies; a host with many programs has large ones.
        if cfg!(all(target_os = "linux", target_env = "gnu")) {
            let title = format!("{title}, huge pages");
            report_random(&title, &run_child(brands, programs, &[HUGE_PAGES])?, report);
        }
    }
    Ok(())
}

fn run_child(brands: Brands, programs: u64, environment: &[(&str, &str)]) -> Result<Measured> {
    let arguments = [CHILD, brands.text(), &programs.to_string()];
    let mut child = Command::new(std::env::current_exe()?);
    let output = child.args(arguments).envs(environment.iter().copied()).output()?;
    if !output.status.success() {
        return Err(format!("the child failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn report_all(title: &str, measured: &Measured, report: &mut Report) {
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    if let Some(bytes) = measured.bytes_a_program {
        report.push(
            Figure::new(format!("{title}: memory of each"), bytes as f64 / 1_024.0, "kB")
                .bar(Bar::AtMost(256.0)),
        );
    }
    if let Some((mappings, files)) = measured.mappings.zip(measured.open_files) {
        let each = mappings as f64 / measured.programs as f64;
        report.push(
            Figure::new(format!("{title}: memory mappings of each"), each, "mappings").bar(Bar::AtMost(4.5)),
        );
        report.push(
            Figure::new(format!("{title}: files that stay open for all"), files as f64, "files")
                .bar(Bar::AtMost(0.0)),
        );
    }
    report.push(Figure::new(format!("{title}: loading one"), milliseconds(measured.load), "ms"));
    report.push(Figure::new(format!("{title}: first decision of one"), milliseconds(measured.first), "ms"));
    report_random(title, measured, report);
}

/// What programs that the processor has not at hand cost.
fn report_random(title: &str, measured: &Measured, report: &mut Report) {
    let per_second = |time: Duration| 1.0 / time.as_secs_f64();
    report.push(Figure::new(format!("{title}: one of them"), per_second(measured.single), "actions/s"));
    report.push(
        Figure::new(format!("{title}: in random order"), per_second(measured.random), "actions/s")
            .ratio(measured.ratio)
            .bar(Bar::AtLeast(0.5)),
    );
    report.push(
        Figure::new(
            format!("{title}: in random order, {TOGETHER} actions of each"),
            per_second(measured.together),
            "actions/s",
        )
        .ratio(measured.together_ratio),
    );
}

/// The child: loads so many programs, measures, and prints what it measured as JSON.
pub fn child(brands: &str, programs: u64) -> Result {
    let brands =
        Brands::ALL.into_iter().find(|known| known.text() == brands).ok_or("there are no such brands")?;
    let engine = Engine::default();
    let actions = subject::outdoor::subject()?.actions;
    let reference = Reference::default();
    let before = [resident_bytes(), mappings(), open_files()];

    let start = Instant::now();
    let mut loaded = Vec::new();
    for n in 0..programs {
        let program = engine.load(&source_of(brands, n))?;
        let totals = program.counters();
        loaded.push(Brand { program, totals });
    }
    let load = start.elapsed();

    let start = Instant::now();
    for brand in &loaded {
        decide(brand, actions.first().ok_or("there are actions")?, &reference);
    }
    let first = start.elapsed();
    let after = [resident_bytes(), mappings(), open_files()];
    let [bytes, mappings, open_files] = std::array::from_fn(|n| {
        let of = |all: &[Option<u64>; 3]| all.get(n).copied().flatten();
        of(&before).zip(of(&after)).map(|(before, after)| after.saturating_sub(before))
    });

    let one = loaded.first().ok_or("there are programs")?;
    // So many actions of one program after the other, but for whose program it is.
    let pass = |together: u64, only: Option<&Brand>| {
        let mut random = SplitMix64(10_000);
        for _ in 0..programs.div_ceil(together) {
            let Some(brand) = pick(&loaded, &mut random) else { continue };
            for _ in 0..together {
                if let Some(action) = pick(&actions, &mut random) {
                    decide(only.unwrap_or(brand), action, &reference);
                }
            }
        }
    };
    let times = take_turns(
        9,
        &mut [
            Contender::new("random", || pass(1, None)),
            Contender::new("together", || pass(TOGETHER, None)),
            Contender::new("single", || pass(1, Some(one))),
        ],
    );

    let each = |time: Duration, count: u64| time.div_f64(count as f64);
    let single = each(times.best("single"), programs);
    let together = each(times.best("together"), programs.next_multiple_of(TOGETHER));
    let measured = Measured {
        programs,
        bytes_a_program: bytes.map(|bytes| bytes / programs),
        mappings,
        open_files,
        load: each(load, programs),
        first: each(first, programs),
        random: each(times.best("random"), programs),
        ratio: times.ratio("single", "random"),
        together,
        together_ratio: single.as_secs_f64() / together.as_secs_f64(),
        single,
    };
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}

/// The shop's program, with terms that no other brand has.
fn source_of(brands: Brands, brand: u64) -> Source {
    let mut source = subject::outdoor::source();
    let mut replace = |path: &str, from: &str, to: String| {
        let replaced = source.text(path).unwrap_or_default().replacen(from, &to, 1);
        source.insert(path, replaced);
    };
    replace("program.toml", "id = \"outdoor-shop\"", format!("id = \"brand-{brand}\""));
    let (whole, hundredths) = (brand / 100, brand % 100);
    match brands {
        Brands::OwnRules => replace(
            "contracts/standard.toml",
            "large = { money = \"200.00\" }",
            format!("large = {{ money = \"{}.{hundredths:02}\" }}", 100 + whole),
        ),
        Brands::OneTemplate => {
            replace("contracts/standard.toml", "rate = \"4%\"", format!("rate = \"4.{brand:05}%\""));
        }
    }
    source
}

fn pick<'a, T>(from: &'a [T], random: &mut SplitMix64) -> Option<&'a T> {
    from.get(usize::try_from(random.below(from.len() as u64)).ok()?)
}

fn decide(brand: &Brand, action: &Action, reference: &Reference) {
    black_box(brand.program.decide(black_box(action), reference, &brand.totals, Default::default()).is_ok());
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn every_brand_has_terms_of_its_own() {
        let engine = Engine::default();
        for brands in Brands::ALL {
            let digest = |brand| {
                accrue::internals::terms(&engine.load(&source_of(brands, brand)).unwrap()).contracts[0]
                    .versions[0]
                    .digest
            };
            assert_ne!(digest(1), digest(2));
            assert_ne!(digest(1), digest(101));
        }
    }
}
