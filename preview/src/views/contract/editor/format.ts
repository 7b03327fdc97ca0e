/** Lays a text out as all texts of programs are. */
import { tell } from "../../../state/view.ts";
import { edit, textOf } from "../../../state/files.ts";
import { ask } from "../../../state/workspace.ts";

/** Returns the one change that makes one text of another. */
function change(before: string, after: string): { from: number; to: number; insert: string } {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  return { from: start, to: before.length - end, insert: after.slice(start, after.length - end) };
}

/** Formats a file, as one step of its history. */
export async function format(path: string): Promise<void> {
  try {
    const { answer, folder } = await ask((workspace) => workspace.format(path));
    const before = textOf(path);
    if (folder.get(path) !== before) return;
    if (answer === before) return tell("It is formatted already");
    edit(path, change(before, answer), { userEvent: "format" });
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
  }
}
