/** The engine in this thread, in Node: its module is read from the package's own files. */
import { readFileSync } from "node:fs";
import { type Accrue } from "./accrue.js";
import { type Engine, compiled as compiledFrom, engineWithComponents, initWith } from "./sync.js";

export * from "./accrue.js";
export { AccrueError, type ErrorKind } from "./error.js";
export { type Engine, engineWithComponents, initWith };
export type * from "./types.js";

/** Compiles the module of the engine, so that it can be sent to other threads. */
export async function compiled(engine: Engine = engineWithComponents): Promise<WebAssembly.Module> {
  // `fetch` of Node reads no files.
  return compiledFrom(engine instanceof URL && engine.protocol === "file:" ? readFileSync(engine) : engine);
}

/** Loads the engine. Without an argument, the module is taken from beside this file. The engine is loaded once. */
export async function init(engine?: Engine): Promise<Accrue> {
  return initWith(await compiled(engine));
}
