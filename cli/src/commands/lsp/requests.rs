//! The requests of the protocol.

use accrue::diagnostic::Span;
use accrue_assist::{
    complete, definition, format, hover, prepare_rename, quick_fixes, references, rename, signature_help,
    symbols, tokens,
};
use lsp_types as lsp;
use lsp_types::request::{
    CodeActionRequest, Completion, DocumentSymbolRequest, Formatting, GotoDefinition, HoverRequest,
    PrepareRenameRequest, References, Rename, Request, SemanticTokensFullRequest, SignatureHelpRequest,
};
use serde_json::Value;

use super::convert;
use super::lines::Lines;
use super::programs::{Program, Programs};

/// Why a request has no answer.
pub(super) enum Refused {
    /// Its parameters cannot be read.
    Params(String),
    /// What was asked for cannot be done.
    Answer(String),
}

type Answer<T> = Result<Option<T>, Refused>;

/// Answers a request. Returns `None` if the server does not know it.
pub(super) fn answer(programs: &mut Programs, method: &str, params: Value) -> Answer<Value> {
    let programs = &*programs;
    match method {
        Completion::METHOD => of::<Completion>(params, |params| Ok(completions(programs, &params))),
        HoverRequest::METHOD => of::<HoverRequest>(params, |params| {
            let at = &params.text_document_position_params;
            Ok(at_position(programs, at, |asked| {
                Some(convert::hover(&hover(asked.project(), &asked.path, asked.at)?, &asked.lines))
            }))
        }),
        SignatureHelpRequest::METHOD => of::<SignatureHelpRequest>(params, |params| {
            let at = &params.text_document_position_params;
            Ok(at_position(programs, at, |asked| {
                Some(convert::signature(&signature_help(asked.project(), &asked.path, asked.at)?))
            }))
        }),
        CodeActionRequest::METHOD => of::<CodeActionRequest>(params, |params| Ok(actions(programs, &params))),
        GotoDefinition::METHOD => of::<GotoDefinition>(params, |params| {
            let at = &params.text_document_position_params;
            Ok(at_position(programs, at, |asked| {
                let places = definition(asked.project(), &asked.path, asked.at);
                Some(lsp::GotoDefinitionResponse::Array(asked.locations(&places)))
            }))
        }),
        References::METHOD => of::<References>(params, |params| {
            Ok(at_position(programs, &params.text_document_position, |asked| {
                let mut places = references(asked.project(), &asked.path, asked.at);
                if !params.context.include_declaration {
                    let declared = definition(asked.project(), &asked.path, asked.at);
                    places.retain(|place| !declared.contains(place));
                }
                Some(asked.locations(&places))
            }))
        }),
        PrepareRenameRequest::METHOD => of::<PrepareRenameRequest>(params, |params| {
            Ok(at_position(programs, &params, |asked| {
                let (span, placeholder) = prepare_rename(asked.project(), &asked.path, asked.at)?;
                let range = asked.lines.range(span);
                Some(lsp::PrepareRenameResponse::RangeWithPlaceholder { range, placeholder })
            }))
        }),
        Rename::METHOD => of::<Rename>(params, |params| {
            let renamed = at_position(programs, &params.text_document_position, |asked| {
                let edits = rename(asked.project(), &asked.path, asked.at, &params.new_name);
                Some(edits.map(|edits| convert::workspace_edit(asked.program, &edits, programs.encoding)))
            });
            renamed.transpose().map_err(|error| Refused::Answer(error.to_string()))
        }),
        DocumentSymbolRequest::METHOD => of::<DocumentSymbolRequest>(params, |params| {
            Ok(in_file(programs, &params.text_document.uri, |asked| {
                let found = symbols(asked.project(), &asked.path);
                let found = found.iter().map(|found| convert::symbol(found, &asked.lines)).collect();
                Some(lsp::DocumentSymbolResponse::Nested(found))
            }))
        }),
        Formatting::METHOD => of::<Formatting>(params, |params| {
            let formatted = in_file(programs, &params.text_document.uri, |asked| {
                Some(format(&asked.path, asked.text).map(|formatted| {
                    if formatted == asked.text {
                        return Vec::new();
                    }
                    let whole = Span::new(0, asked.text.len());
                    vec![lsp::TextEdit { range: asked.lines.range(whole), new_text: formatted }]
                }))
            });
            formatted.transpose().map_err(|error| Refused::Answer(error.to_string()))
        }),
        SemanticTokensFullRequest::METHOD => of::<SemanticTokensFullRequest>(params, |params| {
            Ok(in_file(programs, &params.text_document.uri, |asked| {
                let found = tokens(&asked.path, asked.text);
                Some(lsp::SemanticTokensResult::Tokens(convert::tokens(&found, asked.text, &asked.lines)))
            }))
        }),
        _ => Ok(None),
    }
}

