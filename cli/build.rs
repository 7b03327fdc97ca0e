//! Puts the page into the binary, if it is built with the feature `preview`: as one zip file, made of what `cargo xtask preview` built.

use std::error::Error;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_PREVIEW").is_none() {
        return Ok(());
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    // OUT_DIR is in the target folder, where the page is, too.
    let page =
        out.ancestors().map(|folder| folder.join("preview")).find(|page| page.join("index.html").is_file());
    let page = page.ok_or("the page is not built, which the feature `preview` puts into the binary: run `cargo xtask preview` first")?;
    println!("cargo::rerun-if-changed={}", page.display());
    let mut files = Vec::new();
    list(&page, &mut files)?;
    files.sort();
    let mut zip = ZipWriter::new(File::create(out.join("page.zip"))?);
    for file in files {
        let name =
            file.strip_prefix(&page)?.to_str().ok_or("a file of the page has a name that is not UTF-8")?;
        // The time is left at its default: the same page makes the same bytes.
        zip.start_file(name.replace('\\', "/"), SimpleFileOptions::default())?;
        zip.write_all(&fs::read(&file)?)?;
    }
    zip.finish()?;
    Ok(())
}

/// Adds the files of a folder and of those in it.
fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in folder.read_dir()? {
        let path = entry?.path();
        if path.is_dir() { list(&path, files)? } else { files.push(path) }
    }
    Ok(())
}
