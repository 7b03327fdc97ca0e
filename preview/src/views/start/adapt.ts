/** Makes a program from a template and the answers. It knows nothing of the page, so that tests can try every answer. */
import type { Template } from "./templates.ts";

export interface Answers {
  name: string;
  /** The code of a currency of {@link CURRENCIES}. */
  currency: string;
  /** An IANA name, such as `Europe/Berlin`. */
  timeZone: string;
  /** Ids of what is paid for: at least one. */
  pays: string[];
  /** Ids of what is never paid. */
  never: string[];
}

/** Currencies that are offered, and how many decimals they have. Amounts of the templates have two. */
export const CURRENCIES: Record<string, 0 | 2> = {
  EUR: 2, USD: 2, GBP: 2, CHF: 2, SEK: 2, NOK: 2, DKK: 2, PLN: 2, CZK: 2, RON: 2, TRY: 2, CAD: 2, AUD: 2, NZD: 2, BRL: 2, MXN: 2,
  INR: 2, SGD: 2, HKD: 2, ZAR: 2, ILS: 2, AED: 2, JPY: 0, KRW: 0,
};

/** Returns the choices of `never` that make sense with what is paid for. */
export function possible(template: Template, pays: string[]): string[] {
  return template.never.filter(({ needs = [] }) => needs.every((id) => pays.includes(id))).map(({ id }) => id);
}

/** Returns an id for a program: what is left of its name of small letters, digits and `-`. */
export function idOf(name: string, otherwise: string): string {
  const plain = name.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return plain.replaceAll(/[^a-z0-9]+/g, "-").slice(0, 64).replaceAll(/^-+|-+$/g, "") || otherwise;
}

/** Returns the files of a template as the answers want them. */
export function adapt(template: Template, files: ReadonlyMap<string, string>, answers: Answers): Map<string, string> {
  const pays = template.pays.filter(({ id }) => answers.pays.includes(id));
  const sensible = possible(template, answers.pays);
  const chosen = new Set([...pays.map(({ id }) => id), ...answers.never.filter((id) => sensible.includes(id))]);
  const types = new Map(pays.flatMap((of) => Object.entries(of.types)));
  const adapted = new Map<string, string>();
  for (const [path, text] of files) {
    const needs = template.files[path];
    if (needs !== undefined && !chosen.has(needs)) continue;
    const kept = path.endsWith(".csv") ? text : chosenLines(text, chosen, types);
    const named = path === "program.toml" ? declared(kept, template, answers) : path === "README.md" ? titled(kept, answers) : kept;
    adapted.set(path, CURRENCIES[answers.currency] === 0 ? withoutDecimals(path, named) : named);
  }
  withActions(adapted, types);
  return adapted;
}

const IF = /^\s*(?:#|\/\/|<!--)@ if (not )?([a-z]+(?: or [a-z]+)*)\s*(?:-->)?$/;
const END = /^\s*(?:#|\/\/|<!--)@ end\s*(?:-->)?$/;
/** `VALUE #@ NAME`: the event type of a test, its amount, or what only an event type of that name has. */
const ABOUT = / #@ ([a-z]+)$/;

/** Keeps the lines whose conditions hold, and takes the marks out. */
function chosenLines(text: string, chosen: ReadonlySet<string>, types: ReadonlyMap<string, boolean>): string {
  const [type, amount] = [...types][0] ?? ["", true];
  const open: boolean[] = [];
  const lines: string[] = [];
  for (const line of text.split("\n")) {
    const condition = IF.exec(line);
    if (condition) {
      const [, not, names = ""] = condition;
      open.push(names.split(" or ").some((name) => chosen.has(name)) !== Boolean(not));
    } else if (END.test(line)) {
      open.pop();
    } else if (open.every(Boolean)) {
      const about = ABOUT.exec(line)?.[1];
      const bare = line.replace(ABOUT, "").replace(/^#\+ /, "");
      if (about === "event") lines.push(bare.replace(/"[a-z]+"/, `"${type}"`));
      else if (about === undefined || (about === "amount" ? amount : about === type)) lines.push(bare);
    }
  }
  return `${lines.join("\n").replaceAll(/\n{3,}/g, "\n\n").trim()}\n`;
}

/** Writes a text of TOML. JSON's escapes are TOML's, but for DEL, which names have not. */
const toml = (text: string) => JSON.stringify(text);

function declared(text: string, template: Template, { name, currency, timeZone }: Answers): string {
  return text
    .replace(/^id = .*$/m, () => `id = ${toml(idOf(name, template.name))}`)
    .replace(/^name = .*$/m, () => `name = ${toml(name)}`)
    .replace(/^currency = "[A-Z]+"/m, () => `currency = ${toml(currency)}`)
    .replace(/^time_zone = "[^"]*" */m, () => `time_zone = ${toml(timeZone)}`.padEnd(37));
}

function titled(text: string, { name }: Answers): string {
  return text.replace(/^# .*$/m, () => `# ${name}`);
}

/** Amounts of two decimals, in texts for people with commas between thousands. In tables a comma ends a cell. */
const AMOUNT = /(?<![\d.,])(\d{1,3}(?:,\d{3})+|\d+)\.(\d\d)(?![\d.%])/g;
const CELL = /(?<![\d.])(\d+)\.(\d\d)(?![\d.%])/g;

/** Turns amounts of two decimals into amounts of a currency without decimals: 25.00 into 2500. */
function withoutDecimals(path: string, text: string): string {
  return text.replaceAll(path.endsWith(".csv") ? CELL : AMOUNT, (_, units: string, minor: string) => {
    const digits = `${units.replaceAll(",", "")}${minor}`.replace(/^0+(?=\d)/, "");
    return units.includes(",") ? digits.replaceAll(/\B(?=(\d{3})+$)/g, ",") : digits;
  });
}

/** Leaves the actions of event types that are paid for, and the adjustments of these actions. */
function withActions(files: Map<string, string>, types: ReadonlyMap<string, boolean>): void {
  const ids = new Set<string>();
  for (const [path, text] of files) {
    if (!path.startsWith("actions/")) continue;
    const { header, rows } = csv(text);
    const at = (name: string) => header.indexOf(name);
    const left = rows.filter((row) => types.has(row[at("event_type")] ?? ""));
    for (const row of left) {
      ids.add(row[0] ?? "");
      // What an action follows must be of an event type that there is.
      if (!types.has(row[at("follows.event_type")] ?? ""))
        header.forEach((name, column) => name.startsWith("follows.") && (row[column] = ""));
    }
    const used = header.map((name, column) => name === "amount" || left.some((row) => row[column] !== ""));
    files.set(path, written([header, ...left].map((row) => row.filter((_, column) => used[column]))));
  }
  for (const [path, text] of files) {
    if (!path.startsWith("adjustments/")) continue;
    const { header, rows } = csv(text);
    const left = rows.filter((row) => ids.has(row[header.indexOf("adjusts")] ?? ""));
    if (left.length > 0) files.set(path, written([header, ...left]));
    else files.delete(path);
  }
}

/** Reads the CSV of templates, which has no quotes. */
function csv(text: string): { header: string[]; rows: string[][] } {
  const [header = [], ...rows] = text.trim().split("\n").map((line) => line.split(","));
  return { header, rows };
}

const written = (rows: string[][]) => `${rows.map((row) => row.join(",")).join("\n")}\n`;
