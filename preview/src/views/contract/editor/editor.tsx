/** The editor of texts. CodeMirror makes style sheets, which the policy of the page allows only to a shadow root. */
import * as commands from "@codemirror/commands";
import { type StateEffect, type Transaction } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { effect, untracked } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { checkedFolder } from "../../../state/check.ts";
import { coverage } from "../../../state/coverage.ts";
import { files, keep, openPath, revealed, setExtensions, setHistory, setShown, stateOf, textOf, whenOpened } from "../../../state/files.ts";
import { caret } from "./caret.ts";
import { showCoverage } from "./coverage.ts";
import { extensionsOf } from "./extensions.ts";
import { colour } from "./highlight.ts";
import { asking } from "./asking.ts";
import { pathOf } from "./path.ts";
import { showProblems } from "./problems.tsx";
import { setEditor } from "./shown.ts";

setHistory(commands);
setExtensions(extensionsOf);

/** How far texts were scrolled when they were open last. */
const scrolled = new Map<string, StateEffect<unknown>>();
whenOpened(() => scrolled.clear());

/** The last request to show a place that was met. */
let met = 0;

const tokens = asking((workspace, path: string) => workspace.tokens(path));

/** Colours the text by what the engine says of it. */
async function recolour(view: EditorView): Promise<void> {
  const path = pathOf(view.state);
  const found = await tokens(path);
  // Of a file that the engine does not read, it says nothing.
  if (found?.answer.length && pathOf(view.state) === path && found.folder.get(path) === view.state.doc.toString()) colour(view, found.answer);
}

function mount(host: HTMLElement): () => void {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  let shown = untracked(() => openPath.value);
  const view = new EditorView({
    state: stateOf(shown),
    parent: root,
    root,
    dispatchTransactions(transactions: readonly Transaction[], view) {
      view.update(transactions);
      untracked(() => {
        for (const transaction of transactions) keep(shown, transaction);
        const { head } = view.state.selection.main;
        if (caret.value.path !== shown || caret.value.offset !== head) caret.value = { path: shown, offset: head };
      });
    },
  });
  // It is too late to look when the editor is taken from the page.
  view.scrollDOM.addEventListener("scroll", () => scrolled.set(shown, view.scrollSnapshot()));
  const show = (path: string) => {
    shown = path;
    view.setState(stateOf(path));
    setShown({ path, dispatch: (transaction) => view.dispatch(transaction) });
    const scroll = scrolled.get(path);
    if (scroll) view.dispatch({ effects: scroll });
    else view.scrollDOM.scrollTo(0, 0);
    caret.value = { path, offset: view.state.selection.main.head };
    showProblems(view);
    showCoverage(view);
    void recolour(view);
  };
  setEditor(view);
  untracked(() => show(shown));
  const stops = [
    effect(() => {
      const path = openPath.value;
      const text = files.value.get(path);
      // Another file is opened, or something else than the editor has replaced its text.
      untracked(() => {
        if (typeof text !== "string") return;
        if (path !== shown || view.state.doc.toString() !== text) show(path);
      });
    }),
    effect(() => {
      void checkedFolder.value;
      untracked(() => {
        showProblems(view);
        // What a word is depends on the other files too.
        void recolour(view);
      });
    }),
    effect(() => {
      void coverage.value;
      untracked(() => showCoverage(view));
    }),
    effect(() => {
      const place = revealed.value;
      untracked(() => {
        if (!place || place.number === met || place.path !== shown) return;
        met = place.number;
        const { length } = textOf(place.path);
        const [anchor, head] = [Math.min(place.from, length), Math.min(place.to, length)];
        view.dispatch({ selection: { anchor, head }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
        view.focus();
      });
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    setShown(null);
    setEditor(null);
    view.destroy();
  };
}

export function Editor() {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => (host.current ? mount(host.current) : undefined), []);
  return <div ref={host} class="editor" />;
}
