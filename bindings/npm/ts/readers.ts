/**
 * Readers of workbooks and Parquet files: a module of its own, which is loaded when the first file needs it.
 *
 * @module
 */
import initReaders, * as raw from "./wasm/readers.js";
import { AccrueError } from "./error.js";
import type { FactError } from "./types.js";

/** Where the module of the readers may come from. */
export type Readers = WebAssembly.Module | BufferSource | Response | URL | string;

let loading: Promise<unknown> | undefined;

/** Loads the module of the readers, once. Without an argument, the module is taken from beside this file; a function is called if it is not loaded yet. */
export async function loadReaders(readers: Readers | (() => Readers) = new URL("./wasm/readers.wasm", import.meta.url)): Promise<void> {
  loading ??= initReaders({ module_or_path: typeof readers === "function" ? readers() : readers });
  await loading.catch((error) => {
    loading = undefined;
    throw error;
  });
}

/**
 * Reads a workbook (.xlsx, .ods) into bytes that the engine takes in its place: as an export with a mapping, and as a file of `tables/`.
 */
export async function readWorkbook(name: string, content: Uint8Array): Promise<Uint8Array> {
  await loadReaders();
  return read(name, () => raw.workbook(name, content, ""));
}

/** The actions of a Parquet file. */
export interface ParquetActions {
  /** The valid actions, as JSON Lines. */
  actions: Uint8Array;
  /** The rows that are not valid actions. */
  rejects: { row: number; id?: string; errors: FactError[] }[];
}

/** Reads the actions of a Parquet file. */
export async function readParquet(name: string, content: Uint8Array): Promise<ParquetActions> {
  await loadReaders();
  return read(name, () => {
    const reader = new raw.ParquetReader(content);
    try {
      const parts: Uint8Array[] = [];
      const rejects: ParquetActions["rejects"] = [];
      const encoder = new TextEncoder();
      for (let chunk = reader.read(); chunk; chunk = reader.read()) {
        parts.push(encoder.encode(chunk.actions));
        for (const line of chunk.rejects.split("\n")) if (line) rejects.push(JSON.parse(line));
        chunk.free();
      }
      const actions = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
      parts.reduce((at, part) => (actions.set(part, at), at + part.length), 0);
      return { actions, rejects };
    } finally {
      reader.free();
    }
  });
}

/** Runs a reader. A damaged file may end the module, which is then loaded again for the next file. */
function read<T>(name: string, call: () => T): T {
  try {
    return call();
  } catch (thrown) {
    if (typeof thrown === "string") {
      const { errors }: { errors: FactError[] } = JSON.parse(thrown);
      throw new AccrueError(errors.map((error) => `${name}: ${error.message}`).join("\n"), "facts", undefined, errors);
    }
    if (thrown instanceof WebAssembly.RuntimeError) {
      loading = undefined;
      throw new AccrueError(`${name}: the file is damaged`, "facts");
    }
    throw thrown;
  }
}
