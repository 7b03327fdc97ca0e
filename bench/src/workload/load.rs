//! From a program's files to the first decision: what a host waits for when a brand has changed its terms, and when the
//! host itself has started anew.

use std::hint::black_box;

use accrue::{Engine, Limits};
use accrue_sandbox::{HostLimits, NativeCache, Sandbox};

use crate::measure::{Contender, take_turns};
use crate::report::{Bar, Figure, Report};
use crate::subject;
use crate::{Options, Result};

const CHECKED: &str = "checked";
const COMPILED: &str = "checked and compiled";
const CACHED: &str = "checked, native code from the cache";

/// What the cache of this run is signed with.
const SECRET: &[u8] = b"known to this run only";

pub(super) fn run(options: &Options, report: &mut Report) -> Result {
    let source = subject::outdoor::source();
    let folder = options.folder.join("native");
    std::fs::create_dir_all(&folder)?;
    let cached = || -> Result<Engine> {
        let cache = NativeCache::new(&folder, SECRET).ok_or("the secret is long enough")?;
        Ok(Engine::builder().sandbox(Sandbox::with(HostLimits::default(), Some(cache))?).build())
    };
    // Also fills the cache.
    cached()?.load(&source)?;
    let times = take_turns(
        if options.quick { 11 } else { 51 },
        &mut [
            // An engine of its own each time: nothing is there from the time before.
            Contender::new(CHECKED, || {
                black_box(
                    Engine::builder().rules(Rules::Interpreted).build().load(black_box(&source)).is_ok(),
                );
            }),
            Contender::new(COMPILED, || {
                black_box(Engine::default().load(black_box(&source)).is_ok());
            }),
            Contender::new(CACHED, || {
                black_box(cached().is_ok_and(|engine| engine.load(black_box(&source)).is_ok()));
            }),
        ],
    );
    let milliseconds = |name: &str| times.best(name).as_secs_f64() * 1e3;
    report.push(Figure::new("thirty groups: checked", milliseconds(CHECKED), "ms"));
    report.push(
        Figure::new("thirty groups: checked and compiled", milliseconds(COMPILED), "ms")
            .bar(Bar::AtMost(50.0)),
    );
    report.push(
        Figure::new(format!("thirty groups: {CACHED}"), milliseconds(CACHED), "ms").bar(Bar::AtMost(2.0)),
    );
    Ok(())
}
