/** Where a version is saved: on disk if it is the folder of `accrue preview`, and else in the browser. */
import { computed } from "@preact/signals";
import { messageOf } from "./failure.ts";
import { changedPaths, markSaved } from "./files.ts";
import { keepNow, keeping } from "./kept.ts";
import { saveServed } from "./server.ts";
import { origin } from "./shipped.ts";
import { tell } from "./view.ts";

/** What saves a version of the folder. */
interface Storage {
  /** What saving does, for people. */
  hint: string;
  /** Saves the draft, so that it becomes the version that later drafts are compared with. Throws if it cannot. */
  save(): Promise<void>;
  /** Says what was done. */
  done(count: string): string;
}

const disk: Storage = {
  hint: "Writes the changed files to the folder on disk",
  save: saveServed,
  done: (count) => `Saved ${count} to the folder on disk.`,
};

const browser: Storage = {
  hint: "Later changes are compared with the saved version",
  async save() {
    markSaved();
    await keepNow();
  },
  done: (count) =>
    keeping.value === "kept"
      ? `Saved ${count} in this browser. Later changes are compared with this version.`
      : `Later changes are compared with this version. This browser keeps nothing: export the folder.`,
};

/** Where the open folder is saved. */
export const storage = computed(() => (origin.value === "disk" ? disk : browser));

/** Saves a version, and tells what became of it. */
export async function saveVersion(): Promise<void> {
  const count = changedPaths.value.length;
  if (count === 0) return;
  try {
    const { save, done } = storage.value;
    await save();
    tell(done(count === 1 ? "1 file" : `${count} files`));
  } catch (error) {
    tell(`Not saved: ${messageOf(error)}`);
  }
}
