/**
 * Two engines, each in a worker: one answers while somebody types, the other decides. So typing never waits for a run, and a run can be
 * ended at once.
 */
import { type Accrue, compiled, type Remote, start, type Started } from "accrue-rules";
import engineUrl from "accrue-rules/engine.wasm?url";
import withComponentsUrl from "accrue-rules/engine-components.wasm?url";
import { files, type Folder } from "./files.ts";

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

/** The engines of one module. */
function engines(url: string) {
  const module = once(() => compiled(new URL(url, document.baseURI)));
  const started = async () => start({ engine: await module.get() });
  return { module, started, assistant: once(started), decider: once(started) };
}

const plain = engines(engineUrl);
/** Components need a larger module, which is loaded when a folder has one. */
const withComponents = engines(withComponentsUrl);
// It is loaded with the page, before anything is asked.
void plain.module.get();

function enginesFor(...folders: Folder[]): typeof plain {
  const hasComponents = (folder: Folder) => [...folder.keys()].some((path) => path.startsWith("components/"));
  return folders.some(hasComponents) ? withComponents : plain;
}

/** Starts an engine for one task with these folders: whoever starts it ends it. */
export async function started(...folders: Folder[]): Promise<Started> {
  return enginesFor(...folders).started();
}

/** Ends engines that were started, or are about to. */
async function end(...running: (Promise<Started> | undefined)[]): Promise<void> {
  for (const engine of running) (await engine?.catch(() => undefined))?.stop();
}

/** Returns the engine that answers while somebody types. */
export async function assist(): Promise<Remote<Accrue>> {
  return (await enginesFor(files.value).assistant.get()).accrue;
}

/** Ends the engine that answers while somebody types. The next question starts another. */
export function stopAssisting(): Promise<void> {
  return end(plain.assistant.forget(), withComponents.assistant.forget());
}

/** Returns the engine that decides the draft. What it returned before {@link stopDeciding} is gone. */
export async function deciding(): Promise<Remote<Accrue>> {
  return (await enginesFor(files.value).decider.get()).accrue;
}

/** Ends whatever the deciding engines do. Calls that wait for them fail; the next call starts another. */
export function stopDeciding(): Promise<void> {
  return end(plain.decider.forget(), withComponents.decider.forget());
}
