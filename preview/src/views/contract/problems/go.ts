/** Goes to what is wrong, and shows it there. */
import type { Diagnostic } from "accrue-rules";
import { signal } from "@preact/signals";
import { activateHover } from "@codemirror/view";
import { files, reveal } from "../../../state/files.ts";
import { tell } from "../../../state/view.ts";
import { caret } from "../editor/caret.ts";
import { theEditor } from "../editor/shown.ts";
import { problemFrom } from "./order.ts";

/** Puts the caret at what is wrong, and says there what it is. */
export function goTo({ place }: Diagnostic): void {
  if (!place || !files.value.has(place.file)) return;
  const { start, end } = place.span;
  reveal(place.file, start);
  // The editor shows the place before it can show something beside it.
  setTimeout(() => {
    const view = theEditor();
    if (!view) return;
    activateHover(view, start, 1, {
      until: ({ docChanged, newSelection }) => docChanged || newSelection.main.from < start || newSelection.main.to > end,
    });
  }, 50);
}

/** What was gone to last, to be read aloud. */
export const announced = signal("");

/** Goes to the next problem of the program after the caret, or to the one before it. */
export function goToNext(back: boolean): void {
  const { path, offset } = caret.value;
  const found = problemFrom(path, offset, back);
  if (!found) return tell("There are no problems");
  goTo(found);
  announced.value = `${found.severity === "error" ? "Error" : "Warning"} ${found.code}: ${found.message}`;
}
