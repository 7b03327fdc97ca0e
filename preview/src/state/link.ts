/**
 * Links that carry the whole state of the page: `#share=1.` and, in base64, the deflated JSON of {@link Shared}. The part of an address
 * after `#` is never sent to a server.
 *
 * A link may come from anybody. It is read as data: its size is bounded before and while it is inflated, its paths are checked, and
 * everything that has another shape is refused.
 */
import { deflateSync, Inflate, strFromU8, strToU8 } from "fflate";
import { fromBase64, toBase64 } from "./base64.ts";
import { bytesOf, type Content, contentOf, type Folder, same } from "./files.ts";
import { Unreadable, wrongPath } from "./paths.ts";
import { type View, VIEWS } from "./view.ts";

/** What stands before the version of a link. */
const MARK = "#share=";
const VERSION = "1";

/** The largest file of actions or adjustments that goes into a link, in bytes, and the largest of any other kind. */
const LARGEST_DATA = 64 << 10;
const LARGEST = 512 << 10;

/** The longest link that is made, and the longest that is read, in characters. */
const LONGEST = 1 << 20;
const LONGEST_READ = 4 << 20;

/** The most bytes that a link may inflate to, and the most files. */
const MOST_INFLATED = 16 << 20;
const MOST_FILES = 2000;

/** A file in a link: a text, bytes in base64, or that there is no file. */
type Packed = string | [base64: string] | null;

/** A file that is too large for a link. */
export interface LeftOut {
  path: string;
  bytes: number;
  /** How many actions it has, if it has actions. */
  actions?: number;
  /** SHA-256 of its bytes, in hexadecimal digits, by which the same file is known that comes with the page. */
  digest: string;
}

/** What a link carries. */
export interface State {
  name: string;
  files: Folder;
  saved: Folder;
  view: View;
  path: string;
  opened: { action: string; partner: string | null } | null;
  /** The folder of the page that the files come from. */
  from: { kind: string; name: string } | null;
}

/** The JSON in a link. */
interface Shared {
  name: string;
  files: Record<string, Packed>;
  /** The saved version, where it differs. */
  saved: Record<string, Packed>;
  left: LeftOut[];
  view: string;
  path: string;
  opened: State["opened"];
  from: State["from"];
}

/** Whether an address has a link in it. */
export function isLink(hash: string): boolean {
  return hash.startsWith(MARK);
}

/** Makes the part of a link after the page's address. Throws {@link Unreadable} if it would be too long. */
export async function linkOf(state: State): Promise<{ hash: string; left: LeftOut[] }> {
  const left: LeftOut[] = [];
  const files = new Map<string, Packed>();
  const saved = new Map<string, Packed>();
  for (const [path, content] of state.files) {
    if (isLarge(path, content)) left.push(await leftOut(path, content));
    else files.set(path, packed(content));
  }
  for (const path of new Set([...state.files.keys(), ...state.saved.keys()])) {
    const content = state.saved.get(path);
    if (same(content, state.files.get(path)) || isLarge(path, content) || left.some((out) => out.path === path)) continue;
    saved.set(path, content === undefined ? null : packed(content));
  }
  const { name, view, path, opened, from } = state;
  const packs = { files: Object.fromEntries(files), saved: Object.fromEntries(saved) };
  const shared: Shared = { name, ...packs, left, view, path, opened, from };
  const hash = `${MARK}${VERSION}.${toBase64(deflateSync(strToU8(JSON.stringify(shared)), { level: 9 }))}`;
  if (hash.length > LONGEST) throw new Unreadable("The folder is too large for a link. Export it as a zip file, and send that.");
  return { hash, left };
}

