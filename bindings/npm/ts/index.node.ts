/** The engine in a worker thread of Node: calls return promises, and {@link Started.stop} ends whatever is running. */
import { Worker } from "node:worker_threads";
import type { Accrue } from "./accrue.js";
import type { Started, StartOptions } from "./index.js";
import { connect } from "./remote.js";
import { compiled, engineWithComponents } from "./sync.node.js";

export { AccrueError, type ErrorKind } from "./error.js";
export type * from "./accrue.js";
export type * from "./types.js";
export type { Remote } from "./remote.js";
export type { Started, StartOptions };
export { compiled, engineWithComponents };

/** Starts the engine in a worker thread of its own. */
export async function start(options: StartOptions = {}): Promise<Started> {
  const engine = await compiled(options.engine);
  const worker = new Worker(new URL("./worker.node.js", import.meta.url), {
    workerData: { engine },
    // The worker does not inherit the options of this process, such as `--inspect`.
    execArgv: [],
  });
  const { root, fail } = connect<Accrue>({
    post: (message) => worker.postMessage(message),
    listen: (listener) => worker.on("message", listener),
    // A call that waits keeps the program running; the engine alone does not.
    waits: (waits) => (waits ? worker.ref() : worker.unref()),
  });
  worker.on("error", (error) => fail(error as Error));
  worker.unref();
  return {
    accrue: root,
    stop() {
      void worker.terminate();
      fail(new Error("the engine was stopped"));
    },
  };
}
