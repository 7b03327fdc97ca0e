/**
 * Keeps every folder in the browser while it is edited, so that nothing is lost when a tab is closed or reloaded. A folder is kept from
 * its first change on; a folder that came from elsewhere, from when it is opened.
 */
import { computed, effect, signal } from "@preact/signals";
import { CONTENTS, type ContentKey, contentsOf, database, done, FOLDERS, type KeptFolder, result } from "./database.ts";
import { changedPaths, type Content, files, type Folder, folderName, openFolder, openPath, same, saved } from "./files.ts";
import { loadShipped, origin, shippedFolder, shippedOrigin } from "./shipped.ts";
import { tell, type View, view, VIEWS } from "./view.ts";

export type { KeptFolder };

/** Whether the browser keeps folders: not known yet, it does, or it refused. */
export const keeping = signal<"unknown" | "kept" | "refused">("unknown");

/** The folders that are kept, the latest first. */
export const keptFolders = signal<KeptFolder[]>([]);

/** How long a change waits until it is written, in milliseconds: others may come with it. */
const WAIT = 700;

/** Where a tab remembers what was open in it, for a reload. */
const TAB = "accrue-open";

/** The id under which the open folder is kept; empty until it is kept for the first time. */
export const keptId = signal("");
interface Version {
  draft: Folder;
  saved: Folder;
}

/** What of it was written. */
const NOTHING: Version = { draft: new Map(), saved: new Map() };
let written = NOTHING;
/** Gives the folder free for other tabs. */
let release = () => {};

/** Whether the folder is not just as it comes with the page, or as it is on disk. */
const worthKeeping = computed(() => {
  const came = shippedOrigin.value?.files;
  return origin.value !== "disk" && files.value.size > 0 && (files.value !== came || saved.value !== came);
});

/** Keeps the open folder from now on. Call it after what the tab had open was opened again. */
export function keepFolders(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let folder = "";
  effect(() => {
    void [files.value, saved.value, openPath.value, folderName.value];
    remember();
    if (!worthKeeping.value) return;
    folder = keptId.value;
    clearTimeout(timer);
    timer = setTimeout(() => void write(folder), WAIT);
  });
  const now = () => {
    clearTimeout(timer);
    void write(keptId.value);
  };
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && now());
  addEventListener("pagehide", now);
  addEventListener("beforeunload", (event) => {
    if (keeping.value === "refused" && changedPaths.value.length > 0) event.preventDefault();
  });
  void list();
}

/** Begins another folder: what comes is not kept over what was open before. */
export function beginFolder(): void {
  void write(keptId.value);
  keptId.value = "";
  written = NOTHING;
  release();
  release = () => {};
}

/** Remembers for a reload of this tab what is open in it. */
function remember(): void {
  const open = keptId.value !== "" ? { id: keptId.value } : shippedName();
  try {
    if (open) sessionStorage.setItem(TAB, JSON.stringify({ ...open, view: view.value }));
    else sessionStorage.removeItem(TAB);
  } catch {
    // A browser that refuses this refuses the database too, and that is told.
  }
}

/** The name of the folder of the page from which the open one comes. */
function shippedName(): { kind: string; name: string } | null {
  const from = shippedOrigin.value?.folder;
  return from ? { kind: from.kind, name: from.name } : null;
}

let writing = Promise.resolve();

/** Keeps the open folder at once. */
export function keepNow(): Promise<void> {
  return write(keptId.value);
}

/** Writes what has changed of the open folder, one after the other. */
function write(of: string): Promise<void> {
  // What is written is what is open now, also if another folder is open when its turn comes.
  if (of !== keptId.value || !worthKeeping.value) return writing;
  if (keptId.value === "") {
    keptId.value = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    void claim(keptId.value).then((free) => (release = free ?? release));
    remember();
  }
  const before = written;
  const now = { draft: files.value, saved: saved.value };
  written = now;
  const folder: KeptFolder = {
    id: keptId.value,
    name: folderName.value,
    time: Date.now(),
    draft: [...now.draft.keys()],
    saved: [...now.saved.keys()],
    changed: changedPaths.value.length,
    view: view.value,
    path: openPath.value,
    from: shippedName(),
  };
  writing = writing
    .then(() => put(folder, before, now))
    .catch((error: unknown) => {
      // Nothing of it is there: the next time all of it is written.
      written = NOTHING;
      refused(error);
    });
  return writing;
}

/** The contents of a folder: all of its saved version, and what differs from it in the draft. */
function contents(id: string, { draft, saved }: Version): Map<string, { key: ContentKey; content: Content }> {
  const all = new Map<string, { key: ContentKey; content: Content }>();
  for (const [path, content] of saved) all.set(`saved ${path}`, { key: [id, "saved", path], content });
  for (const [path, content] of draft)
    if (!same(content, saved.get(path))) all.set(`draft ${path}`, { key: [id, "draft", path], content });
  return all;
}

