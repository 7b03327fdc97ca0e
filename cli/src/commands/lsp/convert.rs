//! Answers of `accrue-assist` as messages of the protocol.

use accrue::diagnostic::{Diagnostic, Place, Severity, Span};
use accrue_assist::{
    Completion, CompletionKind, Hover, NameKind, SemanticToken, SignatureHelp, Symbol, TextEdit, TokenKind,
};
use lsp_types as lsp;

use super::lines::{Encoding, Lines};
use super::programs::Program;

/// Returns what the server can do.
pub(super) fn capabilities(encoding: Encoding) -> lsp::ServerCapabilities {
    let words = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
    lsp::ServerCapabilities {
        position_encoding: Some(match encoding {
            Encoding::Utf8 => lsp::PositionEncodingKind::UTF8,
            Encoding::Utf16 => lsp::PositionEncodingKind::UTF16,
        }),
        text_document_sync: Some(lsp::TextDocumentSyncCapability::Options(lsp::TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(lsp::TextDocumentSyncKind::INCREMENTAL),
            save: Some(lsp::TextDocumentSyncSaveOptions::Supported(true)),
            ..Default::default()
        })),
        completion_provider: Some(lsp::CompletionOptions {
            trigger_characters: words(&[".", "\"", "'", "[", "="]),
            ..Default::default()
        }),
        hover_provider: Some(lsp::HoverProviderCapability::Simple(true)),
        signature_help_provider: Some(lsp::SignatureHelpOptions {
            trigger_characters: words(&["(", ","]),
            ..Default::default()
        }),
        code_action_provider: Some(lsp::CodeActionProviderCapability::Options(lsp::CodeActionOptions {
            code_action_kinds: Some(vec![lsp::CodeActionKind::QUICKFIX]),
            ..Default::default()
        })),
        rename_provider: Some(lsp::OneOf::Right(lsp::RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: lsp::WorkDoneProgressOptions::default(),
        })),
        definition_provider: Some(lsp::OneOf::Left(true)),
        references_provider: Some(lsp::OneOf::Left(true)),
        document_symbol_provider: Some(lsp::OneOf::Left(true)),
        document_formatting_provider: Some(lsp::OneOf::Left(true)),
        semantic_tokens_provider: Some(lsp::SemanticTokensServerCapabilities::SemanticTokensOptions(
            lsp::SemanticTokensOptions {
                legend: lsp::SemanticTokensLegend {
                    token_types: TokenKind::ALL.into_iter().map(token_type).collect(),
                    token_modifiers: Vec::new(),
                },
                full: Some(lsp::SemanticTokensFullOptions::Bool(true)),
                ..Default::default()
            },
        )),
        ..Default::default()
    }
}

/// Returns the kind of a word as the protocol names it, by which every theme has a colour.
fn token_type(kind: TokenKind) -> lsp::SemanticTokenType {
    use lsp::SemanticTokenType as T;
    match kind {
        TokenKind::Keyword => T::KEYWORD,
        TokenKind::String => T::STRING,
        TokenKind::Number => T::NUMBER,
        TokenKind::Comment => T::COMMENT,
        TokenKind::Field => T::PROPERTY,
        TokenKind::Function => T::FUNCTION,
        TokenKind::Verb => T::MACRO,
        TokenKind::Type => T::TYPE,
        TokenKind::Key => T::PARAMETER,
        TokenKind::Table => T::NAMESPACE,
        TokenKind::Operator => T::OPERATOR,
        _ => T::VARIABLE,
    }
}

/// Returns words as the protocol counts them: each from the one before it.
pub(super) fn tokens(found: &[SemanticToken], text: &str, lines: &Lines<'_>) -> lsp::SemanticTokens {
    let mut data = Vec::with_capacity(found.len());
    let mut last = lsp::Position::default();
    for token in found {
        let at = lines.position(token.span.start);
        let delta_line = at.line.saturating_sub(last.line);
        let delta_start =
            if delta_line == 0 { at.character.saturating_sub(last.character) } else { at.character };
        let kind = TokenKind::ALL.iter().position(|kind| *kind == token.kind).unwrap_or_default();
        data.push(lsp::SemanticToken {
            delta_line,
            delta_start,
            length: lines.length(text.get(token.span.range()).unwrap_or_default()),
            token_type: u32::try_from(kind).unwrap_or_default(),
            token_modifiers_bitset: 0,
        });
        last = at;
    }
    lsp::SemanticTokens { result_id: None, data }
}

