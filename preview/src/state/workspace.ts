/**
 * The draft as the assisting engine has it. What the engine has read stays there, so that a keystroke sends one file and not all of them.
 */
import { AccrueError } from "accrue-rules";
import { assist, stopAssisting } from "./engines.ts";
import { openWorkspace, type Workspace } from "./until.ts";
import { type Content, files, type Folder } from "./files.ts";

/** Files that the engine does not read while somebody types. */
const UNREAD = /^(actions|adjustments)\//;

/** The files of a folder that are checked, as the engine takes them. */
export function checkedFiles(folder: Folder): Record<string, Content> {
  return Object.fromEntries([...folder].filter(([path]) => !UNREAD.test(path)));
}

let opened: Promise<Workspace> | undefined;
/** The files that the engine has. */
let sent: Folder = new Map();

async function open(): Promise<Workspace> {
  const accrue = await assist();
  sent = files.value;
  return openWorkspace(accrue, checkedFiles(sent));
}

/** Sends what has changed since the engine was told last. */
function send(to: Workspace): Promise<unknown>[] {
  const before = sent;
  sent = files.value;
  const changed = [...sent].filter(([path, content]) => !UNREAD.test(path) && before.get(path) !== content);
  const removed = [...before.keys()].filter((path) => !UNREAD.test(path) && !sent.has(path));
  return [...changed.map(([path, content]) => to.set(path, content)), ...removed.map((path) => to.remove(path))];
}

/** Asks about the draft as it is now. Returns the answer, and the files that it is about. */
export async function ask<T>(question: (workspace: Workspace) => Promise<T>): Promise<{ answer: T; folder: Folder }> {
  const workspace = await (opened ??= open());
  // The engine answers in the order of the calls: what is sent first is read first.
  const told = send(workspace);
  const folder = sent;
  try {
    const [answer] = await Promise.all([question(workspace), ...told]);
    return { answer, folder };
  } catch (error) {
    // An engine that has broken down answers nothing any more.
    if (!(error instanceof AccrueError)) {
      opened = undefined;
      await stopAssisting();
    }
    throw error;
  }
}
