/** Lets somebody choose files or a folder. */
import { type Chosen, fromInput } from "../state/bring.ts";

/** Opens the browser's window for files, or for a folder. Returns what was chosen: nothing if the window was closed. */
export function choose(kind: "files" | "folder"): Promise<Chosen> {
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = true;
  input.webkitdirectory = kind === "folder";
  return new Promise((resolve) => {
    input.onchange = () => resolve(fromInput(input.files));
    input.oncancel = () => resolve(new Map());
    input.click();
  });
}
