/** Reads files of actions as tables to look at, field by field as they are written. What they mean is read by the engine alone. */
import type { Action } from "accrue-rules";
import { readCsv } from "./csv.ts";

/** Returns the lines of a text that are not empty. */
export function lines(text: string): string[] {
  return text.split("\n").map((line) => line.trimEnd()).filter((line) => line !== "");
}

/** Returns whether a file has actions as Parquet, by its name. */
export function isParquet(name: string): boolean {
  return /\.parquet$/i.test(name);
}

/** A row of a file: where it stands. Its cells are read when it is in sight. */
export interface RawRow {
  line: number;
  from: number;
  to: number;
}

/** A table to look at. */
export interface RawTable {
  columns: string[];
  rows: RawRow[];
  cells(row: RawRow): string[];
  text(row: RawRow): string;
}

/** Keeps the text of numbers: `19.90` does not become `19.9`. */
function keepNumbers(_: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === "number" ? (context?.source ?? String(value)) : value;
}

function write(value: unknown): string {
  if (Array.isArray(value)) return value.map(write).join("; ");
  if (typeof value !== "object" || value === null) return String(value ?? "");
  return Object.values(value).map(write).join(" ");
}

/** Returns the fields of an action by their names in CSV; lists of items and touches are written in one cell. */
export function fieldsOf(action: object): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [key, value] of Object.entries(action)) {
    if (value === null || value === undefined) continue;
    if (typeof value !== "object" || Array.isArray(value)) {
      const text = write(value);
      if (text) fields.set(key, text);
      continue;
    }
    for (const [part, of] of Object.entries(value as object)) {
      if (of !== null && of !== undefined) fields.set(`${key}.${part}`, write(of));
    }
  }
  return fields;
}

const parse = JSON.parse as (text: string, reviver: typeof keepNumbers) => unknown;

/** Reads an object of JSON. A text that is none is shown as it is. */
function objectOf(text: string): object {
  try {
    const value = parse(text, keepNumbers);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Shown as text.
  }
  return { text };
}

/** Finds the rows of a text: a line each, or more where a cell in quotes has line ends. */
function rowsIn(text: string, quoted: boolean): RawRow[] {
  const found: RawRow[] = [];
  let line = 1;
  let from = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  // The next quote, which is looked for once: a text without any would be searched to its end for every row.
  let quote = quoted ? text.indexOf('"') : -1;
  while (from < text.length) {
    const first = line;
    let open = false;
    let end = from;
    for (;;) {
      const newline = text.indexOf("\n", end);
      const to = newline < 0 ? text.length : newline;
      for (; quote >= 0 && quote < to; quote = text.indexOf('"', quote + 1)) open = !open;
      line++;
      end = to;
      if (!open || newline < 0) break;
      end++;
    }
    if (text.slice(from, Math.min(end, from + 200)).trim() !== "") found.push({ line: first, from, to: end });
    from = end + 1;
  }
  return found;
}

/** Objects of JSON Lines whose fields are looked for before the table is shown. */
const LOOKED_THROUGH = 3000;

/** Reads a file in Accrue's own format as a table. */
export function rawTable(name: string, text: string): RawTable {
  const csv = name.endsWith(".csv");
  const found = rowsIn(text, csv);
  const textOf = (row: RawRow) => text.slice(row.from, row.to);
  const known = new Map<RawRow, string[]>();
  const kept = (read: (row: RawRow) => string[]) => (row: RawRow) => {
    let cells = known.get(row);
    if (!cells) {
      if (known.size > 2000) known.clear();
      cells = read(row);
      known.set(row, cells);
    }
    return cells;
  };
  if (csv) {
    const [header, ...rows] = found;
    const columns = header ? (readCsv(textOf(header), 1)[0] ?? []) : [];
    return { columns, rows, text: textOf, cells: kept((row) => readCsv(textOf(row), 1)[0] ?? []) };
  }
  const names = new Set<string>();
  for (const row of found.slice(0, LOOKED_THROUGH)) for (const field of fieldsOf(objectOf(textOf(row))).keys()) names.add(field);
  const columns = [...names];
  const cells = kept((row) => {
    const fields = fieldsOf(objectOf(textOf(row)));
    return columns.map((column) => fields.get(column) ?? "");
  });
  return { columns, rows: found, text: textOf, cells };
}

