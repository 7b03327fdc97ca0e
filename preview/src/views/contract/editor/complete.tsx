/** What can be written at the caret, with its documentation. */
import { autocompletion, type Completion, type CompletionContext, type CompletionResult, snippet } from "@codemirror/autocomplete";
import type { Extension } from "@codemirror/state";
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

async function source(context: CompletionContext): Promise<CompletionResult | null> {
  if (!context.explicit && !context.matchBefore(OFFERED)) return null;
  const found = await complete(pathOf(context.state), context.pos);
  if (!found?.answer || context.aborted) return null;
  const { from, to, items } = found.answer;
  const options = items.map(({ label, kind, detail, documentation, insert, snippet: isSnippet }, at): Completion => {
    return {
      label,
      type: kind,
      // The engine has them in order: what fits best comes first.
      boost: Math.max(-99, 50 - at),
      apply: isSnippet ? snippet(fields(insert)) : insert,
      ...(detail && { detail }),
      ...(documentation && { info: () => words(documentation) }),
    };
  });
  return { from, to, options, validFor: /^\w*$/ };
}

export const completion: Extension = autocompletion({ override: [source], icons: false, activateOnTypingDelay: 50, maxRenderedOptions: 200 });
