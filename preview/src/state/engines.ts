/**
 * Two engines, each in a worker: one answers while somebody types, the other decides. So typing never waits for a run, and a run can be
 * ended at once.
 */
import { type Accrue, compiled, type Remote, start, type Started } from "accrue-rules";
import engineUrl from "accrue-rules/engine.wasm?url";

const module = compiled(new URL(engineUrl, document.baseURI));

/** Starts an engine for one task: whoever starts it ends it. */
export async function started(): Promise<Started> {
  return start({ engine: await module });
}

let assistant: Promise<Started> | undefined;
let decider: Promise<Started> | undefined;

/** Returns the engine that answers while somebody types. */
export async function assist(): Promise<Remote<Accrue>> {
  return (await (assistant ??= started())).accrue;
}

/** Ends the engine that answers while somebody types. The next question starts another. */
export async function stopAssisting(): Promise<void> {
  const running = assistant;
  assistant = undefined;
  (await running)?.stop();
}

/** Returns the engine that decides. What it returned before {@link stopDeciding} is gone. */
export async function deciding(): Promise<Remote<Accrue>> {
  return (await (decider ??= started())).accrue;
}

/** Ends whatever the deciding engine does. Calls that wait for it fail; the next call starts another. */
export async function stopDeciding(): Promise<void> {
  const running = decider;
  decider = undefined;
  (await running)?.stop();
}
