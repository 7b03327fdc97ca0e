/** All that is wrong with the program, in the order in which it is listed: by file, and by place. */
import type { Diagnostic } from "accrue-rules";
import { computed } from "@preact/signals";
import { diagnostics } from "../../../state/check.ts";
import { files } from "../../../state/files.ts";
import { FOLDERS } from "../files/order.ts";

/** What is wrong with one file. */
interface FileProblems {
  /** Empty for what no file is at fault for. */
  path: string;
  found: Diagnostic[];
}

function rank(path: string): number {
  const slash = path.indexOf("/");
  const at = FOLDERS.findIndex(({ name }) => name === (slash < 0 ? "" : path.slice(0, slash)));
  return at < 0 ? FOLDERS.length : at;
}

export const problemsByFile = computed<FileProblems[]>(() => {
  const by = Map.groupBy(diagnostics.value, ({ place }) => place?.file ?? "");
  return [...by]
    .map(([path, found]) => ({ path, found: found.toSorted((a, b) => (a.place?.span.start ?? 0) - (b.place?.span.start ?? 0)) }))
    .sort((a, b) => rank(a.path) - rank(b.path) || a.path.localeCompare(b.path, "en"));
});

/** Returns the problem after a place, or before it; the first or last one behind the end. */
export function problemFrom(path: string, offset: number, back: boolean): Diagnostic | undefined {
  const all = problemsByFile.value.flatMap(({ found }) => found).filter(({ place }) => place && files.value.has(place.file));
  const order = ({ place }: Diagnostic): number => {
    if (!place) return -1;
    const of = rank(place.file) - rank(path) || place.file.localeCompare(path, "en");
    return of || place.span.start - offset;
  };
  return back ? (all.findLast((found) => order(found) < 0) ?? all.at(-1)) : (all.find((found) => order(found) > 0) ?? all[0]);
}
