/** Which cells of a table diagnostics are about. */
import type { Diagnostic } from "accrue-rules";
import type { Table } from "./model.ts";

/** What is wrong with a cell, or with a row if `column` is left out. Both count from 0. */
export interface Fault {
  row: number;
  column?: number;
  severity: "error" | "warning";
  message: string;
  help: string | undefined;
}

/** What is wrong with a table: in its cells and rows, and with all of it. */
export interface Faults {
  cells: Fault[];
  whole: Diagnostic[];
}

/** Returns the row and the column at a place of the table's file; the column is left out between the cells of a row. */
export function cellAt(table: Table, offset: number): { row: number; column?: number } | null {
  const row = table.rows.findIndex(({ from, to }) => from <= offset && offset <= to);
  const column = table.rows[row]?.cells.findIndex(({ from, to }) => from < to && from <= offset && offset <= to) ?? -1;
  if (row < 0) return null;
  return column < 0 ? { row } : { row, column };
}

/** Returns what diagnostics say about a table. Of tables inside of others, the innermost has the fault. */
export function faultsOf(table: Table, tables: Table[], diagnostics: Diagnostic[]): Faults {
  const faults: Faults = { cells: [], whole: [] };
  const isCsv = table.file.endsWith(".csv");
  const rows = new Map(table.rows.map(({ number }, row) => [number, row]));
  for (const found of diagnostics) {
    const { severity, message, cell, place } = found;
    if ((cell?.file ?? place?.file) !== table.file) continue;
    const fault = { severity, message, help: found.help ?? undefined };
    if (cell) {
      const row = rows.get(cell.row);
      if (row === undefined) faults.whole.push(found);
      else faults.cells.push({ ...fault, row, ...(cell.column && { column: cell.column - 1 }) });
    } else if (isCsv) {
      faults.whole.push(found);
    } else if (place) {
      const at = place.span.start;
      const size = ({ rows }: Table) => Math.min(...rows.filter(({ from, to }) => from <= at && at <= to).map(({ from, to }) => to - from));
      const own = size(table);
      const isOwn = tables.every((other) => other === table || other.file !== table.file || size(other) >= own);
      const inside = isOwn && cellAt(table, at);
      if (inside) faults.cells.push({ ...fault, ...inside });
    }
  }
  return faults;
}
