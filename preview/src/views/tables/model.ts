/**
 * The tables of the program, as the engine reads them out of its files, and the edits by which it changes them.
 *
 * Nothing else of this part talks to the engine. Places in files are counted in UTF-16 code units, as JavaScript does.
 */
import { ChangeSet, Text } from "@codemirror/state";
import { assist } from "../../state/engines.ts";
import { type Content, edit, files, type Folder, textOf } from "../../state/files.ts";

/** A column of a table. */
export interface TableColumn {
  /** The key or the fact, as a header of a CSV table has it: `rate`, `item.sku`. */
  key: string;
  /** The key for people. */
  title: string;
  /** What the column means. */
  doc: string;
  /** What its cells are, such as `percentage`. */
  type: string;
  /** The words that its cells may have; any text if empty. */
  words: string[];
  /** Whether every row needs a value. */
  required: boolean;
  /** Whether any row has a value. */
  used: boolean;
}

/** A cell and where it stands in the file. A cell that has no value yet has an empty place. */
export interface TableCell {
  text: string;
  from: number;
  to: number;
}

/** A row, where it stands, and the number by which people and messages call it: in CSV its line. */
export interface TableRow {
  cells: TableCell[];
  from: number;
  to: number;
  number: number;
}

/** What a table is. */
export type TableKind = "groups" | "bands" | "restrictions" | "limits" | "bonuses" | "entries" | "list" | "csv";

/** A table: rows of a CSV file, or payout groups, bands and limits in a contract. */
export interface Table {
  /** Stays the same while its rows and cells change. */
  id: string;
  file: string;
  title: string;
  kind: TableKind;
  columns: TableColumn[];
  rows: TableRow[];
}

/** A text for a cell. Rows and columns count from 0. */
export interface CellEdit {
  row: number;
  column: number;
  text: string;
}

/** Edits of one file. */
export interface FileEdits {
  file: string;
  edits: { from: number; to: number; text: string }[];
}

/** The files of the program in the engine, kept there so that a change costs what changed. */
interface Workspace {
  set(path: string, content: Content): Promise<void>;
  remove(path: string): Promise<void>;
  tables(): Promise<Table[]>;
  setCells(id: string, edits: CellEdit[]): Promise<FileEdits>;
  insertRows(id: string, at: number, count: number): Promise<FileEdits>;
  deleteRows(id: string, at: number, count: number): Promise<FileEdits>;
  moveRows(id: string, at: number, count: number, to: number): Promise<FileEdits>;
}

/** Files that hold no table and are often large. */
const UNREAD = /^(actions|adjustments|facts)\//;

let opened: Promise<Workspace> | undefined;
/** The files that the engine has. */
let sent: Folder = new Map();

async function open(): Promise<Workspace> {
  const accrue = await assist();
  sent = files.value;
  return accrue.open(Object.fromEntries([...sent].filter(([path]) => !UNREAD.test(path))));
}

/** Sends what has changed since the engine was told last. */
function send(to: Workspace): Promise<unknown>[] {
  const before = sent;
  sent = files.value;
  const changed = [...sent].filter(([path, content]) => !UNREAD.test(path) && before.get(path) !== content);
  const removed = [...before.keys()].filter((path) => !UNREAD.test(path) && !sent.has(path));
  return [...changed.map(([path, content]) => to.set(path, content)), ...removed.map((path) => to.remove(path))];
}

/** Asks about the draft as it is now. Returns the answer, and the files that it is about. */
async function ask<T>(question: (workspace: Workspace) => Promise<T>): Promise<{ answer: T; folder: Folder }> {
  const workspace = await (opened ??= open());
  const told = send(workspace);
  const folder = sent;
  const [answer] = await Promise.all([question(workspace), ...told]);
  return { answer, folder };
}

/** Returns the tables of the draft, and the files in which they stand. */
export async function readTables(): Promise<{ tables: Table[]; folder: Folder }> {
  const { answer, folder } = await ask((workspace) => workspace.tables());
  return { tables: answer, folder };
}

/** One change of a table. Several become one step of the history of its file. */
export type Step =
  | { do: "set"; cells: CellEdit[] }
  | { do: "insert"; at: number; count: number }
  | { do: "delete"; at: number; count: number }
  | { do: "move"; at: number; count: number; to: number };

function asked(workspace: Workspace, id: string, step: Step): Promise<FileEdits> {
  switch (step.do) {
    case "set":
      return workspace.setCells(id, step.cells);
    case "insert":
      return workspace.insertRows(id, step.at, step.count);
    case "delete":
      return workspace.deleteRows(id, step.at, step.count);
    case "move":
      return workspace.moveRows(id, step.at, step.count, step.to);
  }
}

/**
 * Returns what steps make of the text of a table's file, as one change. Each step is made in the text that the one before left, so the
 * engine has that text for a moment, and the draft again at the end.
 */
async function changesOf({ id, file }: Table, steps: Step[]): Promise<{ changes: ChangeSet; before: string }> {
  const before = textOf(file);
  const { answer } = await ask(async (workspace) => {
    let text = Text.of(before.split("\n"));
    let all = ChangeSet.empty(text.length);
    try {
      for (const [at, step] of steps.entries()) {
        if (at > 0) await workspace.set(file, text.toString());
        const { edits } = await asked(workspace, id, step);
        const changes = ChangeSet.of(
          edits.map(({ from, to, text: insert }) => ({ from, to, insert })),
          text.length,
          "\n",
        );
        text = changes.apply(text);
        all = all.compose(changes);
      }
    } finally {
      if (steps.length > 1) await workspace.set(file, before);
    }
    return all;
  });
  return { changes: answer, before };
}

/** Changes a table: edits the text of its file. Returns whether the text became another. */
export async function change(table: Table, steps: Step[]): Promise<boolean> {
  for (;;) {
    const { changes, before } = await changesOf(table, steps);
    // What was typed meanwhile moved the places: ask again.
    if (textOf(table.file) !== before) continue;
    if (!changes.empty) edit(table.file, changes);
    return !changes.empty;
  }
}
