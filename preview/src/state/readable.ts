/** Converts a file into what the engine reads. Workbooks and Parquet files go through a module that is loaded for the first of them. */
import type { FactError } from "accrue-rules";
import readersUrl from "accrue-rules/readers.wasm?url";
import type { Source } from "./actions.ts";
import { bytesOf, type Content } from "./files.ts";
import { isParquet } from "./rows.ts";

/** A file whose reader is a module of its own. */
export const NEEDS_READERS = /\.(xlsx|ods|parquet)$/i;

/** A file as the engine reads it. */
interface Readable {
  content: Uint8Array;
  /** Rows of Parquet that are no actions. */
  rejects: { row: number; id?: string; errors: FactError[] }[];
}

/** Files that were read before, by their contents. */
const known = new WeakMap<object, Promise<Readable>>();

/** Returns a source as the engine reads it. */
export function readable({ name, content }: Pick<Source, "name" | "content">): Promise<Readable> {
  if (typeof content === "string") return read(name, content);
  let found = known.get(content);
  if (!found) {
    found = read(name, content);
    known.set(content, found);
    // It may be read again once the module can be loaded.
    found.catch(() => known.delete(content));
  }
  return found;
}

async function read(name: string, content: Content): Promise<Readable> {
  const bytes = bytesOf(content);
  if (!NEEDS_READERS.test(name)) return { content: bytes, rejects: [] };
  const { loadReaders, readParquet, readWorkbook } = await import("accrue-rules/readers");
  await loadReaders(new URL(readersUrl, document.baseURI));
  if (!isParquet(name)) return { content: await readWorkbook(name, bytes), rejects: [] };
  const { actions, rejects } = await readParquet(name, bytes);
  return { content: actions, rejects };
}
