/**
 * The draft as the assisting engine has it. What the engine has read stays there, so that a keystroke sends one file and not all of them.
 */
import { AccrueError, type Remote, type Workspace } from "accrue-rules";
import { assist, stopAssisting } from "./engines.ts";
import { type Content, files, type Folder } from "./files.ts";

/** Files that the engine does not read while somebody types. */
const UNREAD = /^(actions|adjustments)\//;

/** The files of a folder that are checked, as the engine takes them. */
function checkedFiles(folder: Folder): Record<string, Content> {
  return Object.fromEntries([...folder].filter(([path]) => !UNREAD.test(path)));
}

let opened: Promise<Remote<Workspace> | undefined> = Promise.resolve(undefined);
/** The files that the engine has. */
let sent: Folder = new Map();

async function open(): Promise<Remote<Workspace>> {
  const accrue = await assist();
  sent = files.value;
  return accrue.open(checkedFiles(sent));
}

/** What has changed since the engine was told last: texts, and the paths of files that are gone. */
function changes(): { set: [string, Content][]; removed: string[] } {
  const draft = files.value;
  return {
    set: [...draft].filter(([path, content]) => !UNREAD.test(path) && sent.get(path) !== content),
    removed: [...sent.keys()].filter((path) => !UNREAD.test(path) && !draft.has(path)),
  };
}

/** Returns what the engine has opened, if it can be told what has changed by texts; opens it anew if not. */
async function refreshed(workspace: Remote<Workspace> | undefined): Promise<Remote<Workspace>> {
  if (!workspace) return open();
  if (changes().set.every(([, content]) => typeof content === "string")) return workspace;
  void workspace.free().catch(() => {});
  return open();
}

/** One question after the other looks whether the folder has to be opened anew. */
function current(): Promise<Remote<Workspace>> {
  const next = opened.then(refreshed);
  opened = next.catch(() => undefined);
  return next;
}

/** Asks about the draft as it is now. Returns the answer, and the files that it is about. */
export async function ask<T>(
  question: (workspace: Remote<Workspace>) => Promise<T>,
): Promise<{ answer: T; folder: Folder }> {
  try {
    const workspace = await current();
    // The engine answers in the order of the calls: what is sent first is read first.
    const { set, removed } = changes();
    const told = set.map(([path, content]) => workspace.set(path, typeof content === "string" ? content : ""));
    told.push(...removed.map((path) => workspace.remove(path)));
    const folder = (sent = files.value);
    const [answer] = await Promise.all([question(workspace), ...told]);
    return { answer, folder };
  } catch (error) {
    // An engine that has broken down answers nothing any more.
    if (!(error instanceof AccrueError)) {
      opened = Promise.resolve(undefined);
      await stopAssisting();
    }
    throw error;
  }
}
