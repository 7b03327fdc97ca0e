//! `accrue build`: makes a bundle of a program folder.

use std::io::Write as _;

use accrue::Engine;
use accrue_bundle::{Bundle, Contents, Trust};

use crate::args::Build;
use crate::exit::{Exit, Failure};
use crate::output::bundle::describe;
use crate::output::diagnostics::tell_warnings;
use crate::output::format::{plural, thousands};
use crate::output::target::Target;
use crate::output::terminal::{BOLD, RESET, clean, say, shown};
use crate::source::bundle::{read_key, refused};
use crate::source::folder::Folder;
use crate::source::outputs::{May, Read, check_outputs};

/// Runs the command.
pub(crate) fn run(args: &Build) -> Result<Exit, Failure> {
    let engine = Engine::default();
    if args.program.is_file() {
        return Err(Failure::usage(
            format!("`{}` is a file; a bundle is built from a program folder", args.program.display()),
            "name the folder",
        ));
    }
    let mut read = vec![Read::Program(&args.program, May::WriteBeside)];
    read.extend(args.sign_key.as_deref().map(|key| Read::File("--sign-key", key)));
    check_outputs(&[("--out", Some(&args.out))], &read)?;
    let key = args.sign_key.as_deref().map(read_key).transpose()?;
    let folder = Folder::read(&args.program, engine.limits())?;
    let program = folder.program(&engine)?;
    tell_warnings(&program, &folder.name);
    let contents = Contents::of(&program, folder.source);
    let bytes = accrue_bundle::build(&contents, engine.limits(), key.as_ref())
        .map_err(|error| Failure::Usage(clean(&error.to_string()), None))?;
    // The bundle is read again before it is written, so that no bundle is written that would be refused.
    let bundle =
        Bundle::read(&bytes, engine.limits(), &Trust::Anyone).map_err(|error| refused(&args.out, error))?;
    let mut file = Target::file(&args.out)?;
    file.write_all(&bytes).map_err(|error| file.failure(error))?;
    file.finish()?;
    say(&format!(
        "{BOLD}Built {}{RESET}: {}, {} bytes\n{}",
        shown(&args.out),
        plural(bundle.manifest().files.len() as u64, "file"),
        thousands(bytes.len() as u64),
        describe(&bundle)
    ))?;
    Ok(Exit::Ok)
}