/// Returns a diagnostic of a file.
pub(super) fn diagnostic(
    program: &Program,
    found: &Diagnostic,
    path: &str,
    encoding: Encoding,
) -> lsp::Diagnostic {
    let in_file = found.place.as_ref().filter(|place| place.file == path);
    let range = match (&found.cell, in_file) {
        (Some(cell), _) => {
            let line = cell.row.saturating_sub(1);
            let at = lsp::Position { line, character: 0 };
            let end = lsp::Position { line: line + 1, character: 0 };
            lsp::Range { start: at, end: if cell.row == 0 { at } else { end } }
        }
        (None, Some(place)) => {
            Lines::new(program.project.text(path).unwrap_or_default(), encoding).range(place.span)
        }
        (None, None) => lsp::Range::default(),
    };
    let mut message = found.message.clone();
    if let Some(help) = &found.help {
        message.push_str("\nhelp: ");
        message.push_str(help);
    }
    let related = found.labels.iter().filter_map(|label| {
        Some(lsp::DiagnosticRelatedInformation {
            location: location(program, &label.place, encoding)?,
            message: label.message.clone(),
        })
    });
    let related: Vec<_> = related.collect();
    lsp::Diagnostic {
        range,
        severity: Some(match found.severity {
            Severity::Error => lsp::DiagnosticSeverity::ERROR,
            Severity::Warning => lsp::DiagnosticSeverity::WARNING,
        }),
        code: Some(lsp::NumberOrString::String(found.code.text().to_owned())),
        source: Some("accrue".to_owned()),
        message,
        related_information: (!related.is_empty()).then_some(related),
        ..Default::default()
    }
}

pub(super) fn location(program: &Program, place: &Place, encoding: Encoding) -> Option<lsp::Location> {
    let lines = Lines::new(program.project.text(&place.file).unwrap_or_default(), encoding);
    Some(lsp::Location { uri: program.uri(&place.file)?, range: lines.range(place.span) })
}

/// Returns edits of several files.
pub(super) fn workspace_edit(
    program: &Program,
    edits: &[TextEdit],
    encoding: Encoding,
) -> lsp::WorkspaceEdit {
    let mut files: Vec<&str> = edits.iter().map(|edit| edit.file.as_str()).collect();
    files.sort_unstable();
    files.dedup();
    let of_file = |file: &str| {
        let lines = Lines::new(program.project.text(file).unwrap_or_default(), encoding);
        let edits = edits.iter().filter(|edit| edit.file == file);
        let edits = edits.map(|edit| {
            lsp::OneOf::Left(lsp::TextEdit { range: lines.range(edit.span), new_text: edit.text.clone() })
        });
        Some(lsp::TextDocumentEdit {
            text_document: lsp::OptionalVersionedTextDocumentIdentifier {
                uri: program.uri(file)?,
                version: None,
            },
            edits: edits.collect(),
        })
    };
    let edits = files.into_iter().filter_map(of_file).collect();
    lsp::WorkspaceEdit { document_changes: Some(lsp::DocumentChanges::Edits(edits)), ..Default::default() }
}

