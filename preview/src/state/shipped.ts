/** Program folders that come with the page. */
import { computed, signal } from "@preact/signals";
import folders, { type ShippedFolder } from "virtual:folders";
import { contentOf, type Folder } from "./files.ts";
import { Unreadable } from "./paths.ts";
import { unzipped } from "./zip.ts";

/** A folder of the page that was opened, and its files as they came. */
export interface Origin {
  folder: ShippedFolder;
  files: Folder;
}

/** Where the open folder comes from: from the page, or from the disk of `accrue preview`; `null` for all others. */
export const origin = signal<Origin | "disk" | null>(null);

/** The folder of the page from which the open one comes; `null` if it comes from elsewhere. */
export const shippedOrigin = computed(() => (origin.value === "disk" ? null : origin.value));

/** Returns a folder that comes with the page; `null` if it has none of that name. */
export function shippedFolder(of: { kind: string; name: string } | null): ShippedFolder | null {
  return folders.find((folder) => folder.kind === of?.kind && folder.name === of.name) ?? null;
}

/** Turns bytes into texts where people edit them. */
export function folderOf(files: Iterable<[string, Uint8Array]>): Folder {
  return new Map([...files].map(([path, bytes]) => [path, contentOf(path, bytes)]));
}

/** Loads the files of a folder that comes with the page. */
export async function loadShipped(folder: ShippedFolder): Promise<Origin> {
  const response = await fetch(new URL(folder.path, document.baseURI));
  if (!response.ok) throw new Unreadable(`${folder.title} cannot be loaded: ${response.status} ${response.statusText}`);
  return { folder, files: folderOf(unzipped(new Uint8Array(await response.arrayBuffer()))) };
}
