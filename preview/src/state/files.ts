/**
 * The files of the program: the draft that is being edited, and the saved version that it is compared with.
 *
 * A text is an `EditorState` of CodeMirror from its first edit on, so that the editor and the tables have one text and one history: what
 * is undone in one is undone in the other.
 */
import {
  type ChangeSpec,
  Compartment,
  EditorState,
  type Extension,
  type Transaction,
  type TransactionSpec,
} from "@codemirror/state";
import { batch, computed, signal } from "@preact/signals";

/** A text, or the bytes of what is no text or too large to be edited. */
export type Content = string | Uint8Array;

/** Files by their paths in the folder. */
export type Folder = ReadonlyMap<string, Content>;

/** The largest file that is edited as text. Larger ones are kept as bytes. */
const LARGEST_TEXT = 4 << 20;

const TEXT = /\.(toml|rhai|txt|csv|md|jsonl|json)$/;

/** The draft. */
export const files = signal<Folder>(new Map());

/** The version that the draft is compared with: as it was opened or last saved. */
export const saved = signal<Folder>(new Map());

/** The name of the folder, for people and for the file that is exported. */
export const folderName = signal("");

/** The path of the file that is open in the editor. */
export const openPath = signal("program.toml");

/** A place in a file that the editor shows next; the number makes each request another one. */
export const revealed = signal<{ path: string; from: number; to: number; number: number } | null>(null);
let revelations = 0;

/** The paths of files that differ from the saved version, added and removed ones among them. */
export const changedPaths = computed(() => {
  const paths = new Set([...files.value.keys(), ...saved.value.keys()]);
  return [...paths].filter((path) => !same(files.value.get(path), saved.value.get(path))).sort();
});

/** Whether two files have the same content. */
export function same(a: Content | undefined, b: Content | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || typeof a === "string" || typeof b === "string") return false;
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** Texts that were opened or edited. */
const states = new Map<string, EditorState>();

/** The editor that shows a text, if one does: its edits go through it. */
interface Shown {
  path: string;
  dispatch(transaction: Transaction): void;
}
let shown: Shown | null = null;

/** The history of texts. It is loaded with the first folder, and not with the page, which it would double. */
type History = Pick<typeof import("@codemirror/commands"), "history" | "undo" | "redo">;
let histories: History | undefined;
const ofHistory = new Compartment();

/** Gives texts their history: the editor's own, or the one that is loaded for the tables. */
export function setHistory(loaded: History): void {
  if (histories) return;
  histories = loaded;
  for (const [path, state] of states) {
    states.set(path, state.update({ effects: ofHistory.reconfigure(loaded.history()) }).state);
  }
}

/** What the editor adds to a text. */
let extensions: (path: string) => Extension = () => [];
const ofEditor = new Compartment();

/** Sets what the editor adds to texts, also to those that were edited before it was loaded. */
export function setExtensions(added: (path: string) => Extension): void {
  extensions = added;
  for (const [path, state] of states) {
    states.set(path, state.update({ effects: ofEditor.reconfigure(added(path)) }).state);
  }
}

/** Reads the bytes of a file: as text if people edit such files. */
export function contentOf(path: string, bytes: Uint8Array): Content {
  if (!TEXT.test(path) || bytes.length > LARGEST_TEXT) return bytes;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes;
  }
}

/** What forgets the folder before, wherever something of it is kept. */
const forgetting = new Set<() => void>();

/** The number of folders that were opened: an answer that comes after it has changed is about a folder that is gone. */
export let openings = 0;

/** Calls a function whenever another folder is opened, also one of the same name. Returns what ends that. */
export function whenOpened(forget: () => void): () => void {
  forgetting.add(forget);
  return () => forgetting.delete(forget);
}

const encoder = new TextEncoder();

/** Returns the bytes of a file. */
export function bytesOf(content: Content): Uint8Array {
  return typeof content === "string" ? encoder.encode(content) : content;
}

/** Opens a folder in place of the one before. `draft` is what was changed in it since, if that was kept. */
export function openFolder(name: string, folder: Folder, draft: Folder = folder): void {
  void import("@codemirror/commands").then(setHistory);
  openings += 1;
  batch(() => {
    states.clear();
    folderName.value = name;
    saved.value = folder;
    files.value = draft;
    const contract = [...draft.keys()].filter((path) => path.startsWith("contracts/")).sort()[0];
    openPath.value = contract ?? "program.toml";
    revealed.value = null;
    for (const forget of forgetting) forget();
  });
}

