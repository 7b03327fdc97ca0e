/** How changes of a draft are written. */
import type { Comparison, DraftChange, SimulationStep } from "accrue-rules";

/** Why several changes are one step. */
export const JOINED = {
  versions: "they are versions that follow each other",
  needed: "one needs the other",
  bound: "there are more changes than steps",
} as const;

const KINDS: Partial<Record<DraftChange["kind"], string>> = {
  payout: "payout",
  group: "payout group",
  functions: "file of functions",
  rule: "rule file",
  terms: "terms",
  version: "contract version",
};

/** What is changed, as people call it. */
export function kindText(change: DraftChange): string {
  return KINDS[change.kind] ?? change.kind;
}

/** The contract version that a change is about, if the draft changes several. */
export function contractOf(change: DraftChange, of: Comparison): string {
  const { contract } = change;
  if (!contract) return "";
  const all = of.steps.flatMap((step) => step.changes.map((other) => other.contract)).filter((other) => other !== null && other !== undefined);
  const several = all.some((other) => other.name !== contract.name || other.version !== contract.version);
  const written = `${contract.name} ${contract.version}`;
  return several && written !== change.name ? written : "";
}

/** The money of a step in a currency. */
export function moneyOf(step: SimulationStep, currency: string) {
  return step.money.find((money) => money.currency === currency);
}
