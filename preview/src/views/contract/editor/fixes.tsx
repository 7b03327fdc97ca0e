/** What the engine can do at the caret: repairs, and other forms of the same. */
import { type Extension, StateEffect, StateField } from "@codemirror/state";
import { type Command, EditorView, showTooltip, type Tooltip } from "@codemirror/view";
import type { QuickFix } from "accrue-rules";
import { checkedFolder, diagnostics } from "../../../state/check.ts";
import type { Folder } from "../../../state/files.ts";
import { tell } from "../../../state/view.ts";
import { Inline } from "../../../ui/markdown.tsx";
import { editAll } from "../problems/fix.ts";
import { asking } from "./asking.ts";
import { pathOf } from "./path.ts";
import { element } from "./words.tsx";

const fixes = asking((workspace, path: string, from: number, to: number) => workspace.fixes(path, from, to));

const offered = StateEffect.define<Tooltip | null>();

function close(view: EditorView): void {
  view.dispatch({ effects: offered.of(null) });
  view.focus();
}

function Choice({ view, found, folder }: { view: EditorView; found: QuickFix[]; folder: Folder }) {
  return (
    <div
      class="fixes"
      role="group"
      aria-label="Fixes"
      onKeyDown={(event) => {
        const { target, key } = event;
        if (!(target instanceof HTMLElement)) return;
        if (key === "Escape") close(view);
        else if (key === "ArrowDown") (target.nextElementSibling as HTMLElement | null)?.focus();
        else if (key === "ArrowUp") (target.previousElementSibling as HTMLElement | null)?.focus();
        else return;
        event.preventDefault();
      }}
    >
      {found.map(({ title, edits }) => (
        <button
          type="button"
          onClick={() => {
            close(view);
            editAll(edits, folder);
          }}
        >
          <Inline text={title} />
        </button>
      ))}
    </div>
  );
}

const field = StateField.define<Tooltip | null>({
  create: () => null,
  update(tooltip, transaction) {
    for (const effect of transaction.effects) if (effect.is(offered)) return effect.value;
    return transaction.docChanged || transaction.selection ? null : tooltip;
  },
  provide: (field) => showTooltip.from(field),
});

/** The place that fixes are asked for: what is selected, or else what is wrong at the caret. */
function asked({ state }: EditorView): { from: number; to: number } {
  const { from, to, empty } = state.selection.main;
  if (!empty || checkedFolder.value.get(pathOf(state)) !== state.doc.toString()) return { from, to };
  const spans = diagnostics.value.flatMap(({ place }) => (place?.file === pathOf(state) ? [place.span] : []));
  const at = spans.find(({ start, end }) => start <= from && from <= end);
  return at ? { from: at.start, to: at.end } : { from, to };
}

async function offer(view: EditorView): Promise<void> {
  const { from, to } = asked(view);
  const doc = view.state.doc;
  const found = await fixes(pathOf(view.state), from, to);
  if (!found || view.state.doc !== doc) return;
  const { answer, folder } = found;
  if (answer.length === 0) return tell("There is nothing to fix here");
  const create = () => {
    const dom = element("choice", <Choice view={view} found={answer} folder={folder} />);
    return { dom, mount: () => dom.querySelector("button")?.focus() };
  };
  view.dispatch({ effects: offered.of({ pos: view.state.selection.main.head, create }) });
}

/** Offers the fixes at the caret. */
export const fix: Command = (view) => {
  void offer(view);
  return true;
};

export const fixing: Extension = field;