function isLarge(path: string, content: Content | undefined): boolean {
  return (content?.length ?? 0) > (/^(actions|adjustments)\//.test(path) ? LARGEST_DATA : LARGEST);
}

function packed(content: Content): Packed {
  return typeof content === "string" ? content : [toBase64(content)];
}

async function leftOut(path: string, content: Content): Promise<LeftOut> {
  const bytes = bytesOf(content);
  return {
    path,
    bytes: bytes.length,
    ...(path.startsWith("actions/") && /\.(csv|jsonl)$/.test(path) ? { actions: actionsIn(path, bytes) } : {}),
    digest: await digestOf(bytes),
  };
}

/** Counts the actions of a file: its lines, or the ids that follow each other in a table. */
function actionsIn(path: string, bytes: Uint8Array): number {
  const lines = new TextDecoder().decode(bytes).split("\n").filter((line) => line.trim() !== "");
  if (path.endsWith(".jsonl")) return lines.length;
  const ids = lines.slice(1).map((line) => line.slice(0, line.indexOf(",")));
  return ids.filter((id, at) => id !== ids[at - 1]).length;
}

/** Returns the SHA-256 of bytes; empty where the browser has none, on a page that is not served securely. */
export async function digestOf(content: Content): Promise<string> {
  if (!globalThis.crypto?.subtle) return "";
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(bytesOf(content)));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Reads a link. Throws {@link Unreadable} if it is damaged, or asks for more than a link may. */
export function readLink(hash: string): { state: State; left: LeftOut[] } {
  const [version, ...rest] = hash.slice(MARK.length).split(".");
  if (version !== VERSION) {
    throw new Unreadable(/^\d+$/.test(version ?? "") ? "The link was made by a newer version of this page." : DAMAGED);
  }
  if (hash.length > LONGEST_READ) throw new Unreadable("The link is too long.");
  const shared = parsed(rest.join("."));
  const [files, differing] = [unpacked(shared["files"]), unpacked(shared["saved"])];
  const draft = new Map([...files].filter((entry): entry is [string, Content] => entry[1] !== null));
  const saved = new Map(draft);
  for (const [path, content] of differing) {
    if (content === null) saved.delete(path);
    else saved.set(path, content);
  }
  const view = VIEWS.find((view) => view === shared["view"] && view !== "start") ?? "contract";
  const name = textIn(shared["name"]).slice(0, 200) || "program";
  const opened = isRecord(shared["opened"]) ? shared["opened"] : null;
  const from = isRecord(shared["from"]) ? shared["from"] : null;
  return {
    state: {
      name,
      files: draft,
      saved,
      view,
      path: textIn(shared["path"]),
      opened: opened && { action: textIn(opened["action"]), partner: opened["partner"] === null ? null : textIn(opened["partner"]) },
      from: from && { kind: textIn(from["kind"]), name: textIn(from["name"]) },
    },
    left: leftIn(shared["left"]),
  };
}

const DAMAGED = "The link is damaged: a part of it may have been cut off. Ask for it again, or for the folder as a zip file.";

function parsed(text: string): Record<string, unknown> {
  let inflated: Uint8Array;
  let value: unknown;
  try {
    inflated = inflatedTo(MOST_INFLATED, fromBase64(text));
    value = JSON.parse(strFromU8(inflated));
  } catch (error) {
    throw error instanceof Unreadable ? error : new Unreadable(DAMAGED);
  }
  if (!isRecord(value)) throw new Unreadable(DAMAGED);
  return value;
}

/** Inflates bytes piece by piece, and stops when they get too many. */
function inflatedTo(most: number, deflated: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [];
  let size = 0;
  let ended = false;
  const inflate = new Inflate((piece, final) => {
    pieces.push(piece);
    size += piece.length;
    ended ||= final;
  });
  // A piece can become a thousand times as large: it must be small.
  const step = 4096;
  for (let at = 0; at < deflated.length; at += step) {
    inflate.push(deflated.subarray(at, at + step), at + step >= deflated.length);
    if (size > most) throw new Unreadable("The link unpacks to more than a link may have.");
  }
  if (!ended) throw new Unreadable(DAMAGED);
  const all = new Uint8Array(size);
  pieces.reduce((at, piece) => (all.set(piece, at), at + piece.length), 0);
  return all;
}

function unpacked(value: unknown): Map<string, Content | null> {
  if (!isRecord(value)) throw new Unreadable(DAMAGED);
  const entries = Object.entries(value);
  if (entries.length > MOST_FILES) throw new Unreadable("The link has more files than a link may have.");
  return new Map(entries.map(([path, packed]) => [checked(path), contentIn(path, packed)]));
}

function contentIn(path: string, packed: unknown): Content | null {
  if (packed === null || typeof packed === "string") return packed;
  if (!Array.isArray(packed) || typeof packed[0] !== "string") throw new Unreadable(DAMAGED);
  try {
    return contentOf(path, fromBase64(packed[0]));
  } catch {
    throw new Unreadable(DAMAGED);
  }
}

function checked(path: string): string {
  const wrong = wrongPath(path);
  if (wrong) throw new Unreadable(`A path in the link ${wrong}: ${path.slice(0, 80)}`);
  return path;
}

function leftIn(value: unknown): LeftOut[] {
  if (!Array.isArray(value) || value.length > MOST_FILES) throw new Unreadable(DAMAGED);
  return value.map((out: unknown) => {
    if (!isRecord(out)) throw new Unreadable(DAMAGED);
    const number = (of: unknown) => (typeof of === "number" && Number.isSafeInteger(of) && of >= 0 ? of : 0);
    const actions = out["actions"] === undefined ? {} : { actions: number(out["actions"]) };
    return { path: checked(textIn(out["path"])), bytes: number(out["bytes"]), digest: textIn(out["digest"]), ...actions };
  });
}

function textIn(value: unknown): string {
  if (typeof value !== "string") throw new Unreadable(DAMAGED);
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
