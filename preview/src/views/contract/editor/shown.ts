/** The editor that is on the page, for the parts around it. */
import { openSearchPanel } from "@codemirror/search";
import type { EditorView } from "@codemirror/view";

let editor: EditorView | null = null;

export function setEditor(view: EditorView | null): void {
  editor = view;
}

/** Returns the editor, if one is on the page. */
export function theEditor(): EditorView | null {
  return editor;
}

/** Puts the caret into the editor, once the page shows what was changed just now. */
export function focusEditor(): void {
  setTimeout(() => editor?.focus());
}

/** Opens the search in the text. */
export function searchEditor(): void {
  if (!editor) return;
  editor.focus();
  openSearchPanel(editor);
}
