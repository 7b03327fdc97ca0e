//! What an editor needs for the contract files and rules of a commission program, as plain functions over their text.
//!
//! A [`Project`] holds the files of a program folder. Most functions take the path of a file and a byte offset in it, and all of them return
//! data that can be serialised: [`complete`], [`hover`], [`signature_help`], [`quick_fixes`], [`symbols`], [`definition`],
//! [`references`], [`rename`], [`tokens`], [`format()`], and tables as grids ([`grid`]). [`Project::diagnostics`] lists what is wrong with
//! the program. The text may be incomplete while somebody types; every function still answers.
//!
//! The crate does no I/O, has no clock, and knows no editor: a language server and a page in a browser show the same answers. All
//! places are byte offsets in UTF-8 text. The names that the crate offers come from [`accrue::language`] and from the files of the program.
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
