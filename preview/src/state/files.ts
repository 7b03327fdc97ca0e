/**
 * The files of the program: the draft that is being edited, and the saved version that it is compared with.
 *
 * A text is an `EditorState` of CodeMirror from its first edit on, so that the editor and the tables have one text and one history: what
 * is undone in one is undone in the other.
 */
import { history, redo as redoIn, undo as undoIn } from "@codemirror/commands";
import { type ChangeSpec, EditorState, type Extension, type Transaction, type TransactionSpec } from "@codemirror/state";
import { computed, signal } from "@preact/signals";

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

/** What the editor adds to every text. Set once, before the first text is opened. */
let extensions: Extension = history();
export function setExtensions(added: Extension): void {
  extensions = [history(), added];
  states.clear();
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

/** Opens a folder in place of the one before. `draft` is what was changed in it since, if that was kept. */
export function openFolder(name: string, folder: Folder, draft: Folder = folder): void {
  states.clear();
  folderName.value = name;
  saved.value = folder;
  files.value = draft;
  const contract = [...draft.keys()].filter((path) => path.startsWith("contracts/")).sort()[0];
  openPath.value = contract ?? "program.toml";
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
    state = EditorState.create({ doc, extensions: [extensions, EditorState.lineSeparator.of("\n")] });
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

/** Takes the last edit of a text back. Returns whether there was one. */
export function undo(path: string): boolean {
  return undoIn({ state: stateOf(path), dispatch: (transaction) => dispatch(path, transaction) });
}

/** Makes the edit again that was taken back last. Returns whether there was one. */
export function redo(path: string): boolean {
  return redoIn({ state: stateOf(path), dispatch: (transaction) => dispatch(path, transaction) });
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
  revealed.value = { path, from, to, number: (revealed.value?.number ?? 0) + 1 };
}
