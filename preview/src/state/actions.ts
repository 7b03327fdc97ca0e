/**
 * Which actions are decided: the files of the folder and the files that were added, each with its mapping if it is an export.
 */
import { AccrueError, type Action } from "accrue-rules";
import { computed, signal } from "@preact/signals";
import { assist } from "./engines.ts";
import { bytesOf, type Content, files, textOf, whenOpened } from "./files.ts";
import { declared } from "./program.ts";
import { NEEDS_READERS, readable } from "./readable.ts";
import { isParquet, ownKind } from "./rows.ts";

/** The mapping of an export: a file of the folder, one that ships, or a draft that is kept nowhere yet. */
export type Mapping =
  | { kind: "folder"; path: string }
  | { kind: "shipped"; name: string; title: string; text: string }
  | { kind: "draft"; text: string };

/** A file of actions or adjustments. */
export interface Source {
  /** The path in the folder; for others a number. */
  id: string;
  name: string;
  /** Where it came from. */
  from: "folder" | "added" | "form";
  content: Content;
  kind: "actions" | "adjustments";
  /** Whether it is in Accrue's own format, so that it needs no mapping. */
  own: boolean;
}

/** Files that were added to the page. They are no part of the folder. */
const added = signal<Source[]>([]);

/** The sources that are left out, by their ids. Others are chosen. */
const leftOut = signal<ReadonlySet<string>>(new Set());

/** The mappings that were chosen, by the ids of their sources. */
const chosenMappings = signal<ReadonlyMap<string, Mapping>>(new Map());

/** The source that is shown. */
export const shownSource = signal<string | null>(null);

/** The action that the form begins with; `{}` for a new one, `null` if the form is closed. */
export const formAction = signal<Partial<Action> | null>(null);

const decoder = new TextDecoder();

/** The beginning of a file, enough for its header. */
function head(content: Content): string {
  return typeof content === "string" ? content.slice(0, 65_536) : decoder.decode(content.subarray(0, 65_536));
}

/** The whole text of a source. */
export function textOfSource(source: Source): string {
  return typeof source.content === "string" ? source.content : decoder.decode(source.content);
}

/** The files of the folder: found again only when one of them changes. */
const inFolder = computed<Source[]>(() => {
  const found: Source[] = [];
  for (const [path, content] of files.value) {
    const [, folder, name] = /^(actions|adjustments)\/(.+)$/.exec(path) ?? [];
    if (!folder || !name || /(^|\/)(readme|\.)/i.test(name)) continue;
    const own = ownKind(name, head(content));
    found.push({ id: path, name: path, from: "folder", content, kind: folder as Source["kind"], own: own !== null || folder === "adjustments" });
  }
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
});

/** All files of actions and adjustments. */
export const sources = computed<Source[]>(() => [...inFolder.value, ...added.value]);

/** Those that a run decides. */
export const chosen = computed(() => sources.value.filter(({ id }) => !leftOut.value.has(id)));

export function isChosen(source: Source): boolean {
  return !leftOut.value.has(source.id);
}

export function choose(source: Source, chosen: boolean): void {
  const left = new Set(leftOut.value);
  if (chosen) left.delete(source.id);
  else left.add(source.id);
  leftOut.value = left;
}

/** Returns the mapping that a source is read through; `undefined` for one in Accrue's own format. */
export function mappingOf(source: Source): Mapping | undefined {
  return chosenMappings.value.get(source.id);
}

/** Returns the text of a mapping: as the folder has it now. */
export function mappingText(mapping: Mapping): string {
  return mapping.kind === "folder" ? textOf(mapping.path) : mapping.text;
}

/** Reads a source through a mapping; without one, in Accrue's own format. */
export function setMapping(source: Source, mapping: Mapping | undefined): void {
  const all = new Map(chosenMappings.value);
  if (mapping) all.set(source.id, mapping);
  else all.delete(source.id);
  chosenMappings.value = all;
}

/** The mappings of the folder. */
export const folderMappings = computed(() => [...files.value.keys()].filter((path) => /^imports\/[^/]+\.toml$/.test(path)).sort());

/** The largest file after unpacking. */
const LARGEST = 1 << 30;

async function unpacked(name: string, bytes: Uint8Array): Promise<{ name: string; bytes: Uint8Array }> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return { name, bytes };
  const reader = new Blob([bytes as BlobPart]).stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    length += value.length;
    if (length > LARGEST) throw new Error(`${name} has more than 1 GB once it is unpacked`);
  }
  const all = new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
  return { name: name.replace(/\.(gz|gzip)$/i, ""), bytes: all };
}

let last = 0;

function add(source: Omit<Source, "id">): Source {
  const of = { ...source, id: `added-${++last}` };
  added.value = [...added.value, of];
  return of;
}

