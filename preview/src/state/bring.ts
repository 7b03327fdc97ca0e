/**
 * Reads what somebody opens on the page: a folder, a zip file, or single files, chosen or dropped. Says what is missing if the files do
 * not make a program.
 */
import type { Folder } from "./files.ts";
import { isIgnored, MOST_BYTES, MOST_FILES, sizeOf, someOf, Unreadable, wrongPath } from "./paths.ts";
import { folderOf } from "./shipped.ts";
import { unzipped } from "./zip.ts";

/** Files as they were chosen, with the paths under which they came. */
export type Chosen = Map<string, File>;

/** A program that was found. */
export interface Found {
  name: string;
  /** Where it is among the files, without a slash at the end; empty if it is all of them. */
  root: string;
  folder: Folder;
}

/** What was found: programs; or files that make no program, by the places that they would have in one. */
export interface Brought {
  programs: Found[];
  loose: Folder;
}

/** Returns the files of an `<input type="file">`. */
export function fromInput(list: FileList | null): Chosen {
  return new Map([...(list ?? [])].map((file) => [file.webkitRelativePath || file.name, file]));
}

/** Returns the files and folders that were dropped. Call it in the event itself: later the browser has forgotten them. */
export async function fromDrop(data: DataTransfer): Promise<Chosen> {
  const dropped = [...data.items].filter(({ kind }) => kind === "file").map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
  const chosen: Chosen = new Map();
  for (const entry of dropped) {
    if (entry instanceof File) chosen.set(entry.name, entry);
    else if (entry) await walk(entry, entry.name, chosen);
  }
  return chosen;
}

async function walk(entry: FileSystemEntry, path: string, chosen: Chosen): Promise<void> {
  if (isIgnored(path)) return;
  if (chosen.size >= MOST_FILES) throw new Unreadable(`There are more than ${MOST_FILES.toLocaleString("en")} files.`);
  if (entry.isFile) {
    chosen.set(path, await new Promise((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)));
  } else if (entry.isDirectory) {
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    // A reader gives some entries at a time, and none at the end.
    for (;;) {
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (some.length === 0) break;
      for (const inner of some) await walk(inner, `${path}/${inner.name}`, chosen);
    }
  }
}

/** Reads what was chosen. */
export async function bring(chosen: Chosen): Promise<Brought> {
  const files = [...chosen].filter(([path]) => !isIgnored(path));
  if (files.length === 0) throw new Unreadable("There is no file in it.");
  if (files.length > MOST_FILES) throw new Unreadable(`There are more than ${MOST_FILES.toLocaleString("en")} files.`);
  const size = files.reduce((sum, [, file]) => sum + file.size, 0);
  if (size > MOST_BYTES) throw new Unreadable(`The files have ${sizeOf(size)}; the page reads ${sizeOf(MOST_BYTES)} at most.`);
  const read = new Map<string, Uint8Array>();
  for (const [path, file] of files) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (files.length === 1 && /\.zip$/i.test(path)) return inFolder(unzipped(bytes), file.name.replace(/\.zip$/i, ""));
    const wrong = wrongPath(path);
    if (wrong) throw new Unreadable(`A path ${wrong}: ${path.slice(0, 80)}`);
    read.set(path, bytes);
  }
  return inFolder(read);
}

/** Finds the programs among files: each folder that has a `program.toml`. */
export function inFolder(files: ReadonlyMap<string, Uint8Array>, name?: string): Brought {
  const roots = [...files.keys()].filter((path) => /(^|\/)program\.toml$/.test(path)).map((path) => path.slice(0, -"program.toml".length));
  const outer = roots.filter((root) => !roots.some((other) => other !== root && root.startsWith(other))).sort();
  const programs = outer.map((root) => {
    const inside = [...files].filter(([path]) => path.startsWith(root)).map(([path, bytes]): [string, Uint8Array] => [path.slice(root.length), bytes]);
    const folder = folderOf(inside);
    // Single files have lost their folders: each is put where it belongs.
    const flat = [...folder.keys()].every((path) => !path.includes("/"));
    return { name: root.split("/").at(-2) ?? name ?? idIn(folder), root: root.slice(0, -1), folder: flat ? placed(folder) : folder };
  });
  return { programs, loose: programs.length > 0 ? new Map() : placed(folderOf(files)) };
}

/** The id that a program gives itself. */
function idIn(folder: Folder): string {
  const text = folder.get("program.toml");
  return (typeof text === "string" && /^id\s*=\s*["']([\w.-]+)["']/m.exec(text)?.[1]) || "program";
}

/** Says what is missing from files that make no program. */
export function missing(loose: Folder): string {
  return `There is no program.toml in it. A program folder has a program.toml, which says what is paid for and in which currency, and a folder contracts with a contract. Found: ${someOf([...loose.keys()].sort())}.`;
}

const FACTS = /^(partners|creatives|promo_codes|standing_partners|rates|pauses)\.(csv|jsonl)$/;
const KNOWN = /^(contracts|rules|functions|components|lists|tables|facts|actions|adjustments|tests|imports)\//;

/** Puts files where they belong in a program folder, by their names and by what is in them. */
export function placed(loose: Folder): Folder {
  return new Map([...loose].map(([path, content]) => [placeOf(path, typeof content === "string" ? content : ""), content]));
}

function placeOf(path: string, text: string): string {
  const known = path.split("/").map((_, at, parts) => parts.slice(at).join("/")).find((rest) => KNOWN.test(rest));
  if (known !== undefined) return known;
  const name = path.slice(path.lastIndexOf("/") + 1);
  const head = text.slice(0, 4096);
  if (name === "program.toml" || /\.md$/i.test(name)) return name;
  if (FACTS.test(name)) return `facts/${name}`;
  if (/\.rhai$/.test(name)) return `rules/${name}`;
  if (/\.wasm$/.test(name)) return `components/${name}`;
  if (/\.txt$/.test(name)) return `lists/${name}`;
  if (/\.toml$/.test(name)) return `${/^\s*\[\[tests/m.test(head) ? "tests" : "contracts"}/${name}`;
  if (/\.(csv|jsonl)$/.test(name) && /(^|[",])adjusts[",]/.test(head)) return `adjustments/${name}`;
  return `actions/${name}`;
}
