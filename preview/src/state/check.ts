/** What is wrong with the draft, checked while somebody types. */
import type { Diagnostic, ProgramOverview } from "accrue-rules";
import { batch, computed, effect, signal } from "@preact/signals";
import { messageOf } from "./failure.ts";
import { files, type Folder, openings, whenOpened } from "./files.ts";
import { tell } from "./view.ts";
import { ask } from "./workspace.ts";

/** Errors and warnings. Their places are those of the editor, and not bytes. */
export const diagnostics = signal<Diagnostic[]>([]);

/** The draft that {@link diagnostics} are about. While somebody types, it is a few milliseconds behind. */
export const checkedFolder = signal<Folder>(new Map());

/** What the program consists of, as it was last checked without errors. */
export const overview = signal<ProgramOverview | null>(null);

// Until another folder is checked, nothing is known of it.
whenOpened(() => {
  diagnostics.value = [];
  checkedFolder.value = new Map();
  overview.value = null;
  checkFailure.value = "";
});

/** The number of errors and of warnings. */
export const counted = computed(() => {
  const errors = diagnostics.value.filter((found) => found.severity === "error").length;
  return { errors, warnings: diagnostics.value.length - errors };
});

/** Whether the draft has an error, so that nothing can be decided by it. */
export const hasErrors = computed(() => counted.value.errors > 0);

/** The milliseconds that the last check took, from the change to the diagnostics; 0 before anything was changed. */
export const checkTook = signal(0);

/** Why the draft could not be checked; empty if it could. */
export const checkFailure = signal("");

let last: Folder | undefined;
let running = false;
/** When the first change was made that is not checked yet. */
let changed: number | undefined;

async function check(): Promise<void> {
  if (running) return;
  running = true;
  try {
    // What changes meanwhile is checked next: never two at a time, never one that nobody waits for.
    while (last !== files.value) {
      last = files.value;
      if (last.size === 0) continue;
      const begin = changed ?? performance.now();
      changed = undefined;
      const of = openings;
      const { answer, folder } = await ask((workspace) => workspace.check());
      if (of !== openings) continue;
      last = folder;
      batch(() => {
        diagnostics.value = answer.diagnostics;
        // The first check waits for the engine to start, which says nothing about checks.
        if (checkedFolder.value.size > 0) checkTook.value = performance.now() - begin;
        checkedFolder.value = folder;
        checkFailure.value = "";
        if (answer.overview) overview.value = answer.overview;
      });
    }
  } catch (error) {
    checkFailure.value = messageOf(error);
    tell(`The program cannot be checked: ${checkFailure.value}`);
  }
  running = false;
}

/** Checks the draft again, because it could not be checked. */
export function checkAgain(): void {
  last = undefined;
  void check();
}

/** Checks the draft from now on. */
export function keepChecking(): void {
  effect(() => {
    void files.value;
    changed ??= performance.now();
    void check();
  });
}
