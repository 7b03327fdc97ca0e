//! Other engines on the five branches: see `accrue_bench::peers`. Each runs by its fastest public way.

mod engines;

use std::process::ExitCode;

use accrue_bench::report::Report;
use accrue_bench::workload::Workload;
use accrue_bench::{Options, Result, peers};

use engines::{Cel, DataLogic, Regorus, Zen};

const PEERS: &[Workload] = &[Workload { name: "peers", about: "five branches on other engines", run }];

fn main() -> ExitCode {
    accrue_bench::main(PEERS)
}

fn run(options: &Options, report: &mut Report) -> Result {
    peers::race(options, report, |facts, entered| {
        entered.enter(Zen::new(facts)?)?;
        entered.enter(DataLogic::new(facts)?)?;
        entered.enter(Cel::new(facts)?)?;
        entered.enter(Regorus::new(facts)?)
    })
}
