//! `accrue lsp`: a language server for program folders, over standard input and output.
//!
//! One thread answers one message after the other. What a message changes is loaded once no other message waits, so typing is never
//! behind. `accrue-assist` knows the answers; here they become messages of the protocol.

mod convert;
mod lines;
mod programs;
mod requests;

use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use lsp_types::notification::{
    DidChangeTextDocument, DidChangeWatchedFiles, DidCloseTextDocument, DidOpenTextDocument,
    DidSaveTextDocument, Notification as _, PublishDiagnostics, ShowMessage,
};
use lsp_types::{
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, InitializeParams,
    MessageType, PositionEncodingKind, PublishDiagnosticsParams, ShowMessageParams,
};
use serde::de::DeserializeOwned;

use crate::exit::{Exit, Failure};
use lines::Encoding;
use programs::Programs;

/// Runs the command.
pub(crate) fn run() -> Result<Exit, Failure> {
    let (connection, threads) = Connection::stdio();
    let served = serve(&connection);
    drop(connection);
    let joined = threads.join();
    served.map_err(|error| {
        Failure::Io("the language server stopped".to_owned(), std::io::Error::other(error))
    })?;
    joined.map_err(|error| Failure::Io("the language server stopped".to_owned(), error))?;
    Ok(Exit::Ok)
}

type Served<T> = Result<T, String>;

fn serve(connection: &Connection) -> Served<()> {
    let (id, params) = connection.initialize_start().map_err(|error| error.to_string())?;
    let params: InitializeParams = serde_json::from_value(params).map_err(|error| error.to_string())?;
    let encoding = encoding(&params);
    let answer = serde_json::json!({
        "capabilities": convert::capabilities(encoding),
        "serverInfo": { "name": "accrue", "version": env!("CARGO_PKG_VERSION") },
    });
    connection.initialize_finish(id, answer).map_err(|error| error.to_string())?;
    let mut server = Server { connection, programs: Programs::new(encoding, snippets(&params)) };
    while let Ok(message) = connection.receiver.recv() {
        match message {
            Message::Request(request) => {
                if connection.handle_shutdown(&request).map_err(|error| error.to_string())? {
                    return Ok(());
                }
                let response = server.answer(request);
                server.send(response.into())?;
            }
            Message::Notification(notification) => server.notice(notification)?,
            Message::Response(_) => {}
        }
        if connection.receiver.is_empty() {
            server.publish()?;
        }
    }
    Ok(())
}

/// Returns how positions count: in bytes if the client offers it, else as the protocol counts, in units of UTF-16.
fn encoding(params: &InitializeParams) -> Encoding {
    let offered =
        params.capabilities.general.as_ref().and_then(|general| general.position_encodings.as_ref());
    match offered {
        Some(offered) if offered.contains(&PositionEncodingKind::UTF8) => Encoding::Utf8,
        _ => Encoding::Utf16,
    }
}

/// Returns whether the client takes completions with places to fill in.
fn snippets(params: &InitializeParams) -> bool {
    let completion = params.capabilities.text_document.as_ref().and_then(|of| of.completion.as_ref());
    completion.and_then(|of| of.completion_item.as_ref()).and_then(|of| of.snippet_support).unwrap_or(false)
}

struct Server<'c> {
    connection: &'c Connection,
    programs: Programs,
}

impl Server<'_> {
    fn send(&self, message: Message) -> Served<()> {
        self.connection.sender.send(message).map_err(|error| error.to_string())
    }

    fn answer(&mut self, request: Request) -> Response {
        let id = request.id.clone();
        match requests::answer(&mut self.programs, &request.method, request.params) {
            Ok(Some(value)) => Response::new_ok(id, value),
            Ok(None) => {
                let message = format!("`{}` is not a request of this server", request.method);
                Response::new_err(id, ErrorCode::MethodNotFound as i32, message)
            }
            Err(requests::Refused::Params(message)) => {
                Response::new_err(id, ErrorCode::InvalidParams as i32, message)
            }
            Err(requests::Refused::Answer(message)) => {
                Response::new_err(id, ErrorCode::RequestFailed as i32, message)
            }
        }
    }

    fn notice(&mut self, notification: Notification) -> Served<()> {
        let Notification { method, params } = notification;
        let done = match method.as_str() {
            DidOpenTextDocument::METHOD => read(params).map(|params: DidOpenTextDocumentParams| {
                self.programs.open(&params.text_document.uri, params.text_document.text)
            }),
            DidChangeTextDocument::METHOD => read(params).map(|params: DidChangeTextDocumentParams| {
                self.programs.change(&params.text_document.uri, params.content_changes)
            }),
            DidCloseTextDocument::METHOD => read(params)
                .map(|params: DidCloseTextDocumentParams| self.programs.close(&params.text_document.uri)),
            DidChangeWatchedFiles::METHOD | DidSaveTextDocument::METHOD => Some(self.programs.reload()),
            _ => None,
        };
        match done {
            Some(Err(message)) => {
                let params = ShowMessageParams { typ: MessageType::ERROR, message };
                self.send(Notification::new(ShowMessage::METHOD.to_owned(), params).into())
            }
            _ => Ok(()),
        }
    }

    /// Publishes the diagnostics of the programs that changed.
    fn publish(&mut self) -> Served<()> {
        let encoding = self.programs.encoding;
        for root in self.programs.changed() {
            let Some(program) = self.programs.program(&root) else { continue };
            let published = program.publish();
            let program = &*program;
            let messages = published.into_iter().map(|(path, uri, found)| {
                let found = found.iter().map(|found| convert::diagnostic(program, found, &path, encoding));
                let params = PublishDiagnosticsParams { uri, diagnostics: found.collect(), version: None };
                Notification::new(PublishDiagnostics::METHOD.to_owned(), params)
            });
            for message in messages.collect::<Vec<_>>() {
                self.send(message.into())?;
            }
        }
        Ok(())
    }
}

/// Reads the parameters of a notification; what cannot be read is left out, since nobody waits for an answer.
fn read<T: DeserializeOwned>(params: serde_json::Value) -> Option<T> {
    serde_json::from_value(params).ok()
}