/** Returns actions as a table. */
export function tableOf(actions: { line: number; action: object }[]): RawTable {
  const text = actions.map(({ action }) => JSON.stringify(action)).join("\n");
  const table = rawTable("actions.jsonl", text);
  const lines = new Map(table.rows.map((row, at) => [row, actions[at]?.line ?? at + 1]));
  return { ...table, rows: table.rows.map((row) => Object.assign(row, { line: lines.get(row) ?? row.line })) };
}

/** Lists of CSV cells. */
const LISTS = new Set(["promo_codes", "customer.audiences", "fraud.reasons", "touch.sub_ids"]);
/** Whole numbers of an action; all other numbers are decimals, which stay text. */
const WHOLE = new Set(["customer.order_count", "item.quantity"]);
const PARTS: Record<string, string> = { item: "items", touch: "touches", credit: "credits" };

/** Makes the action that rows of CSV with one id are, to begin a form with it. `typed` gives attributes their types. */
function actionOfCells(columns: string[], rows: string[][], typed: (name: string, text: string, item: boolean) => unknown): Action {
  const action: Record<string, unknown> = {};
  for (const cells of rows) {
    const parts: Record<string, Record<string, unknown>> = {};
    for (const [at, column] of columns.entries()) {
      const text = (cells[at] ?? "").trim();
      if (text === "") continue;
      const [first = "", ...rest] = column.split(".");
      const list = LISTS.has(column) ? text.split(";").map((part) => part.trim()).filter(Boolean) : undefined;
      let value: unknown = list ?? (WHOLE.has(column) ? Number(text) : text);
      if (rest.length === 0) {
        const isAttribute = first === "attributes";
        if (!isAttribute) action[first] = value;
        continue;
      }
      const name = rest.at(-1)!;
      const isAttribute = first === "attributes" || rest[0] === "attributes";
      if (isAttribute) value = typed(name, text, first === "item");
      const into = PARTS[first] ? (parts[first] ??= {}) : ((action[first] ??= {}) as Record<string, unknown>);
      if (isAttribute && first !== "attributes") ((into["attributes"] ??= {}) as Record<string, unknown>)[name] = value;
      else into[rest.join(".")] = value;
    }
    for (const [part, value] of Object.entries(parts)) ((action[PARTS[part]!] ??= []) as unknown[]).push(value);
  }
  return action as unknown as Action;
}

/** Fields of an action that are decimals. */
const DECIMALS = new Set(["amount", "subtotal", "discount", "tax", "shipping", "cost", "lifetime_value", "weight", "risk"]);

/** Keeps the text of decimals, which a number of JavaScript could change. */
function keepDecimals(key: string, value: unknown, context?: { source?: string }): unknown {
  return DECIMALS.has(key) ? keepNumbers(key, value, context) : value;
}

/** Returns the action of a row of a table, with the rows around it that have the same id. */
export function actionOf(table: RawTable, index: number, typed: (name: string, text: string, item: boolean) => unknown): Partial<Action> | null {
  const row = table.rows[index];
  if (!row) return null;
  const text = table.text(row).trim();
  if (text.startsWith("{")) {
    try {
      return parse(text, keepDecimals) as Partial<Action>;
    } catch {
      return null;
    }
  }
  const at = table.columns.indexOf("id");
  const id = (of: number) => {
    const other = table.rows[of];
    return other && table.cells(other)[at];
  };
  let [first, last] = [index, index];
  while (id(first - 1) === id(index)) first--;
  while (id(last + 1) === id(index)) last++;
  return actionOfCells(table.columns, table.rows.slice(first, last + 1).map((of) => table.cells(of)), typed);
}

/** The columns without which no file is in Accrue's own format. */
const OWN = ["id", "event_type", "occurred_at"];
const OWN_ADJUSTMENTS = ["id", "adjusts", "kind", "occurred_at"];

/** Returns what a file in Accrue's own format has, by its name and its beginning; `null` for an export, which needs a mapping. */
export function ownKind(name: string, head: string): "actions" | "adjustments" | null {
  if (isParquet(name)) return "actions";
  let names: string[];
  if (/\.(jsonl|ndjson)$/.test(name)) {
    try {
      names = Object.keys(JSON.parse(head.split("\n", 1)[0] ?? "") as object);
    } catch {
      return "actions";
    }
  } else if (name.endsWith(".csv")) {
    names = readCsv(head, 1)[0] ?? [];
  } else {
    return null;
  }
  const has = (wanted: string[]) => wanted.every((column) => names.includes(column));
  if (has(OWN_ADJUSTMENTS)) return "adjustments";
  return has(OWN) || !name.endsWith(".csv") ? "actions" : null;
}
