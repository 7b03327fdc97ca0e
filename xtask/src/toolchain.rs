//! The compiler that builds for `wasm32-unknown-unknown`: found here, put there by [`crate::setup`].
//!
//! Two are known. The usual one is the target of rustup's own toolchain. Where rustup cannot download
//! it, Debian's compiler for browsers stands in: it brings the source of the standard library, which
//! cargo builds along with the module.

use crate::process::{ask, cargo, program, root};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The target of the engine's WebAssembly build: no operating system, no host functions.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Name under which rustup knows Debian's compiler.
pub(crate) const DEBIAN_TOOLCHAIN: &str = "accrue-web";

/// Debian's packages: compiler, cargo, source of the standard library, linker.
pub(crate) const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-19"];

/// Debian's linker for WebAssembly, of the package `lld-19`.
const DEBIAN_LINKER: &str = "wasm-ld-19";

/// A compiler that can build for [`TARGET`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The toolchain in use has the target installed.
    Installed,
    /// Debian's compiler, linked into rustup as [`DEBIAN_TOOLCHAIN`].
    Debian,
}

impl Toolchain {
    /// The one on this machine, the usual one preferred. Asks no network.
    pub(crate) fn find() -> Option<Self> {
        if has_target() {
            Some(Self::Installed)
        } else if has_debian() {
            Some(Self::Debian)
        } else {
            None
        }
    }

    /// One line for a person.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Installed => "the toolchain's own wasm32-unknown-unknown target",
            Self::Debian => "Debian's compiler, linked into rustup as `accrue-web`",
        }
    }

    /// Where its output goes: two compilers in one folder would rebuild each other's.
    pub(crate) fn target_dir(self) -> PathBuf {
        let shared = shared_target_dir();
        match self {
            Self::Installed => shared,
            Self::Debian => shared.join("debian-web"),
        }
    }

    /// `cargo build` of one package for [`TARGET`], into a target folder.
    fn build(self, package: &str, into: &Path) -> Command {
        let mut command = match self {
            Self::Installed => cargo("build"),
            Self::Debian => {
                let mut command = cargo(&format!("+{DEBIAN_TOOLCHAIN} build -Zbuild-std=std,panic_abort"));
                command
                    // `-Zbuild-std` is unstable: this is the switch that a stable compiler has for it.
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", DEBIAN_LINKER)
                    // `cargo run` points it at the libraries of the compiler that built this program.
                    .env_remove("LD_LIBRARY_PATH");
                command
            }
        };
        command.args(["--package", package, "--target", TARGET]);
        command.arg("--target-dir").arg(into);
        command
    }

    /// [`Toolchain::build`], as a host would ship it: small.
    pub(crate) fn build_small(self, package: &str) -> Command {
        let mut command = self.build(package, &self.target_dir());
        command.arg("--release").env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "s");
        command
    }

    /// [`Toolchain::build`], for those who load it over a network: with the profile `page`, into the folder of that name.
    pub(crate) fn build_smallest(self, package: &str, features: &[&str], into: &Path) -> Command {
        let mut command = self.build(package, into);
        command.args(["--profile", "page", "--lib", "--features", &features.join(",")]);
        // What is written in C, such as Zstandard, is built by clang, which knows the target.
        command.env("CC_wasm32_unknown_unknown", "clang").env("AR_wasm32_unknown_unknown", "llvm-ar");
        command
    }
}

/// The target folder of the workspace's own builds.
pub(crate) fn shared_target_dir() -> PathBuf {
    root().join(std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from))
}

/// The toolchain in use has a compiled standard library for the target.
fn has_target() -> bool {
    ask(program("rustc").args(["--print", "target-libdir", "--target", TARGET]))
        .is_some_and(|folder| Path::new(&folder).is_dir())
}

/// Debian's compiler is linked into rustup, with the source of its standard library and the linker.
fn has_debian() -> bool {
    let compiler = format!("+{DEBIAN_TOOLCHAIN}");
    ask(program(DEBIAN_LINKER).arg("--version")).is_some()
        && ask(program("rustc").args([compiler.as_str(), "--print", "sysroot"]))
            .is_some_and(|sysroot| Path::new(&sysroot).join("lib/rustlib/src/rust/library/std").is_dir())
}
