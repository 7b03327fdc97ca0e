/** Opens program folders in place of the one before. */
import { signal } from "@preact/signals";
import type { ShippedFolder } from "virtual:folders";
import { changedPaths, type Folder, openFolder } from "./files.ts";
import { beginFolder, keeping } from "./kept.ts";
import { mayLeave } from "./leave.ts";
import { loadShipped, type Origin, origin } from "./shipped.ts";
import { tell, view } from "./view.ts";

/** What could not be opened, and why: for Start to show. */
export const notOpened = signal("");

/** Opens a folder. Returns whether it did: it asks first if changes would be lost. */
export async function open(name: string, folder: Folder, draft: Folder = folder, from: Origin | null = null): Promise<boolean> {
  const lost = keeping.value !== "kept" && changedPaths.value.length > 0;
  if (lost && !(await mayLeave(`Open ${name}?`, "Open it"))) return false;
  notOpened.value = "";
  beginFolder();
  origin.value = from;
  openFolder(name, folder, draft);
  view.value = "contract";
  return true;
}

/** Opens a folder that comes with the page. */
export async function openShipped(folder: ShippedFolder): Promise<void> {
  try {
    const from = await loadShipped(folder);
    await open(folder.name, from.files, from.files, from);
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
  }
}
