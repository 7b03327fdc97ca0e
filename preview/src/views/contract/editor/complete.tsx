/** What can be written at the caret, with its documentation. */
import { autocompletion, type Completion, type CompletionContext, type CompletionResult, insertCompletionText, snippet } from "@codemirror/autocomplete";
import type { Extension } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { asking } from "./asking.ts";
import { pathOf } from "./path.ts";
import { words } from "./words.tsx";

const complete = asking((workspace, path: string, offset: number) => workspace.complete(path, offset));

/** After these characters something is offered without being asked for. */
const OFFERED = /[\w."'[]$/;

/** Fields that are filled in one after the other, as CodeMirror writes them. */
function fields(text: string): string {
  return text.replaceAll(/\$0|\$\{0\}/g, "${}").replaceAll(/\$(\d)/g, "$${$1}");
}

/** Writes a completion at a place of its own. */
function apply(view: EditorView, completion: Completion, write: string | ReturnType<typeof snippet>, from: number, to: number): void {
  if (typeof write === "string") view.dispatch(insertCompletionText(view.state, write, from, to));
  else write(view, completion, from, to);
}

async function source(context: CompletionContext): Promise<CompletionResult | null> {
  if (!context.explicit && !context.matchBefore(OFFERED)) return null;
  const found = await complete(pathOf(context.state), context.pos);
  if (!found?.answer || context.aborted) return null;
  const [first] = found.answer;
  if (!first) return null;
  const { start, end } = first.edit.span;
  const options = found.answer.map(({ label, kind, detail, doc, edit, snippet: fill }, at): Completion => {
    // What replaces another place than the others says so itself.
    const elsewhere = edit.span.start !== start || edit.span.end !== end;
    const write = fill ? snippet(fields(fill)) : edit.text;
    return {
      label,
      type: kind,
      // The engine has them in order: what fits best comes first.
      boost: Math.max(-99, 50 - at),
      apply: elsewhere
        ? (view, completion) => apply(view, completion, write, edit.span.start, Math.max(edit.span.end, view.state.selection.main.head))
        : write,
      ...(detail && { detail }),
      ...(doc && { info: () => words(doc) }),
    };
  });
  return { from: start, to: end, options, validFor: /^\w*$/ };
}

export const completion: Extension = autocompletion({ override: [source], icons: false, activateOnTypingDelay: 50, maxRenderedOptions: 200 });
