//! What an editor needs for the contract files and rules of a commission program, as plain functions over their text.
//!
//! A [`Project`] holds the files of a program folder. Functions are asked about a file and a byte of it, and answer with data that can
//! be serialised: [`complete`], [`hover`], [`signature_help`], [`quick_fixes`], [`symbols`], [`definition`], [`references`],
//! [`rename`], [`tokens`], [`format()`], and tables as grids ([`grid`]). What is wrong with a program is
//! [`Project::diagnostics`]. Text may be broken where it is being written, and everything still answers.
//!
//! The crate does no I/O, has no clock, and knows no editor: a language server and a page in a browser show the same answers. All
//! places are bytes of UTF-8. The names that it offers are those of [`accrue::language`] and of the program's own files.
//!
//! ```
//! use accrue::{Engine, Source};
//! use accrue_assist::{Project, complete, hover};
//!
//! let text = "contract = \"standard\"\n\n[[payout.groups]]\nname = \"new\"\nwhen = 'customer.status == \"\"'\n";
//! let mut project = Project::new(Engine::default(), Source::new());
//! project.set("contracts/standard.toml", text);
//! let at = text.find("\"\"'").expect("it is there") as u32 + 1;
//! let words: Vec<String> = complete(&project, "contracts/standard.toml", at).into_iter().map(|found| found.label).collect();
//! assert_eq!(words, ["new", "existing", "unknown"]);
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]

mod complete;
mod document;
mod edit;
mod file;
mod fixes;
mod format;
pub mod grid;
mod hover;
mod lexer;
mod names;
mod project;
mod rename;
mod schema;
mod spot;
mod symbols;
mod tokens;
mod types;

pub use complete::{Completion, CompletionKind, complete};
pub use edit::{TextEdit, apply};
pub use fixes::{QuickFix, quick_fixes};
pub use format::{FormatError, format};
pub use hover::{Hover, Parameter, SignatureHelp, hover, signature_help};
pub use names::NameKind;
pub use project::Project;
pub use rename::{RenameError, prepare_rename, rename};
pub use symbols::{Symbol, definition, references, symbols};
pub use tokens::{SemanticToken, TokenKind, tokens};
