//! `cargo xtask preview`: the page, built as a static folder, and its tests in a real browser.

use crate::Result;
use crate::npm::{install, node};
use crate::process::{cargo, root, run};
use crate::{npm, toolchain};

/// The folder of the page's source.
pub(crate) const SOURCE: &str = "preview";

/// Builds the package and the page, and says how the page is opened.
pub(crate) fn build() -> Result {
    npm::build()?;
    page()?;
    let to = toolchain::shared_target_dir().join("preview");
    let to = to.strip_prefix(root()).unwrap_or(&to).display();
    println!(
        "\nThe page is in {to}: any web server can serve the folder, from any path. To open it for a program:\n\n  \
         cargo run --release --features preview -- preview rules-examples/fashion-shop"
    );
    Ok(())
}

/// Builds the page of the package that was built last.
fn page() -> Result {
    install(SOURCE)?;
    run(node("npm", SOURCE).args(["run", "--silent", "build"]))
}

/// Runs the tests of the page in a browser, those of the command that serves it among them.
pub(crate) fn test() -> Result {
    page()?;
    run(&mut cargo("clippy --package accrue-cli --features preview --all-targets -- -D warnings"))?;
    run(&mut cargo("build --package accrue-cli --features preview"))?;
    run(node("npm", SOURCE).args(["run", "--silent", "test"]))
}
