/** The way from a text to the table that stands there. */
import { signal } from "@preact/signals";
import { view } from "./view.ts";

/** A place that the tables show next; the number makes each request another one. */
export const tablePlace = signal<{ path: string; offset: number; number: number } | null>(null);

/** Returns whether a file holds a table, or may. */
export function mayHoldTable(path: string): boolean {
  return /^(program\.toml|contracts\/.*\.toml|(tables|lists)\/.*\.(csv|txt))$/.test(path);
}

/** Shows the cell at a place of a file in its table. */
export function showTable(path: string, offset = 0): void {
  tablePlace.value = { path, offset, number: (tablePlace.value?.number ?? 0) + 1 };
  view.value = "tables";
}
