/** The way from anywhere on the page to a place in the text of a file. */
import { reveal } from "./files.ts";
import { view } from "./view.ts";

/** Shows a place of a file in the editor of the part "Contract". */
export function showText(path: string, from?: number, to?: number): void {
  reveal(path, from, to);
  view.value = "contract";
}