/** Returns the text of a file; empty if it is none. */
export function textOf(path: string): string {
  const content = files.value.get(path);
  return typeof content === "string" ? content : "";
}

/** Returns the state of a text. */
export function stateOf(path: string): EditorState {
  const doc = textOf(path);
  let state = states.get(path);
  // Line ends of Windows stay as they are: a place counts both characters.
  if (state === undefined || state.doc.toString() !== doc) {
    const added = [ofHistory.of(histories?.history() ?? []), ofEditor.of(extensions(path)), EditorState.lineSeparator.of("\n")];
    state = EditorState.create({ doc, extensions: added });
    states.set(path, state);
  }
  return state;
}

/** Sets the editor that shows a text; `null` when it is closed. */
export function setShown(editor: Shown | null): void {
  shown = editor;
}

/** Keeps what a transaction makes of a text. The editor calls this for its own transactions. */
export function keep(path: string, transaction: Transaction): void {
  states.set(path, transaction.state);
  if (transaction.docChanged) setFile(path, transaction.state.doc.toString());
}

function dispatch(path: string, transaction: Transaction): void {
  if (shown?.path === path) shown.dispatch(transaction);
  else keep(path, transaction);
}

/** Edits a text: in the editor if it shows it, and as one step of its history. */
export function edit(path: string, changes: ChangeSpec, more: TransactionSpec = {}): void {
  dispatch(path, stateOf(path).update({ changes, userEvent: "input", ...more }));
}

/** Replaces a text, as one edit of the part that differs. Returns whether it differs. */
export function rewrite(path: string, text: string): boolean {
  const before = textOf(path);
  if (before === text) return false;
  const most = Math.min(before.length, text.length);
  let start = 0;
  while (start < most && before[start] === text[start]) start += 1;
  let end = 0;
  while (end < most - start && before[before.length - 1 - end] === text[text.length - 1 - end]) end += 1;
  edit(path, { from: start, to: before.length - end, insert: text.slice(start, text.length - end) });
  return true;
}

/** Takes the last edit of a text back. Returns whether there was one. */
export function undo(path: string): boolean {
  return histories?.undo({ state: stateOf(path), dispatch: (transaction) => dispatch(path, transaction) }) ?? false;
}

/** Makes the edit again that was taken back last. Returns whether there was one. */
export function redo(path: string): boolean {
  return histories?.redo({ state: stateOf(path), dispatch: (transaction) => dispatch(path, transaction) }) ?? false;
}

/** Adds or replaces a file. */
export function setFile(path: string, content: Content): void {
  files.value = new Map(files.value).set(path, content);
}

/** Removes a file. */
export function removeFile(path: string): void {
  const left = new Map(files.value);
  left.delete(path);
  files.value = left;
  states.delete(path);
  if (openPath.value === path) openPath.value = "program.toml";
}

/** Gives a file another path. Its history stays with it. */
export function moveFile(from: string, to: string): void {
  const state = states.get(from);
  const content = files.value.get(from);
  if (content === undefined || from === to) return;
  const moved = new Map([...files.value].map(([path, content]) => [path === from ? to : path, content]));
  states.delete(from);
  if (state) states.set(to, state.update({ effects: ofEditor.reconfigure(extensions(to)) }).state);
  files.value = moved;
  if (openPath.value === from) openPath.value = to;
}

/** Takes the draft as the version that later drafts are compared with. */
export function markSaved(): void {
  saved.value = files.value;
}

/** Takes the draft back to the saved version. A text that both have is edited, so that the editor can undo it. */
export function revert(): void {
  for (const path of changedPaths.value) {
    const [before, after] = [files.value.get(path), saved.value.get(path)];
    if (after === undefined) removeFile(path);
    else if (typeof before !== "string" || typeof after !== "string") setFile(path, after);
    else edit(path, { from: 0, to: before.length, insert: after });
  }
}

/** Takes what a file became outside of the page: as saved, and as the draft too unless that is `kept`. */
export function fileChanged(path: string, content: Content | undefined, kept: boolean): void {
  const next = new Map(saved.value);
  if (content === undefined) next.delete(path);
  else next.set(path, content);
  saved.value = next;
  if (kept) return;
  if (content === undefined) removeFile(path);
  else setFile(path, content);
}

/** Shows a place of a file in the editor. */
export function reveal(path: string, from = 0, to = from): void {
  openPath.value = path;
  revealed.value = { path, from, to, number: ++revelations };
}
