/**
 * Program folders as parts of the page: each becomes a zip file, which is loaded when somebody opens it. A zip file of an example is what
 * the page exports too, so there is one way to read folders.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { zipSync, type Zippable } from "fflate";
import type { Plugin } from "vite";
import { INTRODUCTIONS, type Introduction } from "./examples.ts";

/** Name of the module that lists the folders. */
const LIST = "virtual:folders";

/** The time of files in a zip file: the same bytes whenever the page is built. */
const TIME = new Date(2026, 0, 1);

interface Folder {
  kind: string;
  name: string;
  root: string;
}

function listed(kinds: Record<string, string>): Folder[] {
  return Object.entries(kinds).flatMap(([kind, root]) => {
    if (!existsSync(root)) return [];
    const names = readdirSync(root).filter((name) => existsSync(join(root, name, "program.toml")));
    const found = names.sort().map((name) => ({ kind, name, root: join(root, name) }));
    return found.sort((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
  });
}

function files(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  const all = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  // The sources of components are no part of a program.
  return all.filter((file) => !/[/\\](src|target)[/\\]|Cargo\.(toml|lock)$/.test(relative(folder, file))).sort();
}

function zipped({ root }: Folder): Uint8Array {
  const zip: Zippable = {};
  for (const file of files(root)) zip[relative(root, file).replaceAll("\\", "/")] = readFileSync(file);
  return zipSync(zip, { level: 9, mtime: TIME });
}

/** What people read about a folder: as it is introduced, or else the heading of its README and the text under it. */
function about({ root, name, kind }: Folder): Introduction {
  const introduction = kind === "examples" ? INTRODUCTIONS[name] : undefined;
  if (introduction) return introduction;
  const readme = join(root, "README.md");
  const text = existsSync(readme) ? readFileSync(readme, "utf8") : "";
  const [, title = name] = /^# (.+)$/m.exec(text) ?? [];
  const [, paragraph = ""] = /^# .+\n+((?:[^#\n`|].*\n)+)/m.exec(text) ?? [];
  return { title, about: paragraph.replaceAll("\n", " ").replaceAll(/\[([^\]]+)\]\([^)]*\)/g, "$1").trim(), shows: [] };
}

/** The place of a folder in the list: introduced ones first, in their order. */
function place({ name }: Folder): number {
  const at = Object.keys(INTRODUCTIONS).indexOf(name);
  return at < 0 ? Infinity : at;
}

/** Puts folders of programs into the page, by kind. */
export function folders(kinds: Record<string, string>): Plugin {
  const all = listed(kinds);
  const path = ({ kind, name }: Folder) => `${kind}/${name}.zip`;
  return {
    name: "folders",
    resolveId: (id) => (id === LIST ? `\0${LIST}` : undefined),
    load: (id) =>
      id === `\0${LIST}`
        ? `export default ${JSON.stringify(all.map((of) => ({ kind: of.kind, name: of.name, path: path(of), ...about(of) })))}`
        : undefined,
    generateBundle() {
      for (const of of all) this.emitFile({ type: "asset", fileName: path(of), source: zipped(of) });
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const asked = all.find((of) => request.url?.split("?")[0] === `/${path(of)}`);
        if (!asked) return next();
        response.setHeader("content-type", "application/zip");
        response.end(zipped(asked));
      });
    },
  };
}
