/**
 * Reads the parts of TOML that program files and import mappings consist of, with the place of every entry and value, while somebody types
 * them: what is broken is passed over. So a form can change one entry and leave the comments and the order of all others as they are. What a
 * file means is decided by the engine alone.
 */

/** A value; a table in one line is an object. */
export type TomlValue = string | number | boolean | TomlValue[] | { [key: string]: TomlValue };

/** One entry of a text. */
export interface TomlEntry {
  /** The name of the table it stands in; empty above the first table. */
  table: string;
  key: string;
  /** The value; `null` if it is written in a way that this reader does not know. */
  value: TomlValue | null;
  /** Where the whole entry begins, with its mark of a question, and ends. */
  from: number;
  to: number;
  /** Whether the entry is a proposal behind `# ?`, which does not count yet. */
  asked: boolean;
}

/** The place of a value or of the header of a table. */
export interface TomlPlace {
  from: number;
  to: number;
  /** The value, if it is a string. */
  text?: string;
}

/** A table of a text: where its header ends, and where its last entry does. */
interface TomlTable {
  name: string;
  end: number;
}

const ESCAPES: Record<string, string> = { b: "\b", t: "\t", n: "\n", f: "\f", r: "\r", e: "\u001b", '"': '"', "\\": "\\" };

class Reader {
  constructor(
    readonly text: string,
    public at: number,
    /** Whether a value may go on in the next line. */
    readonly lines: boolean,
    /** Where values are, by their paths such as `payout.groups[1].rate`. */
    readonly places: Map<string, TomlPlace>,
  ) {}

  get here(): string {
    return this.text[this.at] ?? "";
  }

  fail(): never {
    throw new SyntaxError(`cannot be read at ${this.at}`);
  }

  blanks(lines = false): void {
    for (;;) {
      if (this.here === " " || this.here === "\t" || (lines && this.lines && /[\r\n]/.test(this.here))) this.at++;
      else if (lines && this.lines && this.here === "#") this.at = lineEnd(this.text, this.at);
      else return;
    }
  }

  key(): string[] {
    const parts: string[] = [];
    do {
      this.blanks();
      if (this.here === '"' || this.here === "'") parts.push(this.string());
      else {
        const [bare] = /^[A-Za-z0-9_-]+/.exec(this.text.slice(this.at, this.at + 200)) ?? this.fail();
        this.at += bare.length;
        parts.push(bare);
      }
      this.blanks();
    } while (this.take("."));
    return parts;
  }

  take(mark: string): boolean {
    if (!this.text.startsWith(mark, this.at)) return false;
    this.at += mark.length;
    return true;
  }

  string(): string {
    const quote = this.here;
    const long = this.text.startsWith(quote.repeat(3), this.at);
    if (long && !this.lines) this.fail();
    this.at += long ? 3 : 1;
    if (long && this.here === "\n") this.at++;
    let value = "";
    for (;;) {
      const end = long ? quote.repeat(3) : quote;
      if (this.take(end)) return value;
      if (this.here === "" || (!long && this.here === "\n")) this.fail();
      if (quote === '"' && this.here === "\\") value += this.escape();
      else value += this.text[this.at++];
    }
  }

  escape(): string {
    const mark = this.text[this.at + 1] ?? "";
    const [, hex] = /^[uU]([0-9A-Fa-f]{8}|[0-9A-Fa-f]{4})/.exec(this.text.slice(this.at + 1, this.at + 10)) ?? [];
    if (hex) {
      this.at += 2 + hex.length;
      return String.fromCodePoint(Number.parseInt(hex, 16));
    }
    const value = ESCAPES[mark] ?? this.fail();
    this.at += 2;
    return value;
  }

  value(path: string): TomlValue {
    const from = this.at;
    const value = this.bareValue(path);
    this.places.set(path, { from, to: this.at, ...(typeof value === "string" && { text: value }) });
    return value;
  }

  private bareValue(path: string): TomlValue {
    if (this.here === '"' || this.here === "'") return this.string();
    if (this.take("[")) return this.list(path);
    if (this.take("{")) return this.table(path);
    const [word] = /^[^\s,\]}#]+/.exec(this.text.slice(this.at, this.at + 200)) ?? this.fail();
    this.at += word.length;
    if (word === "true" || word === "false") return word === "true";
    const number = Number(word.replaceAll("_", ""));
    // A date is kept as it is written.
    return Number.isNaN(number) ? word : number;
  }

  private list(path: string): TomlValue[] {
    const values: TomlValue[] = [];
    for (;;) {
      this.blanks(true);
      if (this.take("]")) return values;
      values.push(this.value(`${path}[${values.length}]`));
      this.blanks(true);
      if (!this.take(",") && this.here !== "]") this.fail();
    }
  }

  private table(path: string): TomlValue {
    const table: Record<string, TomlValue> = {};
    for (;;) {
      this.blanks(true);
      if (this.take("}")) return table;
      const key = this.key().join(".");
      if (!this.take("=")) this.fail();
      this.blanks();
      table[key] = this.value(`${path}.${key}`);
      this.blanks(true);
      if (!this.take(",") && this.here !== "}") this.fail();
    }
  }
}

