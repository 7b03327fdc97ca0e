/**
 * Which table is open, and what is done with it: edits of the grid become edits of its file, and what the file becomes is shown again.
 *
 * A file is edited in the order of the edits, one after the other. The tables are read again when no edit waits, so that the grid never
 * goes back to a state that somebody has edited already.
 */
import { batch, computed, effect, signal } from "@preact/signals";
import type { GridColumn, GridTable } from "accrue-rules";
import { diagnostics } from "../../state/check.ts";
import { messageOf } from "../../state/failure.ts";
import { files, type Folder, redo, undo, whenOpened } from "../../state/files.ts";
import { tell } from "../../state/view.ts";
import { latest } from "../../ui/latest.ts";
import { type CellText, change, type Fault, readFaults, readTables, type Step } from "./model.ts";

/** The cells from which on reading takes so long that somebody who edits would notice. */
const LARGE = 20_000;
/** The milliseconds between an edit and reading tables with more than {@link LARGE} cells again. {@link read} does it at once. */
const PAUSE = 4000;

/** Files with lists that are no part of the terms: tests have a part of the page of their own. */
const OTHERS = /^tests\//;

/** The tables of the draft, as they were read last; `null` before that. */
export const tables = signal<GridTable[] | null>(null);

/** Why they cannot be read; empty if they can. */
export const problem = signal("");

/** The identity of the table that was chosen. */
export const chosen = signal("");

/** Columns that are shown although no row has a value in them, by table. */
const shownColumns = signal<ReadonlyMap<string, ReadonlySet<string>>>(new Map());

/** The table that is open. */
export const openTable = computed(() => {
  const all = tables.value ?? [];
  return all.find((table) => table.id === chosen.value) ?? all[0] ?? null;
});

/** The columns of the open table that are shown, by their indexes in it. */
export const visibleColumns = computed(() => {
  const table = openTable.value;
  if (!table) return [];
  const more = shownColumns.value.get(table.id);
  const isEmpty = table.rows.length === 0;
  const isShown = ({ key, used, required }: GridColumn) => used || (isEmpty && required) || more?.has(key);
  return table.columns.flatMap((column, at) => (isShown(column) ? [at] : []));
});

const found = signal<Fault[]>([]);

/** What is wrong with each table. */
export const faults = computed(() => Map.groupBy(found.value, (fault) => fault.table));

/** Finds the cells of what is wrong, one question at a time. */
const findFaults = latest(readFaults);

/** Edits that wait for their turn, the one that is being made among them. */
let waiting = 0;
let queue: Promise<unknown> = Promise.resolve();
/** Whether the grid shows already what the files have become since they were read. */
let isShown = false;
let timer: ReturnType<typeof setTimeout> | undefined;
let reading: Promise<void> | undefined;
/** The draft of which the tables were read. */
let readOf: Folder | undefined;

async function readNow(): Promise<void> {
  clearTimeout(timer);
  while (readOf !== files.value && waiting === 0) {
    const wanted = files.value;
    try {
      const { tables: read, folder } = await readTables();
      // What was edited meanwhile is shown already, and is read when it is in the file.
      if (waiting > 0 || files.value !== folder) continue;
      readOf = folder;
      isShown = false;
      batch(() => {
        tables.value = read.filter((table) => !OTHERS.test(table.file));
        problem.value = "";
      });
    } catch (error) {
      readOf = wanted;
      problem.value = messageOf(error);
    }
  }
}

/** Reads the tables again if the draft changed. Resolves when the grid can show them. */
export function read(): Promise<void> {
  reading ??= readNow().finally(() => {
    reading = undefined;
  });
  return reading;
}

function readSoon(): void {
  const cells = tables.peek()?.reduce((sum, table) => sum + table.rows.length * table.columns.length, 0) ?? 0;
  clearTimeout(timer);
  timer = setTimeout(() => void read(), isShown && cells > LARGE ? PAUSE : 0);
}

/** Reads the tables again whenever the draft changes, until the function that it returns is called. */
export function keepReading(): () => void {
  const stops = [
    effect(() => {
      if (files.value !== readOf) readSoon();
    }),
    effect(() => {
      void diagnostics.value;
      findFaults().then(
        (faults) => {
          if (faults) found.value = faults;
        },
        // The head of the page says that the program cannot be checked.
        () => undefined,
      );
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    clearTimeout(timer);
  };
}

// Another folder has other tables: nothing of those before is shown, or edited by their places.
whenOpened(() => {
  readOf = undefined;
  isShown = false;
  tables.value = null;
  problem.value = "";
  chosen.value = "";
  shownColumns.value = new Map();
  found.value = [];
});

/** Does something with the files when what was asked before is done. Returns whether it could be done. */
function inOrder(work: () => Promise<unknown> | void): Promise<boolean> {
  waiting += 1;
  const done = queue.then(work).then(
    () => true,
    (error: unknown) => {
      // The grid may show an edit that the file does not have.
      readOf = undefined;
      isShown = false;
      tell(`The table was not changed: ${messageOf(error)}`);
      return false;
    },
  );
  queue = done.then(() => {
    waiting -= 1;
    if (waiting === 0 && readOf !== files.value) readSoon();
  });
  return done;
}

/** Edits cells that the grid shows already. */
export async function setShown(table: GridTable, cells: CellText[]): Promise<void> {
  const before = files.value;
  await inOrder(async () => {
    isShown ||= readOf === before;
    await change(table, [{ do: "set", cells }]);
  });
}

/** Edits a table, and reads it again. Returns whether it could be edited. */
export async function apply(table: GridTable, steps: Step[]): Promise<boolean> {
  const done = await inOrder(async () => {
    isShown = false;
    await change(table, steps);
  });
  await read();
  return done;
}

/** Takes back or makes again the last edit of the table's file. */
export async function history(table: GridTable, direction: "undo" | "redo"): Promise<void> {
  let did = false;
  await inOrder(() => {
    isShown = false;
    did = (direction === "undo" ? undo : redo)(table.file);
  });
  if (!did) tell(direction === "undo" ? "There is no edit of this file to undo." : "There is no edit of this file to redo.");
  await read();
}

/** Shows columns of a table although no row has a value in them, or hides them again. */
export function showColumns(table: GridTable, keys: string[], show = true): void {
  const now = new Set(shownColumns.value.get(table.id));
  for (const key of keys) {
    if (show) now.add(key);
    else now.delete(key);
  }
  shownColumns.value = new Map(shownColumns.value).set(table.id, now);
}
