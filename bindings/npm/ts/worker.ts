/** The worker that {@link ./index.start} starts: its first message is the module of the engine, the others are calls. */
import { serve } from "./remote.js";
import { initWith } from "./sync.js";

interface Started {
  engine: WebAssembly.Module;
}

const scope = globalThis as unknown as Pick<Worker, "postMessage" | "addEventListener">;
let listener: ((message: unknown) => void) | undefined;

scope.addEventListener("message", (event) => {
  if (listener) return listener(event.data);
  const { engine } = event.data as Started;
  serve(initWith(engine), {
    post: (message) => scope.postMessage(message),
    listen: (added) => {
      listener = added;
    },
  });
});
