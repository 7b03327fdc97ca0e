/** Lays a text out as all texts of programs are. */
import { messageOf } from "../../../state/failure.ts";
import { rewrite, textOf } from "../../../state/files.ts";
import { tell } from "../../../state/view.ts";
import { ask } from "../../../state/workspace.ts";

/** Formats a file, as one step of its history. */
export async function format(path: string): Promise<void> {
  try {
    const { answer, folder } = await ask((workspace) => workspace.format(path));
    // Typing goes on while the engine answers: what was typed is worth more.
    if (folder.get(path) !== textOf(path)) return;
    if (!rewrite(path, answer)) tell("It is formatted already");
  } catch (error) {
    tell(messageOf(error));
  }
}
