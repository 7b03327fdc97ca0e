/** The card of the draft: made again when the draft changes and has no errors. */
import type { Card, CardOptions, Program, Reference, Remote } from "accrue-rules";
import { batch, computed, effect, signal, untracked } from "@preact/signals";
import { checkedFolder, hasErrors, overview } from "../../state/check.ts";
import { messageOf } from "../../state/failure.ts";
import { files, type Folder, whenOpened } from "../../state/files.ts";
import { readFacts } from "../../state/history.ts";
import { ask } from "../../state/workspace.ts";
import { latest } from "../../ui/latest.ts";

/** Which card is shown. Empty texts leave it open. */
export interface Choice {
  contract: string;
  partner: string;
  at: string;
}

const NO_CHOICE: Choice = { contract: "", partner: "", at: "" };

export const choice = signal(NO_CHOICE);

/** The card, and the files that it was made from. */
export const shown = signal<{ card: Card; folder: Folder; facts: string } | null>(null);
/** Why there is no such card. */
export const cardFailure = signal("");

/** Whether the card is of an earlier draft, because the draft has errors now. */
export const isOld = computed(() => hasErrors.value && shown.value !== null);

/** The contracts of the program, by name. */
export const contracts = computed(() => [...new Set(overview.value?.contracts.map(({ contract }) => contract) ?? [])]);

function asked(of: Choice): CardOptions {
  return { ...(of.contract && { contract: of.contract }), ...(of.partner && { partner: of.partner }), ...(of.at && { at: of.at }) };
}

/** Loads the draft with its facts, and frees both after a call. Facts with a fault are left out, and the fault is told. */
async function withProgram<T>(
  call: (program: Remote<Program>, reference: Remote<Reference> | undefined, facts: string) => Promise<T>,
): Promise<{ answer: T; folder: Folder }> {
  const { answer: program, folder } = await ask((workspace) => workspace.program());
  let reference: Remote<Reference> | undefined;
  let facts = "";
  try {
    try {
      reference = await readFacts(program, folder);
    } catch (error) {
      facts = messageOf(error);
    }
    return { answer: await call(program, reference, facts), folder };
  } finally {
    for (const held of [reference, program]) void held?.free().catch(() => {});
  }
}

const made = latest(async (of: Choice) => {
  const { answer, folder } = await withProgram(async (program, reference, facts) => ({ card: await program.card(asked(of), reference), facts }));
  return { ...answer, folder };
});

async function make(of: Choice): Promise<void> {
  try {
    const found = await made(of);
    if (!found) return;
    batch(() => {
      shown.value = found;
      cardFailure.value = "";
    });
  } catch (error) {
    cardFailure.value = messageOf(error);
  }
}

/** Makes the card from now on. Returns what ends it. */
export function keepCard(): () => void {
  return effect(() => {
    const of = choice.value;
    const sound = !hasErrors.value && checkedFolder.value === files.value && files.value.size > 0;
    if (sound) untracked(() => void make(of));
  });
}

/** Returns the card as a file. */
export async function cardAs(format: "text" | "markdown" | "html"): Promise<string> {
  const { answer } = await withProgram((program, reference) => program.cardAs(format, asked(choice.value), reference));
  return answer;
}

// Another folder has other contracts and partners.
whenOpened(() => {
  choice.value = NO_CHOICE;
  shown.value = null;
  cardFailure.value = "";
});
