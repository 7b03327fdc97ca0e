/** What makes a text an editor: keys, colours, and what the engine says. */
import { closeBrackets, closeBracketsKeymap, completionKeymap, acceptCompletion } from "@codemirror/autocomplete";
import { defaultKeymap, historyKeymap } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentService, indentUnit } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  tooltips,
} from "@codemirror/view";
import { completion } from "./complete.tsx";
import { covering } from "./coverage.ts";
import { clickToDefinition, goToDefinition } from "./definition.ts";
import { fix, fixing } from "./fixes.tsx";
import { format } from "./format.ts";
import { highlighting } from "./highlight.ts";
import { hovering } from "./hover.tsx";
import { filePath, pathOf } from "./path.ts";
import { problems } from "./problems.tsx";
import { rename, renaming } from "./rename.tsx";
import { signatures } from "./signature.tsx";
import { theme } from "./theme.ts";

/** A line is as deep as the line before it; after an opening bracket deeper, with a closing one less. */
const indentation = indentService.of((context, pos) => {
  const { text } = context.lineAt(pos);
  const { doc } = context.state;
  const line = doc.lineAt(pos);
  let { number } = line;
  // What is before the caret is the line before, when the line is about to be broken there.
  let before = context.simulatedBreak === pos ? doc.sliceString(line.from, pos) : "";
  while (before.trim() === "" && number > 1) before = doc.line((number -= 1)).text;
  const depth = context.countColumn(before, /^\s*/.exec(before)?.[0].length ?? 0);
  const deeper = /[{[(]\s*$/.test(before) ? context.unit : 0;
  const less = /^\s*[}\])]/.test(text) ? context.unit : 0;
  return Math.max(0, depth + deeper - less);
});

/** Characters that nobody sees, apart from the line ends of Windows. */
const UNSEEN = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028\u2029\u202d\u202e\u2066\u2067\u2069\ufff9-\ufffc]/gu;

const keys = keymap.of([
  { key: "Tab", run: acceptCompletion },
  { key: "F2", run: rename },
  { key: "F12", run: goToDefinition },
  { key: "Mod-.", run: fix },
  {
    key: "Shift-Alt-f",
    run(view) {
      void format(pathOf(view.state));
      return true;
    },
  },
]);

/** Returns what the editor adds to a file. */
export function extensionsOf(path: string): Extension {
  const rows = /\.(csv|jsonl)$/.test(path);
  const comments = path.endsWith(".rhai") ? "//" : path.endsWith(".toml") ? "#" : undefined;
  return [
    filePath.of(path),
    theme,
    covering,
    lineNumbers(),
    highlightActiveLineGutter(),
    highlightActiveLine(),
    highlightSpecialChars({ specialChars: UNSEEN }),
    drawSelection(),
    dropCursor(),
    EditorState.allowMultipleSelections.of(true),
    indentUnit.of(path.endsWith(".rhai") ? "    " : "  "),
    indentation,
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    EditorState.languageData.of(() => [{ ...(comments && { commentTokens: { line: comments } }), indentOnInput: /^\s*[}\])]$/ }]),
    highlightSelectionMatches({ minSelectionLength: 2 }),
    search({ top: true }),
    rows ? [] : EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": path, tabindex: "0", spellcheck: "false", autocapitalize: "off", autocorrect: "off" }),
    tooltips({ position: "fixed" }),
    highlighting,
    problems,
    completion,
    hovering,
    signatures,
    renaming,
    fixing,
    clickToDefinition,
    keys,
    keymap.of([...closeBracketsKeymap, ...completionKeymap, ...searchKeymap, ...historyKeymap, ...defaultKeymap]),
  ];
}
