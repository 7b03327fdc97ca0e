/** What the page opens by itself: the folder of `accrue preview`, a link, or what was open before a reload. Else it begins with Start. */
import { effect } from "@preact/signals";
import { messageOf } from "./failure.ts";
import { folderName } from "./files.ts";
import { keepFolders, reopen } from "./kept.ts";
import { notOpened } from "./open.ts";
import { isServed, openServed } from "./server.ts";
import { openLink } from "./share.ts";

/** Keeps the browser from leaving the page for a file that was dropped beside a place for it. */
function ignoreStrayFiles(): void {
  for (const type of ["dragover", "drop"] as const) {
    document.addEventListener(type, (event) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    });
  }
}

/** Opens what there is to open, and follows links from then on. */
export async function begin(): Promise<void> {
  ignoreStrayFiles();
  effect(() => {
    document.title = folderName.value ? `${folderName.value} – Accrue` : "Accrue";
  });
  if (isServed()) await openServed().catch(notReached);
  else if (!(await openLink())) await reopen();
  keepFolders();
  addEventListener("hashchange", () => void openLink());
}

function notReached(error: unknown): void {
  notOpened.value = `The folder on disk cannot be opened: ${messageOf(error)}`;
}