/// Returns a completion. `index` is its place in the order of likeliness.
pub(super) fn completion(
    found: &Completion,
    index: usize,
    lines: &Lines<'_>,
    snippets: bool,
) -> lsp::CompletionItem {
    use lsp::CompletionItemKind as K;
    let kind = match found.kind {
        CompletionKind::Record => K::MODULE,
        CompletionKind::Field | CompletionKind::Attribute => K::FIELD,
        CompletionKind::Function | CompletionKind::Verb => K::FUNCTION,
        CompletionKind::Method => K::METHOD,
        CompletionKind::Param => K::CONSTANT,
        CompletionKind::List | CompletionKind::Name => K::ENUM,
        CompletionKind::Total | CompletionKind::Local => K::VARIABLE,
        CompletionKind::Keyword => K::KEYWORD,
        CompletionKind::Key => K::PROPERTY,
        CompletionKind::Table => K::STRUCT,
        CompletionKind::File => K::FILE,
        _ => K::VALUE,
    };
    let snippet = found.snippet.as_ref().filter(|_| snippets);
    lsp::CompletionItem {
        label: found.label.clone(),
        kind: Some(kind),
        detail: (!found.detail.is_empty()).then(|| found.detail.clone()),
        documentation: (!found.doc.is_empty())
            .then(|| markdown(&found.doc))
            .map(lsp::Documentation::MarkupContent),
        sort_text: Some(format!("{index:05}")),
        insert_text_format: snippet.map(|_| lsp::InsertTextFormat::SNIPPET),
        text_edit: Some(lsp::CompletionTextEdit::Edit(lsp::TextEdit {
            range: lines.range(found.edit.span),
            new_text: snippet.unwrap_or(&found.edit.text).clone(),
        })),
        // Editors compare what is typed with this, from the beginning of the edit.
        filter_text: Some(if found.kind == CompletionKind::Table {
            found.detail.clone()
        } else {
            found.label.clone()
        }),
        ..Default::default()
    }
}

fn markdown(text: &str) -> lsp::MarkupContent {
    lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value: text.to_owned() }
}

pub(super) fn hover(found: &Hover, lines: &Lines<'_>) -> lsp::Hover {
    // A fence that no backtick of a value can close.
    let separator = if found.detail.is_empty() { "" } else { ": " };
    let head = format!("{}{separator}{}", found.name, found.detail).replace('\n', " ");
    let text = format!("````accrue\n{head}\n````\n\n{}", found.doc);
    lsp::Hover {
        contents: lsp::HoverContents::Markup(markdown(text.trim_end())),
        range: Some(lines.range(found.span)),
    }
}

pub(super) fn signature(found: &SignatureHelp) -> lsp::SignatureHelp {
    let params = found.params.iter().map(|param| lsp::ParameterInformation {
        label: lsp::ParameterLabel::Simple(param.name.clone()),
        documentation: (!param.takes.is_empty()).then(|| lsp::Documentation::String(param.takes.clone())),
    });
    lsp::SignatureHelp {
        signatures: vec![lsp::SignatureInformation {
            label: found.label.clone(),
            documentation: Some(lsp::Documentation::MarkupContent(markdown(&found.doc))),
            parameters: Some(params.collect()),
            active_parameter: Some(found.active),
        }],
        active_signature: Some(0),
        active_parameter: Some(found.active),
    }
}

pub(super) fn symbol(found: &Symbol, lines: &Lines<'_>) -> lsp::DocumentSymbol {
    use lsp::SymbolKind as K;
    let kind = match found.kind {
        None => K::NAMESPACE,
        Some(NameKind::Function) => K::FUNCTION,
        Some(NameKind::Param) => K::CONSTANT,
        Some(NameKind::Total | NameKind::Local) => K::VARIABLE,
        Some(NameKind::Attribute | NameKind::PartnerAttribute | NameKind::ItemAttribute) => K::FIELD,
        Some(NameKind::List | NameKind::Holidays) => K::ARRAY,
        Some(NameKind::Reason | NameKind::EventType) => K::ENUM_MEMBER,
        Some(_) => K::OBJECT,
    };
    let whole =
        Span { start: found.whole.start.min(found.span.start), end: found.whole.end.max(found.span.end) };
    let children: Vec<_> = found.children.iter().map(|child| symbol(child, lines)).collect();
    #[allow(deprecated, reason = "the struct has no other way to be made")]
    lsp::DocumentSymbol {
        // Editors refuse a symbol without a name.
        name: if found.name.is_empty() { "…".to_owned() } else { found.name.clone() },
        detail: (!found.detail.is_empty()).then(|| found.detail.clone()),
        kind,
        tags: None,
        deprecated: None,
        range: lines.range(whole),
        selection_range: lines.range(found.span),
        children: (!children.is_empty()).then_some(children),
    }
}
