//! `accrue preview`: serves the page for a program folder, on this machine only.
//!
//! The page is in the binary. It reads the folder, saves files into it on request, and hears of files that change. Who may ask is checked
//! twice: only a page of this address may (`Host`, `Origin`), and only with the token that was written into the page.

mod page;
mod server;
mod shared;
mod watch;

use std::net::Ipv4Addr;
use std::sync::Arc;

use accrue::Engine;
use tokio::net::TcpListener;

use crate::args::Preview;
use crate::exit::{Exit, Failure};
use crate::output::terminal::{BOLD, RESET, say, shown};
use crate::source::folder::Folder;
use page::Page;
use shared::Shared;

/// Runs the command, until it is interrupted.
pub(crate) fn run(args: &Preview) -> Result<Exit, Failure> {
    let engine = Engine::default();
    // A folder that is no program is told here, not in the browser. A program with errors is what the page is for.
    let folder = Folder::read(&args.program, engine.limits())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Io("cannot start the server".to_owned(), error))?;
    runtime.block_on(async {
        let address = (Ipv4Addr::LOCALHOST, args.port);
        let listener = TcpListener::bind(address).await.map_err(|error| {
            Failure::Io(format!("cannot listen on port {} of this machine", args.port), error)
        })?;
        let port = listener.local_addr().map_err(|error| Failure::Io("cannot listen".to_owned(), error))?.port();
        let shared = Arc::new(Shared::new(folder, port)?);
        let page = Page::of_binary(&shared)?;
        say(&format!(
            "{BOLD}Preview of {}{RESET}\n\n  Open {}\n\nFiles are saved into the folder when you save on the page. Ctrl-C ends the preview.\n",
            shown(&args.program),
            shared.address()
        ))?;
        tokio::spawn(watch::watch(Arc::clone(&shared)));
        let served = server::serve(listener, server::routes(shared, page)).await;
        served.map_err(|error| Failure::Io("the server ended".to_owned(), error))
    })?;
    Ok(Exit::Ok)
}
