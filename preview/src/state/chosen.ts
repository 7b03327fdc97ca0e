/** The action whose decision is open, for the parts that explain it and for links. */
import { signal } from "@preact/signals";
import { whenOpened } from "./files.ts";

/** The id of the action, and the partner for whom it is explained if it is not the brand. */
export const openedAction = signal<{ action: string; partner: string | null } | null>(null);

whenOpened(() => (openedAction.value = null));
