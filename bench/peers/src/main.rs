//! The five branches on other engines that a platform might embed, each with its fastest public way: the rule compiled
//! and the facts prepared beforehand, one evaluation an action. Accrue's compiled way and hand-written Rust take turns
//! with them in the same run.
//!
//! Every peer must come within a millionth of the exact amount, or it computes something else. On how many actions it is
//! exact stands beside its figure: binary floats are near, and a cent is a cent.

mod engines;

use std::hint::black_box;
use std::process::ExitCode;

use accrue_bench::measure::Contender;
use accrue_bench::native;
use accrue_bench::race::{NATIVE, Race};
use accrue_bench::report::{Bar, Figure, Report};
use accrue_bench::subject::{self, Answer};
use accrue_bench::ways::ONE_CALL;
use accrue_bench::workload::Workload;
use accrue_bench::{Options, Result};
use rust_decimal::Decimal;

use engines::{Cel, DataLogic, Peer, Regorus, Zen};

const PEERS: &[Workload] = &[Workload { name: "peers", about: "five branches on other engines", run: peers }];

fn main() -> ExitCode {
    accrue_bench::main(PEERS)
}

fn peers(options: &Options, report: &mut Report) -> Result {
    let subject = subject::five::ordinary()?;
    let cases = subject.cases()?;
    let facts = cases.iter().map(subject::five::facts::<Decimal>).collect::<Result<Vec<_>>>()?;
    let expected = subject::five::answers(&facts)?;

    let mut zen = Zen::new(&facts)?;
    let mut data_logic = DataLogic::new(&facts)?;
    let mut cel = Cel::new(&facts)?;
    let mut regorus = Regorus::new(&facts)?;
    exact(report, &mut zen, &expected)?;
    exact(report, &mut data_logic, &expected)?;
    exact(report, &mut cel, &expected)?;
    exact(report, &mut regorus, &expected)?;

    let mut race = Race::new("five branches", &subject, &cases, &expected)?;
    let params = native::five::Params::new();
    race.over(NATIVE, &facts, |facts| {
        black_box(native::five::assess(facts, &params));
    });
    race.add(contender(&mut zen));
    race.add(contender(&mut data_logic));
    race.add(contender(&mut cel));
    race.add(contender(&mut regorus));
    for peer in [Zen::NAME, DataLogic::NAME, Cel::NAME, Regorus::NAME] {
        race.hold(peer, ONE_CALL, Bar::AtLeast(1.0));
    }
    race.run(options, report);
    Ok(())
}

fn contender<P: Peer>(peer: &mut P) -> Contender<'_> {
    Contender::new(P::NAME, || {
        for n in 0..peer.actions() {
            black_box(peer.evaluate(n));
        }
    })
}

/// On how many actions a peer gives the exact amount, before rounding.
fn exact<P: Peer>(report: &mut Report, peer: &mut P, expected: &[Answer]) -> Result {
    let mut exactly = 0;
    for (n, answer) in expected.iter().enumerate() {
        let (_, exact, _) = answer.lines.first().ok_or("every action has a line")?;
        let paid = peer.paid(n).ok_or_else(|| format!("{} does not answer action {n}", P::NAME))?;
        if (paid - exact).abs() > Decimal::new(1, 6) {
            return Err(format!("on action {n} {} pays {paid} instead of {exact}", P::NAME).into());
        }
        exactly += u32::from(paid == *exact);
    }
    let share = 100.0 * f64::from(exactly) / expected.len() as f64;
    report.push(Figure::new(format!("exact amounts: {}", P::NAME), share, "%"));
    Ok(())
}
