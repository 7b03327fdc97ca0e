/**
 * Reads the parts of TOML that program files and import mappings consist of, with the place of every entry, so that a form can change one
 * entry and leave the comments and the order of all others as they are. What a file means is decided by the engine alone.
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

  key(): string {
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
    return parts.join(".");
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

  value(): TomlValue {
    if (this.here === '"' || this.here === "'") return this.string();
    if (this.take("[")) return this.list();
    if (this.take("{")) return this.table();
    const [word] = /^[^\s,\]}#]+/.exec(this.text.slice(this.at, this.at + 200)) ?? this.fail();
    this.at += word.length;
    if (word === "true" || word === "false") return word === "true";
    const number = Number(word.replaceAll("_", ""));
    // A date is kept as it is written.
    return Number.isNaN(number) ? word : number;
  }

  list(): TomlValue[] {
    const values: TomlValue[] = [];
    for (;;) {
      this.blanks(true);
      if (this.take("]")) return values;
      values.push(this.value());
      this.blanks(true);
      if (!this.take(",") && this.here !== "]") this.fail();
    }
  }

  table(): TomlValue {
    const table: Record<string, TomlValue> = {};
    for (;;) {
      this.blanks(true);
      if (this.take("}")) return table;
      const key = this.key();
      if (!this.take("=")) this.fail();
      this.blanks();
      table[key] = this.value();
      this.blanks(true);
      if (!this.take(",") && this.here !== "}") this.fail();
    }
  }
}

/** A line that is a proposal of a mapping, to be completed by a person. */
const ASKED = /^[ \t]*# \? ?/;
const HEADER = /^[ \t]*\[\[?([^\]]+)\]\]?[ \t]*(#.*)?$/;

/** Reads the entries and tables of a text. Lines that are no entry are passed over: the engine says what is wrong with them. */
export function readToml(text: string): { entries: TomlEntry[]; tables: TomlTable[] } {
  const entries: TomlEntry[] = [];
  const tables: TomlTable[] = [{ name: "", end: 0 }];
  let at = 0;
  while (at < text.length) {
    const newline = text.indexOf("\n", at);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(at, end);
    const header = HEADER.exec(line);
    const table = tables.at(-1)!;
    let next = end + 1;
    if (header) {
      tables.push({ name: header[1]!.trim().replaceAll('"', ""), end });
    } else if (line.trim() && (!/^[ \t]*#/.test(line) || ASKED.test(line))) {
      const [mark = ""] = ASKED.exec(line) ?? [];
      const reader = new Reader(text, at + mark.length, mark === "");
      try {
        const key = reader.key();
        if (reader.take("=")) {
          reader.blanks();
          const value = reader.value();
          entries.push({ table: table.name, key, value, from: at, to: reader.at, asked: mark !== "" });
          const rest = text.indexOf("\n", reader.at);
          table.end = rest < 0 ? text.length : rest;
          next = table.end + 1;
        }
      } catch {
        table.end = end;
      }
    }
    at = next;
  }
  return { entries, tables };
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
