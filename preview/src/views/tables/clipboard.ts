/** Blocks of cells as spreadsheets put them on the clipboard: tabs between cells, a line for each row. */
import type { GridColumn } from "accrue-rules";

/**
 * Reads a block. A cell that stands in quotes may have line ends and tabs in it. Quotes that are part of the text stay: `"Home, Garden"` is
 * the cell that it looks like, because a spreadsheet doubles the quotes of a cell that it puts into quotes.
 */
export function parseBlock(text: string): string[][] {
  const rows: string[][] = [[]];
  const rest = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  const cell = /"((?:[^"]|"")*)"(?=\t|\n|$)|([^\t\n]*)/y;
  let at = 0;
  while (at <= rest.length) {
    cell.lastIndex = at;
    const found = cell.exec(rest);
    const [whole = "", quoted] = found ?? [];
    const plain = quoted === undefined || !/[\t\n]|""/.test(quoted);
    rows.at(-1)?.push(plain ? whole : quoted.replaceAll('""', '"'));
    at += whole.length;
    if (rest[at] === "\n") rows.push([]);
    at += 1;
  }
  return rows;
}

/** Writes a block so that spreadsheets and {@link parseBlock} read the same cells. */
export function writeBlock(rows: string[][]): string {
  const written = (cell: string) => (/[\t\n\r]|^"/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  return rows.map((row) => row.map(written).join("\t")).join("\n");
}

/** Which columns of a table the first row of a block names. */
export interface Header {
  /** The column of the table for each column of the block; `null` if the table has none with this name. */
  columns: (number | null)[];
  /** The names that no column has. */
  unknown: string[];
}

/** Returns the columns that the first row of a block names; `null` if it looks like any other row. */
export function headerOf(block: string[][], columns: GridColumn[]): Header | null {
  const [names, ...rows] = block;
  if (!names || rows.length === 0) return null;
  const plain = (name: string) => name.trim().toLowerCase();
  const found = names.map((name) => {
    const at = columns.findIndex((column) => [column.key, column.title].map(plain).includes(plain(name)));
    return at < 0 ? null : at;
  });
  const known = found.filter((at) => at !== null);
  const named = names.filter((name) => name.trim() !== "");
  // A value such as `name` in a column of texts is no header; two names side by side are.
  const enough = known.length >= 2 || (known.length === 1 && named.length === 1);
  if (!enough || new Set(known).size < known.length) return null;
  return { columns: found, unknown: names.filter((name, at) => found[at] === null && name.trim() !== "") };
}
