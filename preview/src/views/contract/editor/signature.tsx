/** Shows the parameters of a call while its arguments are typed. */
import { type Extension, Prec, StateEffect, StateField } from "@codemirror/state";
import { type EditorView, keymap, showTooltip, type Tooltip, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import type { SignatureHelp } from "accrue-rules";
import { Markdown } from "../../../ui/markdown.tsx";
import { asking } from "./asking.ts";
import { pathOf } from "./path.ts";
import { element } from "./words.tsx";

const signature = asking((workspace, path: string, offset: number) => workspace.signature(path, offset));

/** How far back a call may begin, in characters. */
const FARTHEST = 1000;

/** A call with its parameters; the one that is being typed stands out. */
function Call({ label, doc, params, active }: SignatureHelp) {
  // Where each parameter stands in the label: they are its words, in order.
  let at = label.indexOf("(") + 1;
  const places = params.map(({ name }) => {
    const from = label.indexOf(name, at);
    at = from < 0 ? at : from + name.length;
    return { from, to: at };
  });
  const place = places[active];
  const takes = params[active]?.takes;
  return (
    <>
      <p class="signature">
        {place && place.from >= 0 ? (
          <>
            {label.slice(0, place.from)}
            <strong>{label.slice(place.from, place.to)}</strong>
            {label.slice(place.to)}
          </>
        ) : (
          label
        )}
      </p>
      {takes && (
        <p>
          <code>{params[active]?.name}</code> {takes}
        </p>
      )}
      <Markdown text={doc} />
    </>
  );
}

const callIs = StateEffect.define<Tooltip | null>();

const field = StateField.define<Tooltip | null>({
  create: () => null,
  update(tooltip, transaction) {
    for (const effect of transaction.effects) if (effect.is(callIs)) return effect.value;
    return tooltip && transaction.docChanged ? { ...tooltip, pos: transaction.changes.mapPos(tooltip.pos) } : tooltip;
  },
  provide: (field) => showTooltip.from(field),
});

/** Whether the caret stands behind a parenthesis that is open. */
function inCall({ state }: EditorView): boolean {
  const { head } = state.selection.main;
  let depth = 0;
  for (const character of [...state.sliceDoc(Math.max(0, head - FARTHEST), head)].reverse()) {
    if (character === ")") depth += 1;
    else if (character === "(" && depth-- === 0) return true;
  }
  return false;
}

async function look(view: EditorView): Promise<void> {
  const { head } = view.state.selection.main;
  const doc = view.state.doc;
  // In no case at once: the editor cannot be told anything while it is being updated.
  const found = await (inCall(view) ? signature(pathOf(view.state), head) : Promise.resolve(null));
  // Another answer is on its way, or the caret has moved since.
  if (found === undefined || view.state.doc !== doc || view.state.selection.main.head !== head) return;
  const of = found?.answer;
  if (!of && view.state.field(field, false) == null) return;
  const dom = () => element("words", of && <Call {...of} />);
  view.dispatch({ effects: callIs.of(of ? { pos: head, above: true, create: () => ({ dom: dom() }) } : null) });
}

const looking = ViewPlugin.define((view) => ({
  update({ docChanged, selectionSet, transactions }: ViewUpdate) {
    const typed = docChanged && transactions.some((transaction) => transaction.isUserEvent("input"));
    const open = view.state.field(field) !== null;
    if (typed || (open && (docChanged || selectionSet))) void look(view);
  },
}));

export const signatures: Extension = [
  field,
  looking,
  Prec.high(
    keymap.of([
      {
        key: "Escape",
        run(view) {
          if (!view.state.field(field)) return false;
          view.dispatch({ effects: callIs.of(null) });
          return true;
        },
      },
      {
        key: "Mod-Shift-Space",
        run(view) {
          void look(view);
          return true;
        },
      },
    ]),
  ),
];
