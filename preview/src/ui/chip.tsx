/** The status of a decision, in its colour and in words. */
import { word } from "./format.ts";

/** The statuses of decisions, in the order in which they are listed. */
export const STATUSES = ["payable", "held", "rejected", "zero", "reversed"] as const;

const TONES: Record<string, string> = { payable: "good", held: "warning", rejected: "bad", zero: "quiet", reversed: "bad" };

export function Status({ status }: { status: string }) {
  return <span class={`chip chip-${TONES[status] ?? "quiet"}`}>{word(status)}</span>;
}
