import type { Diagnostic, FactError } from "./types.js";

/**
 * What is at fault: the files of a program, the mapping of an import, facts that came in, counters, an adjustment or close that cannot be
 * made, or an argument of the call.
 */
export type ErrorKind = "program" | "mapping" | "facts" | "counters" | "refused" | "argument";

/** The error that every function of the package throws when it fails. */
export class AccrueError extends Error {
  override readonly name = "AccrueError";

  constructor(
    message: string,
    /** What is at fault. */
    readonly kind: ErrorKind,
    /** A code that stays the same from release to release, such as `ACTION_LOCKED`; left out if the error has none. */
    readonly code?: string,
    /** What is wrong with facts, by field. */
    readonly facts: FactError[] = [],
    /** What is wrong with the files of a program, or with a mapping, with places and help. */
    readonly diagnostics: Diagnostic[] = [],
  ) {
    super(message);
  }
}

/** The error as the engine's module throws it: a text of JSON. */
interface Thrown {
  kind: ErrorKind;
  code?: string;
  message: string;
  facts?: FactError[];
  diagnostics?: Diagnostic[];
}

/** Runs a call of the module, and makes an `AccrueError` of what it throws. */
export function tried<T>(call: () => T): T {
  try {
    return call();
  } catch (thrown) {
    if (typeof thrown !== "string") throw thrown;
    const { kind, code, message, facts, diagnostics }: Thrown = JSON.parse(thrown);
    throw new AccrueError(message, kind, code, facts, diagnostics);
  }
}
