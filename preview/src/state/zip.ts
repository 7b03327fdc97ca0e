/** Folders as zip files: writes them, and reads zip files from anybody within limits. */
import { strToU8, unzipSync, zipSync, type Zippable } from "fflate";
import type { Folder } from "./files.ts";
import { isIgnored, MOST_BYTES, MOST_FILES, sizeOf, Unreadable, wrongPath } from "./paths.ts";

/** The time of every file, so that the same folder is the same zip file. */
const TIME = new Date(2026, 0, 1);

/** Returns a folder as a zip file. The same folder gives the same bytes. */
export function zipped(folder: Folder): Uint8Array<ArrayBuffer> {
  const sorted = [...folder].sort(([a], [b]) => (a < b ? -1 : 1));
  const all: Zippable = Object.fromEntries(sorted.map(([path, content]) => [path, typeof content === "string" ? strToU8(content) : content]));
  return zipSync(all, { level: 6, mtime: TIME });
}

/** Returns the files of a zip file. Throws {@link Unreadable} if it is none, or if it has more than a folder may have. */
export function unzipped(bytes: Uint8Array): Map<string, Uint8Array> {
  let count = 0;
  let size = 0;
  const wanted = (file: { name: string; size: number; originalSize: number }) => {
    if (file.name.endsWith("/") || isIgnored(file.name)) return false;
    const wrong = wrongPath(file.name);
    if (wrong) throw new Unreadable(`A path in the zip file ${wrong}: ${file.name.slice(0, 80)}`);
    // What is packed takes hardly more than what it is: a size that says otherwise is not true, and nothing is unpacked by it.
    if (file.size > file.originalSize + (file.originalSize >> 8) + 1024) throw new Unreadable("The zip file is damaged.");
    count += 1;
    size += file.originalSize;
    if (count > MOST_FILES) throw new Unreadable(`The zip file has more than ${MOST_FILES.toLocaleString("en")} files.`);
    if (size > MOST_BYTES) throw new Unreadable(`The zip file unpacks to more than ${sizeOf(MOST_BYTES)}.`);
    return true;
  };
  try {
    return new Map(Object.entries(unzipSync(bytes, { filter: wanted })));
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    throw new Unreadable("This is not a zip file, or it is damaged.");
  }
}
