/** What is shared of the page by a link, and what a link opens. */
import { openedAction } from "./chosen.ts";
import { type Content, files, folderName, openPath, saved } from "./files.ts";
import { digestOf, isLink, type LeftOut, linkOf, readLink } from "./link.ts";
import { notOpened, open } from "./open.ts";
import { sizeOf, Unreadable } from "./paths.ts";
import { loadShipped, type Origin, shippedFolder, shippedOrigin } from "./shipped.ts";
import { tell, view } from "./view.ts";

/** A link to the state of the page. */
export interface Link {
  url: string;
  left: LeftOut[];
  /** Whether this page has the files that were left out, so that who opens the link gets them from it. */
  here: boolean;
}

/** Makes a link to the state of the page. */
export async function shareLink(): Promise<Link> {
  const from = shippedOrigin.value?.folder ?? null;
  const { hash, left } = await linkOf({
    name: folderName.value,
    files: files.value,
    saved: saved.value,
    view: view.value,
    path: openPath.value,
    opened: openedAction.value,
    from: from && { kind: from.kind, name: from.name },
  });
  const url = new URL(document.baseURI);
  url.hash = hash;
  return { url: url.href, left, here: from !== null && left.length > 0 && (await found(left, await loadShipped(from))).size === left.length };
}

/** Says which files are not in a link. */
export function namesOf(left: LeftOut[]): string {
  const actions = left.reduce((sum, out) => sum + (out.actions ?? 0), 0);
  if (actions > 0) return `${actions.toLocaleString("en")} actions`;
  return left.map((out) => `${out.path} (${sizeOf(out.bytes)})`).join(", ");
}

/** Returns those of the files that a folder of the page has just as they were left out. */
async function found(left: LeftOut[], from: Origin): Promise<Map<string, Content>> {
  const all = new Map<string, Content>();
  for (const { path, digest } of left) {
    const content = from.files.get(path);
    if (content !== undefined && digest !== "" && (await digestOf(content)) === digest) all.set(path, content);
  }
  return all;
}

/** Opens the link in the page's address, if there is one. The address is plain again afterwards, so that a reload keeps later edits. */
export async function openLink(): Promise<boolean> {
  const { hash } = location;
  if (!isLink(hash)) return false;
  history.replaceState(null, "", location.pathname + location.search);
  try {
    const { state, left } = readLink(hash);
    const shipped = shippedFolder(state.from);
    const from = shipped && (await loadShipped(shipped));
    const known = from ? await found(left, from) : new Map<string, Content>();
    const opened = await open(state.name, new Map([...state.saved, ...known]), {
      draft: new Map([...state.files, ...known]),
      question: `Open the link to ${state.name}?`,
      ...(from && { from }),
    });
    if (!opened) return false;
    view.value = state.view;
    if (files.value.has(state.path)) openPath.value = state.path;
    openedAction.value = state.opened;
    const missing = left.filter((out) => !known.has(out.path));
    if (missing.length > 0) tell(`This link has the contract without its ${namesOf(missing)}: ask for them, and add them as files.`);
    return true;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    notOpened.value = error.message;
    if (files.value.size > 0) tell(error.message);
    return false;
  }
}