/** Returns the name, with a number if another file has it: what is rejected is known by the name of its file. */
function ownName(name: string): string {
  const taken = new Set([FORM, ...sources.value.map((source) => source.name)]);
  const [, stem, ending = ""] = /^(.*?)(\.[^.]*)?$/.exec(name) ?? [];
  let own = name;
  for (let number = 2; taken.has(own); number++) own = `${stem}-${number}${ending}`;
  return own;
}

/** Adds a file. An export gets a mapping: one of the folder that fits, one that ships and fits, or a proposal. */
export async function addFile(fileName: string, packed: Uint8Array): Promise<void> {
  const { name, bytes } = await unpacked(fileName, packed);
  const kind = NEEDS_READERS.test(name) ? (isParquet(name) ? "actions" : null) : ownKind(name, head(bytes));
  const source = add({ name: ownName(name), from: "added", content: bytes, kind: kind ?? "actions", own: kind !== null });
  shownSource.value = source.id;
  if (kind === null) setMapping(source, await proposed(source));
}

/** Adds a text that was pasted. */
export async function addText(text: string): Promise<void> {
  const first = text.trimStart()[0];
  const tabs = /^[^\n]*\t/.test(text);
  await addFile(first === "{" ? "pasted.jsonl" : tabs ? "pasted.tsv" : "pasted.csv", bytesOf(text));
}

/** The file with which a mapping is found: all of a workbook, the first rows of a text. */
export async function beginning(source: Source): Promise<{ name: string; content: Uint8Array }> {
  const { content } = await readable(source);
  const most = 1 << 20;
  if (NEEDS_READERS.test(source.name) || content.length <= most) return { name: source.name, content };
  const end = content.subarray(0, most).lastIndexOf(10);
  return { name: source.name, content: content.subarray(0, end > 0 ? end + 1 : most) };
}

/** What the last proposal says about each source: assumptions, and questions that are left. */
export const proposals = signal<ReadonlyMap<string, { notes: string[]; questions: string[] }>>(new Map());

async function proposed(source: Source): Promise<Mapping> {
  const engine = await assist();
  const file = await beginning(source);
  for (const path of folderMappings.value) {
    try {
      const { entries } = await engine.previewImport({ ...file, mapping: textOf(path) }, 5, declared.value.zone);
      if (entries.some(({ outcome }) => outcome.kind === "action")) return { kind: "folder", path };
    } catch {
      // It is a mapping of another export.
    }
  }
  const shipped = await engine.guess(file, declared.value.zone).then(
    async ({ candidates }) => (await engine.mappings()).find(({ name }) => name === candidates[0]?.name),
    () => undefined,
  );
  return shipped ? { kind: "shipped", ...shipped } : guessed(source);
}

/** Proposes a mapping from the header and the cells of an export; if they say nothing, one that is to be written. */
export async function guessed(source: Source): Promise<Mapping> {
  try {
    const { toml, notes, questions } = await (await assist()).guess(await beginning(source), declared.value.zone);
    proposals.value = new Map(proposals.value).set(source.id, { notes, questions });
    return { kind: "draft", text: toml };
  } catch (error) {
    if (!(error instanceof AccrueError)) throw error;
    // Such as a workbook whose first sheet is no table: the form and the text can say which sheet is.
    const title = source.name.replace(/\.[^.]*$/, "");
    return { kind: "draft", text: `title = ${JSON.stringify(title)}\n\n[columns]\n` };
  }
}

/** Removes a file that was added. */
export function removeSource(source: Source): void {
  added.value = added.value.filter(({ id }) => id !== source.id);
  setMapping(source, undefined);
  choose(source, true);
  if (shownSource.value === source.id) shownSource.value = null;
}

/** The name of the file that the form writes. */
export const FORM = "made-here.jsonl";

/** Keeps an action that was made in the form. An action with an id that was made before takes its place. */
export function keepAction(action: Action): void {
  const line = `${JSON.stringify(action)}\n`;
  const before = added.value.find((source) => source.from === "form");
  if (!before) {
    const source = add({ name: FORM, from: "form", content: line, kind: "actions", own: true });
    shownSource.value = source.id;
    return;
  }
  const kept = textOfSource(before)
    .split("\n")
    .filter((text) => text !== "" && (JSON.parse(text) as Action).id !== action.id);
  const content = [...kept, line].join("\n");
  added.value = added.value.map((source) => (source === before ? { ...source, content } : source));
  choose(before, true);
}

// What was added and chosen is about the folder that was open.
whenOpened(() => {
  added.value = [];
  leftOut.value = new Set();
  chosenMappings.value = new Map();
  proposals.value = new Map();
  shownSource.value = null;
  formAction.value = null;
});
