/** Reads a mapping for the form, and writes what is changed in the form back into its text. */
import { readToml, setEntry, type TomlEntry, type TomlValue } from "../../state/toml.ts";

/** What a field of an action is read from. */
export interface FieldEntry {
  /** The field, as a column of an actions file. */
  field: string;
  /** The column of the export; `null` for a constant, and for what only the text can say. */
  column: string | null;
  /** The constant; `null` if the field is read from a column. */
  constant: string | null;
  /** What each cell means. */
  values: [cell: string, meaning: string][];
  otherwise: string | null;
  /** What else the text says, in words: other columns, parts, dates. */
  more: string;
  /** Whether it is a question that waits for an answer. */
  asked: boolean;
  entry: TomlEntry;
}

export type Table = { [key: string]: TomlValue };

function isTable(value: TomlValue | null | undefined): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: TomlValue | undefined): string | null {
  return value === undefined ? null : String(value);
}

/** Keys that the form shows as fields of their own. */
const SHOWN = new Set(["column", "value", "values", "otherwise"]);

/** What a key of an entry says, in words. */
const SAYINGS: Record<string, (value: string) => string> = {
  columns: (value) => `${value}, joined`,
  with: (value) => `with “${value}” between`,
  or: (value) => `or ${value} where that is empty`,
  part: (value) => `a part of the cell: ${value}`,
  times: (value) => `times ${value}`,
  plus: (value) => `plus ${value}`,
  minus: (value) => `minus ${value}`,
  empty: (value) => `an empty cell means ${value}`,
  optional: () => "may be missing",
  dates: (value) => `dates as ${value}`,
  list: (value) => `a list with “${value}” between`,
};

function moreOf(table: Table): string {
  const say = (value: TomlValue): string => {
    if (Array.isArray(value)) return value.map(say).join(", ");
    return isTable(value) ? Object.entries(value).map(([key, of]) => `${key} ${say(of)}`).join(", ") : String(value);
  };
  return Object.entries(table)
    .filter(([key]) => !SHOWN.has(key))
    .map(([key, value]) => SAYINGS[key]?.(say(value)) ?? `${key}: ${say(value)}`)
    .join("; ");
}

/** Returns the fields of a mapping, in the order of its text. */
export function fieldsOfMapping(mapping: string): FieldEntry[] {
  const { entries } = readToml(mapping);
  return entries
    .filter((entry) => entry.table === "columns" && entry.value !== null)
    .map((entry) => {
      const value = entry.value as TomlValue;
      const table: Table = isTable(value) ? value : { column: value };
      return {
        field: entry.key,
        column: text(table["column"]),
        constant: text(table["value"]),
        values: isTable(table["values"]) ? Object.entries(table["values"]).map(([cell, meaning]) => [cell, String(meaning)]) : [],
        otherwise: text(table["otherwise"]),
        more: moreOf(table),
        asked: entry.asked,
        entry,
      };
    });
}

/** The columns of the export that an entry reads, the first of them where it stands in a preview. */
export function columnsOf({ entry }: FieldEntry): string[] {
  const value = entry.value;
  if (typeof value === "string") return [value];
  if (!isTable(value)) return [];
  return ["column", "columns", "or", "times", "plus", "minus"].flatMap((key) => {
    const of = value[key];
    return Array.isArray(of) ? of.map(String) : typeof of === "string" ? [of] : [];
  });
}

/** Changes what a field is read from, and keeps what the text says besides. */
export function setField(mapping: string, of: FieldEntry, changed: { [key: string]: TomlValue | undefined }): string {
  const before: Table = isTable(of.entry.value) ? of.entry.value : { column: String(of.entry.value) };
  const table: Table = {};
  for (const [key, value] of Object.entries({ ...before, ...changed })) if (value !== undefined) table[key] = value;
  const [only] = Object.keys(table).length === 1 ? [table["column"]] : [];
  return setEntry(mapping, "columns", of.field, typeof only === "string" ? only : table);
}

/** Returns an entry of a mapping; `undefined` if the text has none that counts. */
export function entryOf(mapping: string, table: string, key: string): { value: TomlValue; asked: boolean } | undefined {
  const found = readToml(mapping).entries.filter((entry) => entry.table === table && entry.key === key && entry.value !== null);
  const entry = found.find(({ asked }) => !asked) ?? found[0];
  return entry && { value: entry.value as TomlValue, asked: entry.asked };
}

/** Returns a list of texts of a mapping. A single text is a list of one. */
export function listOf(mapping: string, table: string, key: string): string[] {
  const value = entryOf(mapping, table, key)?.value;
  return value === undefined ? [] : Array.isArray(value) ? value.map(String) : [String(value)];
}

/** Returns the number of questions that are left in a mapping. */
export function questionsIn(mapping: string): number {
  return readToml(mapping).entries.filter(({ asked }) => asked).length;
}
