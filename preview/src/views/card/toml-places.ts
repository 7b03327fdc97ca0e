/**
 * Finds values in TOML by their paths, such as `payout.groups[1].rate`, with their places in the text. What is written in a way that this
 * reader does not know is passed over; what a file means is decided by the engine alone.
 */

/** A place in a text. */
export interface TomlPlace {
  from: number;
  to: number;
  /** The value, if it is a string in one line. */
  text?: string;
}

class Reader {
  at = 0;
  readonly places = new Map<string, TomlPlace>();
  /** How many tables of each list there are so far. */
  private readonly tables = new Map<string, number>();

  constructor(private readonly source: string) {}

  read(): ReadonlyMap<string, TomlPlace> {
    let table = "";
    while (this.at < this.source.length) {
      const begin = this.at;
      this.blanks();
      if (this.here === "[") table = this.header();
      else if (this.here !== "") {
        try {
          this.entry(table);
        } catch {
          // The rest of the line is passed over.
        }
      }
      this.line();
      if (this.at === begin) break;
    }
    return this.places;
  }

  private get here(): string {
    return this.source[this.at] ?? "";
  }

  /** Goes to the next line. */
  private line(): void {
    const end = this.source.indexOf("\n", this.at);
    this.at = end < 0 ? this.source.length : end + 1;
  }

  /** Passes over blanks, line ends and comments. */
  private blanks(): void {
    for (;;) {
      if (/\s/.test(this.here) && this.here !== "") this.at++;
      else if (this.here === "#") this.line();
      else return;
    }
  }

  private take(mark: string): boolean {
    if (!this.source.startsWith(mark, this.at)) return false;
    this.at += mark.length;
    return true;
  }

  /** Reads the header of a table, and returns its path: `[[limits]]` as `limits[0]`. */
  private header(): string {
    const from = this.at;
    const list = this.source.startsWith("[[", this.at);
    this.at += list ? 2 : 1;
    let path = "";
    try {
      for (const part of this.key()) {
        path = path ? `${path}.${part}` : part;
        const count = this.tables.get(path);
        // A table within a list is within its last entry.
        if (count !== undefined && !list) path = `${path}[${count - 1}]`;
        else if (count !== undefined && this.here !== "]") path = `${path}[${count - 1}]`;
      }
    } catch {
      return path;
    }
    if (list) {
      const bare = path.replace(/\[\d+\]$/, "");
      const count = this.tables.get(bare) ?? 0;
      this.tables.set(bare, count + 1);
      path = `${bare}[${count}]`;
    }
    this.places.set(path, { from, to: this.at });
    return path;
  }

  private key(): string[] {
    const parts: string[] = [];
    do {
      this.inline();
      if (this.here === '"' || this.here === "'") parts.push(this.string());
      else {
        const bare = /^[A-Za-z0-9_-]+/.exec(this.source.slice(this.at, this.at + 200))?.[0];
        if (bare === undefined) throw new SyntaxError("no key");
        this.at += bare.length;
        parts.push(bare);
      }
      this.inline();
    } while (this.take("."));
    return parts;
  }

  private inline(): void {
    while (this.here === " " || this.here === "\t") this.at++;
  }

  private entry(table: string): void {
    const path = [table, ...this.key()].filter(Boolean).join(".");
    if (!this.take("=")) throw new SyntaxError("no value");
    this.inline();
    this.value(path);
  }

  private value(path: string): void {
    const from = this.at;
    let text: string | undefined;
    if (this.here === '"' || this.here === "'") text = this.string();
    else if (this.take("[")) this.list(path);
    else if (this.take("{")) this.table(path);
    else {
      const word = /^[^\s,\]}#]+/.exec(this.source.slice(this.at, this.at + 200))?.[0];
      if (word === undefined) throw new SyntaxError("no value");
      this.at += word.length;
    }
    this.places.set(path, { from, to: this.at, ...(text !== undefined && { text }) });
  }

  private list(path: string): void {
    for (let index = 0; ; index++) {
      this.blanks();
      if (this.take("]")) return;
      this.value(`${path}[${index}]`);
      this.blanks();
      if (!this.take(",") && this.here !== "]") throw new SyntaxError("no end of a list");
    }
  }

  private table(path: string): void {
    for (;;) {
      this.blanks();
      if (this.take("}")) return;
      this.entry(path);
      this.blanks();
      if (!this.take(",") && this.here !== "}") throw new SyntaxError("no end of a table");
    }
  }

  private string(): string {
    const quote = this.here;
    const mark = this.source.startsWith(quote.repeat(3), this.at) ? quote.repeat(3) : quote;
    this.at += mark.length;
    const from = this.at;
    for (;;) {
      if (this.at >= this.source.length || (mark.length === 1 && this.here === "\n")) throw new SyntaxError("no end of a string");
      if (this.take(mark)) return this.source.slice(from, this.at - mark.length);
      this.at += quote === '"' && this.here === "\\" ? 2 : 1;
    }
  }
}

/** Returns the places of all values and tables of a text, by their paths. */
export function tomlPlaces(text: string): ReadonlyMap<string, TomlPlace> {
  return new Reader(text).read();
}
