/** Where the files of a program have a number that stands on a card. */
import type { Entry } from "accrue-rules";
import type { Folder } from "../../state/files.ts";
import { offsetsIn, placesIn } from "../../state/places.ts";
import { readToml, type TomlPlace } from "../../state/toml.ts";

/** A place in a file. */
export interface Origin {
  path: string;
  from: number;
  to: number;
}

const read = new WeakMap<Folder, Map<string, ReadonlyMap<string, TomlPlace>>>();

/** The places in a file, read once for each version of the folder. */
function placesOf(folder: Folder, path: string): ReadonlyMap<string, TomlPlace> {
  const text = folder.get(path);
  let known = read.get(folder);
  if (!known) read.set(folder, (known = new Map()));
  let places = known.get(path);
  if (!places) known.set(path, (places = readToml(typeof text === "string" ? text : "").places));
  return places;
}

/** Returns the place at a path, or at the longest part of it that is written. */
function longest(places: ReadonlyMap<string, TomlPlace>, path: string): TomlPlace | undefined {
  for (let rest = path; rest !== ""; rest = rest.replace(/(^|\.|\])[^.[\]]+$|\[\d+\]$/, (found) => (found.startsWith("]") ? "]" : ""))) {
    const place = places.get(rest);
    if (place) return place;
  }
  return undefined;
}

/** The row of a table of a CSV file; tables of rates have a header. */
function rowOf(folder: Folder, name: string, row: number): Origin | undefined {
  const path = [`tables/${name}.csv`, name].find((path) => typeof folder.get(path) === "string");
  if (path === undefined) return undefined;
  const lines = String(folder.get(path)).split("\n");
  const from = lines.slice(0, row + 1).join("\n").length + 1;
  return { path, from, to: from + (lines[row + 1] ?? "").trimEnd().length };
}

/**
 * Returns where a number is written. `origin` is a path in the terms such as `limits[0].max`; with `@`, the bytes of a constant in a rule:
 * in the contract, or in the rule file that the contract names there.
 */
export function placeOfOrigin(folder: Folder, file: string, origin: string, entry?: Entry): Origin | undefined {
  const places = placesOf(folder, file);
  // Parts of a contract for several event types or currencies have these before the path.
  const [, terms = "", begin, end] = /^(?:[^:]*: )?([^@]*)(?:@(\d+)\.\.(\d+))?$/.exec(origin) ?? [];
  if (begin !== undefined && end !== undefined) {
    const named = places.get(terms)?.text;
    const path = named !== undefined && folder.has(named) ? named : file;
    const text = folder.get(path);
    if (typeof text !== "string") return undefined;
    const offset = offsetsIn(text);
    const [from, to] = [offset(Number(begin)), offset(Number(end))];
    // The number of a parameter stands where the contract sets it.
    const parameter = /\bparams\.\w+/.exec(text.slice(from, to))?.[0];
    const set = parameter === undefined ? undefined : places.get(parameter);
    return set ? { path: file, from: set.from, to: set.to } : { path, from, to };
  }
  // `max` of the terms is `max_actions`, `max_of_margin` and others in the contract.
  const exact = places.get(terms) ?? [...places].find(([path]) => path.startsWith(`${terms}_`))?.[1];
  if (exact) return { path: file, from: exact.from, to: exact.to };
  // Bands and tiers may stand in a table of their own.
  const [, owner = "", row = ""] = /^(.*)\[(\d+)\][^[\]]*$/.exec(terms) ?? [];
  const table = places.get(`${owner}.table`)?.text;
  const inTable = table === undefined ? undefined : rowOf(folder, table, Number(row));
  if (inTable) return inTable;
  if (entry?.place) {
    const { file: path, span } = placesIn(folder)(entry.place);
    return { path, from: span.start, to: span.end };
  }
  const near = longest(places, terms);
  return near && { path: file, from: near.from, to: near.to };
}
