/** Readers of workbooks and Parquet files, in Node: their module is read from the package's own files. */
import { readFileSync } from "node:fs";
import * as readers from "./readers.js";

export type { ParquetActions, Readers } from "./readers.js";

const file = new URL("./wasm/readers.wasm", import.meta.url);

/** Loads the module of the readers. Without an argument, the module is taken from beside this file. */
export async function loadReaders(from?: readers.Readers): Promise<void> {
  await readers.loadReaders(() => from ?? readFileSync(file));
}

/** Reads a workbook (.xlsx, .ods) into bytes that the engine takes in its place. */
export async function readWorkbook(name: string, content: Uint8Array): Promise<Uint8Array> {
  await loadReaders();
  return readers.readWorkbook(name, content);
}

/** Reads the actions of a Parquet file. */
export async function readParquet(name: string, content: Uint8Array): Promise<readers.ParquetActions> {
  await loadReaders();
  return readers.readParquet(name, content);
}
