/** Goes to where a name is declared. */
import type { Extension } from "@codemirror/state";
import { type Command, EditorView } from "@codemirror/view";
import { reveal } from "../../../state/files.ts";
import { tell } from "../../../state/view.ts";
import { asking } from "./asking.ts";
import { pathOf } from "./path.ts";

const definition = asking((workspace, path: string, offset: number) => workspace.definition(path, offset));

async function go(view: EditorView, offset: number): Promise<void> {
  const found = await definition(pathOf(view.state), offset);
  if (!found) return;
  const [place] = found.answer;
  if (place) reveal(place.file, place.span.start, place.span.end);
  else tell("This word is not declared in these files");
}

/** Goes to where the name at the caret is declared. */
export const goToDefinition: Command = (view) => {
  void go(view, view.state.selection.main.head);
  return true;
};

/** A click with the Ctrl or Command key goes to where the word is declared. */
export const clickToDefinition: Extension = EditorView.domEventHandlers({
  mousedown(event, view) {
    if (event.button !== 0 || !(event.ctrlKey || event.metaKey) || event.altKey) return false;
    const at = view.posAtCoords(event);
    if (at === null) return false;
    event.preventDefault();
    void go(view, at);
    return true;
  },
});
