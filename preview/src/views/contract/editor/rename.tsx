/** Renames a name of the program in all files. */
import { StateEffect, StateField } from "@codemirror/state";
import { type Command, type EditorView, type Panel, showPanel } from "@codemirror/view";
import { render } from "preact";
import { useState } from "preact/hooks";
import { messageOf } from "../../../state/failure.ts";
import { ask } from "../../../state/workspace.ts";
import { tell } from "../../../state/view.ts";
import { editAll } from "../problems/fix.ts";
import { pathOf } from "./path.ts";

const opened = StateEffect.define<number | null>();

function close(view: EditorView): void {
  view.dispatch({ effects: opened.of(null) });
  view.focus();
}

function Question({ view, at }: { view: EditorView; at: number }) {
  const word = view.state.wordAt(at);
  const [name, setName] = useState(word ? view.state.sliceDoc(word.from, word.to) : "");
  const [fault, setFault] = useState("");
  const rename = async () => {
    try {
      const { answer, folder } = await ask((workspace) => workspace.rename(pathOf(view.state), at, name));
      if (!editAll(answer, folder)) return;
      const files = new Set(answer.map(({ file }) => file)).size;
      tell(`Renamed in ${answer.length} ${answer.length === 1 ? "place" : "places"} of ${files} ${files === 1 ? "file" : "files"}`);
      close(view);
    } catch (error) {
      setFault(messageOf(error));
    }
  };
  return (
    <form
      class="rename"
      onSubmit={(event) => {
        event.preventDefault();
        void rename();
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") close(view);
      }}
    >
      <label>
        New name{" "}
        <input class="cm-textfield" value={name} spellcheck={false} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <button type="submit" class="cm-button">
        Rename
      </button>
      <button type="button" class="cm-button" onClick={() => close(view)}>
        Cancel
      </button>
      <span class="rename-fault" role="alert">
        {fault}
      </span>
    </form>
  );
}

function panel(at: number): (view: EditorView) => Panel {
  return (view) => {
    const dom = document.createElement("div");
    render(<Question view={view} at={at} />, dom);
    return {
      dom,
      top: true,
      mount() {
        const input = dom.querySelector("input");
        input?.focus();
        input?.select();
      },
      destroy: () => render(null, dom),
    };
  };
}

export const renaming = StateField.define<number | null>({
  create: () => null,
  update(at, transaction) {
    for (const effect of transaction.effects) if (effect.is(opened)) return effect.value;
    return at === null ? null : transaction.changes.mapPos(at);
  },
  provide: (field) => showPanel.computeN([field], (state) => {
    const at = state.field(field);
    return at === null ? [] : [panel(at)];
  }),
});

/** Asks for the new name of what stands at the caret. */
export const rename: Command = (view) => {
  if (!view.state.wordAt(view.state.selection.main.head)) {
    tell("Put the caret on the name that is to be renamed");
    return true;
  }
  view.dispatch({ effects: opened.of(view.state.selection.main.head) });
  return true;
};
