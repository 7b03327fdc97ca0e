/** What is wrong with the draft, checked while somebody types. */
import type { Diagnostic, ProgramOverview } from "accrue-rules";
import { computed, effect, signal } from "@preact/signals";
import { assist } from "./engines.ts";
import { files, type Folder } from "./files.ts";

/** Errors and warnings, with their places. */
export const diagnostics = signal<Diagnostic[]>([]);

/** What the program consists of, as it was last checked without errors. */
export const overview = signal<ProgramOverview | null>(null);

/** Whether the draft has an error, so that nothing can be decided by it. */
export const hasErrors = computed(() => diagnostics.value.some((found) => found.severity === "error"));

/** The milliseconds that the last check took, from the change to the diagnostics. */
export const checkTook = signal(0);

/** Files that no check reads. */
const UNREAD = /^(actions|adjustments)\//;

/** The files of a folder that are checked, as the engine takes them. */
export function checkedFiles(folder: Folder): Record<string, string | Uint8Array> {
  return Object.fromEntries([...folder].filter(([path]) => !UNREAD.test(path)));
}

let last: Folder | undefined;
let running = false;

async function check(): Promise<void> {
  if (running) return;
  running = true;
  // What changes meanwhile is checked next: never two at a time, never one that nobody waits for.
  while (last !== files.value) {
    last = files.value;
    if (last.size === 0) continue;
    const begin = performance.now();
    const checked = await (await assist()).check(checkedFiles(last));
    diagnostics.value = checked.diagnostics;
    if (checked.overview) overview.value = checked.overview;
    checkTook.value = performance.now() - begin;
  }
  running = false;
}

/** Checks the draft from now on. */
export function keepChecking(): void {
  effect(() => {
    void files.value;
    void check();
  });
}
