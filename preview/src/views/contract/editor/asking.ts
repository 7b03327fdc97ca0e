/** Questions to the engine about the text, while somebody types. */
import type { Remote, Workspace } from "accrue-rules";
import type { Folder } from "../../../state/files.ts";
import { ask } from "../../../state/workspace.ts";
import { latest } from "../../../ui/latest.ts";

/**
 * Returns what asks one question after the other, and drops those that were overtaken. A question that fails has no answer: what is wrong
 * with the engine is told by the check, which asks it too.
 */
export function asking<A extends unknown[], T>(
  question: (workspace: Remote<Workspace>, ...args: A) => Promise<T>,
): (...args: A) => Promise<{ answer: T; folder: Folder } | undefined> {
  return latest(async (...args: A) => {
    try {
      return await ask((workspace) => question(workspace, ...args));
    } catch {
      return undefined;
    }
  });
}
