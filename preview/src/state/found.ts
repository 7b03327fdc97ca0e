/** Opens what somebody has chosen or dropped: the program in it, one of several, or files to be added to the folder that is open. */
import { signal } from "@preact/signals";
import { bring, type Brought, type Chosen, missing } from "./bring.ts";
import { messageOf } from "./failure.ts";
import { files, folderName, setFile } from "./files.ts";
import { ask } from "./leave.ts";
import { open } from "./open.ts";
import { someOf } from "./paths.ts";
import { tell, view } from "./view.ts";

/** What was found and is not opened yet: several programs to choose from, or files without one. */
export const found = signal<Brought | null>(null);

/** Why what was chosen could not be opened. */
export const unreadable = signal("");

/** Whether files are being read. */
export const reading = signal(false);

/** Reads what was chosen, and opens the program in it. */
export async function openChosen(chosen: Chosen | Promise<Chosen>): Promise<void> {
  found.value = null;
  unreadable.value = "";
  reading.value = true;
  try {
    const given = await chosen;
    if (given.size === 0) return;
    const brought = await bring(given);
    const [program, another] = brought.programs;
    if (program && !another) {
      await open(program.name, program.folder);
    } else {
      if (!program) unreadable.value = missing(brought.loose);
      found.value = brought;
      view.value = "start";
    }
  } catch (error) {
    unreadable.value = messageOf(error);
    view.value = "start";
  } finally {
    reading.value = false;
  }
}

/** Adds files to the folder that is open, each where it belongs. */
export async function addChosen(chosen: Promise<Chosen>): Promise<void> {
  try {
    const given = await chosen;
    if (given.size === 0) return;
    const { programs, loose } = await bring(given);
    await addFiles(new Map([...programs.flatMap(({ folder }) => [...folder]), ...loose]));
  } catch (error) {
    tell(messageOf(error));
  }
}

/** Adds files to the folder that is open. Asks before it replaces one. */
export async function addFiles(added: Brought["loose"]): Promise<void> {
  const there = [...added.keys()].filter((path) => files.value.has(path));
  if (there.length > 0 && !(await ask("Replace files?", `${folderName.value} has these files already: ${someOf(there)}.`, "Replace them"))) return;
  for (const [path, content] of added) setFile(path, content);
  found.value = null;
  unreadable.value = "";
  tell(`Added ${someOf([...added.keys()])}.`);
}
