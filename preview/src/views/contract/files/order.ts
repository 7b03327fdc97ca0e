/** The order in which files are listed: the terms first, then their tests, then what they are tried on. */
import { type Content, type Folder, saved } from "../../../state/files.ts";

/** The folders of a program, in the order in which they are listed, with what is in them. */
export const FOLDERS: { name: string; title: string }[] = [
  { name: "", title: "Program" },
  { name: "contracts", title: "Contracts" },
  { name: "rules", title: "Rules" },
  { name: "functions", title: "Functions" },
  { name: "components", title: "Components" },
  { name: "lists", title: "Lists" },
  { name: "tables", title: "Tables" },
  { name: "tests", title: "Tests" },
  { name: "facts", title: "Facts" },
  { name: "imports", title: "Import mappings" },
  { name: "actions", title: "Actions" },
  { name: "adjustments", title: "Adjustments" },
];

/** The largest text that the editor opens, in characters. */
const LARGEST_OPEN = 400_000;

/** A file of the list. */
export interface Listed {
  path: string;
  /** Its path inside its folder. */
  name: string;
  state: "same" | "changed" | "added" | "removed";
}

/** Files of one folder. */
export interface Group {
  name: string;
  title: string;
  files: Listed[];
}

/** Returns why a file cannot be edited here; `null` if it can. */
export function notEditable(content: Content): string | null {
  if (typeof content !== "string") return "not text";
  return content.length > LARGEST_OPEN ? "too large" : null;
}

function folderOf(path: string): string {
  const slash = path.indexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}

/** Lists the files of the draft by folder, and those that were removed from it. */
export function grouped(draft: Folder, changed: readonly string[]): Group[] {
  const before = saved.value;
  const groups = new Map(FOLDERS.map(({ name, title }) => [name, { name, title, files: [] as Listed[] }]));
  const paths = [...new Set([...draft.keys(), ...changed])];
  // The file that declares the program comes first.
  paths.sort((a, b) => Number(b === "program.toml") - Number(a === "program.toml") || a.localeCompare(b, "en"));
  for (const path of paths) {
    const name = folderOf(path);
    const group = groups.get(name) ?? { name, title: name, files: [] };
    groups.set(name, group);
    const state = !draft.has(path)
      ? "removed"
      : !changed.includes(path)
        ? "same"
        : before.has(path)
          ? "changed"
          : "added";
    group.files.push({ path, name: name ? path.slice(name.length + 1) : path, state });
  }
  return [...groups.values()].filter((group) => group.files.length > 0);
}
