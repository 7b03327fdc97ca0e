//! Fuzz targets: bytes enter, and nothing leaves but a panic when something does not hold.
//!
//! Each target is a plain function in [`targets`]. Under `fuzz_targets/` the fuzzer calls it; in `tests/` the stable
//! compiler does, on every seed and some thousand inputs more, so that a target cannot rot. Generators and oracles are
//! those of `accrue-tests`.
//!
//! A seed is a file of `seeds/TARGET`, where a finding is kept for good, or is made from the cases that the repository
//! has anyway: see [`seeds`]. [`words`] are what a fuzzer puts together.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a panic is how a target says that something does not hold"
)]

pub mod mutate;
pub mod seeds;
pub mod targets;
pub mod words;

/// A fuzz target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, which is that of its program.
    pub name: &'static str,
    /// What is tried on one input.
    pub run: fn(&[u8]),
    /// Inputs to begin with, made from what the repository has.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Words that inputs are made of; none where any bytes are a valid input.
    pub words: fn() -> Vec<String>,
    /// The longest input that is worth trying, in bytes.
    pub longest: usize,
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target {
        name: "actions",
        run: targets::actions::run,
        seeds: seeds::actions,
        words: words::facts,
        longest: 4_096,
    },
    Target {
        name: "adjustments",
        run: targets::adjustments::run,
        seeds: seeds::adjustments,
        words: words::facts,
        longest: 4_096,
    },
    Target {
        name: "reference",
        run: targets::reference::run,
        seeds: seeds::reference,
        words: words::facts,
        longest: 4_096,
    },
    // The smallest of the example programs has some 3,000 bytes.
    Target {
        name: "program",
        run: targets::program::run,
        seeds: seeds::program,
        words: words::program,
        longest: 8_192,
    },
    Target {
        name: "table",
        run: targets::table::run,
        seeds: seeds::table,
        words: words::table,
        longest: 2_048,
    },
    Target {
        name: "assist",
        run: targets::assist::run,
        seeds: seeds::assist,
        words: words::program,
        longest: 4_096,
    },
    Target { name: "rule", run: targets::rule::run, seeds: seeds::rule, words: words::rule, longest: 2_048 },
    Target {
        name: "generated",
        run: targets::generated::run,
        seeds: seeds::noise_seeds,
        words: Vec::new,
        longest: 2_048,
    },
    Target {
        name: "bundle",
        run: targets::bundle::run,
        seeds: seeds::bundle,
        words: words::bundle,
        longest: 32_768,
    },
    Target {
        name: "columns",
        run: targets::columns::run,
        seeds: seeds::columns,
        words: Vec::new,
        longest: 32_768,
    },
    Target {
        name: "mapping",
        run: targets::mapping::run,
        seeds: seeds::mapping,
        words: words::mapping,
        longest: 8_192,
    },
    Target {
        name: "dialect",
        run: targets::dialect::run,
        seeds: seeds::dialect,
        words: words::dialect,
        longest: 4_096,
    },
    Target {
        name: "spreadsheet",
        run: targets::spreadsheet::run,
        seeds: seeds::spreadsheet,
        words: words::spreadsheet,
        longest: 8_192,
    },
    #[cfg(feature = "sandbox")]
    Target {
        name: "components",
        run: targets::components::run,
        seeds: seeds::components,
        words: Vec::new,
        longest: 4_096,
    },
    Target {
        name: "world",
        run: targets::world::run,
        seeds: seeds::noise_seeds,
        words: Vec::new,
        longest: 4_096,
    },
    Target {
        name: "cost",
        run: targets::cost::run,
        seeds: seeds::noise_seeds,
        words: Vec::new,
        longest: 4_096,
    },
];

/// The target of this name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
