/** Where the caret is, for the parts around the editor. */
import { signal } from "@preact/signals";

export const caret = signal({ path: "", offset: 0 });
