/** Opens program folders that come with the page. */
import { unzipSync } from "fflate";
import type { ShippedFolder } from "virtual:folders";
import { contentOf, type Folder, openFolder } from "./files.ts";
import { tell, view } from "./view.ts";

/** Reads the files of a zip file. */
export function unzipped(bytes: Uint8Array): Folder {
  const entries = Object.entries(unzipSync(bytes)).filter(([path]) => !path.endsWith("/"));
  return new Map(entries.map(([path, content]) => [path, contentOf(path, content)]));
}

/** Opens a folder that comes with the page. */
export async function openShipped(folder: ShippedFolder): Promise<void> {
  const response = await fetch(new URL(folder.path, document.baseURI));
  if (!response.ok) return tell(`${folder.title} cannot be loaded: ${response.status} ${response.statusText}`);
  openFolder(folder.name, unzipped(new Uint8Array(await response.arrayBuffer())));
  view.value = "contract";
}
