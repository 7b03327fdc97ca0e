/** Which paths and sizes are taken from folders, zip files and links, which strangers may have made. */

/** The most files of a folder: as many as the command line reads. */
export const MOST_FILES = 20_000;

/** The most bytes of all files of a folder together. */
export const MOST_BYTES = 256 << 20;

/** Folders in folders, as the command line reads them. */
const DEEPEST = 8;

/** What is wrong with something that was opened, in words for people. */
export class Unreadable extends Error {}

/** Says what is wrong with the path of a file inside a folder; `null` if nothing is. */
export function wrongPath(path: string): string | null {
  const parts = path.split("/");
  if (path === "" || path.length > 1000) return "has no name, or one that is too long";
  if (/[\p{Cc}\\]/u.test(path) || /^[A-Za-z]:/.test(path)) return "has a character that no path of a folder has";
  if (parts.some((part) => part === "" || part === "." || part === "..")) return "leads out of the folder";
  if (parts.length > DEEPEST + 1) return `is more than ${DEEPEST} folders deep`;
  return null;
}

/** Whether a file is left out without a word: what systems put beside files, and names that begin with a dot. */
export function isIgnored(path: string): boolean {
  return path.split("/").some((part) => part.startsWith(".") && !/^\.{1,2}$/.test(part)) || /(^|\/)(__MACOSX|node_modules|Thumbs\.db$|desktop\.ini$)/.test(path);
}

/** Returns paths for people: the first ones, and how many more there are. */
export function someOf(paths: readonly string[], most = 5): string {
  return paths.slice(0, most).join(", ") + (paths.length > most ? ` and ${paths.length - most} more` : "");
}

/** Returns a number of bytes for people. */
export function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const [size, unit] = bytes < 999_500 ? [bytes / 1000, "kB"] : [bytes / 1e6, "MB"];
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${unit}`;
}
