/** The way from a text to the table that stands there. */
import { signal } from "@preact/signals";
import { whenOpened } from "./files.ts";
import { view } from "./view.ts";

/** A place that the tables show next. */
export const tablePlace = signal<{ path: string; offset: number } | null>(null);

whenOpened(() => (tablePlace.value = null));

/** Returns whether a file holds a table, or may. */
export function mayHoldTable(path: string): boolean {
  return /^(program\.toml|contracts\/.*\.toml|(tables|lists)\/.*\.(csv|txt))$/.test(path);
}

/** Shows the cell at a place of a file in its table. */
export function showTable(path: string, offset = 0): void {
  tablePlace.value = { path, offset };
  view.value = "tables";
}