/** Returns the path of a table, and counts it if it is an entry of a list: `[[limits]]` is `limits[0]`. `counts` has the lists so far. */
function pathOf(parts: string[], isEntry: boolean, counts: Map<string, number>): string {
  let path = "";
  parts.forEach((part, at) => {
    path = path ? `${path}.${part}` : part;
    const count = counts.get(path);
    if (isEntry && at === parts.length - 1) {
      counts.set(path, (count ?? 0) + 1);
      path = `${path}[${count ?? 0}]`;
    } else if (count !== undefined) {
      // A table within a list is within its last entry.
      path = `${path}[${count - 1}]`;
    }
  });
  return path;
}

/** A line that is a proposal of a mapping, to be completed by a person. */
const ASKED = /^[ \t]*# \? ?/;
const HEADER = /^[ \t]*\[\[?/;

/** What a text consists of. */
interface Toml {
  entries: TomlEntry[];
  tables: TomlTable[];
  /** Where tables and values are, by their paths such as `payout.groups[1].rate`. */
  places: ReadonlyMap<string, TomlPlace>;
}

/** Reads the entries and tables of a text. Lines that are no entry are passed over: the engine says what is wrong with them. */
export function readToml(text: string): Toml {
  const entries: TomlEntry[] = [];
  const tables: TomlTable[] = [{ name: "", end: 0 }];
  const places = new Map<string, TomlPlace>();
  const counts = new Map<string, number>();
  let path = "";
  let at = 0;
  while (at < text.length) {
    const end = lineEnd(text, at);
    const line = text.slice(at, end);
    const table = tables.at(-1)!;
    let next = end + 1;
    const [header] = HEADER.exec(line) ?? [];
    const [mark = ""] = ASKED.exec(line) ?? [];
    try {
      if (header !== undefined) {
        const reader = new Reader(text, at + header.length, false, places);
        const parts = reader.key();
        if (reader.here !== "]") reader.fail();
        path = pathOf(parts, header.endsWith("[["), counts);
        places.set(path, { from: at + header.indexOf("["), to: reader.at });
        tables.push({ name: parts.join("."), end });
      } else if (line.trim() && (!/^[ \t]*#/.test(line) || mark !== "")) {
        // What is proposed has no place among what counts.
        const reader = new Reader(text, at + mark.length, mark === "", mark === "" ? places : new Map());
        const key = reader.key().join(".");
        if (reader.take("=")) {
          reader.blanks();
          const value = reader.value(path ? `${path}.${key}` : key);
          entries.push({ table: table.name, key, value, from: at, to: reader.at, asked: mark !== "" });
          table.end = lineEnd(text, reader.at);
          next = table.end + 1;
        }
      }
    } catch {
      table.end = end;
    }
    at = next;
  }
  return { entries, tables, places };
}

/** Writes a string as TOML. JSON's escapes are those of TOML. */
function written(value: string): string {
  return JSON.stringify(value);
}

/** Writes a key: bare if it may be. */
function writeKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : written(key);
}

/** Writes a value. Tables are written in one line. */
function writeToml(value: TomlValue): string {
  if (typeof value === "string") return written(value);
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[${value.map(writeToml).join(", ")}]`;
  const entries = Object.entries(value).map(([key, of]) => `${writeKey(key)} = ${writeToml(of)}`);
  return `{ ${entries.join(", ")} }`;
}

/** Sets an entry of a text, or removes it if `value` is `null`. A proposal of that entry is answered by it. */
export function setEntry(text: string, table: string, key: string, value: TomlValue | null): string {
  const { entries, tables } = readToml(text);
  const found = entries.filter((entry) => entry.table === table && entry.key === key);
  const entry = found.find((entry) => !entry.asked) ?? found[0];
  const line = value === null ? "" : `${writeKey(key)} = ${writeToml(value)}`;
  if (entry) {
    if (value !== null) {
      // What stands behind a proposal tells how to complete it.
      const to = entry.asked ? lineEnd(text, entry.to) : entry.to;
      return text.slice(0, entry.from) + line + text.slice(to);
    }
    const after = lineEnd(text, entry.to);
    return text.slice(0, entry.from) + text.slice(after + 1);
  }
  if (value === null) return text;
  const into = tables.find((found) => found.name === table);
  if (into && (table === "" ? into.end > 0 : true)) {
    return `${text.slice(0, into.end)}\n${line}${text.slice(into.end)}`;
  }
  if (table === "") return `${line}\n${text}`;
  return `${text.trimEnd()}\n\n[${table}]\n${line}\n`;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}
