/** Opens program folders in place of the one before. */
import { signal } from "@preact/signals";
import type { ShippedFolder } from "virtual:folders";
import { messageOf } from "./failure.ts";
import { changedPaths, type Folder, openFolder } from "./files.ts";
import { beginFolder } from "./kept.ts";
import { mayLeave, wouldBeLost } from "./leave.ts";
import { loadShipped, type Origin, origin } from "./shipped.ts";
import { tell, view } from "./view.ts";

/** What could not be opened, and why: for Start to show. */
export const notOpened = signal("");

/** How a folder is opened. */
interface How {
  /** What was changed in it since its saved version. */
  draft?: Folder;
  from?: Origin;
  /** What is asked before a folder with changes is left; without it, that is asked only if the changes would be lost. */
  question?: string;
}

/** Opens a folder. Returns whether it did: it asks first if changes would be lost. */
export async function open(name: string, folder: Folder, { draft = folder, from, question }: How = {}): Promise<boolean> {
  const wanted = changedPaths.value.length > 0 && (question !== undefined || wouldBeLost());
  if (wanted && !(await mayLeave(question ?? `Open ${name}?`, "Open it"))) return false;
  notOpened.value = "";
  beginFolder();
  origin.value = from ?? null;
  openFolder(name, folder, draft);
  view.value = "contract";
  return true;
}

/** Opens a folder that comes with the page. */
export async function openShipped(folder: ShippedFolder): Promise<void> {
  try {
    const from = await loadShipped(folder);
    await open(folder.name, from.files, { from });
  } catch (error) {
    tell(messageOf(error));
  }
}
