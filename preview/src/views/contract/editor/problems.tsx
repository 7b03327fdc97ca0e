/** Errors and warnings under the words, with their fixes. */
import type { Diagnostic } from "accrue-rules";
import { type Diagnostic as Shown, linter, setDiagnostics } from "@codemirror/lint";
import type { Extension } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { Inline } from "../../../ui/markdown.tsx";
import { checkedFolder, diagnostics } from "../../../state/check.ts";
import { reveal } from "../../../state/files.ts";
import { fixOf, lineAt } from "../problems/fix.ts";
import { pathOf } from "./path.ts";
import { element } from "./words.tsx";

function Message({ found }: { found: Diagnostic }) {
  return (
    <>
      <p>
        <span class="code">{found.code}</span> <Inline text={found.message} />
      </p>
      {found.help && (
        <p class="help">
          <Inline text={found.help} />
        </p>
      )}
      {found.labels?.map(({ place, message }) => (
        <p class="help">
          {place.file}, line {lineAt(place)}: <Inline text={message} />
        </p>
      ))}
    </>
  );
}

/** Shows in the editor what is wrong with its text, if the check was about the text as it is. */
export function showProblems(view: EditorView): void {
  const path = pathOf(view.state);
  if (checkedFolder.value.get(path) !== view.state.doc.toString()) return;
  const shown: Shown[] = [];
  for (const found of diagnostics.value) {
    if (found.place?.file !== path) continue;
    const { start, end } = found.place.span;
    const fix = fixOf(found);
    const [other] = found.labels ?? [];
    const actions = [];
    if (fix) actions.push({ name: fix.title, apply: fix.apply });
    if (other) actions.push({ name: "Go there", apply: () => reveal(other.place.file, other.place.span.start, other.place.span.end) });
    shown.push({
      from: start,
      to: end,
      severity: found.severity,
      message: found.message,
      renderMessage: () => element("message", <Message found={found} />),
      actions,
    });
  }
  view.dispatch(setDiagnostics(view.state, shown));
}

/** The editor shows what the check of the whole program found, and asks nothing itself. */
export const problems: Extension = linter(null);
