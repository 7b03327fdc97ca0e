/**
 * Two engines, each in a worker: one answers while somebody types, the other decides. So typing never waits for a run, and a run can be
 * ended at once.
 */
import { type Accrue, compiled, type Remote, start, type Started } from "accrue-rules";
import engineUrl from "accrue-rules/engine.wasm?url";

/** Returns a function that does something once, and again only after it has failed. */
function once<T>(make: () => Promise<T>): { get(): Promise<T>; forget(): Promise<T> | undefined } {
  let made: Promise<T> | undefined;
  return {
    get() {
      if (made) return made;
      const mine = (made = make());
      mine.catch(() => {
        if (made === mine) made = undefined;
      });
      return mine;
    },
    forget() {
      const before = made;
      made = undefined;
      return before;
    },
  };
}

const module = once(() => compiled(new URL(engineUrl, document.baseURI)));
// It is loaded with the page, before anything is asked.
void module.get();

/** Starts an engine for one task: whoever starts it ends it. */
export async function started(): Promise<Started> {
  return start({ engine: await module.get() });
}

const assistant = once(started);
const decider = once(started);

/** Ends an engine that was started, or is about to. */
async function end(running: Promise<Started> | undefined): Promise<void> {
  (await running?.catch(() => undefined))?.stop();
}

/** Returns the engine that answers while somebody types. */
export async function assist(): Promise<Remote<Accrue>> {
  return (await assistant.get()).accrue;
}

/** Ends the engine that answers while somebody types. The next question starts another. */
export function stopAssisting(): Promise<void> {
  return end(assistant.forget());
}

/** Returns the engine that decides. What it returned before {@link stopDeciding} is gone. */
export async function deciding(): Promise<Remote<Accrue>> {
  return (await decider.get()).accrue;
}

/** Ends whatever the deciding engine does. Calls that wait for it fail; the next call starts another. */
export function stopDeciding(): Promise<void> {
  return end(decider.forget());
}
