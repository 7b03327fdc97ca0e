//! `cargo xtask preview`: the page, built as a static folder, and its tests in a real browser.

use crate::Result;
use crate::npm::{install, node};
use crate::process::{ask, program, root, run};
use crate::{npm, toolchain};

/// The folder of the page's source.
pub(crate) const SOURCE: &str = "preview";

/// The browser that the tests of the page run in.
const BROWSER: &str = "chromium";

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

/// Runs the tests of the page in a browser.
pub(crate) fn test() -> Result {
    browser()?;
    page()?;
    run(node("npm", SOURCE).args(["run", "--silent", "test"]))
}

/// Looks for the browser, and installs it where Debian's packages are.
pub(crate) fn browser() -> Result {
    if let Some(version) = ask(program(BROWSER).arg("--version")) {
        println!("{BROWSER:<10} ok: {version}");
        return Ok(());
    }
    let by_hand = format!("install {BROWSER}; on Debian, run `apt-get install {BROWSER}` as root");
    if ask(program("apt-get").arg("--version")).is_none()
        || ask(program("id").arg("-u")).as_deref() != Some("0")
    {
        return Err(format!("{BROWSER} is missing, in which the page is tested; {by_hand}").into());
    }
    println!("{BROWSER} is missing: installing it");
    run(program("apt-get").args(["update", "-qq"]))?;
    run(program("apt-get")
        .args([
            "install",
            "-qq",
            "--yes",
            "--no-remove",
            "--no-install-recommends",
            BROWSER,
            "fonts-dejavu-core",
        ])
        .env("DEBIAN_FRONTEND", "noninteractive"))
    .map_err(|error| format!("{error}; {by_hand}").into())
}
