/** How the editor looks. Its style sheet lives in its shadow root and reads the colours of the page. */
import { EditorView } from "@codemirror/view";

/** The kinds of words that the engine tells apart. */
const WORDS = ["keyword", "string", "number", "comment", "field", "function", "verb", "type", "key", "table", "operator"];

const colours = Object.fromEntries(WORDS.map((kind) => [`.word-${kind}`, { color: `var(--code-${kind})` }]));

const button = {
  background: "var(--sheet)",
  border: "1px solid var(--line)",
  borderRadius: "6px",
  color: "var(--text)",
  cursor: "pointer",
  font: "inherit",
  padding: "0.15rem 0.6rem",
};

const sheet = {
  backgroundColor: "var(--sheet)",
  border: "1px solid var(--line)",
  borderRadius: "var(--radius)",
  boxShadow: "var(--shadow)",
  color: "var(--text)",
};

export const theme = EditorView.theme({
  "&": { backgroundColor: "var(--sheet)", color: "var(--text)", fontSize: "0.88rem", height: "100%" },
  // The element around the editor shows the focus: an outline in here would be under the gutters.
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--text)", padding: "0.5rem 0 3rem" },
  ".cm-cursor": { borderLeftColor: "var(--text)", borderLeftWidth: "2px" },
  ".cm-gutters": { backgroundColor: "var(--sheet)", border: "0", color: "var(--quiet)" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "2.2rem", padding: "0 0.5rem 0 0.25rem" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--code-line)" },
  ".cm-activeLineGutter": { color: "var(--text)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--code-selection) !important",
  },
  ".cm-selectionMatch": { backgroundColor: "var(--accent-ground)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--accent-ground)", outline: "1px solid var(--accent)" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--bad-ground)", outline: "1px solid var(--bad)" },
  ".cm-searchMatch": { backgroundColor: "var(--warning-ground)", outline: "1px solid var(--warning)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--accent-ground)", outline: "2px solid var(--accent)" },
  ".cm-snippetField": { backgroundColor: "var(--accent-ground)" },

  // Search, and the question for a new name.
  ".cm-panels": { backgroundColor: "var(--sunk)", color: "var(--text)", fontFamily: "var(--font)", fontSize: "0.85rem", zIndex: "5" },
  ".cm-panels-top": { borderBottom: "1px solid var(--line)" },
  ".cm-panel.cm-search": { padding: "0.4rem 2rem 0.4rem 0.6rem" },
  ".cm-panel.cm-search label": { fontSize: "inherit" },
  ".cm-panel.cm-search [name=close]": { color: "inherit", cursor: "pointer", fontSize: "1.2rem", right: "0.5rem" },
  ".cm-textfield": {
    backgroundColor: "var(--sheet)",
    border: "1px solid var(--line)",
    borderRadius: "6px",
    color: "var(--text)",
    font: "inherit",
    padding: "0.15rem 0.5rem",
  },
  ".cm-button": { ...button, backgroundImage: "none" },
  ".cm-button:hover": { borderColor: "var(--accent)" },
  ":focus-visible:not(.cm-content)": { outline: "2px solid var(--focus)", outlineOffset: "1px" },
  ".rename": { alignItems: "center", display: "flex", flexWrap: "wrap", gap: "0.5rem", padding: "0.4rem 0.6rem" },
  ".rename-fault": { color: "var(--bad)" },

  // What appears beside a word.
  ".cm-tooltip": { ...sheet, fontFamily: "var(--font)", fontSize: "0.85rem", zIndex: "10" },
  ".cm-tooltip-hover": { maxWidth: "min(34rem, 90vw)" },
  ".cm-tooltip-section:not(:first-child)": { borderTop: "1px solid var(--line)" },
  ".words": { lineHeight: "1.45", maxHeight: "18rem", overflow: "auto", padding: "0.4rem 0.7rem" },
  ".words p, .words ul, .words pre": { margin: "0 0 0.35rem" },
  ".words ul": { paddingLeft: "1.2rem" },
  ".words > :last-child": { marginBottom: "0" },
  ".words .detail": { color: "var(--quiet)" },
  ".words code, .words pre, .signature": { fontFamily: "var(--mono)", fontSize: "0.92em" },
  ".words code": { backgroundColor: "var(--sunk)", borderRadius: "4px", padding: "0 0.2em" },
  ".words pre": { backgroundColor: "var(--sunk)", borderRadius: "4px", overflow: "auto", padding: "0.3rem 0.5rem", whiteSpace: "pre-wrap" },
  ".signature strong": { color: "var(--accent)", textDecoration: "underline", textUnderlineOffset: "3px" },
  ".fixes": { display: "grid", gap: "2px", padding: "0.3rem" },
  ".fixes button": { ...button, border: "1px solid transparent", textAlign: "left" },
  ".fixes button:hover, .fixes button:focus": { backgroundColor: "var(--accent-ground)", borderColor: "var(--accent)" },

  // Errors and warnings under the words. The lines are drawn by the browser: a picture would be a picture of one colour.
  ".cm-lintRange": { backgroundImage: "none", paddingBottom: "0", textDecorationSkipInk: "none", textUnderlineOffset: "3px" },
  ".cm-lintRange-error": { textDecoration: "underline wavy var(--bad)" },
  ".cm-lintRange-warning": { textDecoration: "underline wavy var(--warning)" },
  ".cm-lintRange-active": { backgroundColor: "var(--warning-ground)" },
  ".cm-lintPoint-error:after": { borderBottomColor: "var(--bad)" },
  ".cm-lintPoint-warning:after": { borderBottomColor: "var(--warning)" },
  ".cm-tooltip-lint": { margin: "0", padding: "0" },
  ".cm-diagnostic": { borderLeft: "0", lineHeight: "1.45", margin: "0", padding: "0.5rem 0.7rem", whiteSpace: "normal" },
  ".cm-diagnostic + .cm-diagnostic": { borderTop: "1px solid var(--line)" },
  ".cm-diagnostic-error .code": { color: "var(--bad)" },
  ".cm-diagnostic-warning .code": { color: "var(--warning)" },
  ".cm-diagnostic p": { margin: "0 0 0.25rem" },
  ".cm-diagnostic code": { fontFamily: "var(--mono)", fontSize: "0.92em" },
  ".cm-diagnostic .code": { fontWeight: "600" },
  ".cm-diagnostic .help": { color: "var(--quiet)" },
  ".cm-diagnosticAction": { ...button, backgroundColor: "var(--accent-ground)", borderColor: "var(--accent)", margin: "0.2rem 0.5rem 0 0" },

  // Completion.
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", fontSize: "0.85rem", maxHeight: "14rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { display: "flex", gap: "0.6rem", padding: "0.15rem 0.6rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--accent-ground)",
    color: "var(--text)",
    outline: "1px solid var(--accent)",
    outlineOffset: "-1px",
  },
  ".cm-completionLabel": { flex: "none" },
  ".cm-completionDetail": { color: "var(--quiet)", flex: "1", fontStyle: "normal", marginLeft: "0", overflow: "hidden", textAlign: "right", textOverflow: "ellipsis" },
  ".cm-completionMatchedText": { color: "var(--accent)", fontWeight: "700", textDecoration: "none" },
  ".cm-tooltip.cm-completionInfo": { maxWidth: "24rem", padding: "0" },

  // There is no room beside the list on a phone.
  "@media (max-width: 600px)": { ".cm-tooltip.cm-completionInfo": { display: "none" } },

  // What the tests reach.
  ".cm-coverage": { width: "0.5rem" },
  ".cm-coverage .cm-gutterElement": { padding: "0 1px" },
  ".reached, .unreached, .partly": { display: "block", height: "100%", width: "5px" },
  ".reached": { backgroundColor: "var(--good)" },
  ".unreached": { backgroundImage: "repeating-linear-gradient(135deg, var(--bad) 0 2px, transparent 2px 4px)" },
  ".partly": { background: "linear-gradient(var(--good) 50%, var(--bad) 50%)" },

  ...colours,
  ".word-keyword, .word-verb, .word-table": { fontWeight: "600" },
});
