//! The page that is in the binary.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use zip::ZipArchive;

use super::shared::Shared;
use crate::exit::Failure;

/// What `build.rs` made of the page.
const PAGE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/page.zip"));

/// Where the page says what belongs to this server.
const HEAD: &str = "<head>";

/// The files of the page.
#[derive(Debug)]
pub(super) struct Page(BTreeMap<String, Vec<u8>>);

impl Page {
    /// Reads the page of this binary, and writes into it which folder it is for and the token that the server asks for.
    pub(super) fn of_binary(shared: &Shared) -> Result<Self, Failure> {
        let damaged =
            |error: std::io::Error| Failure::Io("the page in this binary is damaged".to_owned(), error);
        let mut zip = ZipArchive::new(Cursor::new(PAGE)).map_err(|error| damaged(error.into()))?;
        let mut files = BTreeMap::new();
        for index in 0..zip.len() {
            let mut file = zip.by_index(index).map_err(|error| damaged(error.into()))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(damaged)?;
            let name = file.name().map_err(|error| damaged(error.into()))?;
            files.insert(name.into_owned(), bytes);
        }
        let index = files.entry("index.html".to_owned()).or_default();
        let text = String::from_utf8_lossy(index);
        let meta = format!("{HEAD}<meta name=\"accrue-token\" content=\"{}\" />", shared.token());
        *index = text.replacen(HEAD, &meta, 1).into_bytes();
        Ok(Self(files))
    }

    /// Returns a file with its media type.
    pub(super) fn file(&self, path: &str) -> Option<(&'static str, &[u8])> {
        let path = if path.is_empty() { "index.html" } else { path };
        let media = match path.rsplit_once('.').map(|(_, end)| end) {
            Some("html") => "text/html; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("svg") => "image/svg+xml",
            Some("wasm") => "application/wasm",
            Some("zip") => "application/zip",
            _ => "application/octet-stream",
        };
        Some((media, self.0.get(path)?))
    }
}
