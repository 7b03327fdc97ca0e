/** The meaning of reason codes, as the run or the program says it. */
import { declared } from "../../state/program.ts";
import { summary } from "../../state/run.ts";

/** Returns what a reason code means; empty if nobody says it. */
export function reasonText(code: string): string {
  const counted = summary.value?.reasons.find(({ reason }) => reason === code)?.meaning;
  const noticed = summary.value?.notices.find(({ notice }) => notice === code)?.meaning;
  return counted ?? noticed ?? declared.value.reasons.get(code) ?? "";
}
