/** Asks before something is lost. */
import { signal } from "@preact/signals";
import { changedPaths, folderName } from "./files.ts";
import { keeping } from "./kept.ts";
import { origin } from "./shipped.ts";

/** A question that the page asks, and what is done with the answer. */
export interface Asked {
  title: string;
  text: string;
  action: string;
  answer(yes: boolean): void;
}

/** The question that is open. */
export const asked = signal<Asked | null>(null);

/** Asks, and returns whether the answer is yes. */
export function ask(title: string, text: string, action: string): Promise<boolean> {
  asked.value?.answer(false);
  return new Promise((resolve) => {
    const question: Asked = {
      title,
      text,
      action,
      answer(yes) {
        // The window of a question that was answered closes when the next one may be open already.
        if (asked.value === question) asked.value = null;
        resolve(yes);
      },
    };
    asked.value = question;
  });
}

/** Whether changes of the open folder would be lost if it were left now. */
export function wouldBeLost(): boolean {
  return keeping.value !== "kept" || origin.value === "disk";
}

/** Asks whether the folder that is open may be left with its changes. */
export function mayLeave(title: string, action: string): Promise<boolean> {
  const count = changedPaths.value.length;
  const changes = `${folderName.value} has ${count === 1 ? "a changed file that is" : `${count} changed files that are`} not saved.`;
  return ask(title, `${changes} ${wouldBeLost() ? "The changes are lost." : "The changes stay under “Continue where you left off”."}`, action);
}
