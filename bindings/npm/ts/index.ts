/**
 * The engine in a worker: calls return promises, the page stays free, and {@link Started.stop} ends whatever is running.
 *
 * @module
 */
import type { Accrue } from "./accrue.js";
import { connect, type Remote } from "./remote.js";
import { compiled, type Engine, engineWithComponents } from "./sync.js";

export { AccrueError, type ErrorKind } from "./error.js";
export type * from "./accrue.js";
export type * from "./types.js";
export { compiled, type Engine, engineWithComponents, type Remote };

/** The engine in a worker. */
export interface Started {
  /** The engine, with the methods of `Accrue`. */
  accrue: Remote<Accrue>;
  /** Ends the worker at once. Calls that wait for an answer fail, and so does every later call. */
  stop(): void;
}

/** Options of {@link start}. */
export interface StartOptions {
  /** The module of the engine; without it, it is loaded from beside this file. `engineWithComponents` also runs components. */
  engine?: Engine;
}

/** Starts the engine in a worker of its own. Several engines may run side by side: give all of them the same compiled module. */
export async function start(options: StartOptions = {}): Promise<Started> {
  const engine = await compiled(options.engine);
  // Bundlers look for just this expression.
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  worker.postMessage({ engine });
  const { root, fail } = connect<Accrue>({
    post: (message) => worker.postMessage(message),
    listen: (listener) => worker.addEventListener("message", (event) => listener(event.data)),
  });
  worker.addEventListener("error", (event) => fail(new Error(event.message || "the worker cannot be started")));
  return {
    accrue: root,
    stop() {
      worker.terminate();
      fail(new Error("the engine was stopped"));
    },
  };
}
