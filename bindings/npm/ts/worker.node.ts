/** The worker thread that {@link ./index.node.start} starts. */
import { parentPort, workerData } from "node:worker_threads";
import { serve } from "./remote.js";
import { initWith } from "./sync.js";

if (parentPort) {
  const port = parentPort;
  serve(initWith((workerData as { engine: WebAssembly.Module }).engine), {
    post: (message) => port.postMessage(message),
    listen: (listener) => port.on("message", listener),
  });
}
