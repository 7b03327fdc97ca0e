/**
 * The engine in this thread: every call returns when it is done. For a page, `accrue-rules` runs it in a worker.
 *
 * @module
 */
import { initSync } from "./wasm/engine.js";
import { Accrue } from "./accrue.js";

export * from "./accrue.js";
export { AccrueError, type ErrorKind } from "./error.js";
export type * from "./types.js";

/** Where the module of the engine may come from. */
export type Engine = WebAssembly.Module | BufferSource | Response | URL | string;

/**
 * The module of the engine that also runs components. In Node it is the default. In a browser the default is a module of two thirds of the
 * size, which refuses programs with components.
 */
export const engineWithComponents = new URL("./wasm/engine-components.wasm", import.meta.url);

/**
 * Loads the engine. Without an argument, the module is taken from beside this file.
 *
 * The engine is loaded once: later calls return the same engine.
 */
export async function init(engine: Engine = new URL("./wasm/engine.wasm", import.meta.url)): Promise<Accrue> {
  return initWith(await compiled(engine));
}

/** Compiles the module of the engine, so that it can be sent to other threads. */
export async function compiled(engine: Engine = new URL("./wasm/engine.wasm", import.meta.url)): Promise<WebAssembly.Module> {
  if (engine instanceof WebAssembly.Module) return engine;
  if (engine instanceof ArrayBuffer || ArrayBuffer.isView(engine)) return WebAssembly.compile(engine as BufferSource);
  const response = engine instanceof Response ? engine : await fetch(engine);
  if (!response.ok) throw new Error(`the engine cannot be loaded: ${response.status} ${response.statusText} from ${response.url}`);
  return WebAssembly.compile(await response.arrayBuffer());
}

let loaded: Accrue | undefined;

/** Starts the engine from its compiled module. */
export function initWith(module: WebAssembly.Module): Accrue {
  if (loaded === undefined) {
    initSync({ module });
    loaded = new Accrue();
  }
  return loaded;
}
