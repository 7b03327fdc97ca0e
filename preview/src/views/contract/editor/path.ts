/** Which file a state of the editor is of. */
import { type EditorState, Facet } from "@codemirror/state";

export const filePath = Facet.define<string, string>({ combine: (paths) => paths[0] ?? "" });

/** Returns the path of the file that a state is of. */
export function pathOf(state: EditorState): string {
  return state.facet(filePath);
}