/// Reads the parameters of a request, and writes its answer. Every request here may be answered with nothing.
fn of<R: Request>(
    params: Value,
    answer: impl FnOnce(R::Params) -> Result<R::Result, Refused>,
) -> Answer<Value> {
    let params = serde_json::from_value(params).map_err(|error| Refused::Params(error.to_string()))?;
    let answered = answer(params)?;
    serde_json::to_value(answered).map(Some).map_err(|error| Refused::Answer(error.to_string()))
}

/// What is asked about.
struct Asked<'p> {
    program: &'p Program,
    path: String,
    text: &'p str,
    lines: Lines<'p>,
    encoding: super::lines::Encoding,
    at: u32,
}

impl Asked<'_> {
    fn project(&self) -> &accrue_assist::Project {
        &self.program.project
    }

    fn locations(&self, places: &[accrue::diagnostic::Place]) -> Vec<lsp::Location> {
        places.iter().filter_map(|place| convert::location(self.program, place, self.encoding)).collect()
    }
}

fn in_file<T>(
    programs: &Programs,
    uri: &lsp::Uri,
    answer: impl FnOnce(&Asked<'_>) -> Option<T>,
) -> Option<T> {
    let (program, path) = programs.at(uri)?;
    let text = program.project.text(&path)?;
    let (lines, encoding) = (Lines::new(text, programs.encoding), programs.encoding);
    answer(&Asked { program, path: path.clone(), text, lines, encoding, at: 0 })
}

fn at_position<T>(
    programs: &Programs,
    at: &lsp::TextDocumentPositionParams,
    answer: impl FnOnce(&Asked<'_>) -> Option<T>,
) -> Option<T> {
    let (program, path) = programs.at(&at.text_document.uri)?;
    let text = program.project.text(&path)?;
    let (lines, encoding) = (Lines::new(text, programs.encoding), programs.encoding);
    let byte = lines.byte(at.position);
    answer(&Asked { program, path: path.clone(), text, lines, encoding, at: byte })
}

fn completions(programs: &Programs, params: &lsp::CompletionParams) -> Option<lsp::CompletionResponse> {
    at_position(programs, &params.text_document_position, |asked| {
        let found = complete(asked.project(), &asked.path, asked.at);
        let items = found.iter().enumerate();
        let items =
            items.map(|(index, found)| convert::completion(found, index, &asked.lines, programs.snippets));
        Some(lsp::CompletionResponse::Array(items.collect()))
    })
}

fn actions(programs: &Programs, params: &lsp::CodeActionParams) -> Option<lsp::CodeActionResponse> {
    in_file(programs, &params.text_document.uri, |asked| {
        let range = asked.lines.span(params.range);
        let fixes = quick_fixes(asked.project(), &asked.path, range).into_iter();
        let action = |fix: accrue_assist::QuickFix| {
            let found = asked.project().diagnostics().get(fix.diagnostic)?;
            Some(lsp::CodeActionOrCommand::CodeAction(lsp::CodeAction {
                title: fix.title,
                kind: Some(lsp::CodeActionKind::QUICKFIX),
                diagnostics: Some(vec![convert::diagnostic(
                    asked.program,
                    found,
                    &asked.path,
                    asked.encoding,
                )]),
                edit: Some(convert::workspace_edit(asked.program, &fix.edits, asked.encoding)),
                is_preferred: Some(true),
                ..Default::default()
            }))
        };
        Some(fixes.filter_map(action).collect())
    })
}
