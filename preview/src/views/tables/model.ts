/**
 * The tables of the program, as the engine reads them out of its files, and the edits by which it changes them.
 *
 * Nothing else of this part talks to the engine.
 */
import { ChangeSet, Text } from "@codemirror/state";
import type { GridTable, Remote, TextEdit, Workspace } from "accrue-rules";
import { edit, type Folder, textOf } from "../../state/files.ts";
import { ask } from "../../state/workspace.ts";

/** A text for a cell. Rows and columns count from 0. */
export interface CellText {
  row: number;
  column: number;
  text: string;
}

/** What is wrong with a table: with a cell, with a row if `column` is left out, with a header or all of it if `row` is left out. */
export interface Fault {
  table: string;
  row?: number;
  column?: number;
  severity: "error" | "warning";
  message: string;
  help: string | undefined;
}

/** Returns the tables of the draft, and the files in which they stand. */
export async function readTables(): Promise<{ tables: GridTable[]; folder: Folder }> {
  const { answer, folder } = await ask((workspace) => workspace.tables());
  return { tables: answer, folder };
}

/** Returns what is wrong with the tables of the draft. */
export async function readFaults(): Promise<Fault[]> {
  const { answer } = await ask((workspace) => Promise.all([workspace.check(), workspace.cells()]));
  const [{ diagnostics }, cells] = answer;
  return diagnostics.flatMap(({ severity, message, help, cell, place }, at) => {
    const fault = { severity, message, help: help ?? undefined };
    const found = cells[at];
    if (found) {
      const { table, row, column } = found;
      return [{ ...fault, table, row, ...(typeof column === "number" && { column }) }];
    }
    // What is wrong with the header or all of a CSV file is in no row.
    const file = cell?.file ?? place?.file ?? "";
    return file.endsWith(".csv") ? [{ ...fault, table: file, ...(cell?.column && { column: cell.column - 1 }) }] : [];
  });
}

/** Returns the row and the column at a place of the table's file; the column is left out between the cells of a row. */
export function cellAt(table: GridTable, offset: number): { row: number; column?: number } | null {
  const holds = (span: { start: number; end: number } | null | undefined) =>
    span !== null && span !== undefined && span.start <= offset && offset <= span.end;
  const row = table.rows.findIndex(({ span }) => holds(span));
  const column = table.rows[row]?.cells.findIndex(({ range }) => holds(range)) ?? -1;
  if (row < 0) return null;
  return column < 0 ? { row } : { row, column };
}

/** One change of a table. Several become one step of the history of its file. */
export type Step =
  | { do: "set"; cells: CellText[] }
  | { do: "insert"; at: number; rows: Record<string, string>[] }
  | { do: "delete"; rows: number[] }
  | { do: "move"; from: number; count: number; to: number };

function asked(workspace: Remote<Workspace>, table: GridTable, step: Step): Promise<TextEdit[]> {
  switch (step.do) {
    case "set": {
      const key = (column: number) => table.columns[column]?.key ?? "";
      const cells = step.cells.map(({ row, column, text }) => ({ row, column: key(column), text }));
      return workspace.setCells(table.id, cells);
    }
    case "insert":
      return workspace.insertRows(table.id, step.at, step.rows);
    case "delete":
      return workspace.deleteRows(table.id, step.rows);
    case "move":
      return workspace.moveRows(table.id, step.from, step.count, step.to);
  }
}

/**
 * Returns what steps make of the text of a table's file, as one change. Each step is made in the text that the one before left, so the
 * engine has that text for a moment, and the draft again at the end.
 */
async function changesOf(table: GridTable, steps: Step[], before: string): Promise<ChangeSet> {
  const { answer } = await ask(async (workspace) => {
    let text = Text.of(before.split("\n"));
    let all = ChangeSet.empty(text.length);
    try {
      for (const [at, step] of steps.entries()) {
        if (at > 0) await workspace.set(table.file, text.toString());
        const edits = await asked(workspace, table, step);
        const changes = ChangeSet.of(
          edits.map(({ span, text: insert }) => ({ from: span.start, to: span.end, insert })),
          text.length,
          "\n",
        );
        text = changes.apply(text);
        all = all.compose(changes);
      }
    } finally {
      if (steps.length > 1) await workspace.set(table.file, before);
    }
    return all;
  });
  return answer;
}

/** Changes a table: edits the text of its file. */
export async function change(table: GridTable, steps: Step[]): Promise<void> {
  for (;;) {
    const before = textOf(table.file);
    const changes = await changesOf(table, steps, before);
    // What was typed meanwhile moved the places: ask again.
    if (textOf(table.file) !== before) continue;
    if (!changes.empty) edit(table.file, changes);
    return;
  }
}
