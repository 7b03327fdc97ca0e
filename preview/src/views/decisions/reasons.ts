/** The meaning of reason codes, as the program says it. */
import { declared } from "../../state/program.ts";

/** Returns what a reason code means; empty if the program does not say it. */
export function reasonText(code: string): string {
  return declared.value.reasons.get(code) ?? "";
}