async function put(folder: KeptFolder, before: Version, now: Version): Promise<void> {
  const transaction = (await database()).transaction([FOLDERS, CONTENTS], "readwrite");
  const [was, is] = [contents(folder.id, before), contents(folder.id, now)];
  const store = transaction.objectStore(CONTENTS);
  for (const [name, { key, content }] of is) if (was.get(name)?.content !== content) store.put(content, key);
  for (const [name, { key }] of was) if (!is.has(name)) store.delete(key);
  transaction.objectStore(FOLDERS).put(folder);
  await done(transaction);
  keeping.value = "kept";
  keptFolders.value = [folder, ...keptFolders.value.filter((other) => other.id !== folder.id)];
}

function refused(error: unknown): void {
  if (keeping.value === "refused") return;
  keeping.value = "refused";
  const full = error instanceof DOMException && error.name === "QuotaExceededError";
  tell(`${full ? "The browser has no more room for this page" : "This browser keeps nothing for this page"}: export the folder before you close it.`);
}

async function list(): Promise<void> {
  try {
    const all = await result<KeptFolder[]>((await database()).transaction(FOLDERS).objectStore(FOLDERS).getAll());
    keptFolders.value = all.sort((a, b) => b.time - a.time);
    keeping.value = "kept";
  } catch (error) {
    refused(error);
  }
}

/** Opens a folder that was kept. If another tab has it open, this one goes on with a copy. */
export async function continueFolder(wanted: string): Promise<boolean> {
  try {
    const transaction = (await database()).transaction([FOLDERS, CONTENTS]);
    const folder: KeptFolder | undefined = await result(transaction.objectStore(FOLDERS).get(wanted));
    if (!folder) return false;
    const store = transaction.objectStore(CONTENTS);
    const [keys, values] = await Promise.all([result(store.getAllKeys(contentsOf(wanted))), result<Content[]>(store.getAll(contentsOf(wanted)))]);
    const contents = new Map(keys.map((key, at) => [String((key as ContentKey).slice(1)), values[at] ?? ""]));
    const saved = new Map(folder.saved.map((path) => [path, contents.get(`saved,${path}`) ?? ""]));
    const draft = new Map(folder.draft.map((path) => [path, contents.get(`draft,${path}`) ?? saved.get(path) ?? ""]));
    const free = await claim(wanted);
    beginFolder();
    if (free) {
      release = free;
      keptId.value = wanted;
      written = { draft, saved };
    } else {
      tell(`${folder.name} is open in another tab. What you change here is kept as a copy.`);
    }
    const shipped = shippedFolder(folder.from);
    origin.value = shipped && { folder: shipped, files: new Map() };
    openFolder(folder.name, saved, draft);
    if (draft.has(folder.path)) openPath.value = folder.path;
    view.value = asView(folder.view);
    return true;
  } catch (error) {
    refused(error);
    return false;
  }
}

function asView(text: unknown): View {
  return VIEWS.find((view) => view === text) ?? "contract";
}

/** Takes a folder for this tab. Returns what gives it free again; `null` if another tab has it. */
async function claim(wanted: string): Promise<(() => void) | null> {
  if (!navigator.locks) return () => {};
  return new Promise((resolve) => {
    // A tab that is being reloaded or closed gives its folder free in a moment.
    const options = { signal: AbortSignal.timeout(500) };
    navigator.locks.request(`accrue ${wanted}`, options, () => new Promise<void>((free) => resolve(free))).catch(() => resolve(null));
  });
}

/** Forgets a folder. */
export async function forgetFolder(unwanted: string): Promise<void> {
  try {
    const transaction = (await database()).transaction([FOLDERS, CONTENTS], "readwrite");
    transaction.objectStore(FOLDERS).delete(unwanted);
    transaction.objectStore(CONTENTS).delete(contentsOf(unwanted));
    await done(transaction);
    keptFolders.value = keptFolders.value.filter((folder) => folder.id !== unwanted);
    if (unwanted === keptId.value) {
      keptId.value = "";
      written = NOTHING;
    }
  } catch (error) {
    refused(error);
  }
}

/** Opens again what this tab had open before it was reloaded. */
export async function reopen(): Promise<boolean> {
  const [navigation] = performance.getEntriesByType("navigation");
  if (!(navigation instanceof PerformanceNavigationTiming) || !/reload|back_forward/.test(navigation.type)) return false;
  try {
    const open: unknown = JSON.parse(sessionStorage.getItem(TAB) ?? "null");
    if (typeof open !== "object" || open === null) return false;
    if ("id" in open) return await continueFolder(String(open.id));
    const shipped = "kind" in open && "name" in open ? shippedFolder({ kind: String(open.kind), name: String(open.name) }) : null;
    if (!shipped) return false;
    const came = await loadShipped(shipped);
    origin.value = came;
    openFolder(shipped.name, came.files);
    view.value = asView("view" in open ? open.view : "");
    return true;
  } catch {
    return false;
  }
}
