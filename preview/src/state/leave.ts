/** Asks before something is lost. */
import { signal } from "@preact/signals";
import { changedPaths, folderName } from "./files.ts";
import { keeping } from "./kept.ts";

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
    asked.value = {
      title,
      text,
      action,
      answer(yes) {
        asked.value = null;
        resolve(yes);
      },
    };
  });
}

/** Asks whether the folder that is open may be left with its changes. */
export function mayLeave(title: string, action: string): Promise<boolean> {
  const count = changedPaths.value.length;
  const changes = `${folderName.value} has ${count === 1 ? "a changed file" : `${count} changed files`}`;
  const kept = keeping.value === "refused" ? "They are lost: this browser keeps nothing for the page." : "They stay under “Continue” on Start.";
  return ask(title, `${changes} that ${count === 1 ? "is" : "are"} not saved. ${kept}`, action);
}
