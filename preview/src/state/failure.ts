/** Why the engine could not decide, for people. */
import { AccrueError } from "accrue-rules";

export interface Failure {
  message: string;
  details: string[];
}

/** Returns what an error says, in one text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Returns what an error says: of a program each fault with its file, of facts each with its line and field. */
export function failureOf(error: unknown): Failure {
  const message = messageOf(error);
  const details: string[] = [];
  if (error instanceof AccrueError) {
    for (const found of error.diagnostics) details.push(`${found.place?.file ?? ""} ${found.message}`.trim());
    for (const found of error.facts) details.push(`${found.line ? `line ${found.line}: ` : ""}${found.field ? `${found.field}: ` : ""}${found.message}`);
  }
  return { message, details: details.filter((text) => text !== message) };
}
